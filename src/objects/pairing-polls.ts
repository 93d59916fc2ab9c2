/**
 * How often a waiting browser may ask how its pairing stands, each time a look into the database. Of
 * one socket, in memory: what an address may ask in all is its limiter's.
 */

import type { Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ofTransport } from '../gateway/wire.ts'
import { PAIRING_STATUS_BUCKET } from '../transport/pairing.ts'
import { type BucketState, takeToken } from '../transport/token-bucket.ts'

export class PairingPolls {
  #state: BucketState | undefined

  take(now: number): Result<null, Refusal> {
    const taken = takeToken(this.#state, PAIRING_STATUS_BUCKET, now)
    this.#state = taken.state
    if (taken.isAllowed) return ok(null)
    const { bucket } = PAIRING_STATUS_BUCKET
    const { retryAfterMs } = taken
    return err(ofTransport({ kind: 'rate_limited', bucket, retryAfterMs }).refusal)
  }
}
