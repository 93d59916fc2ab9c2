import { describe, expect, it } from 'vitest'
import { createApiKey } from '../../../src/crypto/api-key.ts'
import { revokeApiKey } from '../../../src/db/api-keys.ts'
import { removeMembership, setMembership } from '../../../src/db/memberships.ts'
import { updateTenant } from '../../../src/db/tenants.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import {
  authenticate,
  type Claims,
  DEFAULT_TENANT,
  peekGrant,
  recheckPrincipal,
} from '../../../src/gateway/authenticate.ts'
import { freshSnapshot } from '../../../src/gateway/freshness.ts'
import type { PresentedCredential } from '../../../src/transport/credential.ts'
import { MAX_FAILURES } from '../../../src/transport/lockout.ts'
import {
  ADDRESS,
  bearer,
  NOW,
  newKey,
  newTenant,
  openWorld,
  settings,
  TOKEN,
  user,
  type World,
} from './world.ts'

const FACTS = { clientAddress: ADDRESS, isDevelopment: false }
const prove = (world: World, credential: PresentedCredential, claims: Claims = {}, facts = FACTS) =>
  authenticate(credential, claims, facts, world.services, settings())

async function proven(world: World, credential: PresentedCredential, claims: Claims = {}) {
  const result = await prove(world, credential, claims)
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return result.value
}

const suspend = ({ db }: World, tenantId: TenantId) =>
  updateTenant(db, tenantId, { status: 'suspended' }, NOW)

describe('without a credential', () => {
  it('refuses, and allows the machine’s owner in development mode', async () => {
    const world = openWorld()
    expect(await prove(world, { kind: 'none' })).toMatchObject({
      error: { kind: 'credential_missing' },
    })
    const owner = await prove(world, { kind: 'none' }, {}, { ...FACTS, isDevelopment: true })
    expect(owner).toMatchObject({
      value: { principal: { role: 'owner', credential: { kind: 'development' } } },
    })
  })
})

describe('the gateway token', () => {
  it('acts as the system in the first tenant when nothing is claimed', async () => {
    const { principal } = await proven(openWorld(), bearer(TOKEN))
    expect(principal).toMatchObject({
      tenantId: DEFAULT_TENANT,
      userId: 'system',
      role: 'owner',
      isMasterScope: true,
      credential: { kind: 'gateway_token', expiresAt: null },
    })
  })

  it('is an admin, not the operator, for a claimed user who is no owner of the gateway', async () => {
    const { principal } = await proven(openWorld(), bearer(TOKEN), { userId: 'ada' })
    expect(principal).toMatchObject({ userId: 'ada', role: 'admin', isMasterScope: false })
  })

  it('gives a claimed user of another tenant the role that they have there', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { vera: 'viewer' })
    const { principal } = await proven(world, bearer(TOKEN), { userId: 'vera', tenant })
    expect(principal).toMatchObject({ tenantId: tenant, role: 'viewer', isMasterScope: false })
  })

  it('refuses a claimed user in a tenant that they do not belong to', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    expect(await prove(world, bearer(TOKEN), { userId: 'eve', tenant })).toMatchObject({
      error: { kind: 'foreign_tenant' },
    })
  })

  it('finds a tenant by id or slug, and refuses one that does not exist', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    for (const claim of [tenant, `acme-${tenant.slice(4)}`]) {
      const { snapshot } = await proven(world, bearer(TOKEN), { tenant: claim })
      expect(snapshot.tenantId).toBe(tenant)
    }
    for (const claim of ['ten_nobody', 'nobody', "' or 1=1 --"]) {
      expect(await prove(world, bearer(TOKEN), { tenant: claim })).toMatchObject({
        error: { kind: 'foreign_tenant' },
      })
    }
  })

  it('opens a suspended tenant to the operator alone', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'admin' })
    await suspend(world, tenant)
    expect((await prove(world, bearer(TOKEN), { tenant })).ok).toBe(true)
    expect(await prove(world, bearer(TOKEN), { tenant, userId: 'ada' })).toMatchObject({
      error: { kind: 'foreign_tenant' },
    })
  })

  it('is recognised whatever shape it has', async () => {
    const world = openWorld()
    const made = await createApiKey(DEFAULT_TENANT)
    const asKey = settings({ token: made.key })
    const result = await authenticate(bearer(made.key), {}, FACTS, world.services, asKey)
    expect(result).toMatchObject({ value: { principal: { isMasterScope: true } } })
  })

  it('is refused as malformed with a user id that storage cannot hold', async () => {
    expect(await prove(openWorld(), bearer(TOKEN), { userId: 'a\ud800' })).toMatchObject({
      error: { kind: 'credential_malformed' },
    })
  })

  it('does not exist where none is set', async () => {
    const world = openWorld()
    const none = settings({ token: null })
    const result = await authenticate(bearer('null'), {}, FACTS, world.services, none)
    expect(result).toMatchObject({ error: { kind: 'credential_rejected' } })
  })
})

