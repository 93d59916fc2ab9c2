/**
 * The code of the first set-up in an object's storage: its MAC, its end and the wrong tries so far.
 * All is decided in one synchronous step and stored before it is answered, so that neither requests
 * at once nor a restart give a guesser a further try. Only the pace of guessing is in memory alone.
 */
import type { PairingAttempt } from '../../domain/ports/tenant.ts'
import {
  type GatewayCode,
  isGatewayCodeLive,
  renewGatewayCode,
  tryGatewayCode,
} from '../../transport/pairing.ts'
import { PAIRING_BUCKET } from '../../transport/rate-limit.ts'
import { type BucketState, takeToken } from '../../transport/token-bucket.ts'

const KEY = 'pairingCode'

/** The synchronous part of an object's storage. */
export interface CodeStore {
  get<Value>(key: string): Value | undefined
  put<Value>(key: string, value: Value): void
  delete(key: string): boolean
}

export class PairingCode {
  readonly #store: CodeStore
  readonly #now: () => number
  #pace: BucketState | undefined

  constructor(store: CodeStore, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** @returns when it ends; null when guessing has used up the tries of this set-up */
  set(mac: string): number | null {
    const renewed = renewGatewayCode(this.#known(), mac, this.#now())
    if (!renewed.ok) return null
    this.#store.put(KEY, renewed.value)
    return renewed.value.expiresAt
  }

  /** @param mac null: nothing that could be a code, which is no try */
  attempt(mac: string | null): PairingAttempt {
    const known = this.#known()
    const now = this.#now()
    if (known === undefined || !isGatewayCodeLive(known, now)) return { kind: 'absent' }
    if (mac === null) return { kind: 'malformed' }
    const paced = takeToken(this.#pace, PAIRING_BUCKET, now)
    this.#pace = paced.state
    if (!paced.isAllowed) return { kind: 'limited', retryAfterMs: paced.retryAfterMs }
    const { isRight, next } = tryGatewayCode(known, mac)
    if (next === null) this.#store.delete(KEY)
    else this.#store.put(KEY, next)
    return { kind: isRight ? 'right' : 'wrong' }
  }

  #known(): GatewayCode | undefined {
    return this.#store.get<GatewayCode>(KEY)
  }
}
