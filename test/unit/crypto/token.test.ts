import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import { toBase64Url, utf8 } from '../../../src/crypto/encoding.ts'
import {
  ASYMMETRIC_ALGORITHMS,
  localTokenKeys,
  type TokenKeys,
  type TokenPolicy,
  verifyJws,
  verifyJwt,
} from '../../../src/crypto/token.ts'

const NOW = new Date('2030-01-01T00:00:00Z')
const SECONDS = Math.floor(NOW.getTime() / 1_000)
const ISSUER = 'https://id.example'
const POLICY: TokenPolicy = {
  issuer: ISSUER,
  audience: 'edgeclaw',
  algorithms: ['ES256'],
  requiredClaims: ['sub'],
}

type Pair = Awaited<ReturnType<typeof generateKeyPair>>
let pair: Pair
let jwk: JWK
let keys: TokenKeys

beforeAll(async () => {
  pair = await generateKeyPair('ES256', { extractable: true })
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }
  keys = localTokenKeys({ keys: [jwk] })
})

interface Claims {
  readonly iss?: string
  readonly aud?: string | string[]
  readonly sub?: string
  readonly exp?: number
  readonly nbf?: number
  readonly iat?: number
}

const token = (claims: Claims = {}, kid = 'one', without?: keyof Claims) => {
  const all: Claims = {
    iss: ISSUER,
    aud: 'edgeclaw',
    sub: 'anna',
    iat: SECONDS - 60,
    exp: SECONDS + 600,
    ...claims,
  }
  const kept = Object.entries(all).filter(([name]) => name !== without)
  return new SignJWT(Object.fromEntries(kept))
    .setProtectedHeader({ alg: 'ES256', kid })
    .sign(pair.privateKey)
}
const verify = (text: string, policy = POLICY, from = keys) => verifyJwt(text, from, policy, NOW)
const unsigned = (header: object, payload: object, signature = '') =>
  [header, payload].map((part) => toBase64Url(utf8(JSON.stringify(part)))).join('.') +
  `.${signature}`

describe('verifyJwt', () => {
  it('allows a token of the issuer for this audience', async () => {
    expect(await verify(await token())).toMatchObject({ ok: true, value: { sub: 'anna' } })
    expect(await verify(await token({ aud: ['other', 'edgeclaw'] }))).toMatchObject({ ok: true })
  })

  it.for<readonly [string, Claims, object]>([
    ['another issuer', { iss: 'https://evil.example' }, { kind: 'claim', claim: 'iss' }],
    ['another audience', { aud: 'other' }, { kind: 'claim', claim: 'aud' }],
    ['an end in the past', { exp: SECONDS - 6 }, { kind: 'expired' }],
    ['a beginning in the future', { nbf: SECONDS + 6 }, { kind: 'claim', claim: 'nbf' }],
  ])('rejects %s', async ([, claims, error]) => {
    expect(await verify(await token(claims))).toEqual({ ok: false, error })
  })

  it.for(['iss', 'aud', 'sub', 'exp'] as const)('rejects a token without %s', async (claim) => {
    expect(await verify(await token({}, 'one', claim))).toEqual({
      ok: false,
      error: { kind: 'claim', claim },
    })
  })

  it('allows clocks that differ by some seconds', async () => {
    expect(await verify(await token({ exp: SECONDS - 4 }))).toMatchObject({ ok: true })
    expect(await verify(await token({ nbf: SECONDS + 4 }))).toMatchObject({ ok: true })
  })

  it('rejects a token issued longer ago than asked', async () => {
    const policy = { ...POLICY, maxAgeSeconds: 60 }
    expect(await verify(await token({ iat: SECONDS - 60 }), policy)).toMatchObject({ ok: true })
    expect(await verify(await token({ iat: SECONDS - 100 }), policy)).toMatchObject({ ok: false })
  })

  it('rejects alg=none', async () => {
    const payload = { iss: ISSUER, aud: 'edgeclaw', sub: 'anna', exp: SECONDS + 600 }
    for (const alg of ['none', 'None', 'NONE']) {
      expect(await verify(unsigned({ alg }, payload))).toEqual({
        ok: false,
        error: { kind: 'malformed' },
      })
      expect(await verify(unsigned({ alg, kid: 'one' }, payload, 'AA'))).toMatchObject({
        ok: false,
      })
    }
  })

  it('rejects an algorithm that the policy does not list', async () => {
    const policy = { ...POLICY, algorithms: ['RS256'] }
    expect(await verify(await token(), policy)).toEqual({ ok: false, error: { kind: 'algorithm' } })
  })

  it('rejects the public key used as a shared secret', async () => {
    const forged = await new SignJWT({ iss: ISSUER, aud: 'edgeclaw', sub: 'x', exp: SECONDS + 60 })
      .setProtectedHeader({ alg: 'HS256', kid: 'one' })
      .sign(utf8(JSON.stringify(jwk)))
    const policy = { ...POLICY, algorithms: ASYMMETRIC_ALGORITHMS }
    expect(await verify(forged, policy)).toEqual({ ok: false, error: { kind: 'algorithm' } })
  })

  it('rejects a key that the token brings along', async () => {
    const own = await generateKeyPair('ES256', { extractable: true })
    const forged = await new SignJWT({ iss: ISSUER, aud: 'edgeclaw', sub: 'x', exp: SECONDS + 60 })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', jwk: await exportJWK(own.publicKey) })
      .sign(own.privateKey)
    expect(await verify(forged)).toEqual({ ok: false, error: { kind: 'signature' } })
  })

  it('rejects an unknown key id, an altered payload and garbage', async () => {
    expect(await verify(await token({}, 'two'))).toEqual({
      ok: false,
      error: { kind: 'unknown_key' },
    })
    const [head, , signature] = (await token()).split('.')
    const payload = toBase64Url(utf8(JSON.stringify({ iss: ISSUER, sub: 'root' })))
    expect(await verify(`${head}.${payload}.${signature}`)).toMatchObject({
      error: { kind: 'signature' },
    })
    for (const text of ['', '..', 'a.b.c', 'a'.repeat(20_000), ` ${await token()}`]) {
      expect(await verify(text)).toEqual({ ok: false, error: { kind: 'malformed' } })
    }
  })
})