describe('an API key', () => {
  it('acts for its owner in its tenant, whatever the caller claims', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'operator' })
    const other = await newTenant(world)
    const { credential, id } = await newKey(world, tenant, { ownerId: 'ada' })
    const { principal } = await proven(world, credential, { userId: 'olga', tenant: other })
    expect(principal).toMatchObject({
      tenantId: tenant,
      userId: 'ada',
      role: 'operator',
      scopes: ['operator.write'],
      isMasterScope: false,
      credential: { kind: 'api_key', id },
      clientAddress: ADDRESS,
    })
  })

  it('never reaches beyond the role of its owner', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { vera: 'viewer', oscar: 'operator', ada: 'admin' })
    const scopes = ['operator.admin'] as const
    const roleFor = async (ownerId: string) => {
      const { credential } = await newKey(world, tenant, { ownerId, scopes })
      return (await proven(world, credential)).principal.role
    }
    expect(await roleFor('vera')).toBe('viewer')
    expect(await roleFor('oscar')).toBe('operator')
    expect(await roleFor('ada')).toBe('admin')
    // No key makes an owner.
    expect(await roleFor('olga')).toBe('admin')
  })

  it('has no more than its scopes, whoever owns it', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential } = await newKey(world, tenant, { scopes: ['operator.read'] })
    expect((await proven(world, credential)).principal).toMatchObject({
      role: 'viewer',
      scopes: ['operator.read'],
    })
  })

  it('is never the operator of the gateway, even when its owner has the name of one', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { system: 'owner' })
    const { credential } = await newKey(world, tenant, {
      ownerId: 'system',
      scopes: ['operator.admin'],
    })
    expect((await proven(world, credential)).principal.isMasterScope).toBe(false)
  })

  it('is refused once it expired, was revoked, or its tenant was suspended', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const expiring = await newKey(world, tenant, { expiresAt: NOW + 10 })
    const revoked = await newKey(world, tenant)
    const good = await newKey(world, tenant)
    expect((await prove(world, expiring.credential)).ok).toBe(true)
    expect((await prove(world, revoked.credential)).ok).toBe(true)
    world.clock = NOW + 10
    await revokeApiKey(world.db, tenant, revoked.id, NOW)
    expect(await prove(world, expiring.credential)).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
    expect(await prove(world, revoked.credential)).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
    expect((await prove(world, good.credential)).ok).toBe(true)
    await suspend(world, tenant)
    expect(await prove(world, good.credential)).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
  })

  it('of another tenant in its locator is one that does not exist', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const other = await newTenant(world)
    const { token } = await newKey(world, tenant)
    const forged = token.replace(tenant.slice(4), other.slice(4))
    expect(await prove(world, bearer(forged))).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
  })
})

