import { exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  FAILED_FETCH_PAUSE_MS,
  KEY_SET_MAX_AGE_MS,
  RemoteKeys,
  UNKNOWN_KEY_COOLDOWN_MS,
} from '../../../src/crypto/remote-keys.ts'
import { verifyJwt } from '../../../src/crypto/token.ts'

const JWKS_URL = new URL('https://id.example/keys')
const POLICY = { issuer: 'https://id.example', audience: 'edgeclaw', algorithms: ['ES256'] }

let jwk: JWK
let sign: (kid?: string) => Promise<string>

beforeAll(async () => {
  const pair = await generateKeyPair('ES256', { extractable: true })
  jwk = { ...(await exportJWK(pair.publicKey)), kid: 'one', alg: 'ES256' }
  sign = (kid = 'one') =>
    new SignJWT({ iss: POLICY.issuer, aud: POLICY.audience, exp: 4_000_000_000 })
      .setProtectedHeader({ alg: 'ES256', kid })
      .sign(pair.privateKey)
})

type Answer = () => Response | Promise<Response>

function server(answer: Answer = () => Response.json({ keys: [jwk] })) {
  const state = { answer, clock: 1_000_000, asked: [] as string[] }
  const remote = new RemoteKeys({
    url: JWKS_URL,
    now: () => state.clock,
    fetch: async (input, init) => {
      state.asked.push(`${input} ${init?.redirect}`)
      return state.answer()
    },
  })
  const verify = async (kid?: string) =>
    verifyJwt(await sign(kid), remote.find, POLICY, new Date(state.clock))
  return { state, verify, remote }
}

describe('RemoteKeys', () => {
  it('fetches the keys once, following no redirect, for all who ask at once and later', async () => {
    const { state, verify } = server()
    const all = await Promise.all([verify(), verify(), verify()])
    expect([...all, await verify()].map(({ ok }) => ok)).toEqual([true, true, true, true])
    expect(state.asked).toEqual([`${JWKS_URL.href} error`])
  })

  it('asks anew for an unknown key id, at most once in half a minute', async () => {
    const { state, verify } = server()
    for (const kid of ['x', 'y', 'z']) {
      expect(await verify(kid)).toMatchObject({ error: { kind: 'unknown_key' } })
    }
    expect(state.asked).toHaveLength(1)
    state.clock += UNKNOWN_KEY_COOLDOWN_MS
    await Promise.all([verify('x'), verify('y')])
    await verify('z')
    expect(state.asked).toHaveLength(2)
  })

  it('keeps what it has when asking anew fails, and does not ask on and on', async () => {
    const { state, verify } = server()
    await verify()
    state.clock += UNKNOWN_KEY_COOLDOWN_MS
    state.answer = () => new Response('', { status: 500 })
    for (let i = 0; i < 5; i++) expect((await verify('x')).ok).toBe(false)
    expect((await verify()).ok).toBe(true)
    expect(state.asked).toHaveLength(2)
  })

  it('believes no key for longer than the age of its set', async () => {
    const { state, verify } = server()
    await verify()
    state.answer = () => Response.json({ keys: [] })
    state.clock += KEY_SET_MAX_AGE_MS - 1
    expect((await verify()).ok).toBe(true)
    state.clock += 1
    expect(await verify()).toMatchObject({ error: { kind: 'unknown_key' } })
  })

  it.for<readonly [string, Answer]>([
    ['is down', () => Promise.reject(new TypeError('connection refused'))],
    ['answers an error', () => new Response('', { status: 500 })],
    ['answers no keys', () => Response.json({ nothing: true })],
    [
      'answers more keys than anybody has',
      () => Response.json({ keys: Array.from({ length: 101 }, () => jwk) }),
    ],
    ['answers no JSON', () => new Response('<html>')],
  ])('lets nothing verify when the issuer %s, and comes back after a pause', async ([, answer]) => {
    const { state, verify } = server(answer)
    const closed = { ok: false, error: { kind: 'keys_unavailable' } }
    expect(await verify()).toEqual(closed)
    state.answer = () => Response.json({ keys: [jwk] })
    expect(await verify()).toEqual(closed)
    expect(state.asked).toHaveLength(1)
    state.clock += FAILED_FETCH_PAUSE_MS
    expect((await verify()).ok).toBe(true)
  })
})