describe('verifyJws', () => {
  it('allows what the key is for', async () => {
    expect(await verifyJws(await token(), jwk)).toMatchObject({ ok: true })
    const { alg: _, ...withoutAlgorithm } = jwk
    expect(await verifyJws(await token(), withoutAlgorithm)).toMatchObject({ ok: true })
    expect(await verifyJws(await token(), { ...jwk, use: 'sig' })).toMatchObject({ ok: true })
  })

  it('rejects a key for something else', async () => {
    const text = await token()
    expect(await verifyJws(text, { ...jwk, use: 'enc' })).toMatchObject({ ok: false })
    expect(await verifyJws(text, { ...jwk, key_ops: ['deriveKey'] })).toMatchObject({ ok: false })
    expect(await verifyJws(text, { ...jwk, alg: 'ES384' })).toMatchObject({ ok: false })
    expect(await verifyJws(text, { ...jwk, alg: 'none' })).toMatchObject({ ok: false })
  })

  it('rejects a sibling digest of the algorithm that the key names', async () => {
    const pair = await generateKeyPair('PS384', { extractable: true })
    const key = await exportJWK(pair.publicKey)
    const text = await new SignJWT({}).setProtectedHeader({ alg: 'PS384' }).sign(pair.privateKey)
    expect(await verifyJws(text, { ...key, alg: 'PS384' })).toMatchObject({ ok: true })
    expect(await verifyJws(text, { ...key, alg: 'PS256' })).toMatchObject({ ok: false })
  })

  it('rejects a shared secret for a signature of a key pair', async () => {
    const secret: JWK = { kty: 'oct', k: toBase64Url(utf8('0123456789abcdef0123456789abcdef')) }
    expect(await verifyJws(await token(), secret)).toMatchObject({ ok: false })
  })

  it('rejects another spelling of the same signature', async () => {
    const text = await token()
    for (const spelt of [`${text}=`, `${text} `, text.replace('.', '. '), `${text}.`]) {
      expect(await verifyJws(spelt, jwk)).toEqual({ ok: false, error: { kind: 'malformed' } })
    }
  })
})
