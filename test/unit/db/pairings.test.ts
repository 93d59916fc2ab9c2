import { describe, expect, it } from 'vitest'
import { createApiKeyRow, revokeApiKey } from '../../../src/db/api-keys.ts'
import {
  deliverDeviceToken,
  findDevice,
  findDeviceGrant,
  listDevices,
  revokeDevice,
} from '../../../src/db/devices.ts'
import { setMembership, setMembershipStatus } from '../../../src/db/memberships.ts'
import {
  approvePairing,
  createPairing,
  denyPairing,
  findPairingOfSecret,
  findPendingPairing,
  listPendingPairings,
} from '../../../src/db/pairings.ts'
import type { UserId } from '../../../src/domain/ids.ts'
import { NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const HOUR = 3_600_000
const SENDER = { channel: 'browser', senderId: 'browser-1' }
const room = { account: 'sender', perAccount: 3, perTenant: 100 } as const

const create = (id: string, fields: { senderId?: string; address?: string } = {}, limits = room) =>
  createPairing(
    fixture.db,
    TENANT,
    {
      id,
      senderId: fields.senderId ?? 'browser-1',
      code: `CODE-${id}`,
      secretHash: `secret of ${id}`,
      address: fields.address ?? 'local',
      userAgent: 'Browser/1',
      createdAt: NOW,
      expiresAt: NOW + HOUR,
    },
    limits,
  )

const approve = (
  id: string,
  fields: { senderId?: string; now?: number; decidedByKey?: string } = {},
) =>
  approvePairing(
    fixture.db,
    TENANT,
    { id, senderId: fields.senderId ?? 'browser-1' },
    {
      userId: OWNER,
      role: 'operator',
      decidedBy: OWNER,
      decidedByKey: fields.decidedByKey ?? null,
      expiresAt: NOW + HOUR,
    },
    fields.now ?? NOW,
  )

const deliver = (id: string, hash: string, now = NOW) =>
  deliverDeviceToken(fixture.db, TENANT, id, { hash, expiresAt: NOW + 30 * HOUR }, now)

const createKey = (id: string, createdBy = OWNER) =>
  createApiKeyRow(
    fixture.db,
    TENANT,
    {
      id,
      hash: `hash of ${id}`,
      prefix: 'ec_',
      name: 'ci',
      scopes: ['operator.admin'],
      ownerId: OWNER,
      createdBy,
      expiresAt: null,
    },
    NOW,
  )

const revoke = async () => {
  const device = await findDevice(fixture.db, TENANT, SENDER, NOW)
  return device && (await revokeDevice(fixture.db, TENANT, device.id, OWNER, NOW))
    ? device.id
    : null
}

describe('a request', () => {
  it('finds room or leaves nothing, however many come at once', async () => {
    const all = await Promise.all(['a', 'b', 'c', 'd', 'e', 'f'].map((id) => create(id)))
    expect(all.filter(({ ok }) => ok)).toHaveLength(3)
    expect(await listPendingPairings(fixture.db, TENANT, NOW)).toHaveLength(3)
  })

  it('is found by its code while it is open, and by its secret whatever became of it', async () => {
    await create('a')
    const byCode = (now = NOW) => findPendingPairing(fixture.db, TENANT, 'CODE-a', now)
    const bySecret = () => findPairingOfSecret(fixture.db, TENANT, 'browser-1', 'secret of a')
    expect(await byCode()).toMatchObject({ id: 'a', status: 'pending' })
    expect(await byCode(NOW + HOUR)).toBeNull()
    expect(await findPairingOfSecret(fixture.db, TENANT, 'browser-2', 'secret of a')).toBeNull()
    expect(await denyPairing(fixture.db, TENANT, 'a', OWNER, NOW)).toBe(true)
    expect(await byCode()).toBeNull()
    expect(await bySecret()).toMatchObject({ status: 'denied', code: null })
  })

  it('is answered once, and not after its time', async () => {
    await create('a')
    expect(await approve('a', { now: NOW + HOUR })).toMatchObject({ error: 'not_open' })
    expect(await denyPairing(fixture.db, TENANT, 'a', OWNER, NOW + HOUR)).toBe(false)
    expect(await approve('a')).toMatchObject({ ok: true })
    expect(await denyPairing(fixture.db, TENANT, 'a', OWNER, NOW)).toBe(false)
    await create('b', { senderId: 'browser-2' })
    await denyPairing(fixture.db, TENANT, 'b', OWNER, NOW)
    expect(await approve('b', { senderId: 'browser-2' })).toMatchObject({ error: 'not_open' })
  })

  it('of a sender that is paired is not approved, until that one ends', async () => {
    await Promise.all(['a', 'b', 'c'].map((id) => create(id)))
    const answers = await Promise.all([approve('a'), approve('b')])
    expect(answers.filter(({ ok }) => ok)).toHaveLength(1)
    expect(await approve('c')).toMatchObject({ error: 'paired_already' })
    await create('d', { senderId: 'browser-2' })
    expect(await approve('d', { senderId: 'browser-2' })).toMatchObject({ ok: true })
    await revoke()
    expect(await approve('c')).toMatchObject({ ok: true })
  })
})

describe('a device', () => {
  it('is handed one token, and none that was not approved or came too late', async () => {
    await create('a')
    expect(await deliver('a', 'early')).toBeNull()
    await approve('a')
    expect(await deliver('a', 'late', NOW + HOUR)).toBeNull()
    const both = await Promise.all([deliver('a', 'one'), deliver('a', 'two')])
    expect(both.filter(Boolean)).toHaveLength(1)
    const found = await Promise.all(
      ['early', 'late', 'one', 'two'].map((tokenHash) =>
        findDeviceGrant(fixture.db, TENANT, { tokenHash }),
      ),
    )
    expect(found.filter((grant) => grant !== null)).toHaveLength(1)
  })

  it('is handed no token after it was revoked', async () => {
    await create('a')
    await approve('a')
    expect(await revoke()).toBe('a')
    expect(await deliver('a', 'one')).toBeNull()
    expect(await revoke()).toBeNull()
    expect(await listDevices(fixture.db, TENANT, NOW)).toEqual([])
  })

  it('ends with the key that let it in, fetched or not, and with no other', async () => {
    const names = ['a', 'b', 'c']
    for (const id of names) await create(id, { senderId: id })
    for (const id of ['key_1', 'key_2']) await createKey(id)
    await approve('a', { senderId: 'a', decidedByKey: 'key_1' })
    await approve('b', { senderId: 'b', decidedByKey: 'key_1' })
    await approve('c', { senderId: 'c', decidedByKey: 'key_2' })
    for (const id of ['a', 'c']) await deliver(id, `token of ${id}`)
    await revokeApiKey(fixture.db, TENANT, 'key_1', NOW)
    const ended = await findDeviceGrant(fixture.db, TENANT, { tokenHash: 'token of a' })
    expect(ended).toMatchObject({ status: 'revoked' })
    expect(await deliver('b', 'token of b')).toBeNull()
    const kept = await findDeviceGrant(fixture.db, TENANT, { tokenHash: 'token of c' })
    expect(kept).toMatchObject({ status: 'approved' })
  })

  it('rests while whoever made the key that let it in is suspended', async () => {
    const userId = 'bob' as UserId
    await setMembership(fixture.db, TENANT, { userId, role: 'admin' }, NOW)
    await createKey('key_1', userId)
    await create('a')
    await approve('a', { decidedByKey: 'key_1' })
    await deliver('a', 'one')
    const grant = () => findDeviceGrant(fixture.db, TENANT, { tokenHash: 'one' })
    expect(await grant()).toMatchObject({ isSuspendedAbove: false })
    await setMembershipStatus(fixture.db, TENANT, { userId, status: 'suspended' }, NOW)
    expect(await grant()).toMatchObject({ isSuspendedAbove: true })
  })

  it('makes cached credentials die when it begins and when it ends', async () => {
    await create('a')
    expect(await risen(fixture.db, () => approve('a'))).toEqual({ version: 0, authVersion: 0 })
    const once = { version: 0, authVersion: 1 }
    expect(await risen(fixture.db, () => deliver('a', 'one'))).toEqual(once)
    expect(await risen(fixture.db, revoke)).toEqual(once)
  })
})