describe('what an isolate remembers of a key', () => {
  it('saves the second look-up, and is used only under the same authVersion', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'admin' })
    const { credential } = await newKey(world, tenant, {
      ownerId: 'ada',
      scopes: ['operator.admin'],
    })
    expect(await peekGrant(credential, NOW)).toBeNull()
    expect((await proven(world, credential)).principal.role).toBe('admin')
    await world.settled()
    const lookUps = () => world.sqlite.queries.filter((sql) => sql.includes('"api_keys"')).length
    const before = lookUps()
    await proven(world, credential)
    expect(lookUps()).toBe(before)
    expect(await peekGrant(credential, NOW)).toMatchObject({ ownerId: 'ada' })
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'viewer' }, NOW)
    expect((await proven(world, credential)).principal.role).toBe('viewer')
    expect(lookUps()).toBeGreaterThan(before)
  })

  it('is told ahead of the proof only of a key that has not ended', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential, id } = await newKey(world, tenant, { expiresAt: NOW + 10 })
    await proven(world, credential)
    expect(await peekGrant(credential, NOW + 9)).toMatchObject({ keyId: id })
    expect(await peekGrant(credential, NOW + 10)).toBeNull()
    await revokeApiKey(world.db, tenant, id, NOW)
    await prove(world, credential)
    expect(await peekGrant(credential, NOW)).toBeNull()
    expect(await peekGrant(bearer(TOKEN), NOW)).toBeNull()
  })

  it('is read anew after five minutes', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential } = await newKey(world, tenant)
    await proven(world, credential)
    await world.settled()
    const before = world.sqlite.queries.filter((sql) => /from "api_keys"/.test(sql)).length
    world.clock = NOW + 5 * 60_000 + 1
    await proven(world, credential)
    const after = world.sqlite.queries.filter((sql) => /from "api_keys"/.test(sql)).length
    expect(after).toBe(before + 1)
  })

  it('cannot be a right that was taken away between the two reads', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const key = await newKey(world, tenant)
    // Cold: the key is read first, then the tenant. Revoked in between.
    let reads = 0
    world.sqlite.beforeQuery = async (sql) => {
      if (/from "tenants"/.test(sql) && reads++ === 0) {
        await revokeApiKey(world.db, tenant, key.id, NOW)
      }
    }
    expect(await prove(world, key.credential)).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
    expect(reads).toBeGreaterThan(0)
    expect(await prove(world, key.credential)).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
  })

  it('writes the time of use at most once a minute', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential } = await newKey(world, tenant)
    const touches = () =>
      world.sqlite.queries.filter((sql) => sql.startsWith('update "api_keys"')).length
    const before = touches()
    await proven(world, credential)
    await proven(world, credential)
    await world.settled()
    expect(touches() - before).toBe(1)
    world.clock = NOW + 61_000
    await proven(world, credential)
    await world.settled()
    expect(touches() - before).toBe(2)
  })
})

describe('wrong credentials', () => {
  it('lock their address and kind out, and the right one passes all the same', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential } = await newKey(world, tenant)
    const guess = async () => {
      const made = await createApiKey(tenant)
      const result = await prove(world, bearer(made.key))
      return result.ok ? 'in' : result.error.kind
    }
    const kinds: string[] = []
    for (let i = 0; i < MAX_FAILURES; i++) kinds.push(await guess())
    expect(kinds.slice(0, -1).every((kind) => kind === 'credential_rejected')).toBe(true)
    expect(kinds.at(-1)).toBe('locked_out')
    expect((await prove(world, credential)).ok).toBe(true)
    // Another kind, and another address, are counted by themselves.
    expect(await prove(world, bearer('some-opaque-secret'))).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
    const elsewhere = { ...FACTS, clientAddress: '198.51.100.1' }
    const made = await createApiKey(tenant)
    expect(await prove(world, bearer(made.key), {}, elsewhere)).toMatchObject({
      error: { kind: 'credential_rejected' },
    })
  })

  it('tell nothing of why they are wrong', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const revoked = await newKey(world, tenant)
    await revokeApiKey(world.db, tenant, revoked.id, NOW)
    const unknown = await createApiKey(tenant)
    const answers = [
      await prove(world, revoked.credential),
      await prove(world, bearer(unknown.key)),
    ]
    expect(answers[0]).toEqual(answers[1])
  })

  it('of kinds that are not spoken are refused', async () => {
    const world = openWorld()
    for (const credential of [
      bearer('aaa.bbb.ccc'),
      { kind: 'ticket', ticket: 'x'.repeat(20) } as const,
    ]) {
      expect(await prove(world, credential)).toMatchObject({
        error: { kind: 'credential_rejected' },
      })
    }
  })
})

