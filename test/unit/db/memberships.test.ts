import { describe, expect, it } from 'vitest'
import { createApiKeyRow, listApiKeys } from '../../../src/db/api-keys.ts'
import { createInvitation, listInvitations } from '../../../src/db/invitations.ts'
import {
  findMembership,
  listMemberships,
  removeMembership,
  setMembership,
  setMembershipStatus,
} from '../../../src/db/memberships.ts'
import type { UserId } from '../../../src/domain/ids.ts'
import type { Role } from '../../../src/domain/principal.ts'
import { NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ANNA = 'anna' as UserId
const set = (userId: UserId, role: Role) =>
  setMembership(fixture.db, TENANT, { userId, role }, NOW + 1)

describe('setMembership', () => {
  it('adds a member and raises authVersion only', async () => {
    expect(await risen(fixture.db, () => set(ANNA, 'viewer'))).toEqual({
      version: 0,
      authVersion: 1,
    })
    expect(await findMembership(fixture.db, TENANT, ANNA)).toMatchObject({ role: 'viewer' })
  })

  it('changes the role and keeps the day of joining', async () => {
    await set(ANNA, 'viewer')
    const changed = await setMembership(
      fixture.db,
      TENANT,
      { userId: ANNA, role: 'admin' },
      NOW + 9,
    )
    expect(changed).toEqual({
      ok: true,
      value: {
        userId: ANNA,
        role: 'admin',
        status: 'active',
        createdAt: NOW + 1,
        updatedAt: NOW + 9,
      },
    })
  })

  it('rejects lowering the last owner', async () => {
    expect(await set(OWNER, 'admin')).toEqual({ ok: false, error: 'last_owner' })
    expect(await findMembership(fixture.db, TENANT, OWNER)).toMatchObject({ role: 'owner' })
  })

  it('allows lowering an owner while another is left', async () => {
    await set(ANNA, 'owner')
    expect(await set(OWNER, 'admin')).toMatchObject({ ok: true, value: { role: 'admin' } })
  })

  it('allows setting the last owner to owner again', async () => {
    expect(await set(OWNER, 'owner')).toMatchObject({ ok: true, value: { role: 'owner' } })
  })
})

describe('setMembershipStatus', () => {
  const stand = (userId: UserId, status: 'active' | 'suspended') =>
    setMembershipStatus(fixture.db, TENANT, { userId, status }, NOW + 2)

  it('suspends and reinstates a member, who keeps the role, and raises authVersion only', async () => {
    await set(ANNA, 'admin')
    const suspend = () => stand(ANNA, 'suspended')
    expect(await risen(fixture.db, suspend)).toEqual({ version: 0, authVersion: 1 })
    const suspended = { role: 'admin', status: 'suspended' }
    expect(await findMembership(fixture.db, TENANT, ANNA)).toMatchObject(suspended)
    expect(await stand(ANNA, 'active')).toMatchObject({ ok: true, value: { status: 'active' } })
  })

  it('stays with a member whose role is changed meanwhile', async () => {
    await set(ANNA, 'viewer')
    await stand(ANNA, 'suspended')
    expect(await set(ANNA, 'admin')).toMatchObject({ value: { status: 'suspended' } })
  })

  it('keeps one active owner, whoever else is suspended, lowered or removed', async () => {
    expect(await stand(OWNER, 'suspended')).toEqual({ ok: false, error: 'last_owner' })
    await set(ANNA, 'owner')
    expect(await stand(ANNA, 'suspended')).toMatchObject({ ok: true })
    // Anna owns nothing for the time: to the last active owner she is no other.
    expect(await stand(OWNER, 'suspended')).toEqual({ ok: false, error: 'last_owner' })
    expect(await set(OWNER, 'admin')).toEqual({ ok: false, error: 'last_owner' })
    const remove = (userId: UserId) => removeMembership(fixture.db, TENANT, userId, NOW)
    expect(await remove(OWNER)).toEqual({ ok: false, error: 'last_owner' })
    expect(await remove(ANNA)).toEqual({ ok: true, value: null })
  })

  it('keeps one when two owners suspend each other at once', async () => {
    await set(ANNA, 'owner')
    const results = await Promise.all([stand(ANNA, 'suspended'), stand(OWNER, 'suspended')])
    expect(results.filter(({ ok }) => ok)).toHaveLength(1)
  })

  it('rejects somebody who is no member', async () => {
    expect(await stand(ANNA, 'suspended')).toEqual({ ok: false, error: 'not_found' })
  })
})

describe('removeMembership', () => {
  it('takes the open invitations of the member along, and nobody else’s', async () => {
    await set(ANNA, 'owner')
    const invite = (id: string, createdBy: UserId) =>
      createInvitation(
        fixture.db,
        TENANT,
        { id, tokenHash: id, role: 'admin', note: '', createdBy, expiresAt: NOW + 1_000 },
        NOW,
      )
    await invite('inv_1', ANNA)
    await invite('inv_2', OWNER)
    await removeMembership(fixture.db, TENANT, ANNA, NOW)
    const left = await listInvitations(fixture.db, TENANT, { limit: 10 })
    expect(left.map(({ id, revokedAt }) => [id, revokedAt])).toEqual([
      ['inv_2', null],
      ['inv_1', NOW],
    ])
  })

  it('removes a member and raises authVersion', async () => {
    await set(ANNA, 'admin')
    const remove = async () =>
      expect(await removeMembership(fixture.db, TENANT, ANNA, NOW)).toEqual({
        ok: true,
        value: null,
      })
    expect(await risen(fixture.db, remove)).toEqual({ version: 0, authVersion: 1 })
    expect(await findMembership(fixture.db, TENANT, ANNA)).toBeNull()
  })

  it('ends the keys that act as the member, those that they have seen, and what these made', async () => {
    await set(ANNA, 'admin')
    const key = (id: string, ownerId: UserId, createdBy: UserId, createdByKey?: string) =>
      createApiKeyRow(
        fixture.db,
        TENANT,
        {
          id,
          hash: id,
          prefix: id,
          name: id,
          scopes: ['operator.admin'],
          ownerId,
          createdBy,
          createdByKey: createdByKey ?? null,
          expiresAt: null,
        },
        NOW,
      )
    const ghost = 'ghost' as typeof ANNA
    await key('key_own', ANNA, OWNER)
    await key('key_ghost', ghost, ANNA)
    await key('key_other', OWNER, ANNA)
    await key('key_ghost_of_owner', ghost, OWNER)
    await key('key_made', OWNER, ANNA, 'key_own')
    await key('key_made_by_other', OWNER, ANNA, 'key_other')
    await removeMembership(fixture.db, TENANT, ANNA, NOW)
    const keys = await listApiKeys(fixture.db, TENANT)
    const revoked = keys.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id)
    expect(revoked.sort()).toEqual([
      'key_ghost',
      'key_made',
      'key_made_by_other',
      'key_other',
      'key_own',
    ])
  })

  it('rejects removing the last owner', async () => {
    const result = await removeMembership(fixture.db, TENANT, OWNER, NOW)
    expect(result).toEqual({ ok: false, error: 'last_owner' })
  })

  it('allows removing an owner while another is left', async () => {
    await set(ANNA, 'owner')
    expect(await removeMembership(fixture.db, TENANT, OWNER, NOW)).toMatchObject({ ok: true })
  })

  it('keeps one owner when two are removed at once', async () => {
    await set(ANNA, 'owner')
    const results = await Promise.all([
      removeMembership(fixture.db, TENANT, ANNA, NOW),
      removeMembership(fixture.db, TENANT, OWNER, NOW),
    ])
    expect(results.filter((result) => result.ok)).toHaveLength(1)
    expect(await listMemberships(fixture.db, TENANT)).toHaveLength(1)
  })

  it('rejects somebody who is no member', async () => {
    const result = await removeMembership(fixture.db, TENANT, ANNA, NOW)
    expect(result).toEqual({ ok: false, error: 'not_found' })
  })
})
