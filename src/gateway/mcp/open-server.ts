/**
 * A connection to a tenant's server, with its key opened for it, over the guarded way. Loaded when the
 * first is made: the library takes longer to set up than the rest of the gateway together.
 */
import type { McpServer } from '../../domain/mcp.ts'
import { err, type Result } from '../../domain/result.ts'
import type { McpAuthorization } from '../../tools/mcp/authorization.ts'
import { connectMcp, type McpConnection } from '../../tools/mcp/client.ts'
import type { McpFailure } from '../../tools/mcp/failure.ts'
import { MAX_ANSWER_BYTES } from '../../tools/mcp/limits.ts'
import { createBearer } from '../../tools/mcp/oauth.ts'
import { guardedWay } from '../guarded-way.ts'
import { type AuthorizationStore, createAuthorizationStore } from './authorization-store.ts'
import { oauthFetch } from './oauth-fetch.ts'
import {
  type McpParts,
  openAuthorization,
  openHeaders,
  registerSecrets,
  registerUrl,
} from './secrets.ts'

const PURPOSE = 'mcp'
/** From here on servers speak without a handshake. */
const FIRST_MODERN_VERSION = '2026-07-28'

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
  registerSecrets(parts, headers.value, authorization.value)
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
  const store = createAuthorizationStore(parts, server, (opened) =>
    registerSecrets(parts, {}, opened),
  )
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
          fetch: oauthFetch(parts, server),
          onRefreshed: store.save,
          reload: store.load,
        }),
      }
    : {}