describe('recheckPrincipal', () => {
  const recheck = (world: World, principal: Awaited<ReturnType<typeof proven>>['principal']) =>
    recheckPrincipal(principal, world.services, settings())

  it('hands the same principal back while nothing changed, without a look-up', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { principal } = await proven(world, (await newKey(world, tenant)).credential)
    await world.settled()
    const before = world.sqlite.queries.filter((sql) => sql.includes('"api_keys"')).length
    const checked = await recheck(world, principal)
    expect(checked.ok && checked.value.principal).toBe(principal)
    expect(world.sqlite.queries.filter((sql) => sql.includes('"api_keys"'))).toHaveLength(before)
  })

  it('ends what was revoked, expired or suspended', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const revoked = await newKey(world, tenant)
    const expiring = await newKey(world, tenant, { expiresAt: NOW + 10 })
    const first = (await proven(world, revoked.credential)).principal
    const second = (await proven(world, expiring.credential)).principal
    await revokeApiKey(world.db, tenant, revoked.id, NOW)
    expect(await recheck(world, first)).toMatchObject({ error: { code: 'TENANT_ACCESS_REVOKED' } })
    expect((await recheck(world, second)).ok).toBe(true)
    world.clock = NOW + 10
    expect(await recheck(world, second)).toMatchObject({ error: { code: 'TENANT_ACCESS_REVOKED' } })
    const third = (await proven(world, (await newKey(world, tenant)).credential)).principal
    await suspend(world, tenant)
    expect(await recheck(world, third)).toMatchObject({ error: { code: 'TENANT_ACCESS_REVOKED' } })
  })

  it('lowers a principal whose role was lowered', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'admin' })
    const scopes = ['operator.admin'] as const
    const { credential } = await newKey(world, tenant, { ownerId: 'ada', scopes })
    const { principal } = await proven(world, credential)
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'viewer' }, NOW)
    expect(await recheck(world, principal)).toMatchObject({
      value: { principal: { role: 'viewer', isMasterScope: false } },
    })
  })

  it('ends a user for whom the token speaks once they left the tenant', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'admin' })
    const { principal } = await proven(world, bearer(TOKEN), { tenant, userId: 'ada' })
    expect((await recheck(world, principal)).ok).toBe(true)
    await removeMembership(world.db, tenant, user('ada'), NOW)
    expect(await recheck(world, principal)).toMatchObject({
      error: { code: 'TENANT_ACCESS_REVOKED' },
    })
  })

  it('ends kinds of credentials that it cannot check', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { principal } = await proven(world, (await newKey(world, tenant)).credential)
    for (const kind of ['jwt', 'device', 'channel'] as const) {
      const other = { ...principal, authVersion: -1, credential: { ...principal.credential, kind } }
      expect(await recheck(world, other)).toMatchObject({ ok: false })
    }
  })
})

describe('freshSnapshot', () => {
  it('asks with what it knows, and gets the document only when that is old', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const first = await freshSnapshot(world.services, tenant)
    expect(await freshSnapshot(world.services, tenant)).toBe(first)
    expect(world.asked[0]).toBeNull()
    expect(world.asked[1]).toBe((first?.version ?? 0) + (first?.authVersion ?? 0))
    await updateTenant(world.db, tenant, { name: 'Renamed' }, NOW)
    expect((await freshSnapshot(world.services, tenant))?.name).toBe('Renamed')
  })

  it('answers null for a tenant that is not there', async () => {
    expect(await freshSnapshot(openWorld().services, 'ten_absent' as TenantId)).toBeNull()
  })
})
