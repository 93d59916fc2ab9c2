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

/** Takes `tokens` of them, or none. A bucket that was never used is full. */
export function takeToken(
  state: BucketState | undefined,
  rate: BucketRate,
  now: number,
  tokens = 1,
): TakeResult {
  const filled = refill(state, rate, now)
  const price = tokens * UNITS_PER_TOKEN
  if (filled.credit >= price) {
    return { isAllowed: true, state: { ...filled, credit: filled.credit - price } }
  }
  const waitMs = Math.ceil((price - filled.credit) / rate.ratePerMinute)
  return { isAllowed: false, state: filled, retryAfterMs: waitMs + (filled.updatedAt - now) }
}

/** Puts `tokens` back, which are spilt where the bucket has filled up meanwhile: no burst grows by it. */
export function giveBackTokens(
  state: BucketState,
  rate: BucketRate,
  now: number,
  tokens: number,
): BucketState {
  assertRate(rate)
  assertTokens(tokens, rate.burst)
  const filled = refill(state, rate, now)
  const full = rate.burst * UNITS_PER_TOKEN
  return { ...filled, credit: Math.min(full, filled.credit + tokens * UNITS_PER_TOKEN) }
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
 * Takes the tokens of each bucket, or of none when one has too few; of several such the longest
 * wait is told, after which all have them. A bucket named twice gives twice.
 */
export function takeAll(
  requests: readonly BucketRequest[],
  stateOf: (bucket: string) => BucketState | undefined,
  now: number,
): TakeAllResult {
  const states = new Map<string, BucketState & BucketRate>()
  let verdict: BucketVerdict = { isAllowed: true }
  for (const { bucket, ratePerMinute, burst, tokens = 1 } of requests) {
    if (ratePerMinute === 0) continue
    const rate = { ratePerMinute, burst }
    assertRate(rate)
    assertTokens(tokens, burst)
    const taken = takeToken(states.get(bucket) ?? stateOf(bucket), rate, now, tokens)
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

/** More than the burst would never come; fewer than one would be a gift. */
function assertTokens(tokens: number, burst: number): void {
  if (!Number.isSafeInteger(tokens) || tokens < 1 || tokens > burst) {
    throw new RangeError('tokens are taken one by one, up to the whole burst')
  }
}
