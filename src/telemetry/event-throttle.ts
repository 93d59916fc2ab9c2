/**
 * Keeps a flood of equal events from becoming a flood of rows: the first of a minute are kept one by
 * one, the rest are counted, and the count goes with the next event of their kind, or with whoever
 * asks for it before.
 */
const KEPT_PER_MINUTE = 10
const MINUTE_MS = 60_000
/** Kinds of events tracked at once; one attacker must not fill the memory with invented users. */
const MAX_TRACKED = 1_000

interface Tally {
  minute: number
  seen: number
  /** Counted only, and not told of yet. */
  untold: number
}

export type ThrottleVerdict =
  | { readonly isKept: false }
  /** `repeated`: equal events that were counted only, since the last one that was kept. */
  | { readonly isKept: true; readonly repeated: number }

export interface Counted {
  /** Null: of kinds that are tracked no more. */
  readonly kind: string | null
  readonly count: number
}

export class EventThrottle {
  readonly #tallies = new Map<string, Tally>()
  readonly #keptPerMinute: number
  #untracked = 0

  constructor(keptPerMinute = KEPT_PER_MINUTE) {
    this.#keptPerMinute = keptPerMinute
  }

  /** @param kind what makes two events equal: its name, and whose it is */
  take(kind: string, now: number): ThrottleVerdict {
    const minute = Math.floor(now / MINUTE_MS)
    const tally = this.#tallies.get(kind)
    if (tally?.minute === minute) {
      tally.seen++
      if (tally.seen <= this.#keptPerMinute) return { isKept: true, repeated: 0 }
      tally.untold++
      return { isKept: false }
    }
    this.#tallies.delete(kind)
    this.#tallies.set(kind, { minute, seen: 1, untold: 0 })
    const [oldest] = this.#tallies
    if (this.#tallies.size > MAX_TRACKED && oldest !== undefined) {
      this.#tallies.delete(oldest[0])
      this.#untracked += oldest[1].untold
    }
    return { isKept: true, repeated: tally?.untold ?? 0 }
  }

  /** `take` told of so many, and nobody was told of them after all: they count again. */
  untell(kind: string, count: number): void {
    const tally = this.#tallies.get(kind)
    if (tally) tally.untold += count
    else this.#untracked += count
  }

  /** How many were only counted of kinds that are tracked no more; by this they are told of. */
  drainUntracked(): number {
    const count = this.#untracked
    this.#untracked = 0
    return count
  }

  /** What was counted only since it was told of last; by this it is. */
  drain(): readonly Counted[] {
    const counted: Counted[] = []
    for (const [kind, tally] of this.#tallies) {
      if (tally.untold > 0) counted.push({ kind, count: tally.untold })
      tally.untold = 0
    }
    const untracked = this.drainUntracked()
    if (untracked > 0) counted.push({ kind: null, count: untracked })
    return counted
  }
}
