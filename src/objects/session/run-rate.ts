/**
 * The session's own bucket of messages, shared by all who may talk in it. It lives where the session
 * does, so it costs no hop, and is kept with it, so that sleeping fills nothing up.
 */
import type { BucketRequest } from '../../domain/ports/limiter.ts'
import type { Principal } from '../../domain/principal.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { Report } from '../../gateway/emit.ts'
import { ofTransport } from '../../gateway/wire.ts'
import { eventOfRefusal } from '../../transport/refusal.ts'
import { type BucketState, takeAll } from '../../transport/token-bucket.ts'

const KEY = 'rate.runs'

export class StoredRunRate {
  readonly #kv: SyncKvStorage
  readonly #reporterOf: (principal: Principal) => Report

  constructor(kv: SyncKvStorage, reporterOf: (principal: Principal) => Report) {
    this.#kv = kv
    this.#reporterOf = reporterOf
  }

  take(request: BucketRequest, principal: Principal, now: number): Result<null, Refusal> {
    const stored = (): BucketState | undefined => this.#kv.get<BucketState>(KEY)
    const { verdict, states } = takeAll([request], stored, now)
    if (verdict.isAllowed) {
      for (const { credit, updatedAt } of states.values()) this.#kv.put(KEY, { credit, updatedAt })
      return ok(null)
    }
    const { bucket, retryAfterMs } = verdict
    const refused = { kind: 'rate_limited', bucket, retryAfterMs } as const
    const event = eventOfRefusal(refused, principal.clientAddress)
    if (event) this.#reporterOf(principal)(event)
    return err(ofTransport(refused).refusal)
  }
}
