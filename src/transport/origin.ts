/**
 * Which web pages may speak to the gateway. This keeps foreign pages from using a visitor's browser;
 * it authenticates nobody, and a caller outside a browser sends whatever Origin it likes.
 */
import { err, ok, type Result } from '../domain/result.ts'
import type { TransportRefusal } from './refusal.ts'

export const ANY_ORIGIN = '*'

export interface OriginRule {
  /** The gateway's own origin as the caller sees it; null when it cannot be told. */
  readonly ownOrigin: string | null
  /**
   * Cookies, pairing and development mode act for whoever opens the page: there only the gateway's
   * own pages pass, whatever the list says.
   */
  readonly isOwnRequired?: boolean
}

/**
 * An empty list means any origin (the one list where empty does not deny: a request that bears its
 * credential itself gains nothing from the page it comes from). Entries match exactly, as browsers
 * serialise origins (RFC 6454 section 6.2); no `Origin` header passes.
 */
export function checkOrigin(
  origin: string | null,
  allowed: readonly string[],
  rule: OriginRule,
): Result<null, TransportRefusal> {
  if (isOwnOrigin(origin, rule.ownOrigin)) return ok(null)
  if (rule.isOwnRequired !== true) {
    if (allowed.length === 0 || allowed.includes(ANY_ORIGIN)) return ok(null)
    // `null` is every sandboxed frame and local file at once: no entry can mean it.
    if (origin !== 'null' && origin !== null && allowed.includes(origin)) return ok(null)
  }
  return err({ kind: 'origin_not_allowed', origin: origin ?? '' })
}

/** No `Origin` header is no page; a foreign page cannot suppress it on a socket or a write. */
export const isOwnOrigin = (origin: string | null, ownOrigin: string | null): boolean =>
  origin === null || (ownOrigin !== null && origin === ownOrigin)

/** Pages of extensions and of desktop shells have schemes of their own, and no port. */
const OTHER_ORIGIN = /^(?!https?:)[a-z][a-z0-9+.-]*:\/\/[a-z0-9._-]+$/

/** One that can match at all: `https://app.example/` or `app.example` never would, and says nothing. */
export function isOriginEntry(entry: string): boolean {
  if (entry === ANY_ORIGIN || OTHER_ORIGIN.test(entry)) return true
  return URL.canParse(entry) && new URL(entry).origin === entry
}
