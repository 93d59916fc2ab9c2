import { describe, expect, it } from 'vitest'
import { findOperation } from '../../../../src/api/registry.ts'
import { openLoginState, sealClientSecret } from '../../../../src/crypto/issuer-secret.ts'
import { loginToken } from '../../../../src/crypto/located-token.ts'
import { type NewIssuer, updateIssuer } from '../../../../src/db/jwt-issuers.ts'
import { removeMembership, setMembership } from '../../../../src/db/memberships.ts'
import { readVersions } from '../../../../src/db/versions.ts'
import type { Role } from '../../../../src/domain/principal.ts'
import { authenticate, recheckPrincipal } from '../../../../src/gateway/authenticate.ts'
import { contextOf } from '../../../../src/gateway/dispatch.ts'
import { stateCookie, stateIn } from '../../../../src/gateway/identity/login-cookies.ts'
import { LOGIN_MS, UNUSED_LOGIN_MS } from '../../../../src/gateway/identity/login-session.ts'
import { RATE_TAKEN } from '../../../../src/gateway/operation-rate.ts'
import { CLIENT_ID, newKeyPair } from '../../../support/oidc-issuer.ts'
import { bearer, newKey, newTenant, settings, useQuietLog } from '../world.ts'
import { FACTS, openTrusting, trust } from './issuer-world.ts'
import { Browser, envOf, ORIGIN } from './login-app.ts'

useQuietLog()

const STATE = '__Host-edgeclaw-login-state'
const HANDOFF = '__Host-edgeclaw-login'

async function open(fields: Partial<NewIssuer> = {}, members: Readonly<Record<string, Role>> = {}) {
  const trusting = await openTrusting({ clientId: CLIENT_ID, ...fields }, members)
  trusting.world.clock = Date.now()
  // The row is of the test's own time; the door has the clock on the wall.
  const env = envOf(trusting.world)
  const browser = new Browser(env)
  const another = () => new Browser(env)
  const status = async (path: string, headers: Readonly<Record<string, string>> = {}) =>
    (await browser.ask(path, { headers })).status
  return { ...trusting, browser, another, status, issuerId: trusting.row.id }
}

type Opened = Awaited<ReturnType<typeof open>>

const signedIn = async ({ browser, issuerId, world }: Opened, token?: string) => {
  const text = token ?? (await browser.token(issuerId))
  const result = await authenticate(bearer(text), {}, FACTS, world.services, settings())
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return { token: text, principal: result.value.principal }
}

const auth = (token: string) => ({ authorization: `Bearer ${token}` })

describe('the list for the sign-in page', () => {
  it('tells names and ids of issuers that people can sign in through, and nothing else', async () => {
    const { browser, world, tenantId, issuer, issuerId } = await open()
    await trust(world, tenantId, issuer, { audience: 'tokens only' })
    await trust(world, tenantId, issuer, { audience: 'b', clientId: 'b', enabled: false })
    const slug = `acme-${tenantId.slice(4)}`
    const answer = await browser.ask(`/v1/login?tenant=${slug}`)
    expect(await answer.json()).toEqual({ issuers: [{ id: issuerId, name: 'Staff' }] })
    for (const nobody of ['nobody', '', tenantId, "' or 1=1 --"]) {
      const none = await browser.ask(`/v1/login?tenant=${encodeURIComponent(nobody)}`)
      expect(await none.json()).toEqual({ issuers: [] })
    }
  })
})

