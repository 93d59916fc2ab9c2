import { describe, expect, it } from 'vitest'
import { createInvitationToken } from '../../../src/crypto/invitation.ts'
import {
  findMembership,
  listMemberships,
  removeMembership,
  setMembership,
  setMembershipStatus,
} from '../../../src/db/memberships.ts'
import { updateTenant } from '../../../src/db/tenants.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import type { Role } from '../../../src/domain/principal.ts'
import {
  bearer,
  NOW,
  newKey,
  newTenant,
  openWorld,
  TOKEN,
  user,
  type World,
} from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

const DAY = 24 * 3_600_000

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world)
  const owner: Caller = { credential: bearer(TOKEN), claims: { tenant, userId: 'olga' } }
  const invite = async (params: object = {}) => {
    const made = await asked(world, owner, 'invitations.create', { role: 'operator', ...params })
    return { id: String(made['id']), token: String(made['token']), made }
  }
  const accept = (token: string, who = 'ina'): Promise<Answer> =>
    call(world, person(who), 'invitations.accept', { token })
  const roleOf = async (who: string) =>
    (await findMembership(world.db, tenant, user(who)))?.role ?? null
  return { world, tenant, owner, invite, accept, roleOf }
}

/** Somebody for whom the gateway token speaks, at home in the first tenant. */
const person = (userId: string): Caller => ({ credential: bearer(TOKEN), claims: { userId } })

const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)

describe('invitations.create', () => {
  it('answers a link whose secret stands behind the #, for seven days', async () => {
    const { world, owner, invite } = await open()
    const { token, made } = await invite({ note: 'for Ina' })
    expect(made).toMatchObject({
      link: `https://gateway.example/#/join/${token}`,
      expires_at: new Date(NOW + 7 * DAY).toISOString(),
    })
    const { pathname, search } = new URL(String(made['link']))
    expect(pathname + search).not.toContain(token)
    const { invitations } = await asked(world, owner, 'invitations.list')
    expect(invitations).toMatchObject([{ note: 'for Ina', status: 'open', created_by: 'olga' }])
    expect(JSON.stringify(invitations)).not.toContain(token)
    const rows = await world.sqlite.d1.prepare('select * from invitations').all()
    expect(JSON.stringify(rows.results)).not.toContain(token)
  })

  it('makes no owner, nothing that lasts longer, and is the owner’s', async () => {
    const { world, tenant, owner } = await open()
    const create = async (caller: Caller, params: object) =>
      code(await call(world, caller, 'invitations.create', { role: 'viewer', ...params }))
    expect(await create(owner, { role: 'owner' })).toBe('INVALID_REQUEST')
    expect(await create(owner, { expires_in: 7 * 86_400 + 1 })).toBe('INVALID_REQUEST')
    expect(await create(owner, { expires_in: 7 * 86_400 })).toBe('ok')
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'admin' }, NOW)
    const admin: Caller = { ...owner, claims: { tenant, userId: 'ada' } }
    for (const name of ['invitations.list', 'invitations.create', 'invitations.revoke']) {
      const params = { role: 'viewer', id: 'inv_1' }
      expect(code(await call(world, admin, name, params)), name).toBe('UNAUTHORIZED')
    }
  })
})

