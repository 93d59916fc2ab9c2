/**
 * Signs the jobs that go to a sandbox-runner: EdDSA JWTs, one per request, bound to the runner,
 * the method, the path, the body and the exec. It verifies nothing; runners hold public keys only.
 */
import {
  calculateJwkThumbprint,
  exportJWK,
  generateKeyPair,
  importJWK,
  importPKCS8,
  type JWK,
  SignJWT,
} from 'jose'

const ALGORITHM = 'EdDSA'
const ISSUER = 'edgeclaw-gateway'
/** Shorter than the runner accepts, so that a clock a few seconds off refuses nothing. */
const LIFETIME_SECONDS = 50

export interface RunnerSignKey {
  readonly kid: string
  readonly key: CryptoKey
}

export interface Job {
  /** The runner's id: the token is worth nothing at another one. */
  readonly audience: string
  readonly method: string
  /** Path and query as sent. */
  readonly path: string
  readonly tenant: string
  readonly session: string
  readonly exec: string
  readonly bodySha256: string
}

const publicPart = async (jwk: JWK): Promise<JWK> => {
  const { kty, crv, x } = jwk
  if (kty !== 'OKP' || crv !== 'Ed25519' || x === undefined) {
    throw new Error('the runner key is no Ed25519 key')
  }
  return {
    kty,
    crv,
    x,
    alg: ALGORITHM,
    use: 'sig',
    kid: jwk.kid ?? (await calculateJwkThumbprint({ kty, crv, x })),
  }
}

/** A new key pair; the private half is what `runner.key` holds as JSON. */
export async function generateRunnerKey(): Promise<{
  readonly privateJwk: JWK
  readonly publicJwk: JWK
}> {
  const pair = await generateKeyPair(ALGORITHM, { crv: 'Ed25519', extractable: true })
  const jwk = await exportJWK(pair.privateKey)
  const publicJwk = await publicPart(jwk)
  return { privateJwk: { ...jwk, ...publicJwk, key_ops: ['sign'] }, publicJwk }
}

async function parsePrivateJwk(text: string): Promise<JWK> {
  const trimmed = text.trim()
  if (!trimmed.startsWith('-----BEGIN')) return JSON.parse(trimmed) as JWK
  return exportJWK(await importPKCS8(trimmed, ALGORITHM, { extractable: true }))
}

const refuse = (): never => {
  throw new Error('the runner key must be an Ed25519 private key as JWK (JSON) or PKCS #8 (PEM)')
}

/** Reads the configured key, JWK or PKCS #8; throws with a sentence that holds none of its text. */
export async function importRunnerKey(text: string): Promise<RunnerSignKey> {
  const jwk = await parsePrivateJwk(text).catch(refuse)
  if (jwk.d === undefined) return refuse()
  const { kid } = await publicPart(jwk).catch(refuse)
  const key = await importJWK({ ...jwk, key_ops: ['sign'] }, ALGORITHM).catch(refuse)
  if (key instanceof Uint8Array || kid === undefined) return refuse()
  return { kid, key }
}

/** The half that the runners are given (`EDGECLAW_RUNNER_PUBLIC_KEYS`). */
export async function publicRunnerKey(privateText: string): Promise<JWK> {
  return publicPart(await parsePrivateJwk(privateText).catch(refuse)).catch(refuse)
}

export const signJob = (key: RunnerSignKey, job: Job, nowMs: number): Promise<string> => {
  const now = Math.floor(nowMs / 1_000)
  return new SignJWT({
    htm: job.method,
    htu: job.path,
    tenant: job.tenant,
    session: job.session,
    exec: job.exec,
    bodySha256: job.bodySha256,
  })
    .setProtectedHeader({ alg: ALGORITHM, kid: key.kid, typ: 'JWT' })
    .setIssuer(ISSUER)
    .setAudience(job.audience)
    .setIssuedAt(now)
    .setExpirationTime(now + LIFETIME_SECONDS)
    .setJti(crypto.randomUUID())
    .sign(key.key)
}
