import { describe, expect, it } from 'vitest'
import { createApiKeyRow, listApiKeys } from '../../../src/db/api-keys.ts'
import {
  findMembership,
  listMemberships,
  removeMembership,
  setMembership,
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
      value: { userId: ANNA, role: 'admin', createdAt: NOW + 1, updatedAt: NOW + 9 },
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

describe('removeMembership', () => {
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

  it('ends the keys that act as the member, and those only they vouch for', async () => {
    await set(ANNA, 'admin')
    const key = (id: string, ownerId: typeof ANNA, createdBy: typeof ANNA) =>
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
          expiresAt: null,
        },
        NOW,
      )
    const ghost = 'ghost' as typeof ANNA
    await key('key_own', ANNA, OWNER)
    await key('key_ghost', ghost, ANNA)
    await key('key_other', OWNER, ANNA)
    await key('key_ghost_of_owner', ghost, OWNER)
    await removeMembership(fixture.db, TENANT, ANNA, NOW)
    const keys = await listApiKeys(fixture.db, TENANT)
    const revoked = keys.filter(({ revokedAt }) => revokedAt !== null).map(({ id }) => id)
    expect(revoked.sort()).toEqual(['key_ghost', 'key_own'])
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