describe('a sign-in', () => {
  it('ends with a token that the page fetches once, and that stands in no URL or cookie', async () => {
    const opened = await open()
    const { browser, issuerId, issuer } = opened
    const back = await browser.signIn(issuerId)
    expect(back.origin + back.pathname).toBe(`${ORIGIN}/v1/login/callback`)
    const done = await browser.ask(back.href)
    expect([done.status, done.headers.get('location')]).toEqual([303, '/#signed-in'])
    expect(browser.cookies.has(STATE)).toBe(false)
    const answer = await browser.exchange()
    expect(answer.status).toBe(200)
    const { token, expires_at } = (await answer.json()) as { token: string; expires_at: string }
    expect(loginToken.parse(token)?.tenantId).toBe(opened.tenantId)
    expect(Date.parse(expires_at) - Date.now()).toBeLessThanOrEqual(8 * 3_600_000)
    expect([back.href, ...browser.set].join('\n')).not.toContain(token)
    for (const text of browser.set) {
      expect(text).toMatch(/^__Host-.*; Path=\/; .*HttpOnly; Secure; SameSite=(?:Lax|Strict)$/)
    }
    const { principal } = await signedIn(opened, token)
    expect(principal).toMatchObject({
      userId: `oidc:${issuer.url}:anna`,
      role: 'viewer',
      isMasterScope: false,
      credential: { kind: 'login' },
    })
    expect((await browser.exchange()).status).toBe(401)
    expect(browser.cookies.has(HANDOFF)).toBe(false)
  })

  it('is exchanged once, whoever kept the cookie', async () => {
    const { browser, another, issuerId } = await open()
    await browser.ask((await browser.signIn(issuerId)).href)
    const thief = another()
    for (const [name, value] of browser.cookies) thief.cookies.set(name, value)
    const both = await Promise.all([browser.exchange(), thief.exchange()])
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 401])
  })

  it('is exchanged for nothing when its issuer was closed or changed meanwhile', async () => {
    for (const patch of [{ enabled: false }, { name: 'renamed' }]) {
      const { browser, issuerId, world, tenantId } = await open()
      await browser.ask((await browser.signIn(issuerId)).href)
      await updateIssuer(world.db, tenantId, issuerId, patch, world.clock)
      expect((await browser.exchange()).status).toBe(401)
    }
  })

  it('is begun by a press of an own page alone, for whoever begins it chooses whom one becomes', async () => {
    const { browser, status, issuerId } = await open()
    const start = async (headers: Readonly<Record<string, string>>) =>
      (await browser.start(issuerId, headers)).status
    for (const site of ['cross-site', 'same-site', 'none', 'made-up', ''])
      expect(await start({ origin: ORIGIN, 'sec-fetch-site': site }), site).toBe(403)
    for (const origin of ['https://evil.example', 'null'])
      expect(await start({ origin }), origin).toBe(403)
    // A link that somebody else wrote into an own page comes from there as well.
    for (const site of ['same-origin', 'none'])
      expect(await status(`/v1/login/${issuerId}`, { 'sec-fetch-site': site })).toBe(401)
    expect(browser.set).toEqual([])
    expect(await start({ origin: ORIGIN, 'sec-fetch-site': 'same-origin' })).toBe(200)
  })

  it('takes an invitation or none, and nothing that is no invitation', async () => {
    const { browser, issuerId } = await open()
    const start = async (body: unknown) =>
      (await browser.start(issuerId, { origin: ORIGIN }, body)).status
    expect(await start({})).toBe(200)
    for (const body of [{ invitation: null }, { invitation: 7 }, { invitation: '' }, [], 'x'])
      expect(await start(body), JSON.stringify(body)).toBe(400)
  })

  it('leads to the issuer’s own origin, or the one that its row names', async () => {
    const { browser, issuer, issuerId, world, tenantId } = await open()
    issuer.signInAt = 'https://elsewhere.example/authorize'
    expect((await browser.start(issuerId)).status).toBe(503)
    const patch = { signInOrigin: 'https://elsewhere.example' }
    await updateIssuer(world.db, tenantId, issuerId, patch, world.clock)
    expect((await browser.start(issuerId)).status).toBe(200)
  })

  it('tells the page whom one has become, and where', async () => {
    const { browser, issuerId, issuer, tenantId } = await open()
    await browser.ask((await browser.signIn(issuerId)).href)
    expect(await (await browser.exchange()).json()).toMatchObject({
      tenant_id: tenantId,
      tenant_name: 'Acme',
      user_id: `oidc:${issuer.url}:anna`,
    })
  })

  it('is exchanged by the gateway’s own pages alone', async () => {
    const { browser, issuerId } = await open()
    await browser.ask((await browser.signIn(issuerId)).href)
    expect((await browser.exchange({ origin: 'https://evil.example' })).status).toBe(403)
    const framed = { origin: ORIGIN, 'sec-fetch-site': 'cross-site' }
    expect((await browser.exchange(framed)).status).toBe(403)
    expect((await browser.exchange()).status).toBe(200)
  })

  it('sends the secret, and is refused by the issuer with another', async () => {
    const opened = await open()
    const { world, tenantId, issuerId, issuer, browser } = opened
    issuer.clientSecret = 'of the client'
    const withSecret = async (secret: string) => {
      const sealed = await sealClientSecret(world.services.keyRing, tenantId, issuerId, secret)
      const patch = { sealedClientSecret: sealed }
      await updateIssuer(world.db, tenantId, issuerId, patch, world.clock)
    }
    await withSecret('of somebody else')
    const back = await browser.signIn(issuerId)
    expect((await browser.ask(back.href)).status).toBe(401)
    await withSecret('of the client')
    expect(await browser.token(issuerId)).toMatch(/^els_/)
  })

  it.for<readonly [string, (back: URL, browser: Browser) => void]>([
    ['another state', (back) => back.searchParams.set('state', 'made-up')],
    ['no state', (back) => back.searchParams.delete('state')],
    ['another code', (back) => back.searchParams.set('code', 'made-up')],
    ['an error of the issuer', (back) => back.searchParams.set('error', 'access_denied')],
    ['no cookie', (_, browser) => browser.cookies.clear()],
    [
      'a cookie that was altered',
      (_, browser) => {
        const value = browser.cookies.get(STATE) ?? ''
        const at = value.length - 12
        const other = value[at] === 'A' ? 'B' : 'A'
        browser.cookies.set(STATE, value.slice(0, at) + other + value.slice(at + 1))
      },
    ],
  ])('fails with %s', async ([, alter]) => {
    const { browser, issuerId } = await open()
    const back = await browser.signIn(issuerId)
    alter(back, browser)
    const done = await browser.ask(back.href)
    expect(done.status).toBe(401)
    expect(browser.cookies.has(HANDOFF)).toBe(false)
    expect((await browser.exchange()).status).toBe(401)
  })

  it('fails in a browser that did not begin it', async () => {
    const { browser, another, issuerId } = await open()
    const victim = another()
    await victim.signIn(issuerId)
    const ofAttacker = await browser.signIn(issuerId)
    expect((await victim.ask(ofAttacker.href)).status).toBe(401)
  })

  it('fails with another nonce, and with another verifier', async () => {
    const { browser, issuer, issuerId, world, tenantId } = await open()
    const back = await browser.signIn(issuerId)
    issuer.idTokenClaims = { nonce: 'of another sign-in' }
    expect((await browser.ask(back.href)).status).toBe(401)
    issuer.idTokenClaims = {}
    const again = await browser.signIn(issuerId)
    const ring = world.services.keyRing
    const found = await stateIn(`${STATE}=${browser.cookies.get(STATE)}`, ring, Date.now())
    if (!found) throw new Error('no state')
    const verifier = `${found.state.verifier.slice(0, -1)}${found.state.verifier.endsWith('A') ? 'B' : 'A'}`
    const forged = await stateCookie(ring, tenantId, issuerId, { ...found.state, verifier })
    browser.cookies.set(STATE, forged.slice(STATE.length + 1, forged.indexOf(';')))
    expect((await browser.ask(again.href)).status).toBe(401)
    expect(issuer.exchanges.at(-1)?.get('code_verifier')).toBe(verifier)
    expect(await browser.token(issuerId)).toMatch(/^els_/)
  })

  it('fails with a code that was used before', async () => {
    const { browser, issuer, issuerId } = await open()
    const back = await browser.signIn(issuerId)
    const kept = browser.cookies.get(STATE) ?? ''
    expect((await browser.ask(back.href)).status).toBe(303)
    browser.cookies.set(STATE, kept)
    expect((await browser.ask(back.href)).status).toBe(401)
    expect(issuer.exchanges).toHaveLength(2)
  })

  it.for<readonly [string, Readonly<Record<string, unknown>>]>([
    ['for another client', { aud: 'another-client' }],
    ['of another issuer', { iss: 'https://elsewhere.example' }],
    [
      'that has ended',
      { iat: Math.floor(Date.now() / 1_000) - 900, exp: Math.floor(Date.now() / 1_000) - 600 },
    ],
    ['without a subject', { sub: '' }],
  ])('fails with an ID token %s', async ([, claims]) => {
    const { browser, issuer, issuerId } = await open()
    issuer.idTokenClaims = claims
    expect((await browser.ask((await browser.signIn(issuerId)).href)).status).toBe(401)
  })

  it('fails with an ID token that no published key has signed', async () => {
    const { browser, issuer, issuerId } = await open()
    const back = await browser.signIn(issuerId)
    const published = issuer.keys
    const foreign = await newKeyPair('one')
    issuer.keys = [{ ...foreign, jwk: published[0]?.jwk ?? foreign.jwk }]
    expect((await browser.ask(back.href)).status).toBe(401)
  })

  it('fails when the issuer was changed on the way, or the state is old', async () => {
    const { browser, issuerId, world, tenantId } = await open()
    const back = await browser.signIn(issuerId)
    const ring = world.services.keyRing
    const header = `${STATE}=${browser.cookies.get(STATE)}`
    expect(await stateIn(header, ring, Date.now() + 599_000)).not.toBeNull()
    expect(await stateIn(header, ring, Date.now() + 601_000)).toBeNull()
    expect(await stateIn(`${header}; ${header}`, ring, Date.now())).toBeNull()
    await updateIssuer(world.db, tenantId, issuerId, { name: 'renamed' }, world.clock)
    expect((await browser.ask(back.href)).status).toBe(401)
  })

  it('keeps its state sealed, for that issuer alone', async () => {
    const { browser, issuerId, world, tenantId } = await open()
    await browser.signIn(issuerId)
    const [, sealed = ''] = browser.cookies.get(STATE)?.split('.', 2) ?? []
    const ring = world.services.keyRing
    expect((await openLoginState(ring, tenantId, issuerId, sealed)).ok).toBe(true)
    expect((await openLoginState(ring, tenantId, `${issuerId}x`, sealed)).ok).toBe(false)
    const other = await newTenant(world)
    expect((await openLoginState(ring, other, issuerId, sealed)).ok).toBe(false)
  })

  it('is for members where nobody else is let in', async () => {
    const { browser, another, issuer, issuerId } = await open(
      { provisionRole: null },
      { anna: 'operator' },
    )
    expect(await browser.token(issuerId)).toMatch(/^els_/)
    issuer.person = { sub: 'eve' }
    const stranger = another()
    expect((await stranger.ask((await stranger.signIn(issuerId)).href)).status).toBe(401)
  })

  it('does not begin for an issuer that is none, is closed, or cannot be had', async () => {
    const { browser, issuerId, world, tenantId, issuer } = await open()
    const start = async (id: string) => (await browser.start(id)).status
    const unknown = `iss_${'x'.repeat(20)}${tenantId.slice(4)}`
    for (const id of [unknown, 'iss_1', 'x'.repeat(200), 'callback2']) {
      expect(await start(id)).toBe(404)
    }
    issuer.isDown = true
    expect(await start(issuerId)).toBe(503)
    issuer.isDown = false
    expect(await start(issuerId)).toBe(200)
    await updateIssuer(world.db, tenantId, issuerId, { enabled: false }, world.clock)
    expect(await start(issuerId)).toBe(404)
  })
})

