/** Session keys: `agent:{agentKey}:{kind…}`. The tenant is never in the key; it comes from the principal. */
import { err, ok, type Result } from './result.ts'

/** Long enough for a channel's peer id, short enough for an object's name. */
const MAX_SESSION_KEY_CHARS = 400
const PART = /^[A-Za-z0-9._@+=-][A-Za-z0-9._@+=:-]{0,199}$/
const AGENT_KEY = /^[a-z0-9][a-z0-9_-]{0,63}$/

export type SessionKind = 'web' | 'subagent' | 'cron' | 'main' | 'channel'

export interface SessionKey {
  /** Canonical text: agent and channel parts in lower case, the rest as it came. */
  readonly text: string
  readonly agentKey: string
  readonly kind: SessionKind
  /** `ws` for web chat, the channel's name for channel conversations, else the kind. */
  readonly channel: string
}

/** Why a text is no session key, in words for the caller. */
export type SessionKeyError = string

export function parseSessionKey(text: string): Result<SessionKey, SessionKeyError> {
  if (text.length > MAX_SESSION_KEY_CHARS) return err('session key is longer than 400 characters')
  const [head, rawAgent, rawChannel, ...rest] = text.split(':')
  if (head?.toLowerCase() !== 'agent' || rawAgent === undefined || rawChannel === undefined) {
    return err('session key must look like agent:{agentKey}:ws:direct:{conversationId}')
  }
  const agentKey = rawAgent.toLowerCase()
  const channel = rawChannel.toLowerCase()
  if (!AGENT_KEY.test(agentKey)) return err('session key names no valid agent key')
  if (!/^[a-z0-9_-]{1,64}$/.test(channel)) return err('session key names no valid channel')
  const tail = rest.join(':')
  const key = (kind: SessionKind): Result<SessionKey, SessionKeyError> =>
    ok({ text: ['agent', agentKey, channel, ...rest].join(':'), agentKey, kind, channel })
  if (channel === 'main') return tail === '' ? key('main') : err('a main session key ends at main')
  if (!PART.test(tail)) return err('session key has an empty or malformed last part')
  if (channel === 'subagent') return key('subagent')
  if (channel === 'cron') return key('cron')
  const [peerKind] = rest
  if (peerKind !== 'direct' && peerKind !== 'group' && peerKind !== 'thread') {
    return err('session key must say direct, group or thread after its channel')
  }
  if (!rest[1]) return err('session key names no peer')
  return key(channel === 'ws' && peerKind === 'direct' ? 'web' : 'channel')
}

/**
 * Web chat's own conversations are the only kind a socket or HTTP caller may create: every other key
 * belongs to the channel, schedule or parent run that makes it, so that nobody squats on another's
 * conversation. `main` belongs to the tenant's admins.
 *
 * @param origin what began the run; null for a caller's message
 * @param isFromChannel the caller is a sender whom a channel's instance vouches for
 */
export const isCreatable = (
  key: SessionKey,
  isAdmin: boolean,
  origin: 'subagent' | 'cron' | 'relayed' | null,
  isFromChannel = false,
): boolean => {
  if (origin !== null) {
    return key.kind === origin || (origin === 'cron' && key.kind === 'main' && isAdmin)
  }
  if (isFromChannel) return key.kind === 'channel'
  return key.kind === 'web' || (key.kind === 'main' && isAdmin)
}

export const webSessionKey = (agentKey: string, conversationId: string): string =>
  `agent:${agentKey}:ws:direct:${conversationId}`
