/**
 * Keeps a flood of equal events from becoming a flood of rows: the first of a minute are kept one by
 * one, the rest are counted, and the count goes with the next event of their kind.
 */
const KEPT_PER_MINUTE = 10
const MINUTE_MS = 60_000
/** Kinds of events tracked at once; one attacker must not fill the memory with invented users. */
const MAX_TRACKED = 1_000

interface Tally {
  minute: number
  seen: number
}

export type ThrottleVerdict =
  | { readonly isKept: false }
  /** `repeated`: equal events that were counted only, since the last one that was kept. */
  | { readonly isKept: true; readonly repeated: number }

export class EventThrottle {
  readonly #tallies = new Map<string, Tally>()
  readonly #keptPerMinute: number

  constructor(keptPerMinute = KEPT_PER_MINUTE) {
    this.#keptPerMinute = keptPerMinute
  }

  /** @param kind what makes two events equal: its name, and whose it is */
  take(kind: string, now: number): ThrottleVerdict {
    const minute = Math.floor(now / MINUTE_MS)
    const tally = this.#tallies.get(kind)
    if (tally?.minute === minute) {
      tally.seen++
      return tally.seen > this.#keptPerMinute ? { isKept: false } : { isKept: true, repeated: 0 }
    }
    const repeated = Math.max(0, (tally?.seen ?? 0) - this.#keptPerMinute)
    this.#tallies.delete(kind)
    this.#tallies.set(kind, { minute, seen: 1 })
    const oldest = this.#tallies.keys().next().value
    if (this.#tallies.size > MAX_TRACKED && oldest !== undefined) this.#tallies.delete(oldest)
    return { isKept: true, repeated }
  }
}