describe('a session', () => {
  it('is a bearer until it is revoked by its person, and not by others', async () => {
    const opened = await open()
    const { status, browser, tenantId, world } = opened
    const { token, principal } = await signedIn(opened)
    expect(await status('/v1/agents', auth(token))).toBe(200)
    expect(await status(`/v1/agents?x=${token}`)).toBe(401)
    const stranger = await newKey(world, tenantId, { ownerId: 'bob', scopes: ['operator.read'] })
    const path = `/v1/login-sessions/${principal.credential.id}`
    const version = () => readVersions(world.db, tenantId)
    const before = await version()
    const foreign = await browser.ask(path, { method: 'DELETE', headers: auth(stranger.token) })
    expect(foreign.status).toBe(404)
    // Nor does a stranger make every credential of the tenant be read anew.
    expect(await version()).toEqual(before)
    expect(await status('/v1/agents', auth(token))).toBe(200)
    const list = await browser.ask('/v1/login-sessions', { headers: auth(stranger.token) })
    expect(await list.json()).toEqual({ sessions: [] })
    const own = await browser.ask('/v1/login-sessions', { headers: auth(token) })
    expect(await own.json()).toMatchObject({
      sessions: [{ id: principal.credential.id, is_current: true }],
    })
    expect((await browser.ask(path, { method: 'DELETE', headers: auth(token) })).status).toBe(200)
    expect(await status('/v1/agents', auth(token))).toBe(401)
  })

  it('ends by signing out, which only who signed in can', async () => {
    const opened = await open()
    const { token } = await signedIn(opened)
    const { browser, world, tenantId, status } = opened
    const key = await newKey(world, tenantId, { scopes: ['operator.read'] })
    const out = (text: string) =>
      browser.ask('/v1/login-sessions/logout', { method: 'POST', headers: auth(text) })
    expect((await out(key.token)).status).toBe(412)
    expect((await out(token)).status).toBe(200)
    expect(await status('/v1/agents', auth(token))).toBe(401)
  })

  it('is seen and ended by an admin', async () => {
    const opened = await open()
    const { principal, token } = await signedIn(opened)
    const { browser, world, tenantId, status } = opened
    const admin = await newKey(world, tenantId, { scopes: ['operator.admin'] })
    const list = await browser.ask('/v1/login-sessions', { headers: auth(admin.token) })
    expect(await list.json()).toMatchObject({ sessions: [{ user_id: principal.userId }] })
    const path = `/v1/login-sessions/${principal.credential.id}`
    expect((await browser.ask(path, { method: 'DELETE', headers: auth(admin.token) })).status).toBe(
      200,
    )
    expect(await status('/v1/agents', auth(token))).toBe(401)
  })

  it('is not ended by an admin when it is an owner’s', async () => {
    const opened = await open()
    const { principal, token } = await signedIn(opened)
    const { browser, world, tenantId, status } = opened
    const { userId } = principal
    await setMembership(world.db, tenantId, { userId, role: 'owner' }, world.clock)
    const admin = await newKey(world, tenantId, { scopes: ['operator.admin'] })
    const path = `/v1/login-sessions/${principal.credential.id}`
    const refused = await browser.ask(path, { method: 'DELETE', headers: auth(admin.token) })
    expect(refused.status).toBe(403)
    expect(await status('/v1/agents', auth(token))).toBe(200)
  })

  it('is bounded by the membership as it is now, and ends with the issuer’s row', async () => {
    const opened = await open({ provisionRole: 'operator' })
    const { token, principal } = await signedIn(opened)
    expect(principal.role).toBe('operator')
    const { world, tenantId, issuerId } = opened
    const { userId } = principal
    const recheck = () => recheckPrincipal(principal, world.services, settings())
    await setMembership(world.db, tenantId, { userId, role: 'viewer' }, world.clock)
    expect(await recheck()).toMatchObject({ value: { principal: { role: 'viewer' } } })
    await setMembership(world.db, tenantId, { userId, role: 'admin' }, world.clock)
    expect(await recheck()).toMatchObject({ value: { principal: { role: 'operator' } } })
    await updateIssuer(world.db, tenantId, issuerId, { provisionRole: null }, Date.now() + 1_000)
    expect((await recheck()).ok).toBe(false)
    const again = await authenticate(bearer(token), {}, FACTS, world.services, settings())
    expect(again.ok).toBe(false)
  })

  it('ends with the membership, though strangers are let in, and is not begun anew', async () => {
    const opened = await open({ provisionRole: 'operator' }, { anna: 'operator' })
    const { token, principal } = await signedIn(opened)
    const { world, tenantId, issuerId, browser, status } = opened
    const { userId } = principal
    await removeMembership(world.db, tenantId, userId, world.clock)
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(false)
    expect(await status('/v1/agents', auth(token))).toBe(401)
    expect((await browser.ask((await browser.signIn(issuerId)).href)).status).toBe(401)
    // Added again they may sign in; the session of before stays over.
    await setMembership(world.db, tenantId, { userId, role: 'viewer' }, world.clock)
    expect(await status('/v1/agents', auth(token))).toBe(401)
    expect((await signedIn(opened)).principal.role).toBe('viewer')
  })

  it('ends when the issuer’s row is changed at all', async () => {
    const opened = await open()
    const { token, principal } = await signedIn(opened)
    const { world, tenantId, issuerId } = opened
    await updateIssuer(world.db, tenantId, issuerId, { name: 'renamed' }, Date.now() + 1_000)
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(false)
    const again = await authenticate(bearer(token), {}, FACTS, world.services, settings())
    expect(again.ok).toBe(false)
  })

  it('ends after its time', async () => {
    const opened = await open()
    const { token, principal } = await signedIn(opened)
    const { world } = opened
    const end = principal.credential.expiresAt ?? 0
    const prove = () => authenticate(bearer(token), {}, FACTS, world.services, settings())
    world.clock = end - 1
    expect((await prove()).ok).toBe(true)
    world.clock = end
    expect((await prove()).ok).toBe(false)
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(false)
  })

  it('is short until it is used, and has its hours from then on', async () => {
    const opened = await open()
    const { browser, another, issuerId, world } = opened
    const begun = Date.now()
    const [left, used] = [await browser.token(issuerId), await another().token(issuerId)]
    const prove = async (token: string) =>
      authenticate(bearer(token), {}, FACTS, world.services, settings())
    world.clock = begun + UNUSED_LOGIN_MS - 1_000
    const { principal } = await signedIn(opened, used)
    expect(principal.credential.expiresAt).toBeGreaterThanOrEqual(begun + LOGIN_MS)
    world.clock = begun + UNUSED_LOGIN_MS + 60_000
    expect([(await prove(left)).ok, (await prove(used)).ok]).toEqual([false, true])
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(true)
  })

  it('does not tell what else a person of that name belongs to', async () => {
    const opened = await open()
    const { token, principal } = await signedIn(opened)
    await newTenant(opened.world, { [principal.userId]: 'admin' })
    const proven = await authenticate(bearer(token), {}, FACTS, opened.world.services, settings())
    if (!proven.ok) throw new Error('refused')
    const context = contextOf({
      ...proven.value,
      services: opened.world.services,
      settings: settings(),
      replyTo: { kind: 'none' },
      defaultSessionKey: null,
      operations: RATE_TAKEN,
    })
    const mine = await findOperation('tenants.mine')?.run(context, {})
    expect(mine).toMatchObject({ value: { tenants: [{ id: opened.tenantId }] } })
  })
})