describe('invitations.accept', () => {
  it('makes a member of the invitation’s tenant, wherever the caller is at home', async () => {
    const { tenant, invite, accept, roleOf, world, owner } = await open()
    const { token } = await invite()
    expect(await accept(token)).toEqual({
      ok: true,
      value: { ok: true, tenant_id: tenant, tenant_name: 'Acme', role: 'operator' },
    })
    expect(await roleOf('ina')).toBe('operator')
    const { invitations } = await asked(world, owner, 'invitations.list')
    expect(invitations).toMatchObject([{ status: 'accepted', accepted_by: 'ina' }])
    const there: Caller = { ...person('ina'), claims: { userId: 'ina', tenant } }
    expect(code(await call(world, there, 'agents.list'))).toBe('ok')
  })

  it('happens once, of many who try at the same moment', async () => {
    const { world, tenant, invite, accept } = await open()
    const { token } = await invite()
    const people = ['ina', 'ivo', 'iris', 'ian']
    const answers = await Promise.all(people.map((who) => accept(token, who)))
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await listMemberships(world.db, tenant)).toHaveLength(2)
  })

  it('tells nobody why a link is worth nothing', async () => {
    const { world, tenant, owner, invite, accept, roleOf } = await open()
    const used = await invite()
    await accept(used.token, 'ivo')
    const revoked = await invite()
    await asked(world, owner, 'invitations.revoke', { id: revoked.id })
    const over = await invite({ expires_in: 1 })
    const ofDark = await invite()
    const unknown = await createInvitationToken()
    world.clock = NOW + 1_000
    const wrong = [used.token, revoked.token, over.token, unknown.token, 'garbage', '']
    const answers = await Promise.all(wrong.map(async (t) => JSON.stringify(await accept(t))))
    await updateTenant(world.db, tenant, { status: 'suspended' }, NOW)
    answers.push(JSON.stringify(await accept(ofDark.token)))
    expect(new Set(answers)).toEqual(
      new Set([
        JSON.stringify({
          ok: false,
          error: { code: 'NOT_FOUND', message: 'invitation not found' },
        }),
      ]),
    )
    expect(await roleOf('ina')).toBeNull()
    await updateTenant(world.db, tenant, { status: 'active' }, NOW)
    expect(code(await accept(ofDark.token))).toBe('ok')
  })

  it('never lowers a member, and makes nobody an owner', async () => {
    const { world, tenant, invite, accept, roleOf } = await open()
    const member = (id: string, role: Role) =>
      setMembership(world.db, tenant, { userId: user(id), role }, NOW)
    await member('ina', 'viewer')
    await member('ada', 'admin')
    for (const [who, role] of [
      ['ina', 'operator'],
      ['ada', 'admin'],
      ['olga', 'owner'],
    ] as const) {
      const { token } = await invite()
      expect(await accept(token, who)).toMatchObject({ value: { role } })
      expect(await roleOf(who)).toBe(role)
    }
    // Even if a row said so.
    const { id, token } = await invite()
    await world.sqlite.d1
      .prepare("update invitations set role = 'owner' where id = ?")
      .bind(id)
      .run()
    expect(code(await accept(token))).toBe('NOT_FOUND')
    expect(await roleOf('ina')).toBe('operator')
  })

  it('reinstates nobody who is suspended, and leaves the link for others', async () => {
    const { world, tenant, invite, accept } = await open()
    await setMembership(world.db, tenant, { userId: user('ina'), role: 'viewer' }, NOW)
    const standing = { userId: user('ina'), status: 'suspended' as const }
    await setMembershipStatus(world.db, tenant, standing, NOW)
    const { token } = await invite({ role: 'admin' })
    expect(code(await accept(token))).toBe('NOT_FOUND')
    expect(await findMembership(world.db, tenant, user('ina'))).toMatchObject({
      role: 'viewer',
      status: 'suspended',
    })
    expect(code(await accept(token, 'ivo'))).toBe('ok')
  })

  it('is for people: neither keys nor the bare gateway token', async () => {
    const { world, tenant, invite, accept } = await open()
    const { token } = await invite()
    const { credential } = await newKey(world, tenant, {
      ownerId: 'ina',
      scopes: ['operator.admin'],
    })
    for (const caller of [{ credential }, { credential: bearer(TOKEN) }]) {
      expect(code(await call(world, caller, 'invitations.accept', { token }))).toBe('UNAUTHORIZED')
    }
    expect(code(await accept(token))).toBe('ok')
  })

  it('asks whether the inviter may still invite', async () => {
    const change: readonly ((world: World, tenant: TenantId) => Promise<unknown>)[] = [
      (world, tenant) =>
        setMembership(world.db, tenant, { userId: user('otto'), role: 'admin' }, NOW),
      (world, tenant) =>
        setMembershipStatus(world.db, tenant, { userId: user('otto'), status: 'suspended' }, NOW),
      (world, tenant) => removeMembership(world.db, tenant, user('otto'), NOW),
    ]
    for (const [i, changed] of change.entries()) {
      const { world, tenant, accept } = await open()
      await setMembership(world.db, tenant, { userId: user('otto'), role: 'owner' }, NOW)
      const otto: Caller = { credential: bearer(TOKEN), claims: { tenant, userId: 'otto' } }
      const make = async () =>
        String((await asked(world, otto, 'invitations.create', { role: 'admin' }))['token'])
      const [before, after] = [await make(), await make()]
      expect(code(await accept(before, 'ivo')), `${i}`).toBe('ok')
      await changed(world, tenant)
      expect(code(await accept(after, 'otto')), `${i}`).toBe('NOT_FOUND')
    }
  })
})

describe('tenants.users.suspend', () => {
  it('is the owner’s, about others, and never about the last owner', async () => {
    const { world, tenant, owner } = await open()
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'admin' }, NOW)
    const admin: Caller = { ...owner, claims: { tenant, userId: 'ada' } }
    const platform: Caller = { ...owner, claims: { tenant } }
    const suspend = async (caller: Caller, user_id: string) =>
      code(await call(world, caller, 'tenants.users.suspend', { user_id }))
    expect(await suspend(admin, 'olga')).toBe('UNAUTHORIZED')
    expect(await suspend(owner, 'olga')).toBe('FAILED_PRECONDITION')
    expect(await suspend(platform, 'olga')).toBe('FAILED_PRECONDITION')
    expect(await suspend(owner, 'nobody')).toBe('NOT_FOUND')
    expect(await suspend(owner, 'ada')).toBe('ok')
    const { users } = await asked(world, owner, 'tenants.users.list')
    expect(users).toContainEqual(expect.objectContaining({ user_id: 'ada', status: 'suspended' }))
    const mine = () => call(world, { ...person('ada') }, 'tenants.mine')
    expect(JSON.stringify(await mine())).not.toContain(tenant)
    expect(code(await call(world, owner, 'tenants.users.reinstate', { user_id: 'ada' }))).toBe('ok')
    expect(JSON.stringify(await mine())).toContain(tenant)
  })
})
