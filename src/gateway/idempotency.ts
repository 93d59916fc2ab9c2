/**
 * `Idempotency-Key` of HTTP requests that change something: the first acts, a repeat is answered the
 * same. Kept in the caller's own limiter, per principal, operation and key; a request without the
 * header costs no hop. Starts of runs are repeated by their session, which here is only told whether
 * the body is the same.
 */
import type { Services } from '../api/context.ts'
import { canonicalHash } from '../crypto/canonical-json.ts'
import type { KeptAnswer, LimiterPort, RequestClaim } from '../domain/ports/limiter.ts'
import type { Principal } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TransportRefusal } from '../transport/refusal.ts'

/** A client that waits this long finds most operations ended. */
const COME_BACK_MS = 1_000

export interface KeyedRequest {
  readonly principal: Principal
  readonly operation: string
  readonly key: string
  readonly body: unknown
}

export interface Claimed {
  readonly claim: RequestClaim
  settle(answer: KeptAnswer | null): Promise<void>
  release(): Promise<void>
}

export async function claimRequest(
  services: Services,
  { principal, operation, key, body }: KeyedRequest,
): Promise<Claimed> {
  const { tenantId, userId, credential } = principal
  const limiter: LimiterPort = services.userLimiter(tenantId, userId)
  const [name, bodyHash] = await Promise.all([
    canonicalHash([credential.id, operation, key]),
    canonicalHash(body),
  ])
  return {
    claim: await limiter.claim(name, bodyHash),
    settle: (answer) => limiter.settle(name, answer),
    release: () => limiter.release(name),
  }
}

/** What a repeat is told: the first answer, or why there is none. Null for the first request. */
export function answerOfClaim(claim: RequestClaim): Result<KeptAnswer | null, TransportRefusal> {
  switch (claim.kind) {
    case 'first':
      return ok(null)
    case 'repeat':
      return ok(claim.answer)
    case 'reused':
      return err({ kind: 'idempotency_key_reused' })
    case 'running':
      return err({ kind: 'request_in_progress', retryAfterMs: COME_BACK_MS })
    case 'unknown':
      return err({ kind: 'outcome_unknown' })
    case 'not_kept':
      return err({ kind: 'answer_not_kept' })
  }
}
