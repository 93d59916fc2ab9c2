/**
 * Our MCP client by itself, for whoever judges it: connects to the address that is its last argument,
 * lists the server's tools and calls them, signing in where the server asks for it. Bundled to
 * `dist/eval/mcp-client.mjs`. It stands in for the gateway around the client, and for the person at the
 * browser: it follows the authorisation page by itself.
 */
import {
  type AuthProvider,
  auth,
  computeScopeUnion,
  extractWWWAuthenticateParams,
} from '@modelcontextprotocol/client'
import type { JsonObject } from '../../src/domain/mcp.ts'
import type { Fetch } from '../../src/domain/model.ts'
import { createGuardedFetch } from '../../src/egress/guarded-fetch.ts'
import { type McpAuthorization, NO_AUTHORIZATION } from '../../src/tools/mcp/authorization.ts'
import { connectMcp, type McpConnection } from '../../src/tools/mcp/client.ts'
import { completeAuthorization, createMemoryProvider } from '../../src/tools/mcp/oauth.ts'
import type { ListedTool } from '../../src/tools/mcp/pin.ts'

const REDIRECT_URL = 'http://localhost:9/callback'
const METADATA_URL = 'https://conformance-test.local/client-metadata.json'
const CALL_MS = 25_000
/** A server that asks for a wider scope each time is asked no further. */
const MAX_SIGN_INS = 3

const guarded = (isStreamed: boolean): Fetch =>
  createGuardedFetch({
    allowPrivateNetwork: true,
    maxBytes: isStreamed ? null : 256 * 1024,
    maxRedirects: 0,
    timeoutMs: 10_000,
  })

interface Context {
  readonly client_id?: string
  readonly client_secret?: string
}

function contextOf(text: string | undefined): Context {
  return text === undefined ? {} : (JSON.parse(text) as Context)
}

/** The person: opens the page, agrees, and comes back with the code. */
async function visit(page: URL): Promise<URLSearchParams> {
  const response = await fetch(page, { redirect: 'manual' })
  const location = response.headers.get('location')
  if (location === null)
    throw new Error(`the page answered ${response.status} and sent nobody back`)
  return new URL(location).searchParams
}

class SignIn {
  readonly #serverUrl: URL
  readonly #oauth = guarded(false)
  #known: McpAuthorization
  #scope: string | undefined
  #times = 0

  constructor(serverUrl: URL, { client_id, client_secret }: Context) {
    this.#serverUrl = serverUrl
    const client = client_id === undefined ? null : { client_id, client_secret }
    this.#known = { ...NO_AUTHORIZATION, client }
  }

  /** @param challenge of the refusal: where to ask, and for what */
  async begin(challenge: Response, isWider: boolean): Promise<void> {
    if (++this.#times > MAX_SIGN_INS) throw new Error('the server asks for ever more')
    const { resourceMetadataUrl, scope } = extractWWWAuthenticateParams(challenge)
    this.#scope = computeScopeUnion(this.#scope, scope)
    const identity = { redirectUrl: REDIRECT_URL, metadataUrl: METADATA_URL }
    const state = crypto.randomUUID()
    const provider = createMemoryProvider(this.#known, identity, { state })
    const options = {
      serverUrl: this.#serverUrl,
      fetchFn: this.#oauth,
      ...(resourceMetadataUrl === undefined ? {} : { resourceMetadataUrl }),
      ...(this.#scope === undefined ? {} : { scope: this.#scope }),
      forceReauthorization: isWider,
    }
    if ((await auth(provider, options)) === 'REDIRECT') {
      const page = provider.authorizationUrl()
      if (page === null) throw new Error('there is no page to sign in at')
      const back = await visit(page)
      if (back.get('state') !== state) throw new Error('the answer is to another question')
      const completed = await completeAuthorization({
        pending: provider.pending(),
        code: back.get('code') ?? '',
        iss: back.get('iss'),
        fetch: this.#oauth,
      })
      if (!completed.ok) throw new Error(completed.error)
      this.#known = completed.value
      return
    }
    this.#known = provider.current()
  }

  readonly bearer: AuthProvider = {
    token: async () => this.#known.tokens?.access_token,
    onUnauthorized: ({ response }) => this.begin(response, false),
  }
}

/** Sees the refusals for want of a scope, which the client leaves to an admin. */
function watching(signIn: SignIn, send: Fetch): Fetch {
  return async (input, init) => {
    const response = await send(input, init)
    if (response.status !== 403) return response
    await signIn.begin(response.clone(), true)
    const headers = new Headers(init?.headers)
    headers.set('authorization', `Bearer ${(await signIn.bearer.token()) ?? ''}`)
    return send(input, { ...init, headers })
  }
}

/** Something of the right type for every argument that is asked for. */
function exampleOf(schema: unknown): unknown {
  const {
    type,
    properties = {},
    enum: values,
  } = schema as {
    type?: string
    properties?: JsonObject
    enum?: readonly unknown[]
  }
  if (values !== undefined) return values[0]
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(properties).map(([name, member]) => [name, exampleOf(member)]),
      )
    case 'number':
    case 'integer':
      return 5
    case 'boolean':
      return true
    case 'array':
      return []
    default:
      return 'example'
  }
}

async function callAll(
  connection: McpConnection,
  tools: readonly ListedTool[],
  signal: AbortSignal,
): Promise<void> {
  for (const { name, inputSchema } of tools) {
    const args = exampleOf(inputSchema) as JsonObject
    const called = await connection.callTool(
      { name, schema: inputSchema as JsonObject },
      args,
      signal,
    )
    const outcome = called.ok ? JSON.stringify(called.value) : JSON.stringify(called.error)
    process.stdout.write(`${name}: ${outcome}\n`)
  }
}

async function main(address: string): Promise<void> {
  const url = new URL(address)
  const { signal } = new AbortController()
  const signIn = new SignIn(url, contextOf(process.env['MCP_CONFORMANCE_CONTEXT']))
  const connected = await connectMcp({
    url,
    transport: url.pathname.endsWith('/sse') ? 'sse' : 'streamable-http',
    way: { fetch: watching(signIn, guarded(true)), canStream: true },
    headers: {},
    auth: signIn.bearer,
    callMs: CALL_MS,
    isLegacy: process.env['MCP_LEGACY'] === '1',
    signal,
  })
  if (!connected.ok) throw new Error(JSON.stringify(connected.error))
  const connection = connected.value
  try {
    const listed = await connection.listTools(signal)
    if (!listed.ok) throw new Error(JSON.stringify(listed.error))
    process.stdout.write(`${listed.value.length} tools over ${connection.protocolVersion}\n`)
    await callAll(connection, listed.value, signal)
  } finally {
    await connection.close()
  }
}

main(process.argv.at(-1) ?? '').catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
})
