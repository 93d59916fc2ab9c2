/** The way to authorisation servers: small answers, soon, wherever on the web they are. */
import type { McpServer } from '../../domain/mcp.ts'
import { guardedWay } from '../guarded-way.ts'
import type { McpParts } from './secrets.ts'

/** Metadata and tokens; nothing of a person waits here. */
const OAUTH_BYTES = 256 * 1024
const OAUTH_MS = 10_000

export const oauthFetch = (
  { settings, tenantId, services }: McpParts,
  { allowPrivateNetwork }: Pick<McpServer, 'allowPrivateNetwork'>,
) =>
  guardedWay(
    { settings, tenantId, now: services.now, purpose: 'mcp' },
    { allowPrivateNetwork, maxBytes: OAUTH_BYTES, timeoutMs: OAUTH_MS, isStreamed: false },
  ).fetch
