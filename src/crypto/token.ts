/**
 * Tokens of other parties: JWTs of an identity provider (RFC 7519, RFC 8725) and bare JWS
 * (RFC 7515). The caller says which issuer, audience and algorithms it expects; nothing the token
 * says of itself (`alg`, `jwk`, `jku`, `x5u`) chooses how it is judged. Nothing is decoded unverified.
 */
import {
  compactVerify,
  createLocalJWKSet,
  errors,
  type JSONWebKeySet,
  type JWK,
  type JWTPayload,
  type JWTVerifyGetKey,
  jwtVerify,
} from 'jose'
import { err, ok, type Result } from '../domain/result.ts'

/** Signatures by a key pair: a shared secret would let every verifier mint tokens. */
export const ASYMMETRIC_ALGORITHMS: readonly string[] = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
]
const SYMMETRIC_ALGORITHMS: readonly string[] = ['HS256', 'HS384', 'HS512']

/** Longer than any provider's token; keeps garbage from being decoded at length. */
const MAX_TOKEN_CHARS = 16 * 1024
/** White space and other alphabets are refused: one signature has one text. */
const COMPACT_JWS = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]*\.[A-Za-z0-9_-]+$/
/** Clocks of issuer and gateway may differ by this much. */
export const CLOCK_TOLERANCE_SECONDS = 5

/** Where the verifying keys come from; remote ones: `remote-keys.ts`. */
export type TokenKeys = JWTVerifyGetKey

export const localTokenKeys = (keySet: JSONWebKeySet): TokenKeys => createLocalJWKSet(keySet)

/** Thrown by whatever finds keys: says nothing about the token. */
export class KeysUnavailable extends Error {}

export interface TokenPolicy {
  readonly issuer: string
  readonly audience: string
  /** Only these, and of them only what the matching key is for. */
  readonly algorithms: readonly string[]
  /** Claims that must be there besides `iss`, `aud` and `exp`. */
  readonly requiredClaims?: readonly string[]
  /** Refuses a token that was issued longer ago, whatever its own `exp` says. */
  readonly maxAgeSeconds?: number
  /** Lower case. A token that names a type must name one of these (RFC 8725 section 3.11). */
  readonly types?: readonly string[]
}

export type TokenFailure =
  | { readonly kind: 'malformed' }
  | { readonly kind: 'algorithm' }
  /** No key of the set is the one, or is fit for it. */
  | { readonly kind: 'unknown_key' }
  | { readonly kind: 'signature' }
  | { readonly kind: 'expired' }
  | { readonly kind: 'claim'; readonly claim: string }
  /** The issuer's keys could not be had: says nothing about the token. */
  | { readonly kind: 'keys_unavailable' }

export async function verifyJwt(
  token: string,
  keys: TokenKeys,
  policy: TokenPolicy,
  now: Date,
): Promise<Result<JWTPayload, TokenFailure>> {
  if (!isCompactJws(token)) return err({ kind: 'malformed' })
  try {
    const { payload, protectedHeader } = await jwtVerify(token, keys, {
      issuer: policy.issuer,
      audience: policy.audience,
      algorithms: [...policy.algorithms],
      requiredClaims: ['exp', ...(policy.requiredClaims ?? [])],
      clockTolerance: CLOCK_TOLERANCE_SECONDS,
      currentDate: now,
      ...(policy.maxAgeSeconds === undefined ? {} : { maxTokenAge: policy.maxAgeSeconds }),
    })
    const type = protectedHeader.typ?.toLowerCase().replace(/^application\//, '')
    if (policy.types && type !== undefined && !policy.types.includes(type)) {
      return err({ kind: 'claim', claim: 'typ' })
    }
    return ok(payload)
  } catch (error) {
    return err(failureOf(error))
  }
}

/**
 * Verifies a compact JWS with one key. The key decides the algorithms: its own `alg` when it names
 * one, else those of its type, so that a public key is never taken for a shared secret.
 */
export async function verifyJws(jws: string, key: JWK): Promise<Result<Uint8Array, TokenFailure>> {
  if (!isCompactJws(jws)) return err({ kind: 'malformed' })
  const isPermitted =
    (key.use === undefined || key.use === 'sig') &&
    (key.key_ops === undefined || key.key_ops.includes('verify'))
  if (!isPermitted) return err({ kind: 'unknown_key' })
  const algorithms = algorithmsOf(key)
  if (algorithms.length === 0) return err({ kind: 'algorithm' })
  // What the key may do is in the list by now; jose would take its `alg` to the letter.
  const { alg: _, ...unnamed } = key
  try {
    return ok((await compactVerify(jws, unnamed, { algorithms: [...algorithms] })).payload)
  } catch (error) {
    return err(failureOf(error))
  }
}

/** Key sets take the curve's name for the algorithm's: P-521 signs with ES512 (RFC 7518 §3.4). */
const MISNAMED: Readonly<Record<string, string>> = { ES521: 'ES512' }

function algorithmsOf({ kty, alg }: JWK): readonly string[] {
  const ofType = kty === 'oct' ? SYMMETRIC_ALGORITHMS : ASYMMETRIC_ALGORITHMS
  if (alg === undefined) return ofType
  // One algorithm a key (RFC 8725 section 3.1), its siblings' digests included.
  return ofType.filter((name) => name === (MISNAMED[alg] ?? alg))
}

const isCompactJws = (text: string): boolean =>
  text.length <= MAX_TOKEN_CHARS && COMPACT_JWS.test(text)

function failureOf(error: unknown): TokenFailure {
  if (error instanceof errors.JWTExpired) return { kind: 'expired' }
  if (error instanceof errors.JWTClaimValidationFailed) {
    return { kind: 'claim', claim: error.claim }
  }
  if (error instanceof errors.JWSSignatureVerificationFailed) return { kind: 'signature' }
  if (error instanceof errors.JOSEAlgNotAllowed || error instanceof errors.JOSENotSupported) {
    return { kind: 'algorithm' }
  }
  if (
    error instanceof errors.JWKSNoMatchingKey ||
    error instanceof errors.JWKSMultipleMatchingKeys
  ) {
    return { kind: 'unknown_key' }
  }
  if (error instanceof errors.JWSInvalid || error instanceof errors.JWTInvalid) {
    return { kind: 'malformed' }
  }
  // What is left of jose's own errors is about fetching the set.
  if (error instanceof KeysUnavailable || error instanceof errors.JOSEError) {
    return { kind: 'keys_unavailable' }
  }
  // The platform's errors: a key that cannot be imported, or not for this algorithm.
  return { kind: 'unknown_key' }
}
