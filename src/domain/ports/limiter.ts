/** Exact token buckets, lockouts and idempotency of one principal, or of one shard of addresses. */
export interface BucketRequest {
  /** Distinguishes buckets within one object: `runs`, `operations`, `address:203.0.113.7`. */
  readonly bucket: string
  readonly ratePerMinute: number
  readonly burst: number
  /** How many to take at once; 1 when absent. */
  readonly tokens?: number
}

export type BucketVerdict =
  | { readonly isAllowed: true }
  | { readonly isAllowed: false; readonly bucket: string; readonly retryAfterMs: number }

export interface LockoutState {
  readonly isLocked: boolean
  readonly retryAfterMs: number
}

/** What a request under an idempotency key was answered, as it went over the wire. */
export interface KeptAnswer {
  readonly status: number
  readonly body: string
}

export type RequestClaim =
  /** Nobody came with this key before: act, then `settle` or `release`. */
  | { readonly kind: 'first' }
  | { readonly kind: 'repeat'; readonly answer: KeptAnswer }
  | { readonly kind: 'reused' }
  | { readonly kind: 'running' }
  | { readonly kind: 'unknown' }
  | { readonly kind: 'not_kept' }

export interface LimiterPort {
  /** Takes the tokens of each bucket, or of none when one is empty. A rate of 0 is no limit. */
  take(requests: readonly BucketRequest[]): Promise<BucketVerdict>
  /**
   * What was taken ahead and not used is in its bucket again, as far as that holds it. The caller answers
   * for having taken it, and not long ago.
   */
  giveBack(taken: BucketRequest): Promise<void>
  /** Counts a wrong credential or pairing code under `key`; tells whether the key is locked now. */
  recordFailure(key: string): Promise<LockoutState>
  lockout(key: string): Promise<LockoutState>
  /** One more unauthenticated socket of this address; false when it has as many as it may. */
  holdSocket(address: string, socketId: string): Promise<boolean>
  /** It has authenticated, or is gone. */
  releaseSocket(address: string, socketId: string): Promise<void>
  /** @param name of principal, operation and key together; stored before it is answered */
  claim(name: string, bodyHash: string): Promise<RequestClaim>
  /** The claimed request acted. `null`: its answer holds a secret, or is too large to keep. */
  settle(name: string, answer: KeptAnswer | null): Promise<void>
  /** The claimed request was refused and changed nothing: its key is free again. */
  release(name: string): Promise<void>
}
