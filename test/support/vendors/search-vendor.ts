/**
 * Search engines on loopback that speak Brave's, Tavily's and SearXNG's real wire, as their
 * references show it, and refuse as they do. Each records what it was asked.
 */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { SearchProviderType } from '../../../src/domain/search-provider.ts'
import { answering } from './answering.ts'

export interface SearchRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

export interface Found {
  readonly title: string
  readonly url: string
  readonly text: string
}

interface SearchWire {
  readonly basePath: string
  /** The key as the vendor takes it; null when it takes everybody. */
  keyOf(request: SearchRequest): string | null
  questionOf(request: SearchRequest): string | null
  answer(question: string, found: readonly Found[]): unknown
  refusal(status: number): unknown
}

const urlOf = ({ path }: SearchRequest): URL => new URL(path, 'http://localhost')

const brave: SearchWire = {
  basePath: '/res/v1',
  keyOf: ({ headers }) => headers['x-subscription-token'] ?? '',
  questionOf: (request) => {
    const { pathname, searchParams } = urlOf(request)
    return request.method === 'GET' && pathname === '/res/v1/web/search'
      ? searchParams.get('q')
      : null
  },
  answer: (question, found) => ({
    type: 'search',
    query: { original: question, more_results_available: false },
    mixed: { type: 'mixed', main: [], top: [], side: [] },
    ...(found.length === 0
      ? {}
      : {
          web: {
            type: 'search',
            results: found.map(({ title, url, text }) => ({
              type: 'search_result',
              subtype: 'generic',
              title,
              url,
              description: text,
              is_source_local: false,
              family_friendly: true,
              profile: { name: 'x', url, long_name: 'x', img: 'https://imgs.example/x' },
            })),
            family_friendly: true,
          },
        }),
  }),
  refusal: (status) => ({
    type: 'ErrorResponse',
    error: { id: '1', status, code: 'SUBSCRIPTION_TOKEN_INVALID', detail: 'The token is invalid.' },
  }),
}

const bearerOf = ({ headers }: SearchRequest): string =>
  /^Bearer (.*)$/.exec(headers['authorization'] ?? '')?.[1] ?? ''

const tavily: SearchWire = {
  basePath: '',
  keyOf: bearerOf,
  questionOf: ({ method, path, body }) =>
    method === 'POST' && path === '/search' ? (JSON.parse(body).query ?? null) : null,
  answer: (question, found) => ({
    query: question,
    follow_up_questions: null,
    answer: null,
    images: [],
    results: found.map(({ title, url, text }) => ({
      url,
      title,
      content: text,
      score: 0.9,
      raw_content: null,
    })),
    response_time: 0.5,
    request_id: 'r',
  }),
  refusal: () => ({ detail: { error: 'Unauthorized: missing or invalid API key.' } }),
}

const searxng: SearchWire = {
  basePath: '',
  keyOf: () => null,
  questionOf: (request) => {
    const { pathname, searchParams } = urlOf(request)
    return pathname === '/search' && searchParams.get('format') === 'json'
      ? searchParams.get('q')
      : null
  },
  answer: (question, found) => ({
    query: question,
    number_of_results: found.length,
    results: found.map(({ title, url, text }) => ({
      title,
      url,
      content: text,
      engine: 'duckduckgo',
      engines: ['duckduckgo'],
      positions: [1],
      score: 1,
      category: 'general',
      parsed_url: ['https', 'x.example', '/', '', '', ''],
    })),
    answers: [],
    corrections: [],
    infoboxes: [],
    suggestions: [],
    unresponsive_engines: [],
  }),
  refusal: () => 'error',
}

const WIRES: Readonly<Record<SearchProviderType, SearchWire>> = { brave, tavily, searxng }

export interface SearchVendor {
  readonly url: string
  readonly requests: readonly SearchRequest[]
  close(): Promise<void>
}

export interface SearchVendorOptions {
  readonly type: SearchProviderType
  /** What the vendor takes; a wrong one is refused with 401. */
  readonly apiKey?: string
  readonly found?: readonly Found[]
  /** Instead of an answer. */
  readonly behave?: (response: ServerResponse) => void
}

async function readRequest(incoming: IncomingMessage): Promise<SearchRequest> {
  const parts: Buffer[] = []
  for await (const part of incoming) parts.push(Buffer.from(part))
  return {
    method: incoming.method ?? '',
    path: incoming.url ?? '',
    headers: Object.fromEntries(
      Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]),
    ),
    body: Buffer.concat(parts).toString('utf8'),
  }
}

export async function startSearchVendor(options: SearchVendorOptions): Promise<SearchVendor> {
  const wire = WIRES[options.type]
  const requests: SearchRequest[] = []
  const server = createServer(
    answering(async (incoming, response) => {
      const request = await readRequest(incoming)
      requests.push(request)
      if (options.behave !== undefined) return options.behave(response)
      const json = (status: number, body: unknown) =>
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      const key = wire.keyOf(request)
      if (key !== null && key !== options.apiKey) return json(401, wire.refusal(401))
      const question = wire.questionOf(request)
      if (question === null) return json(404, wire.refusal(404))
      return json(200, wire.answer(question, options.found ?? []))
    }),
  )
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}${wire.basePath}`,
    requests,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
