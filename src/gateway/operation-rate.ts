/**
 * The bucket of everything that is no start of a run: 600 a minute and credential, exact, whichever
 * doors its requests come through. Over HTTP each request asks the limiter. A socket leases tokens
 * from the same bucket, a few at first and more while it is busy: a reconnect fills nothing up, a
 * hundred sockets share what one has, and a busy dashboard pays a hop for every thirtieth frame.
 *
 * The trade-off: what a socket leased and does not use is lost to its credential's other sockets, at
 * most `MAX_LEASE` each; it ends after a minute, so that leases cannot be hoarded for a flood.
 */
import type { Services } from '../api/context.ts'
import type { BucketVerdict } from '../domain/ports/limiter.ts'
import type { Principal } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { OPERATIONS_BUCKET } from '../transport/rate-limit.ts'
import type { TransportRefusal } from '../transport/refusal.ts'

export interface OperationRate {
  take(): Promise<Result<null, TransportRefusal>>
}

/** A command line connects, asks once and goes: more would be taken for nothing. */
const FIRST_LEASE = 4
const MAX_LEASE = 32
const LEASE_MS = 60_000

type Take = (tokens: number) => Promise<BucketVerdict>

const takeOf =
  (services: Services, { tenantId, userId, credential }: Principal): Take =>
  (tokens) =>
    services
      .userLimiter(tenantId, userId)
      .take([
        { ...OPERATIONS_BUCKET, bucket: `${OPERATIONS_BUCKET.bucket}:${credential.id}`, tokens },
      ])

const refused = ({ retryAfterMs }: Extract<BucketVerdict, { isAllowed: false }>) =>
  err({ kind: 'rate_limited' as const, bucket: OPERATIONS_BUCKET.bucket, retryAfterMs })

/** For a request that stands alone. */
export function ratePerRequest(services: Services, principal: Principal): OperationRate {
  const take = takeOf(services, principal)
  return {
    take: async () => {
      const verdict = await take(1)
      return verdict.isAllowed ? ok(null) : refused(verdict)
    },
  }
}

/** For a request whose door has asked already. */
export const RATE_TAKEN: OperationRate = { take: async () => ok(null) }

/** For one socket, as long as its object remembers; a new life leases anew. */
export class LeasedRate implements OperationRate {
  readonly #take: Take
  readonly #now: () => number
  #left = 0
  #endsAt = 0
  #size = FIRST_LEASE
  #leasing: Promise<BucketVerdict> | null = null

  constructor(services: Services, principal: Principal) {
    this.#take = takeOf(services, principal)
    this.#now = services.now
  }

  async take(): Promise<Result<null, TransportRefusal>> {
    for (;;) {
      if (this.#left > 0 && this.#now() < this.#endsAt) {
        this.#left--
        return ok(null)
      }
      // Frames that come meanwhile wait for the same lease.
      this.#leasing ??= this.#lease().finally(() => {
        this.#leasing = null
      })
      const verdict = await this.#leasing
      if (!verdict.isAllowed) return refused(verdict)
    }
  }

  async #lease(): Promise<BucketVerdict> {
    const wished = this.#size
    const verdict = await this.#take(wished)
    if (verdict.isAllowed) return this.#begin(wished, verdict)
    // The bucket is low, which is no reason to refuse its last tokens.
    const single = await this.#take(1)
    return single.isAllowed ? this.#begin(1, single) : single
  }

  #begin(tokens: number, verdict: BucketVerdict): BucketVerdict {
    this.#left = tokens
    this.#endsAt = this.#now() + LEASE_MS
    this.#size = tokens === 1 ? FIRST_LEASE : Math.min(MAX_LEASE, 2 * tokens)
    return verdict
  }
}
