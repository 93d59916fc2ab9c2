import { describe, expect, it } from 'vitest'
import { createDeviceToken } from '../../../src/crypto/device-token.ts'
import { deliverDeviceToken, revokeDevice } from '../../../src/db/devices.ts'
import { setMembership } from '../../../src/db/memberships.ts'
import { approvePairing, createPairing } from '../../../src/db/pairings.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import { authenticate, recheckPrincipal } from '../../../src/gateway/authenticate.ts'
import { ADDRESS, bearer, NOW, newTenant, openWorld, settings, user, type World } from './world.ts'

const HOUR = 3_600_000
const SENDER = { id: 'par_1', senderId: 'browser-1' }

async function newDevice(world: World, tenantId: TenantId, userId: string): Promise<string> {
  const request = {
    ...SENDER,
    code: 'CODE',
    secretHash: 'secret',
    address: ADDRESS,
    userAgent: '',
    createdAt: NOW,
    expiresAt: NOW + HOUR,
  }
  const room = { account: 'sender', perAccount: 3, perTenant: 3 } as const
  const approval = {
    userId: user(userId),
    role: 'operator',
    decidedBy: user('olga'),
    decidedByKey: null,
  } as const
  await createPairing(world.db, tenantId, request, room)
  await approvePairing(world.db, tenantId, SENDER, { ...approval, expiresAt: NOW + HOUR }, NOW)
  const { token, hash } = await createDeviceToken(tenantId)
  await deliverDeviceToken(world.db, tenantId, 'par_1', { hash, expiresAt: NOW + HOUR }, NOW)
  return token
}

const prove = (world: World, token: string, senderId?: string) =>
  authenticate(
    bearer(token),
    { senderId },
    { clientAddress: ADDRESS, isDevelopment: false },
    world.services,
    settings(),
  )

async function proven(world: World, token: string) {
  const result = await prove(world, token)
  if (!result.ok) throw new Error(result.error.kind)
  return result.value.principal
}

const REJECTED = { error: { kind: 'credential_rejected', credentialKind: 'device' } }

describe('a device token', () => {
  it('is an operator of its tenant, and warm costs one hop and no read', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world)
    const token = await newDevice(world, tenantId, 'device:browser-1')
    expect(await proven(world, token)).toMatchObject({
      tenantId,
      userId: 'device:browser-1',
      role: 'operator',
      isMasterScope: false,
      credential: { kind: 'device', id: 'par_1', expiresAt: NOW + HOUR },
    })
    const [hops, queries] = [world.asked.length, world.sqlite.queries.length]
    await proven(world, token)
    expect(world.asked.length).toBe(hops + 1)
    expect(world.sqlite.queries.slice(queries).filter((sql) => sql.includes('pairings'))).toEqual(
      [],
    )
  })

  it('asks no object when nobody knows it', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world)
    const { token } = await createDeviceToken(tenantId)
    expect(await prove(world, token)).toMatchObject(REJECTED)
    expect(world.asked).toEqual([])
  })

  it('is taken from the sender that it was given to alone', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world)
    const token = await newDevice(world, tenantId, 'device:browser-1')
    expect((await prove(world, token, 'browser-1')).ok).toBe(true)
    expect(await prove(world, token, 'browser-2')).toMatchObject(REJECTED)
  })

  it('ends when it is revoked, cached or not, at the door and behind it', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world)
    const token = await newDevice(world, tenantId, 'device:browser-1')
    const principal = await proven(world, token)
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(true)
    expect(await revokeDevice(world.db, tenantId, 'par_1', user('olga'), NOW)).toBe(true)
    expect(await prove(world, token)).toMatchObject(REJECTED)
    expect(await recheckPrincipal(principal, world.services, settings())).toMatchObject({
      error: { code: 'TENANT_ACCESS_REVOKED' },
    })
  })

  it('ends with its time', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world)
    const token = await newDevice(world, tenantId, 'device:browser-1')
    const principal = await proven(world, token)
    world.clock = NOW + HOUR
    expect(await prove(world, token)).toMatchObject(REJECTED)
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(false)
  })

  it('follows the member it acts as: a lesser role, and a suspension', async () => {
    const world = openWorld()
    const tenantId = await newTenant(world, { anna: 'admin' })
    const token = await newDevice(world, tenantId, 'anna')
    const principal = await proven(world, token)
    expect(principal).toMatchObject({ role: 'operator', userId: 'anna' })
    await setMembership(world.db, tenantId, { userId: user('anna'), role: 'viewer' }, NOW)
    expect(await recheckPrincipal(principal, world.services, settings())).toMatchObject({
      value: { principal: { role: 'viewer', scopes: ['operator.read'] } },
    })
    const { d1 } = world.sqlite
    await d1.prepare("update memberships set status = 'suspended' where user_id = 'anna'").run()
    await d1.prepare('update tenants set auth_version = auth_version + 1').run()
    expect(await prove(world, token)).toMatchObject(REJECTED)
    expect((await recheckPrincipal(principal, world.services, settings())).ok).toBe(false)
  })
})
