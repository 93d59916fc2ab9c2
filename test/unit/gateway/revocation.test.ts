/** What is left of a credential after rows behind it changed: at its next request, and in what goes on. */
import { describe, expect, it } from 'vitest'
import { createAgent } from '../../../src/db/agents.ts'
import { rotateApiKey } from '../../../src/db/api-key-rotation.ts'
import {
  removeMembership,
  setMembership,
  setMembershipStatus,
} from '../../../src/db/memberships.ts'
import { agentIdSchema, type TenantId } from '../../../src/domain/ids.ts'
import { principalSchema } from '../../../src/domain/principal.ts'
import {
  authenticate,
  type Claims,
  DEFAULT_TENANT,
  peekGrant,
  recheckPrincipal,
} from '../../../src/gateway/authenticate.ts'
import type { PresentedCredential } from '../../../src/transport/credential.ts'
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

const prove = (
  world: World,
  credential: PresentedCredential,
  claims: Claims = {},
  clientAddress = ADDRESS,
) =>
  authenticate(
    credential,
    claims,
    { clientAddress, isDevelopment: false },
    world.services,
    settings(),
  )

async function proven(world: World, credential: PresentedCredential, claims: Claims = {}) {
  const result = await prove(world, credential, claims)
  if (!result.ok) throw new Error(`refused: ${result.error.kind}`)
  return result.value.principal
}

const recheck = (world: World, principal: Awaited<ReturnType<typeof proven>>) =>
  recheckPrincipal(principal, world.services, settings())

const stand = ({ db }: World, tenantId: TenantId, id: string, status: 'active' | 'suspended') =>
  setMembershipStatus(db, tenantId, { userId: user(id), status }, NOW)

const REVOKED = { ok: false, error: { code: 'TENANT_ACCESS_REVOKED' } }
const REJECTED = { ok: false, error: { kind: 'credential_rejected' } }

describe('a suspended person', () => {
  it('is nobody through their key, new or warm, until reinstated', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'admin' })
    const { credential } = await newKey(world, tenant, { ownerId: 'ada' })
    const other = await newKey(world, tenant)
    const principal = await proven(world, credential)
    await stand(world, tenant, 'ada', 'suspended')
    expect(await prove(world, credential)).toMatchObject(REJECTED)
    expect(await recheck(world, principal)).toMatchObject(REVOKED)
    expect(await peekGrant(credential, NOW)).toBeNull()
    expect((await prove(world, other.credential)).ok).toBe(true)
    await stand(world, tenant, 'ada', 'active')
    expect((await prove(world, credential)).ok).toBe(true)
    expect((await recheck(world, principal)).ok).toBe(true)
  })

  it('is nobody where the gateway token speaks for them, at home and elsewhere', async () => {
    const world = openWorld()
    const elsewhere = await newTenant(world, { ada: 'admin' })
    for (const tenant of [DEFAULT_TENANT, elsewhere]) {
      await setMembership(world.db, tenant, { userId: user('ada'), role: 'viewer' }, NOW)
      const claims = { userId: 'ada', tenant }
      const principal = await proven(world, bearer(TOKEN), claims)
      await stand(world, tenant, 'ada', 'suspended')
      expect(await prove(world, bearer(TOKEN), claims)).toMatchObject({
        error: { kind: 'foreign_tenant' },
      })
      expect(await recheck(world, principal)).toMatchObject(REVOKED)
      expect((await prove(world, bearer(TOKEN), { ...claims, userId: 'olga' })).ok).toBe(true)
    }
  })

  it('vouches for no key of somebody who is no member', async () => {
    const world = openWorld()
    const tenant = await newTenant(world, { ada: 'admin' })
    const fields = { ownerId: 'ghost', createdBy: 'ada', scopes: ['operator.admin'] as const }
    const { credential } = await newKey(world, tenant, fields)
    const principal = await proven(world, credential)
    expect(principal.role).toBe('admin')
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'operator' }, NOW)
    expect(await recheck(world, principal)).toMatchObject({
      value: { principal: { role: 'operator' } },
    })
    await stand(world, tenant, 'ada', 'suspended')
    expect(await prove(world, credential)).toMatchObject(REJECTED)
    expect(await recheck(world, principal)).toMatchObject(REVOKED)
  })
})

it('a removed person is nobody, while a key of somebody who never was a member stays', async () => {
  const world = openWorld()
  const tenant = await newTenant(world, { ada: 'admin' })
  const { credential } = await newKey(world, tenant, { ownerId: 'ada' })
  const ghost = await newKey(world, tenant, { ownerId: 'ghost' })
  const principal = await proven(world, credential)
  await removeMembership(world.db, tenant, user('ada'), NOW)
  expect(await prove(world, credential)).toMatchObject(REJECTED)
  expect(await recheck(world, principal)).toMatchObject(REVOKED)
  expect((await prove(world, ghost.credential)).ok).toBe(true)
})

