/**
 * A real issuer over HTTP, and two isolates over one storage, each with its own memory of issuers,
 * keys and people: what one of them closes is closed in the other, with both caches warm.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GatewayClient } from '../../src/cli/client.ts'
import { type BundleHost, hostBundle, TOKEN } from '../support/bundle-host.ts'
import {
  AUDIENCE,
  CLIENT_ID,
  newKeyPair,
  type OidcIssuer,
  startOidcIssuer,
} from '../support/oidc-issuer.ts'

let host: BundleHost
let issuer: OidcIssuer
let one: string
let two: string
let cold: string
let issuerId: string

interface Reply {
  readonly status: number
  readonly body: Record<string, unknown>
  readonly cookies: readonly string[]
  readonly location: string | null
}

interface Asked {
  readonly token?: string
  readonly method?: string
  readonly body?: unknown
  readonly cookie?: string
  readonly tenant?: string
}

async function call(
  url: string,
  { token, method = 'GET', body, ...asked }: Asked = {},
): Promise<Reply> {
  const { cookie, tenant } = asked
  const response = await fetch(url, {
    method,
    redirect: 'manual',
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(tenant === undefined ? {} : { 'x-edgeclaw-tenant-id': tenant }),
      'content-type': 'application/json',
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  const text = await response.text()
  return {
    status: response.status,
    body: text.startsWith('{') ? JSON.parse(text) : {},
    cookies: response.headers.getSetCookie(),
    location: response.headers.get('location'),
  }
}

const asOperator = (path: string, method: string, body?: unknown): Promise<Reply> =>
  call(`${one}${path}`, { token: TOKEN, method, ...(body === undefined ? {} : { body }) })

const agents = async (base: string, token: string): Promise<number> =>
  (await call(`${base}/v1/agents`, { token })).status

/** Wrong credentials are counted for the address: a flood of them is answered as one. */
const REFUSED = [401, 429]

const pair = (setCookie: string | undefined): string => setCookie?.split(';', 1)[0] ?? ''

/** As a browser would: to the issuer and back, and the page's exchange. */
async function signIn(base: string): Promise<string> {
  const begun = await call(`${base}/v1/login/${issuerId}`, { method: 'POST' })
  expect(begun.status).toBe(200)
  const asked = await call(String(begun.body['location']))
  const back = new URL(asked.location ?? '')
  const done = await call(back.href, { cookie: pair(begun.cookies[0]) })
  expect([done.status, done.location]).toEqual([303, '/#signed-in'])
  const cookie = pair(done.cookies.find((text) => text.startsWith('__Host-edgeclaw-login=')))
  const answered = await call(`${base}/v1/login/token`, { method: 'POST', cookie })
  expect(answered.status).toBe(200)
  const again = await call(`${base}/v1/login/token`, { method: 'POST', cookie })
  expect([again.status, again.body]).toMatchObject([401, { error: { code: 'UNAUTHORIZED' } }])
  return String(answered.body['token'])
}

beforeAll(async () => {
  issuer = await startOidcIssuer()
  host = await hostBundle(['storage', 'one', 'two', 'cold'])
  const [, first = '', second = '', third = ''] = host.urls
  ;[one, two, cold] = [first, second, third]
  const made = await asOperator('/v1/issuers', 'POST', {
    name: 'Staff',
    issuer: issuer.url,
    audience: AUDIENCE,
    client_id: CLIENT_ID,
    provision_role: 'operator',
    allow_private_network: true,
  })
  expect([made.status, made.body['jwks_url']]).toEqual([201, issuer.jwksUrl])
  issuerId = String(made.body['id'])
})

afterAll(async () => {
  await host?.close()
  await issuer?.close()
})

