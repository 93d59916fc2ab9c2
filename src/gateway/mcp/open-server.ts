/**
 * A connection to a tenant's server, with its key opened for it. Whatever is opened is in the caller's
 * dictionary before it is sent, so that no server can have it said back.
 */
import { z } from 'zod'
import type { Services } from '../../api/context.ts'
import { openMcpSecret } from '../../crypto/mcp-secret.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { McpServer } from '../../domain/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { SecretDictionary } from '../../output/secret-dictionary.ts'
import { connectMcp, type McpConnection } from '../../tools/mcp/client.ts'
import type { McpFailure } from '../../tools/mcp/failure.ts'
import { MAX_ANSWER_BYTES } from '../../tools/mcp/limits.ts'
import { authorizationSchema, createBearer, type McpAuthorization } from '../../tools/mcp/oauth.ts'
import type { Settings } from '../env.ts'
import { guardedWay } from '../guarded-way.ts'
import { type AuthorizationStore, createAuthorizationStore } from './authorization-store.ts'

export interface McpParts {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly services: Services
  readonly dictionary: Pick<SecretDictionary, 'register'>
}

const PURPOSE = 'mcp'
/** Metadata and tokens; nothing of a person waits here. */
const OAUTH_BYTES = 256 * 1024
const OAUTH_MS = 10_000
/** From here on servers speak without a handshake. */
const FIRST_MODERN_VERSION = '2026-07-28'

const headersSchema = z.record(z.string(), z.string())
export type KeyHeaders = Readonly<z.infer<typeof headersSchema>>

const UNREADABLE: McpFailure = {
  kind: 'unauthorized',
  message: 'its key cannot be read; an admin must set it again',
}

/** To the server's authorisation server, wherever on the web that is. */
export const oauthFetch = (
  { settings, tenantId, services }: McpParts,
  { allowPrivateNetwork }: Pick<McpServer, 'allowPrivateNetwork'>,
) =>
  guardedWay(
    { settings, tenantId, now: services.now, purpose: PURPOSE },
    { allowPrivateNetwork, maxBytes: OAUTH_BYTES, timeoutMs: OAUTH_MS, isStreamed: false },
  ).fetch

async function openText(
  { services, tenantId, settings }: McpParts,
  server: Pick<McpServer, 'id'>,
  kind: 'sealed_headers' | 'sealed_authorization',
  sealed: string,
): Promise<unknown> {
  const { keyRing } = services
  const { acceptPlaintext } = settings
  const opened = await openMcpSecret(keyRing, tenantId, server.id, kind, sealed, {
    acceptPlaintext,
  })
  return opened.ok ? JSON.parse(opened.value.text) : null
}

export async function openAuthorization(
  parts: McpParts,
  server: Pick<McpServer, 'id' | 'sealedAuthorization'>,
): Promise<Result<McpAuthorization | null, McpFailure>> {
  const { sealedAuthorization: sealed } = server
  if (sealed === null) return ok(null)
  const parsed = authorizationSchema.safeParse(
    await openText(parts, server, 'sealed_authorization', sealed),
  )
  return parsed.success ? ok(parsed.data) : err(UNREADABLE)
}

async function openHeaders(
  parts: McpParts,
  server: McpServer,
): Promise<Result<KeyHeaders, McpFailure>> {
  if (server.sealedHeaders === null) return ok({})
  const opened = await openText(parts, server, 'sealed_headers', server.sealedHeaders)
  const parsed = headersSchema.safeParse(opened)
  return parsed.success ? ok(parsed.data) : err(UNREADABLE)
}

function register(
  { dictionary }: McpParts,
  headers: KeyHeaders,
  authorization: McpAuthorization | null,
): void {
  for (const value of Object.values(headers)) {
    dictionary.register(value)
    // `Bearer …`: the secret is what follows the scheme.
    const token = value.slice(value.indexOf(' ') + 1)
    if (token !== value) dictionary.register(token)
  }
  const { tokens, client } = authorization ?? {}
  for (const secret of [tokens?.access_token, tokens?.refresh_token, client?.client_secret]) {
    if (secret !== undefined) dictionary.register(secret)
  }
}

/** Keys that stand in an address are keys all the same. */
function registerUrl({ dictionary }: McpParts, url: URL): void {
  for (const value of url.searchParams.values()) dictionary.register(value)
}

export async function openServer(
  parts: McpParts,
  server: McpServer,
  signal: AbortSignal,
): Promise<Result<McpConnection, McpFailure>> {
  const { settings, tenantId, services } = parts
  const { allowPrivateNetwork, transport, protocolVersion } = server
  const headers = await openHeaders(parts, server)
  if (!headers.ok) return headers
  const authorization = await openAuthorization(parts, server)
  if (!authorization.ok) return authorization
  register(parts, headers.value, authorization.value)
  const url = new URL(server.url)
  registerUrl(parts, url)
  const callMs = server.timeoutSeconds * 1_000
  const way = guardedWay(
    { settings, tenantId, now: services.now, purpose: PURPOSE },
    { allowPrivateNetwork, maxBytes: MAX_ANSWER_BYTES, timeoutMs: callMs, isStreamed: true },
  )
  if (transport === 'sse' && !way.canStream) {
    const message =
      'its transport sse needs a stream, and the runner answers whole; use streamable-http'
    return err({ kind: 'refused', message })
  }
  const store = createAuthorizationStore(parts, server, (opened) => register(parts, {}, opened))
  return connectMcp({
    url,
    transport,
    way,
    headers: headers.value,
    ...bearerOf(parts, server, authorization.value, store),
    callMs,
    isLegacy: protocolVersion !== null && protocolVersion < FIRST_MODERN_VERSION,
    signal,
  })
}

const bearerOf = (
  parts: McpParts,
  server: McpServer,
  authorization: McpAuthorization | null,
  store: AuthorizationStore,
) =>
  authorization?.tokens
    ? {
        auth: createBearer({
          authorization,
          serverUrl: new URL(server.url),
          fetch: oauthFetch(parts, server),
          onRefreshed: store.save,
          reload: store.load,
        }),
      }
    : {}
