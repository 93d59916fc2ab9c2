/** Somebody who is no member, with an invitation, at an issuer that lets no strangers in. */
import { describe, expect, it } from 'vitest'
import { createInvitationToken } from '../../../../src/crypto/invitation.ts'
import { newId } from '../../../../src/crypto/random.ts'
import { createInvitation } from '../../../../src/db/invitations.ts'
import { findMembership, setMembership } from '../../../../src/db/memberships.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { Role } from '../../../../src/domain/principal.ts'
import { authenticate } from '../../../../src/gateway/authenticate.ts'
import { CLIENT_ID } from '../../../support/oidc-issuer.ts'
import { bearer, newTenant, settings, useQuietLog, user } from '../world.ts'
import { FACTS, openTrusting } from './issuer-world.ts'
import { Browser, envOf, ORIGIN } from './login-app.ts'

useQuietLog()

async function open() {
  const trusting = await openTrusting({ clientId: CLIENT_ID, provisionRole: null })
  const { world, issuer, row } = trusting
  world.clock = Date.now()
  const env = envOf(world)
  const anna = `oidc:${issuer.url}:anna`
  const invite = async (
    role: Exclude<Role, 'owner'> = 'operator',
    tenantId = trusting.tenantId,
  ) => {
    const { token, hash } = await createInvitationToken()
    const expiresAt = Date.now() + 3_600_000
    const invitation = { id: newId('inv'), tokenHash: hash, role, note: '', expiresAt }
    await createInvitation(world.db, tenantId, { ...invitation, createdBy: user('olga') }, 0)
    return token
  }
  /** To the issuer with the invitation, and back to the gateway; the status it answers there. */
  const arrive = async (browser: Browser, invitation: string): Promise<number> => {
    const begun = await browser.ask(`/v1/login/${row.id}`, {
      method: 'POST',
      headers: { origin: ORIGIN },
      body: { invitation },
    })
    if (begun.status !== 200) return begun.status
    const { location } = (await begun.json()) as { location: string }
    expect(location).not.toContain(invitation)
    const answer = await fetch(location, { redirect: 'manual' })
    return (await browser.ask(answer.headers.get('location') ?? '')).status
  }
  const roleOf = async (tenantId: TenantId = trusting.tenantId) =>
    (await findMembership(world.db, tenantId, user(anna)))?.role ?? null
  return { ...trusting, browser: new Browser(env), env, anna, invite, arrive, roleOf }
}

describe('an invited sign-in', () => {
  it('makes a member of somebody whom the issuer proves, once', async () => {
    const { browser, env, invite, arrive, roleOf, world, issuer } = await open()
    const invitation = await invite()
    expect(await arrive(browser, invitation)).toBe(303)
    expect(await roleOf()).toBe('operator')
    const { token } = (await (await browser.exchange()).json()) as { token: string }
    const proven = await authenticate(bearer(token), {}, FACTS, world.services, settings())
    expect(proven).toMatchObject({ ok: true, value: { principal: { role: 'operator' } } })
    expect(browser.set.join('\n')).not.toContain(invitation)
    issuer.person = { sub: 'mallory' }
    expect(await arrive(new Browser(env), invitation)).toBe(401)
  })

  it('is refused without an invitation, with one that is made up, and with another tenant’s', async () => {
    const { browser, invite, arrive, roleOf, world, row } = await open()
    expect((await browser.ask((await browser.signIn(row.id)).href)).status).toBe(401)
    const { token } = await createInvitationToken()
    expect(await arrive(browser, token)).toBe(401)
    expect(await arrive(browser, 'no secret at all')).toBe(400)
    const south = await newTenant(world)
    expect(await arrive(browser, await invite('admin', south))).toBe(401)
    expect(await roleOf()).toBeNull()
    expect(await roleOf(south)).toBeNull()
  })

  it('raises and revives nobody who is known already', async () => {
    const { browser, invite, arrive, roleOf, world, tenantId, anna } = await open()
    await setMembership(world.db, tenantId, { userId: user(anna), role: 'viewer' }, world.clock)
    expect(await arrive(browser, await invite('admin'))).toBe(303)
    expect(await roleOf()).toBe('viewer')
  })

  it('is begun by the gateway’s own pages alone', async () => {
    const { browser, invite, row } = await open()
    const body = { invitation: await invite() }
    for (const headers of [
      { origin: 'https://evil.example' },
      { origin: ORIGIN, 'sec-fetch-site': 'cross-site' },
    ]) {
      const refused = await browser.ask(`/v1/login/${row.id}`, { method: 'POST', headers, body })
      expect(refused.status).toBe(403)
      expect(browser.set).toEqual([])
    }
  })
})
