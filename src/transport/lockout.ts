/**
 * Counts wrong credentials and pairing codes per key (an address and a kind of credential) and locks
 * the key after too many. It never judges a credential: a right one passes a locked key.
 */
import type { LockoutState } from '../domain/ports/limiter.ts'
import type { TableChange } from './bucket-table.ts'

export const MAX_FAILURES = 5
/** Long enough to stop guessing by hand or script, short enough for a human who mistyped. */
export const LOCKOUT_MS = 5 * 60_000
/** Failures further apart than this are a person's mistakes, not an attempt. */
export const FAILURE_WINDOW_MS = 15 * 60_000
/** Bounds memory under a flood of addresses; about 1 MB. */
export const MAX_TRACKED_KEYS = 10_000

export interface FailureRow {
  readonly failures: number
  readonly lastAt: number
  /** 0 while the key is only being counted. */
  readonly lockedUntil: number
}

const UNLOCKED: LockoutState = { isLocked: false, retryAfterMs: 0 }

/**
 * Both maps are ordered by their last change, and all rows of one map live equally long: the first
 * is the next to expire, so that making room never searches.
 */
export class LockoutTable {
  readonly #counting = new Map<string, FailureRow>()
  readonly #locked = new Map<string, FailureRow>()
  readonly #maxKeys: number

  constructor(rows: Iterable<readonly [string, FailureRow]> = [], maxKeys = MAX_TRACKED_KEYS) {
    this.#maxKeys = maxKeys
    const oldestFirst = [...rows].sort(([, a], [, b]) => a.lastAt - b.lastAt)
    for (const [key, row] of oldestFirst) this.#tableOf(row).set(key, row)
  }

  get size(): number {
    return this.#counting.size + this.#locked.size
  }

  state(key: string, now: number): LockoutState {
    const lockedUntil = this.#locked.get(key)?.lockedUntil ?? 0
    if (lockedUntil <= now) return UNLOCKED
    return { isLocked: true, retryAfterMs: Math.min(lockedUntil - now, LOCKOUT_MS) }
  }

  /**
   * When every tracked key is locked, a further one cannot be counted; its failures are then
   * answered as locked until room is made. Dropping an active lockout would let a flood of addresses
   * free its own guesser, and a right credential passes either way.
   */
  recordFailure(
    key: string,
    now: number,
  ): { readonly state: LockoutState; readonly change: TableChange<FailureRow> } {
    const dropped = [...this.expire(now)]
    const locked = this.state(key, now)
    if (locked.isLocked) return { state: locked, change: { written: new Map(), dropped } }
    const known = this.#counting.get(key)
    if (known === undefined && this.size >= this.#maxKeys) {
      const oldest = this.#counting.keys().next()
      if (oldest.done === true) return { state: this.#nextRoom(now), change: unwritten(dropped) }
      this.#counting.delete(oldest.value)
      dropped.push(oldest.value)
    }
    const failures = (known?.failures ?? 0) + 1
    const lockedUntil = failures >= MAX_FAILURES ? now + LOCKOUT_MS : 0
    const row: FailureRow = { failures, lastAt: now, lockedUntil }
    this.#counting.delete(key)
    this.#tableOf(row).set(key, row)
    return { state: this.state(key, now), change: { written: new Map([[key, row]]), dropped } }
  }

  expire(now: number): readonly string[] {
    const dropped: string[] = []
    for (const table of [this.#locked, this.#counting]) {
      for (const [key, row] of table) {
        if (expiresAt(row) > now) break
        table.delete(key)
        dropped.push(key)
      }
    }
    return dropped
  }

  #tableOf(row: FailureRow): Map<string, FailureRow> {
    return row.lockedUntil > 0 ? this.#locked : this.#counting
  }

  #nextRoom(now: number): LockoutState {
    const first = this.#locked.values().next()
    const until = first.done === true ? now + LOCKOUT_MS : first.value.lockedUntil
    return { isLocked: true, retryAfterMs: Math.max(1, Math.min(until - now, LOCKOUT_MS)) }
  }
}

const expiresAt = (row: FailureRow): number =>
  row.lockedUntil > 0 ? row.lockedUntil : row.lastAt + FAILURE_WINDOW_MS

const unwritten = (dropped: readonly string[]): TableChange<FailureRow> => ({
  written: new Map(),
  dropped,
})

/** What a lockout counts: one address and one kind of credential. */
export const lockoutKey = (clientAddress: string, credentialKind: string): string =>
  `${credentialKind}@${clientAddress}`
