/**
 * The way to authorisation servers: small answers, soon. The server itself names where they are, so
 * that a private network that was opened for it is open for its own host alone: else it could send the
 * gateway wherever it likes in there.
 */
import type { McpServer } from '../../domain/mcp.ts'
import type { Fetch } from '../../domain/model.ts'
import { guardedWay } from '../guarded-way.ts'
import type { McpParts } from './secrets.ts'

/**
 * Metadata and tokens; nothing of a person waits here. They are read by schemas that make an issue of
 * every bad element, hundreds of times as large as it.
 */
const OAUTH_BYTES = 64 * 1024
const OAUTH_MS = 10_000

export function oauthFetch(
  { settings, tenantId, services }: McpParts,
  { url, allowPrivateNetwork }: Pick<McpServer, 'url' | 'allowPrivateNetwork'>,
): Fetch {
  const wayOf = (isOpen: boolean): Fetch =>
    guardedWay(
      { settings, tenantId, now: services.now, purpose: 'mcp' },
      {
        allowPrivateNetwork: isOpen,
        maxBytes: OAUTH_BYTES,
        timeoutMs: OAUTH_MS,
        isStreamed: false,
      },
    ).fetch
  if (!allowPrivateNetwork) return wayOf(false)
  const { hostname } = new URL(url)
  const [own, other] = [wayOf(true), wayOf(false)]
  return (input, init) => {
    const asked = new URL(input instanceof Request ? input.url : input)
    return (asked.hostname === hostname ? own : other)(input, init)
  }
}
