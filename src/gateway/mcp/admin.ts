/**
 * An admin's look at a server: with its key, over the same guarded way as a run's calls, for one
 * question. What the server says comes back cut and cleaned.
 */
import { z } from 'zod'
import { hashLocatedToken, mcpStateToken } from '../../crypto/located-token.ts'
import { openMcpSecret, sealMcpSecret } from '../../crypto/mcp-secret.ts'
import { stopOfNetwork } from '../../domain/emergency-stop.ts'
import type { UserId } from '../../domain/ids.ts'
import type { McpServer } from '../../domain/mcp.ts'
import type { McpAdminPort, McpListing } from '../../domain/ports/mcp.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { checkUrl } from '../../egress/url.ts'
import { createSecretDictionary } from '../../output/secret-dictionary.ts'
import { NO_AUTHORIZATION, pendingSchema } from '../../tools/mcp/authorization.ts'
import type { McpConnection } from '../../tools/mcp/client.ts'
import { pinTools } from '../../tools/mcp/pin.ts'
import { cleanText } from '../../tools/mcp/text.ts'
import { identityFor, parseHandover, stateFor } from './callback.ts'
import { oauthFetch } from './oauth-fetch.ts'
import { neutral, withoutSecrets } from './pins.ts'
import { type McpParts, openAuthorization } from './secrets.ts'

export interface AdminParts extends Omit<McpParts, 'dictionary'> {
  readonly snapshot: Pick<TenantSnapshot, 'stops'>
  readonly userId: UserId
  /** Scheme, host and port under which people reach the gateway. */
  readonly ownOrigin: string
}

const LOOK_MS = 45_000
/** A person reads a page and signs in. */
const PENDING_MS = 10 * 60_000
const MIXED_UP =
  'the code came back to an address that is not this server’s: its authorisation server may have led you on to another one; nothing was sent'
const STOPPED = 'an emergency stop is in force: nothing outside is reached until it is released'

const MAX_SHOWN = 200
const itemSchema = z.object({
  name: z.string(),
  title: z.string().optional(),
  description: z.string().optional(),
  uri: z.string().optional(),
  mimeType: z.string().optional(),
  // Judged one by one: zod makes an issue of every bad element of a stranger's list.
  arguments: z.array(z.unknown()).optional(),
})
const MAX_ARGUMENTS = 50
const argumentSchema = z.object({ name: z.string(), required: z.boolean().optional() })

function shownItem(item: unknown): McpListing[] {
  const parsed = itemSchema.safeParse(item)
  if (!parsed.success) return []
  const { name, title = '', description = '', uri, mimeType, arguments: args } = parsed.data
  const clean = (text: string): string => cleanText(text, neutral)
  return [
    {
      name: clean(name),
      title: clean(title),
      description: clean(description),
      ...(uri === undefined ? {} : { uri: clean(uri) }),
      ...(mimeType === undefined ? {} : { mimeType: clean(mimeType) }),
      ...(args === undefined
        ? {}
        : {
            arguments: args
              .slice(0, MAX_ARGUMENTS)
              .flatMap((arg) => argumentSchema.safeParse(arg).data ?? [])
              .map((arg) => ({ name: clean(arg.name), required: arg.required ?? false })),
          }),
    },
  ]
}

/** Shows what was begun to nobody but who began it: for others there is nothing of this name. */
const placeOfPending = (state: string, userId: UserId): Promise<string> =>
  hashLocatedToken(JSON.stringify([state, userId]))

const pendingOfServer = z.object({ url: z.string(), sealed: z.string() })

