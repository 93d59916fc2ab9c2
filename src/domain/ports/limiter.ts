/** Exact token buckets, lockouts and idempotency of one principal, or of one shard of addresses. */
export interface BucketRequest {
  /** Distinguishes buckets within one object: `runs`, `operations`, `address:203.0.113.7`. */
  readonly bucket: string
  readonly ratePerMinute: number
  readonly burst: number
}

export type BucketVerdict =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly bucket: string; readonly retryAfterMs: number }

export interface LockoutState {
  readonly isLocked: boolean
  readonly retryAfterMs: number
}

export interface LimiterPort {
  /** Takes one token of each bucket, or of none when one is empty. A rate of 0 is no limit. */
  take(requests: readonly BucketRequest[]): Promise<BucketVerdict>
  /** Counts a wrong credential or pairing code under `key`; tells whether the key is locked now. */
  recordFailure(key: string): Promise<LockoutState>
  lockout(key: string): Promise<LockoutState>
}
