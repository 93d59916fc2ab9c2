import { describe, expect, it } from 'vitest'
import {
  createApiKeyRow,
  findApiKeyGrant,
  LAST_USED_PRECISION_MS,
  listApiKeys,
  type NewApiKeyRow,
  revokeApiKey,
  touchApiKey,
} from '../../../src/db/api-keys.ts'
import { findApiKey } from '../../../src/db/directory.ts'
import { setMembership, setMembershipStatus } from '../../../src/db/memberships.ts'
import type { UserId } from '../../../src/domain/ids.ts'
import { NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ANNA = 'anna' as UserId

const create = (id = 'key_1', ownerId: UserId = OWNER, made: Partial<NewApiKeyRow> = {}) =>
  createApiKeyRow(
    fixture.db,
    TENANT,
    {
      id,
      hash: `hash of ${id}`,
      prefix: 'ec_acme_abc',
      name: 'ci',
      scopes: ['operator.read', 'operator.write'],
      ownerId,
      createdBy: OWNER,
      expiresAt: NOW + 1_000,
      ...made,
    },
    NOW,
  )

describe('findApiKey', () => {
  it('answers everything that a principal is made of', async () => {
    await create()
    expect(await findApiKey(fixture.db, 'hash of key_1')).toEqual({
      tenantId: TENANT,
      tenantStatus: 'active',
      authVersion: 2,
      keyId: 'key_1',
      name: 'ci',
      scopes: ['operator.read', 'operator.write'],
      ownerId: OWNER,
      ownerRole: 'owner',
      ownerStatus: 'active',
      makerRole: 'owner',
      makerStatus: 'active',
      isSuspendedAbove: false,
      allowedNetworks: null,
      allowedAgents: null,
      expiresAt: NOW + 1_000,
      revokedAt: null,
      lastUsedAt: null,
    })
  })

  it('answers no role while the owner is no member, and the role from then on', async () => {
    await create('key_1', ANNA)
    expect(await findApiKey(fixture.db, 'hash of key_1')).toMatchObject({ ownerRole: null })
    await setMembership(fixture.db, TENANT, { userId: ANNA, role: 'viewer' }, NOW)
    expect(await findApiKey(fixture.db, 'hash of key_1')).toMatchObject({ ownerRole: 'viewer' })
  })

  it('answers whether somebody behind a key above it is suspended, until they are reinstated', async () => {
    const bob = 'bob' as UserId
    for (const userId of [ANNA, bob])
      await setMembership(fixture.db, TENANT, { userId, role: 'admin' }, NOW)
    await create('key_made_by_bob', ANNA, { createdBy: bob })
    await create('key_of_bob', bob)
    // Made by the keys, in the names of others.
    await create('key_2', OWNER, { createdBy: ANNA, createdByKey: 'key_made_by_bob' })
    await create('key_3', OWNER, { createdByKey: 'key_2' })
    await create('key_4', OWNER, { createdByKey: 'key_of_bob' })
    await create('key_other', ANNA)
    await create('key_5', OWNER, { createdBy: ANNA, createdByKey: 'key_other' })
    const resting = async () => {
      const ids = ['key_2', 'key_3', 'key_4', 'key_5']
      const grants = await Promise.all(ids.map((id) => findApiKeyGrant(fixture.db, TENANT, id)))
      return grants.filter((grant) => grant?.isSuspendedAbove).map((grant) => grant?.keyId)
    }
    expect(await resting()).toEqual([])
    await setMembershipStatus(fixture.db, TENANT, { userId: bob, status: 'suspended' }, NOW)
    expect(await resting()).toEqual(['key_2', 'key_3', 'key_4'])
    await setMembershipStatus(fixture.db, TENANT, { userId: bob, status: 'active' }, NOW)
    expect(await resting()).toEqual([])
  })

  it('answers null for an unknown hash', async () => {
    expect(await findApiKey(fixture.db, 'hash of nothing')).toBeNull()
  })

  it('throws on stored scopes that do not exist', async () => {
    await create()
    await fixture.d1.prepare(`update api_keys set scopes = '["operator.root"]'`).run()
    await expect(findApiKey(fixture.db, 'hash of key_1')).rejects.toThrow()
  })
})

describe('createApiKeyRow and revokeApiKey', () => {
  it('raise authVersion only', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 0, authVersion: 1 })
    const revoke = () => revokeApiKey(fixture.db, TENANT, 'key_1', NOW + 5)
    expect(await risen(fixture.db, revoke)).toEqual({ version: 0, authVersion: 1 })
    expect(await findApiKeyGrant(fixture.db, TENANT, 'key_1')).toMatchObject({ revokedAt: NOW + 5 })
  })

  it('keep the time of the first revocation', async () => {
    await create()
    await revokeApiKey(fixture.db, TENANT, 'key_1', NOW + 5)
    const again = await revokeApiKey(fixture.db, TENANT, 'key_1', NOW + 9)
    expect(again).toMatchObject({ ok: true, value: { revokedAt: NOW + 5 } })
  })

  it('reject revoking a key that does not exist', async () => {
    const result = await revokeApiKey(fixture.db, TENANT, 'key_9', NOW)
    expect(result).toEqual({ ok: false, error: 'not_found' })
  })

  it('never give a list the hash', async () => {
    await create()
    const [listed] = await listApiKeys(fixture.db, TENANT)
    expect(listed).toMatchObject({ id: 'key_1', prefix: 'ec_acme_abc' })
    expect(JSON.stringify(listed)).not.toContain('hash of')
  })
})

describe('touchApiKey', () => {
  const lastUsed = async () => (await findApiKeyGrant(fixture.db, TENANT, 'key_1'))?.lastUsedAt

  it('notes the use, at most once a minute, and raises nothing', async () => {
    await create()
    const touch = () => touchApiKey(fixture.db, TENANT, 'key_1', NOW)
    expect(await risen(fixture.db, touch)).toEqual({ version: 0, authVersion: 0 })
    await touchApiKey(fixture.db, TENANT, 'key_1', NOW + LAST_USED_PRECISION_MS - 1)
    expect(await lastUsed()).toBe(NOW)
    await touchApiKey(fixture.db, TENANT, 'key_1', NOW + LAST_USED_PRECISION_MS)
    expect(await lastUsed()).toBe(NOW + LAST_USED_PRECISION_MS)
  })
})
