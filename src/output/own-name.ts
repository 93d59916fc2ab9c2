/**
 * What the gateway itself calls its things: session keys and the ids it makes. Under a name such as
 * `sessionKey` or `credential` they stand where elsewhere a secret would, and open nothing; behind which
 * names they may stand is judged in key-name.ts. A session key ends in what somebody else chose; where
 * that looks like a generator's work, it may be a secret after all.
 */
import { parseSessionKey } from '../domain/session-key.ts'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i
/** An identifier by design, whoever made it. */
export const isUuid = (value: string): boolean => UUID.test(value)

/** As newId writes them; the kinds are written out, since vendors' keys begin with a few letters as well. */
const OWN_ID =
  /^(?:agt|apr|bin|chg|chn|cnv|cpm|ctl|del|ext|hok|inv|iss|job|key|lgs|mcp|med|mem|mrk|msg|par|prg|prm|prv|put|rot|run|say|sck|sea|set|sev|skl|sta|stp|ten)_[a-z0-9]{20}$/

export const isOwnId = (value: string): boolean => value.charAt(3) === '_' && OWN_ID.test(value)

/** @param isRandom judges what the gateway did not choose */
export function isOwnName(value: string, isRandom: (part: string) => boolean): boolean {
  if (isOwnId(value)) return true
  if (!value.startsWith('agent:')) return false
  if (!parseSessionKey(value).ok) return false
  const [, ...parts] = value.split(':')
  return parts.every((part) => isUuid(part) || isOwnId(part) || !isRandom(part))
}
