/**
 * The bucket of everything that is no start of a run: 600 a minute and credential, exact, whichever
 * doors its requests come through. Over HTTP each request asks the limiter. A socket leases tokens
 * from the same bucket, a few at first and more while it is busy: a reconnect fills nothing up, a
 * hundred sockets share what one has, and a busy dashboard pays a hop for every thirtieth frame.
 *
 * What is left of a lease goes back when its socket closes, so that a page that is loaded again and again
 * pays for what it asked. The trade-off: while the socket is open, and where its object forgot it, that
 * is lost to its credential's other sockets, at most `MAX_LEASE` each; a lease ends after a minute, so
 * that leases cannot be hoarded for a flood.
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

interface Bucket {
  take(tokens: number): Promise<BucketVerdict>
  giveBack(tokens: number): Promise<void>
}

function bucketOf(services: Services, { tenantId, userId, credential }: Principal): Bucket {
  const bucket = `${OPERATIONS_BUCKET.bucket}:${credential.id}`
  const limiter = () => services.userLimiter(tenantId, userId)
  return {
    take: (tokens) => limiter().take([{ ...OPERATIONS_BUCKET, bucket, tokens }]),
    giveBack: (tokens) => limiter().giveBack({ ...OPERATIONS_BUCKET, bucket, tokens }),
  }
}

const refused = ({ retryAfterMs }: Extract<BucketVerdict, { isAllowed: false }>) =>
  err({ kind: 'rate_limited' as const, bucket: OPERATIONS_BUCKET.bucket, retryAfterMs })

/** For a request that stands alone. */
export function ratePerRequest(services: Services, principal: Principal): OperationRate {
  const bucket = bucketOf(services, principal)
  return {
    take: async () => {
      const verdict = await bucket.take(1)
      return verdict.isAllowed ? ok(null) : refused(verdict)
    },
  }
}

/** For a request whose door has asked already. */
export const RATE_TAKEN: OperationRate = { take: async () => ok(null) }

/** For one socket, as long as its object remembers; a new life leases anew. */
export class LeasedRate implements OperationRate {
  readonly #bucket: Bucket
  readonly #now: () => number
  #left = 0
  #endsAt = 0
  #size = FIRST_LEASE
  #leasing: Promise<BucketVerdict> | null = null
  #isClosed = false

  constructor(services: Services, principal: Principal) {
    this.#bucket = bucketOf(services, principal)
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

  /** Its socket is closed. What is left goes back, once; of a lease that has ended nothing is left. */
  async giveBack(): Promise<void> {
    this.#isClosed = true
    // The frames that wait for it are served first.
    await this.#leasing?.catch(() => undefined)
    const left = this.#now() < this.#endsAt ? this.#left : 0
    this.#left = 0
    if (left > 0) await this.#bucket.giveBack(left)
  }

  async #lease(): Promise<BucketVerdict> {
    // A frame that is answered after the close: nobody would give the rest back.
    const wished = this.#isClosed ? 1 : this.#size
    const verdict = await this.#bucket.take(wished)
    if (verdict.isAllowed) return this.#begin(wished, verdict)
    // The bucket is low, which is no reason to refuse its last tokens.
    const single = await this.#bucket.take(1)
    return single.isAllowed ? this.#begin(1, single) : single
  }

  #begin(tokens: number, verdict: BucketVerdict): BucketVerdict {
    this.#left = tokens
    this.#endsAt = this.#now() + LEASE_MS
    this.#size = tokens === 1 ? FIRST_LEASE : Math.min(MAX_LEASE, 2 * tokens)
    return verdict
  }
}
