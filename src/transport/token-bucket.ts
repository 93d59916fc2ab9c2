/**
 * The arithmetic of token buckets, in whole numbers. It holds no state and knows no clock; who keeps
 * the buckets and under which names is the limiter's business.
 *
 * Credit is counted in 1/60,000 of a token: at r tokens a minute exactly r of them flow in per
 * millisecond, so that no rounding ever adds or loses a token.
 */
import type { BucketRequest, BucketVerdict } from '../domain/ports/limiter.ts'

const UNITS_PER_TOKEN = 60_000

export interface BucketRate {
  /** 0 is no limit. */
  readonly ratePerMinute: number
  readonly burst: number
}

export interface BucketState {
  /** 0 … burst × 60,000. */
  readonly credit: number
  /** Milliseconds since the epoch. */
  readonly updatedAt: number
}

/**
 * A clock that went back mints nothing: time that passes twice is credited once. But a state from
 * further ahead than one filling takes is nonsense, and may not lock the bucket for longer than that.
 */
function refill(state: BucketState | undefined, rate: BucketRate, now: number): BucketState {
  const full = rate.burst * UNITS_PER_TOKEN
  if (state === undefined) return { credit: full, updatedAt: now }
  const fillMs = Math.ceil(full / rate.ratePerMinute)
  const since = Math.min(state.updatedAt, now + fillMs)
  const elapsedMs = Math.min(Math.max(0, now - since), fillMs)
  return {
    credit: Math.min(full, Math.max(0, state.credit) + elapsedMs * rate.ratePerMinute),
    updatedAt: Math.max(now, since),
  }
}

export type TakeResult =
  | { readonly isAllowed: true; readonly state: BucketState }
  | { readonly isAllowed: false; readonly state: BucketState; readonly retryAfterMs: number }

/** Takes one token. A bucket that was never used is full. */
export function takeToken(
  state: BucketState | undefined,
  rate: BucketRate,
  now: number,
): TakeResult {
  const filled = refill(state, rate, now)
  if (filled.credit >= UNITS_PER_TOKEN) {
    return { isAllowed: true, state: { ...filled, credit: filled.credit - UNITS_PER_TOKEN } }
  }
  const waitMs = Math.ceil((UNITS_PER_TOKEN - filled.credit) / rate.ratePerMinute)
  return { isAllowed: false, state: filled, retryAfterMs: waitMs + (filled.updatedAt - now) }
}

/** From then on the bucket is full, which is the same as never used: it may be forgotten. */
export const fullAt = (state: BucketState, rate: BucketRate): number =>
  state.updatedAt +
  Math.ceil(Math.max(0, rate.burst * UNITS_PER_TOKEN - state.credit) / rate.ratePerMinute)

export interface TakeAllResult {
  readonly verdict: BucketVerdict
  /** New states of the buckets that gave a token; empty when any refused. */
  readonly states: ReadonlyMap<string, BucketState & BucketRate>
}

/**
 * Takes one token of each bucket, or of none when one is empty; of several empty ones the longest
 * wait is told, after which all have one. A bucket named twice gives two tokens.
 */
export function takeAll(
  requests: readonly BucketRequest[],
  stateOf: (bucket: string) => BucketState | undefined,
  now: number,
): TakeAllResult {
  const states = new Map<string, BucketState & BucketRate>()
  let verdict: BucketVerdict = { isAllowed: true }
  for (const { bucket, ratePerMinute, burst } of requests) {
    if (ratePerMinute === 0) continue
    const rate = { ratePerMinute, burst }
    assertRate(rate)
    const taken = takeToken(states.get(bucket) ?? stateOf(bucket), rate, now)
    if (taken.isAllowed) states.set(bucket, { ...taken.state, ...rate })
    else if (verdict.isAllowed || taken.retryAfterMs > verdict.retryAfterMs) {
      verdict = { isAllowed: false, bucket, retryAfterMs: taken.retryAfterMs }
    }
  }
  return verdict.isAllowed ? { verdict, states } : { verdict, states: new Map() }
}

/** A NaN or a negative rate would make a bucket that never refuses: a bug of the caller. */
function assertRate({ ratePerMinute, burst }: BucketRate): void {
  const isSound = Number.isSafeInteger(ratePerMinute) && ratePerMinute > 0
  if (!isSound || !Number.isSafeInteger(burst) || burst < 1 || burst > 1_000_000) {
    throw new RangeError('a bucket needs a whole rate per minute and a whole burst of at least 1')
  }
}
