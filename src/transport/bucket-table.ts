/**
 * Many named buckets in bounded memory. Its owner persists what it is told has changed; this table
 * knows neither storage nor clock.
 */
import type { BucketRequest, BucketVerdict } from '../domain/ports/limiter.ts'
import {
  type BucketRate,
  type BucketState,
  fullAt,
  giveBackTokens,
  takeAll,
} from './token-bucket.ts'

/** An address shard under attack sees this many networks; about 1 MB of an object's 128 MB. */
export const MAX_BUCKETS = 10_000
/** Making room costs a sort; freeing a tenth at a time spreads it over a thousand newcomers. */
const SHARE_FREED = 0.1

export type BucketRow = BucketState & BucketRate

export interface TableChange<Row> {
  readonly written: ReadonlyMap<string, Row>
  readonly dropped: readonly string[]
}

export class BucketTable {
  readonly #rows: Map<string, BucketRow>
  readonly #maxBuckets: number

  constructor(rows: Iterable<readonly [string, BucketRow]> = [], maxBuckets = MAX_BUCKETS) {
    this.#rows = new Map(rows)
    this.#maxBuckets = maxBuckets
  }

  get size(): number {
    return this.#rows.size
  }

  take(
    requests: readonly BucketRequest[],
    now: number,
  ): { readonly verdict: BucketVerdict; readonly change: TableChange<BucketRow> } {
    const { verdict, states } = takeAll(requests, (bucket) => this.#rows.get(bucket), now)
    for (const [bucket, row] of states) this.#rows.set(bucket, row)
    const dropped = this.#makeRoom(now, new Set(states.keys()))
    return { verdict, change: { written: states, dropped } }
  }

  /** A bucket that is not here is full, and has room for nothing. */
  giveBack(
    { bucket, ratePerMinute, burst, tokens = 1 }: BucketRequest,
    now: number,
  ): TableChange<BucketRow> {
    const row = this.#rows.get(bucket)
    if (row === undefined || ratePerMinute === 0) return { written: new Map(), dropped: [] }
    const rate = { ratePerMinute, burst }
    const next = { ...giveBackTokens(row, rate, now, tokens), ...rate }
    this.#rows.set(bucket, next)
    return { written: new Map([[bucket, next]]), dropped: [] }
  }

  /** Forgets the full buckets; they are as if never used. */
  expire(now: number): readonly string[] {
    const dropped = [...this.#rows].filter(([, row]) => fullAt(row, row) <= now)
    for (const [bucket] of dropped) this.#rows.delete(bucket)
    return dropped.map(([bucket]) => bucket)
  }

  /**
   * Full buckets first, then those soonest full, which lose least by being forgotten: an attacker's
   * drained bucket is the last to go.
   */
  #makeRoom(now: number, keep: ReadonlySet<string>): readonly string[] {
    if (this.#rows.size <= this.#maxBuckets) return []
    const dropped = [...this.expire(now)]
    if (this.#rows.size <= this.#maxBuckets) return dropped
    const freed = Math.max(
      this.#rows.size - this.#maxBuckets,
      Math.ceil(this.#maxBuckets * SHARE_FREED),
    )
    const soonestFull = [...this.#rows]
      .filter(([bucket]) => !keep.has(bucket))
      .map(([bucket, row]) => [bucket, fullAt(row, row)] as const)
      .sort(([, a], [, b]) => a - b)
      .slice(0, freed)
    for (const [bucket] of soonestFull) this.#rows.delete(bucket)
    return dropped.concat(soonestFull.map(([bucket]) => bucket))
  }
}
