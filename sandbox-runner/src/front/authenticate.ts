/**
 * Who may ask: the holder of the gateway's signing key, for one request at a time. A token is bound
 * to this runner, method, path, body and exec, lives a minute and is taken once. It answers every
 * refusal alike; the reason goes to the log.
 */
import type { IncomingMessage } from 'node:http'
import { importJWK, type JWK, jwtVerify } from 'jose'
import {
  JOB_TOKEN_ISSUER,
  JOB_TOKEN_SECONDS,
  type JobClaims,
  jobClaimsSchema,
} from '../../../src/isolation/contract.ts'
import { Refusal } from './refusal.ts'

/** Between the gateway's clock and ours. */
const CLOCK_TOLERANCE_SECONDS = 5
/** Remembered tokens; only the gateway can make one, so reaching this is its own flood. */
const MAX_REMEMBERED = 200_000
const MAX_TOKEN_CHARS = 4_096

const refuse = (detail: string): never => {
  throw new Refusal('UNAUTHENTICATED', 'the request carries no valid job token', { detail })
}

/** Token ids seen, each kept until it could no longer be valid anyway. */
export function createReplayGuard(nowMs: () => number) {
  const seen = new Map<string, number>()
  return {
    /** False for an id that was taken before. */
    take(id: string, expiresAtSeconds: number): boolean {
      const now = nowMs() / 1_000
      // Entries stand in about the order of their expiry: the first fresh one ends the sweep.
      for (const [old, expiry] of seen) {
        if (expiry + CLOCK_TOLERANCE_SECONDS >= now) break
        seen.delete(old)
      }
      if (seen.has(id)) return false
      if (seen.size >= MAX_REMEMBERED) {
        throw new Refusal('CAPACITY', 'too many requests', { retryAfterMs: 1_000 })
      }
      seen.set(id, expiresAtSeconds)
      return true
    },
  }
}

export async function createAuthenticator(options: {
  readonly publicKeys: readonly (JWK & { readonly kid: string })[]
  readonly audience: string
  readonly nowMs: () => number
}) {
  const keys = new Map<string, CryptoKey>()
  for (const jwk of options.publicKeys) {
    const key = await importJWK(jwk, 'EdDSA')
    if (!(key instanceof Uint8Array)) keys.set(jwk.kid, key)
  }
  const replays = createReplayGuard(options.nowMs)

  /** The claims of a request's token. The body's hash is the reader's to compare (`bodySha256`). */
  return async function authenticate(request: IncomingMessage): Promise<JobClaims> {
    const token = /^Bearer ([A-Za-z0-9_.-]+)$/.exec(request.headers.authorization ?? '')?.[1]
    if (token === undefined || token.length > MAX_TOKEN_CHARS) return refuse('no token')
    const now = options.nowMs()
    const verified = await jwtVerify(
      token,
      ({ kid }) => keys.get(kid ?? '') ?? refuse('unknown key'),
      {
        issuer: JOB_TOKEN_ISSUER,
        audience: options.audience,
        algorithms: ['EdDSA', 'Ed25519'],
        clockTolerance: CLOCK_TOLERANCE_SECONDS,
        currentDate: new Date(now),
      },
    ).catch((error: unknown) =>
      error instanceof Refusal
        ? refuse(error.detail ?? 'refused')
        : refuse(error instanceof Error ? error.name : 'invalid'),
    )
    const parsed = jobClaimsSchema.safeParse(verified.payload)
    if (!parsed.success) return refuse('claims are missing or malformed')
    const claims = parsed.data
    const latest = now / 1_000 + JOB_TOKEN_SECONDS + CLOCK_TOLERANCE_SECONDS
    if (claims.exp > latest) return refuse('lives too long')
    if (claims.htm !== request.method) return refuse('another method')
    if (claims.htu !== request.url) return refuse('another path')
    if (!replays.take(`${verified.protectedHeader.kid}/${claims.jti}`, claims.exp)) {
      return refuse('replayed')
    }
    return claims
  }
}
export type Authenticate = Awaited<ReturnType<typeof createAuthenticator>>

export const refuseBody = (): never => refuse('altered body')