export function createMcpAdmin(admin: AdminParts): McpAdminPort {
  const { services, tenantId, userId, snapshot, ownOrigin } = admin
  const dictionary = createSecretDictionary()
  const parts: McpParts = { ...admin, dictionary }

  const connected = async <Value>(
    server: McpServer,
    work: (connection: McpConnection, signal: AbortSignal) => Promise<Result<Value, string>>,
  ): Promise<Result<Value, string>> => {
    if (stopOfNetwork(snapshot.stops) !== null) return err(STOPPED)
    const signal = AbortSignal.timeout(LOOK_MS)
    const { openServer } = await import('./open-server.ts')
    const opened = await openServer(parts, server, signal)
    if (!opened.ok) return err(opened.error.message)
    try {
      return await work(opened.value, signal)
    } finally {
      services.inBackground(opened.value.close())
    }
  }

  return {
    checkAddress: ({ url, allowPrivateNetwork }) => {
      const checked = checkUrl(url, { allowPrivateNetwork, requireHttps: true })
      return checked.ok ? ok(null) : err(checked.error.message)
    },
    look: (server) =>
      // Asked anew which versions it speaks: what it spoke last time is no matter.
      connected({ ...server, protocolVersion: null }, async (connection, signal) => {
        const listed = await connection.listTools(signal)
        if (!listed.ok) return err(listed.error.message)
        const shown = withoutSecrets(listed.value, dictionary)
        const pinned = await pinTools(server.name, shown, neutral)
        return ok({ protocolVersion: connection.protocolVersion, ...pinned })
      }),
    list: (server, kind) =>
      connected(server, async (connection, signal) => {
        const listed = await connection.list(kind, signal)
        return listed.ok
          ? ok(withoutSecrets(listed.value, dictionary).slice(0, MAX_SHOWN).flatMap(shownItem))
          : err(listed.error.message)
      }),
    startAuthorization: async (server) => {
      if (stopOfNetwork(snapshot.stops) !== null) return err(STOPPED)
      if (ownOrigin === '') return err('the gateway does not know its own address here')
      const stored = await openAuthorization(parts, server)
      const state = stateFor(mcpStateToken.create(tenantId), server.id)
      const identity = identityFor(ownOrigin, server.id)
      const { beginAuthorization } = await import('../../tools/mcp/oauth.ts')
      const begun = await beginAuthorization({
        serverUrl: new URL(server.url),
        start: (stored.ok ? stored.value : null) ?? NO_AUTHORIZATION,
        identity,
        state,
        fetch: oauthFetch(parts, server),
      })
      if (!begun.ok) return begun
      const { keyRing } = services
      const text = JSON.stringify(begun.value.pending)
      const sealed = await sealMcpSecret(keyRing, tenantId, server.id, 'pending', text)
      const body = JSON.stringify({ url: server.url, sealed })
      const isKept = await services
        .tenant(tenantId)
        .keepOnce(
          await placeOfPending(state, userId),
          { kind: 'authorization', userId, body },
          PENDING_MS,
        )
      return isKept
        ? ok({
            url: begun.value.url.href,
            redirectUrl: identity.redirectUrl,
            expiresAt: services.now() + PENDING_MS,
          })
        : err('too much is begun at once; try again later')
    },
    finishAuthorization: async (server, text) => {
      if (stopOfNetwork(snapshot.stops) !== null) return err(STOPPED)
      const again = err('this authorisation was not begun by you, or is over; begin again')
      const handover = parseHandover(text)
      if (handover === null) return err('this is not what the page of the gateway has shown')
      const { state, code, iss, server: arrivedAt } = handover
      const kept = await services.tenant(tenantId).takeOnce(await placeOfPending(state, userId))
      const waiting = pendingOfServer.safeParse(kept === null ? null : JSON.parse(kept))
      // Another address since then: the token would be for a server that nobody authorised.
      if (!waiting.success || waiting.data.url !== server.url) return again
      // The code of another server's authorisation would go to this one's (RFC 9700 section 4.4).
      if (arrivedAt !== server.id) return err(MIXED_UP)
      const { keyRing } = services
      const { sealed } = waiting.data
      const opened = await openMcpSecret(keyRing, tenantId, server.id, 'pending', sealed)
      if (!opened.ok) return again
      const { completeAuthorization } = await import('../../tools/mcp/oauth.ts')
      const done = await completeAuthorization({
        pending: pendingSchema.parse(JSON.parse(opened.value.text)),
        code,
        iss,
        fetch: oauthFetch(parts, server),
      })
      if (!done.ok) return done
      const authorization = JSON.stringify(done.value)
      return ok(
        await sealMcpSecret(keyRing, tenantId, server.id, 'sealed_authorization', authorization),
      )
    },
  }
}