describe('an issuer', () => {
  it('is found by its own document, tried, and not reached without the operator’s leave', async () => {
    const tried = await asOperator(`/v1/issuers/${issuerId}/test`, 'POST')
    expect(tried.body).toEqual({ ok: true, keys: 1, can_sign_in: true, problem: null })
    const closed = await asOperator('/v1/issuers', 'POST', {
      name: 'inside',
      issuer: issuer.url,
      audience: 'inside',
    })
    expect([closed.status, closed.body]).toMatchObject([
      400,
      { error: { code: 'INVALID_REQUEST' } },
    ])
  })

  it('lets its people in, in every isolate, and nobody with less than its word', async () => {
    const token = await issuer.mint()
    for (const base of [one, two]) expect(await agents(base, token)).toBe(200)
    const forged = await issuer.mint({}, { key: await newKeyPair('one') })
    expect(REFUSED).toContain(await agents(two, forged))
    expect(REFUSED).toContain(await agents(two, await issuer.mint({ aud: 'another' })))
  })

  it('may change its keys while tokens fly, and is not asked on by tokens made up', async () => {
    const old = await issuer.mint()
    const [first] = issuer.keys
    const next = await newKeyPair('two')
    issuer.keys = [next]
    const fresh = await issuer.mint({ sub: 'after' })
    const asked = (): number => issuer.asked.get('/jwks') ?? 0
    const before = asked()
    // An isolate that has the old set goes by it; one that has none reads the new.
    expect(await agents(one, old)).toBe(200)
    expect(asked()).toBe(before)
    expect(await agents(cold, fresh)).toBe(200)
    expect(REFUSED).toContain(await agents(cold, old))
    expect(asked()).toBe(before + 1)
    for (let i = 0; i < 10; i++) {
      const token = await issuer.mint({}, { kid: `made-up-${i}` })
      for (const base of [one, cold]) expect(REFUSED).toContain(await agents(base, token))
    }
    expect(asked()).toBe(before + 1)
    if (first) issuer.keys = [first, next]
  })

  it('closes sockets and requests everywhere when it is disabled, and opens again', async () => {
    const token = await issuer.mint()
    for (const base of [one, two]) expect(await agents(base, token)).toBe(200)
    const { client } = await GatewayClient.connect({ url: two, token })
    expect(await client.request('agents.list')).toHaveProperty('agents')
    const disabled = await asOperator(`/v1/issuers/${issuerId}`, 'PATCH', { enabled: false })
    expect(disabled.status).toBe(200)
    expect((await client.closed).code).toBe(1008)
    for (const base of [two, one]) expect(REFUSED).toContain(await agents(base, token))
    await asOperator(`/v1/issuers/${issuerId}`, 'PATCH', { enabled: true })
    for (const base of [two, one]) expect(await agents(base, token)).toBe(200)
  })
})

describe('a sign-in', () => {
  it('ends with a bearer for both isolates, that signing out ends in both', async () => {
    const token = await signIn(one)
    for (const base of [one, two]) expect(await agents(base, token)).toBe(200)
    const { client } = await GatewayClient.connect({ url: one, token })
    const out = await call(`${two}/v1/login-sessions/logout`, { token, method: 'POST' })
    expect(out.status).toBe(200)
    expect((await client.closed).code).toBe(1008)
    for (const base of [one, two]) expect(REFUSED).toContain(await agents(base, token))
  })

  it('ends with its issuer’s row', async () => {
    const token = await signIn(two)
    for (const base of [one, two]) expect(await agents(base, token)).toBe(200)
    await asOperator(`/v1/issuers/${issuerId}`, 'PATCH', { name: 'People' })
    for (const base of [one, two]) expect(REFUSED).toContain(await agents(base, token))
  })

  it('leaves no token in what the gateway logs or stores', async () => {
    const token = await signIn(one)
    await call(`${one}/v1/agents?x=${token}`)
    const secret = token.slice(-43)
    expect(host.logs().join('\n')).not.toContain(secret)
    const rows = await host.sql('SELECT * FROM login_sessions')
    expect(rows.length).toBeGreaterThan(0)
    expect(JSON.stringify(rows)).not.toContain(secret)
  })
})

describe('a ticket', () => {
  const opens = (url: string): Promise<boolean> =>
    new Promise((done) => {
      const socket = new WebSocket(url)
      socket.addEventListener('open', () => {
        socket.close()
        done(true)
      })
      socket.addEventListener('error', () => done(false))
    })

  it('made in one isolate opens one socket in the other', async () => {
    const token = await issuer.mint()
    const made = await call(`${one}/v1/ws-tickets`, { token, method: 'POST' })
    const url = `${two.replace('http', 'ws')}/ws?ticket=${made.body['ticket']}`
    expect(await opens(url)).toBe(true)
    expect(await opens(url)).toBe(false)
  })

  it('opens nothing once the issuer behind it was deleted', async () => {
    const token = await issuer.mint()
    const made = await call(`${one}/v1/ws-tickets`, { token, method: 'POST' })
    expect(made.status).toBe(200)
    expect((await asOperator(`/v1/issuers/${issuerId}`, 'DELETE')).status).toBe(200)
    expect(await opens(`${two.replace('http', 'ws')}/ws?ticket=${made.body['ticket']}`)).toBe(false)
  })
})
