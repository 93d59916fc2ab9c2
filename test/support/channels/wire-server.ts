/** What the fakes of the platforms share: a server on this machine that keeps every call it was made. */
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface WireCall {
  readonly method: string
  /** Without the query. */
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly text: string
  /** The body as it came: a file need be no text. */
  readonly bytes: Uint8Array
  /** Undefined where the body was no JSON. */
  readonly json: Readonly<Record<string, unknown>> | undefined
}

export interface WireAnswer {
  readonly status: number
  readonly json?: unknown
  /** Where the answer is no JSON. */
  readonly text?: string
  /** A file: in place of both. */
  readonly bytes?: Uint8Array
  readonly headers?: Readonly<Record<string, string>>
}

export interface WireServer {
  readonly url: string
  readonly calls: WireCall[]
  /** Once, in place of what the platform would have said. */
  answerNext(answer: WireAnswer): void
  [Symbol.asyncDispose](): Promise<void>
}

const parse = (text: string): WireCall['json'] => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

async function readCall(request: IncomingMessage): Promise<WireCall> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk)
  const bytes = Buffer.concat(chunks)
  const text = bytes.toString()
  const url = new URL(request.url ?? '/', 'http://wire')
  return {
    method: request.method ?? '',
    path: url.pathname,
    query: url.searchParams,
    headers: Object.fromEntries(new Headers(request.headers as Record<string, string>)),
    text,
    bytes,
    json: parse(text),
  }
}

export async function serveWire(answer: (call: WireCall) => WireAnswer): Promise<WireServer> {
  const calls: WireCall[] = []
  const instead: WireAnswer[] = []
  const server = createServer(async (request, response) => {
    const call = await readCall(request)
    calls.push(call)
    const { status, json, text = '', bytes, headers } = instead.shift() ?? answer(call)
    response.writeHead(status, { 'content-type': 'application/json', ...headers })
    response.end(bytes ?? (json === undefined ? text : JSON.stringify(json)))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    calls,
    answerNext: (next) => void instead.push(next),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
