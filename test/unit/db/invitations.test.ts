import { describe, expect, it } from 'vitest'
import { findInvitation } from '../../../src/db/directory.ts'
import {
  acceptInvitation,
  countOpenInvitations,
  createInvitation,
  listInvitations,
  revokeInvitation,
} from '../../../src/db/invitations.ts'
import { findMembership, setMembership } from '../../../src/db/memberships.ts'
import type { UserId } from '../../../src/domain/ids.ts'
import { NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const INA = 'ina' as UserId
const IVO = 'ivo' as UserId
const ENDS = NOW + 1_000

const invite = (id = 'inv_1', role: 'viewer' | 'operator' | 'admin' = 'operator') =>
  createInvitation(
    fixture.db,
    TENANT,
    { id, tokenHash: `hash of ${id}`, role, note: '', createdBy: OWNER, expiresAt: ENDS },
    NOW,
  )
const accept = (userId: UserId, id = 'inv_1', now = NOW) =>
  acceptInvitation(fixture.db, TENANT, { id, userId }, now)
const roleOf = async (userId: UserId) =>
  (await findMembership(fixture.db, TENANT, userId))?.role ?? null
const GONE = { ok: false, error: 'not_found' }

/** Judged by the statements themselves: whoever asked beforehand may have asked too early. */
describe('acceptInvitation', () => {
  it('makes a member and raises authVersion only', async () => {
    await invite()
    const accepting = async () => expect(await accept(INA)).toEqual({ ok: true, value: 'operator' })
    expect(await risen(fixture.db, accepting)).toEqual({ version: 0, authVersion: 1 })
    expect(await roleOf(INA)).toBe('operator')
    expect(await findInvitation(fixture.db, 'hash of inv_1')).toMatchObject({
      tenantId: TENANT,
      acceptedBy: INA,
      acceptedAt: NOW,
    })
  })

  it('rejects one that was used, by the same person or another, also at the same moment', async () => {
    await invite()
    const answers = await Promise.all([accept(INA), accept(IVO), accept(INA)])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await accept(IVO)).toEqual(GONE)
    expect([await roleOf(INA), await roleOf(IVO)].filter((role) => role !== null)).toHaveLength(1)
  })

  it('rejects one that was revoked or is over, a moment too late', async () => {
    await invite('inv_1')
    await invite('inv_2')
    await revokeInvitation(fixture.db, TENANT, 'inv_1', NOW)
    expect(await accept(INA, 'inv_1')).toEqual(GONE)
    expect(await accept(INA, 'inv_2', ENDS)).toEqual(GONE)
    expect(await roleOf(INA)).toBeNull()
    expect(await accept(INA, 'inv_2', ENDS - 1)).toMatchObject({ ok: true })
  })

  it('raises a member, and lowers none', async () => {
    await setMembership(fixture.db, TENANT, { userId: INA, role: 'operator' }, NOW)
    await invite('inv_1', 'viewer')
    await invite('inv_2', 'admin')
    expect(await accept(INA, 'inv_1')).toEqual({ ok: true, value: 'operator' })
    expect(await accept(INA, 'inv_2')).toEqual({ ok: true, value: 'admin' })
    expect(await roleOf(INA)).toBe('admin')
  })
})

it('counts the open ones alone, and revokes once', async () => {
  for (const id of ['inv_1', 'inv_2', 'inv_3']) await invite(id)
  const open = (now = NOW) => countOpenInvitations(fixture.db, TENANT, now)
  expect(await open()).toBe(3)
  await accept(INA, 'inv_1')
  const first = await revokeInvitation(fixture.db, TENANT, 'inv_2', NOW + 5)
  const again = await revokeInvitation(fixture.db, TENANT, 'inv_2', NOW + 9)
  expect(again).toEqual(first)
  expect(await open()).toBe(1)
  expect(await open(ENDS)).toBe(0)
  expect(await revokeInvitation(fixture.db, TENANT, 'inv_9', NOW)).toEqual(GONE)
})

it('lists them in pages, without what opens them', async () => {
  for (const id of ['inv_1', 'inv_2', 'inv_3']) await invite(id)
  const list = (page: { limit: number; after?: string }) =>
    listInvitations(fixture.db, TENANT, page)
  const first = await list({ limit: 2 })
  expect(first.map(({ id }) => id)).toEqual(['inv_3', 'inv_2'])
  expect((await list({ limit: 2, after: 'inv_2' })).map(({ id }) => id)).toEqual(['inv_1'])
  expect(JSON.stringify(first)).not.toContain('hash of')
})