describe('a rotated key', () => {
  it('ends with the overlap, also in what it began before it was rotated', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential, id } = await newKey(world, tenant)
    const principal = await proven(world, credential)
    expect(principal.credential.expiresAt).toBeNull()
    const by = { createdBy: user('olga'), createdByKey: null }
    const successor = { id: 'key_new', hash: 'h', prefix: 'p', ...by }
    await rotateApiKey(world.db, tenant, id, { successor, notAfter: null, overlapMs: 1_000 }, NOW)
    const checked = await recheck(world, principal)
    const credentialNow = { credential: { expiresAt: NOW + 1_000 } }
    expect(checked).toMatchObject({ value: { principal: credentialNow } })
    world.clock = NOW + 1_000
    expect(await prove(world, credential)).toMatchObject(REJECTED)
    expect(checked.ok && (await recheck(world, checked.value.principal))).toMatchObject(REVOKED)
    // Whoever slept through the rotation learns of it all the same.
    expect(await recheck(world, principal)).toMatchObject(REVOKED)
  })
})

it('a warm key costs one hop to the tenant and no query, lists and all', async () => {
  const world = openWorld()
  const tenant = await newTenant(world, { ada: 'operator' })
  const allowedAgents = [agentIdSchema.parse(`agt_${tenant.slice(4)}`)]
  const lists = { allowedNetworks: ['203.0.113.0/24'], allowedAgents }
  const { credential } = await newKey(world, tenant, { ownerId: 'ada', ...lists })
  await proven(world, credential)
  await world.settled()
  const keyQueries = () =>
    world.sqlite.queries.filter((sql) => /"(?:api_keys|memberships)"/.test(sql)).length
  const [hops, queries] = [world.asked.length, keyQueries()]
  await proven(world, credential)
  expect(world.asked.length - hops).toBe(1)
  expect(keyQueries()).toBe(queries)
})

describe('a key with a list of networks', () => {
  it('opens from there alone, and draws on nobody’s bucket before that is seen', async () => {
    const world = openWorld()
    const tenant = await newTenant(world)
    const { credential } = await newKey(world, tenant, { allowedNetworks: ['203.0.113.0/24'] })
    const principal = await proven(world, credential)
    for (const elsewhere of ['198.51.100.1', 'local', 'unknown']) {
      expect(await prove(world, credential, {}, elsewhere), elsewhere).toMatchObject(REJECTED)
    }
    expect(await peekGrant(credential, NOW)).toBeNull()
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'viewer' }, NOW)
    expect((await recheck(world, principal)).ok).toBe(true)
    const moved = { ...principal, clientAddress: '198.51.100.1' }
    expect(await recheck(world, moved)).toMatchObject(REVOKED)
  })
})

describe('a key with a list of agents', () => {
  const listed = agentIdSchema.parse('agt_listed')
  async function open() {
    const world = openWorld()
    const tenant = await newTenant(world)
    const agent = {
      id: listed,
      key: 'listed',
      displayName: 'L',
      provider: 'demo',
      model: 'demo',
      agentType: 'open' as const,
      status: 'active' as const,
      systemPrompt: '',
      settings: {},
    }
    await createAgent(world.db, tenant, agent, NOW)
    const { credential } = await newKey(world, tenant, { allowedAgents: [listed] })
    return { world, tenant, credential }
  }

  it('sees these and no others, from the first request on and in what goes on', async () => {
    const { world, tenant, credential } = await open()
    const first = await prove(world, credential)
    if (!first.ok) throw new Error(first.error.kind)
    const keys = ({ agents }: { agents: readonly { key: string }[] }) =>
      agents.map(({ key }) => key)
    expect(keys(first.value.snapshot)).toEqual(['listed'])
    const again = await recheck(world, first.value.principal)
    expect(again.ok && keys(again.value.snapshot)).toEqual(['listed'])
    await setMembership(world.db, tenant, { userId: user('ada'), role: 'viewer' }, NOW)
    const later = await recheck(world, first.value.principal)
    expect(later.ok && keys(later.value.snapshot)).toEqual(['listed'])
    const other = await newKey(world, tenant)
    const unlisted = await prove(world, other.credential)
    expect(unlisted.ok && keys(unlisted.value.snapshot)).toEqual(['default', 'listed'])
  })

  it('is no key without one to a version that knew of none', () => {
    const { allowedAgents: _, ...stored } = principalSchema.parse({
      tenantId: DEFAULT_TENANT,
      userId: 'ada',
      role: 'viewer',
      scopes: [],
      isMasterScope: false,
      credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
      authVersion: 1,
      clientAddress: ADDRESS,
      channel: null,
    })
    expect(principalSchema.parse(stored).allowedAgents).toBeNull()
  })
})
