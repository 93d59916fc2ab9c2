/**
 * A connection to one MCP server. It offers the server nothing: no sampling, no elicitation, no roots;
 * what the server asks for by itself is answered that there is no such thing.
 */
import {
  type AuthProvider,
  Client,
  type JsonSchemaValidatorResult,
  type jsonSchemaValidator,
  type RequestOptions,
  SSEClientTransport,
  StreamableHTTPClientTransport,
} from '@modelcontextprotocol/client'
import { z } from 'zod'
import type { JsonObject, McpTransport } from '../../domain/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { failureOf, type McpFailure } from './failure.ts'
import { createMcpFetch, type McpWay } from './fetch.ts'
import { CLOSE_MS, CONNECT_MS, LIST_MS, MAX_LIST_PAGES, MAX_LISTED } from './limits.ts'
import { type ListedTool, listedToolSchema } from './pin.ts'

export interface McpConnectOptions {
  readonly url: URL
  readonly transport: McpTransport
  readonly way: McpWay
  readonly headers: Readonly<Record<string, string>>
  /** For servers that want a token; absent where a key does. */
  readonly auth?: AuthProvider
  readonly callMs: number
  /** Known to speak a version before 2026-07-28: spares the question. */
  readonly isLegacy: boolean
  readonly signal: AbortSignal
}

export interface McpConnection {
  readonly protocolVersion: string | null
  listTools(signal: AbortSignal): Promise<Result<readonly ListedTool[], McpFailure>>
  /** Items as they came, at most some hundred. */
  list(
    kind: 'resources' | 'prompts',
    signal: AbortSignal,
  ): Promise<Result<readonly unknown[], McpFailure>>
  callTool(
    tool: { readonly name: string; readonly schema: JsonObject },
    args: JsonObject,
    signal: AbortSignal,
  ): Promise<Result<unknown, McpFailure>>
  /** Says good-bye to a server that keeps a session, and waits for little. */
  close(): Promise<void>
}

const pageSchema = z.object({
  tools: z.array(z.unknown()).optional(),
  resources: z.array(z.unknown()).optional(),
  prompts: z.array(z.unknown()).optional(),
  nextCursor: z.string().optional(),
})

const CLIENT = { name: 'edgeclaw', version: '0.1.0' }

/** Schemas of results are a stranger's patterns over a stranger's text: nothing is run over them. */
const UNJUDGED: jsonSchemaValidator = {
  getValidator<Value>() {
    return (input: unknown): JsonSchemaValidatorResult<Value> => ({
      valid: true,
      data: input as Value,
      errorMessage: undefined,
    })
  },
}

const createClient = (isLegacy: boolean): Client =>
  new Client(CLIENT, {
    capabilities: {},
    jsonSchemaValidator: UNJUDGED,
    versionNegotiation: { mode: isLegacy ? 'legacy' : 'auto' },
    inputRequired: { autoFulfill: false },
  })

export async function connectMcp(
  options: McpConnectOptions,
): Promise<Result<McpConnection, McpFailure>> {
  const { url, transport: kind, way, headers, auth, callMs, isLegacy } = options
  const closed = new AbortController()
  const guarded = createMcpFetch({
    way,
    url,
    headers,
    requestMs: callMs,
    isListening: kind === 'sse',
    closed: closed.signal,
  })
  const shared = { fetch: guarded.fetch, ...(auth === undefined ? {} : { authProvider: auth }) }
  const transport =
    kind === 'sse'
      ? new SSEClientTransport(url, shared)
      : new StreamableHTTPClientTransport(url, { ...shared, onInsufficientScope: 'throw' })
  const client = createClient(isLegacy)
  const failure = (error: unknown): McpFailure => failureOf(error, guarded.failure())

  const close = async (): Promise<void> => {
    try {
      if (transport instanceof StreamableHTTPClientTransport && transport.sessionId !== undefined) {
        const late = new Promise<void>((resolve) => setTimeout(resolve, CLOSE_MS))
        await Promise.race([transport.terminateSession().catch(() => {}), late])
      }
      await client.close()
    } catch {
      // Whoever leaves does not care how the other side takes it.
    } finally {
      closed.abort()
    }
  }
  const within = (ms: number, signal: AbortSignal): RequestOptions => ({
    timeout: ms,
    maxTotalTimeout: ms,
    signal,
  })
  const attempt = async <Value>(work: () => Promise<Value>): Promise<Result<Value, McpFailure>> => {
    try {
      return ok(await work())
    } catch (error) {
      return err(failure(error))
    }
  }

  const pages = async (
    method: 'tools/list' | 'resources/list' | 'prompts/list',
    signal: AbortSignal,
  ): Promise<readonly unknown[]> => {
    const options = within(LIST_MS, AbortSignal.any([signal, AbortSignal.timeout(LIST_MS)]))
    const items: unknown[] = []
    let cursor: string | undefined
    for (let page = 0; page < MAX_LIST_PAGES && items.length < MAX_LISTED; page++) {
      const params = cursor === undefined ? {} : { cursor }
      const answer = pageSchema.parse(await client.request({ method, params }, options))
      items.push(...(answer.tools ?? answer.resources ?? answer.prompts ?? []).slice(0, MAX_LISTED))
      cursor = answer.nextCursor
      if (cursor === undefined || cursor === '') break
    }
    return items.slice(0, MAX_LISTED)
  }

  const connected = await attempt(() =>
    client.connect(transport, within(CONNECT_MS, options.signal)),
  )
  if (!connected.ok) {
    await close()
    return connected
  }
  return ok({
    protocolVersion: client.getNegotiatedProtocolVersion() ?? null,
    listTools: (signal) =>
      attempt(async () =>
        client.getServerCapabilities()?.tools === undefined
          ? []
          : (await pages('tools/list', signal)).flatMap((item) => {
              const tool = listedToolSchema.safeParse(item)
              return tool.success ? [tool.data] : []
            }),
      ),
    list: (kind, signal) =>
      attempt(async () =>
        client.getServerCapabilities()?.[kind] === undefined ? [] : pages(`${kind}/list`, signal),
      ),
    callTool: ({ name, schema }, args, signal) =>
      attempt(() =>
        client.callTool(
          { name, arguments: args },
          {
            ...within(callMs, signal),
            // Else the library would ask the server which tools there are.
            toolDefinition: { name, inputSchema: { ...schema, type: 'object' } },
          },
        ),
      ),
    close,
  })
}
