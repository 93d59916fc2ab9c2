/**
 * Development mode: no token, and whoever comes is admin. It is safe only while nobody but the
 * person at the machine can come, so the name under which the gateway was reached is checked: a
 * foreign page whose domain was rebound to 127.0.0.1 still sends its own `Host` and `Origin`.
 */
import { err, ok, type Result } from '../domain/result.ts'
import { isOwnOrigin } from './origin.ts'
import type { TransportRefusal } from './refusal.ts'

const LOOPBACK_HOST = /^(?:127\.0\.0\.1|localhost|\[::1\])(?::\d{1,5})?$/i

export interface DevelopmentFacts {
  /** The `Host` header as it came. */
  readonly host: string | null
  readonly origin: string | null
}

/** @returns the own origin under the name that the caller used */
export function checkDevelopment(facts: DevelopmentFacts): Result<string, TransportRefusal> {
  if (facts.host === null || !LOOPBACK_HOST.test(facts.host)) {
    return err({ kind: 'host_not_allowed' })
  }
  // The bundle is served over plain HTTP on loopback: no other origin is its own.
  const ownOrigin = `http://${facts.host.toLowerCase()}`
  if (!isOwnOrigin(facts.origin, ownOrigin)) {
    return err({ kind: 'origin_not_allowed', origin: facts.origin ?? '' })
  }
  return ok(ownOrigin)
}
