/**
 * The code of the first set-up in an object's storage: its MAC, its end and the wrong tries so far.
 * All is decided in one synchronous step and stored before it is answered, so that neither requests
 * at once nor a restart give a guesser a further try. Only the pace of guessing is in memory alone, of
 * each address by itself: who guesses holds up nobody else.
 */
import type { PairingAttempt } from '../../domain/ports/tenant.ts'
import {
  freshGatewayCode,
  type GatewayCode,
  isAddressBurnt,
  isGatewayCodeLive,
  tryGatewayCode,
} from '../../transport/pairing.ts'
import { PAIRING_BUCKET } from '../../transport/rate-limit.ts'
import { type BucketState, takeToken } from '../../transport/token-bucket.ts'

const KEY = 'pairingCode'
/** While a code lives; the oldest leaves. */
const MAX_PACED_ADDRESSES = 1_000

/** The synchronous part of an object's storage. */
export interface CodeStore {
  get<Value>(key: string): Value | undefined
  put<Value>(key: string, value: Value): void
  delete(key: string): boolean
}

export class PairingCode {
  readonly #store: CodeStore
  readonly #now: () => number
  readonly #paces = new Map<string, BucketState>()

  constructor(store: CodeStore, now: () => number) {
    this.#store = store
    this.#now = now
  }

  /** @returns when it ends */
  set(mac: string): number {
    const fresh = freshGatewayCode(mac, this.#now())
    this.#store.put(KEY, fresh)
    return fresh.expiresAt
  }

  /**
   * @param mac null: nothing that could be a code, which is no try
   * @param address null where addresses cannot be told apart
   */
  attempt(mac: string | null, address: string | null): PairingAttempt {
    const known = this.#known()
    const now = this.#now()
    if (known === undefined || !isGatewayCodeLive(known, now)) return { kind: 'absent' }
    if (mac === null) return { kind: 'malformed' }
    if (isAddressBurnt(known, address)) {
      return { kind: 'limited', retryAfterMs: known.expiresAt - now }
    }
    const retryAfterMs = this.#take(address ?? '', now)
    if (retryAfterMs > 0) return { kind: 'limited', retryAfterMs }
    const { isRight, next } = tryGatewayCode(known, mac, address)
    if (next === null) this.#store.delete(KEY)
    else this.#store.put(KEY, next)
    return { kind: isRight ? 'right' : 'wrong' }
  }

  #take(address: string, now: number): number {
    const paced = takeToken(this.#paces.get(address), PAIRING_BUCKET, now)
    this.#paces.delete(address)
    this.#paces.set(address, paced.state)
    const oldest = this.#paces.keys().next().value
    if (this.#paces.size > MAX_PACED_ADDRESSES && oldest !== undefined) this.#paces.delete(oldest)
    return paced.isAllowed ? 0 : paced.retryAfterMs
  }

  #known(): GatewayCode | undefined {
    return this.#store.get<GatewayCode>(KEY)
  }
}
