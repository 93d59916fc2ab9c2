import { describe, expect, it } from 'vitest'
import { revokeApiKey } from '../../../src/db/api-keys.ts'
import { removeMembership, setMembershipStatus } from '../../../src/db/memberships.ts'
import { writeConfig } from '../../../src/db/tenant-config.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import type { Scope } from '../../../src/domain/principal.ts'
import { authenticate, recheckPrincipal } from '../../../src/gateway/authenticate.ts'
import { pairingStatusOf } from '../../../src/gateway/pairing.ts'
import {
  ADDRESS,
  bearer,
  newKey,
  newTenant,
  openWorld,
  settings,
  TOKEN,
  user,
} from '../gateway/world.ts'
import { type Answer, asked, type Caller, call } from './control.ts'

const HOUR = 3_600_000
const FACTS = { clientAddress: ADDRESS, isDevelopment: false }
const code = (answer: Answer): string => (answer.ok ? 'ok' : answer.error.code)

async function switchPairingOn(world: ReturnType<typeof openWorld>, tenant: TenantId) {
  const snapshot = await loadSnapshot(world.db, tenant)
  const change = {
    document: { gateway: { device_pairing: true } },
    baseHash: snapshot?.configHash ?? '',
    userId: user('olga'),
  }
  await writeConfig(world.db, tenant, change, world.clock)
}

async function open() {
  const world = openWorld()
  const tenant = await newTenant(world, { olga: 'owner', adam: 'admin', bob: 'operator' })
  await switchPairingOn(world, tenant)
  const person = (userId: string): Caller => ({
    credential: bearer(TOKEN),
    claims: { tenant, userId },
  })
  const keyOf = async (ownerId: string, scopes: readonly Scope[], more: object = {}) => {
    const { credential, id } = await newKey(world, tenant, { ownerId, scopes, ...more })
    return { credential, id }
  }
  const ask = (by: Caller, senderId: string) =>
    asked(world, by, 'device.pair.request', { senderId })
  const fetchToken = async (senderId: string, pairing_secret: unknown): Promise<string> => {
    const facts = {
      principal: null,
      sessionKey: null,
      subprotocol: null,
      isOwnOrigin: true,
      ...FACTS,
    }
    const params = { sender_id: senderId, pairing_secret }
    const { services } = world
    const status = await pairingStatusOf(params, { tenantId: tenant }, facts, services, settings())
    return status.ok ? String(status.value['token'] ?? '') : status.error.code
  }
  /** From the request to the token. */
  const letIn = async (by: Caller, senderId: string, user_id?: string): Promise<string> => {
    const request = await ask(by, senderId)
    await asked(world, by, 'device.pair.approve', { code: request['code'], user_id })
    return fetchToken(senderId, request['pairing_secret'])
  }
  const prove = (token: string) =>
    authenticate(bearer(token), {}, FACTS, world.services, settings())
  const holds = async (token: string): Promise<boolean> => (await prove(token)).ok
  return { world, tenant, person, keyOf, ask, fetchToken, letIn, prove, holds }
}

describe('nobody above', () => {
  it('is acted as by a browser that an admin lets in', async () => {
    const { world, person, keyOf, ask } = await open()
    const key = await keyOf('adam', ['operator.admin'])
    const { code: open1 } = await ask(key, 'mine')
    for (const by of [key, person('adam')]) {
      const answer = await call(world, by, 'device.pair.approve', { code: open1, user_id: 'olga' })
      expect(code(answer)).toBe('UNAUTHORIZED')
    }
    const asBob = await call(world, key, 'device.pair.approve', { code: open1, user_id: 'bob' })
    expect(code(asBob)).toBe('ok')
    const { code: open2 } = await ask(key, 'hers')
    const owner = { code: open2, user_id: 'olga' }
    expect(code(await call(world, person('olga'), 'device.pair.approve', owner))).toBe('ok')
  })

  it('loses a device to a key that may only pair', async () => {
    const { world, person, keyOf, letIn } = await open()
    await letIn(person('olga'), 'hers', 'olga')
    await letIn(person('olga'), 'bobs', 'bob')
    const pairing = await keyOf('adam', ['operator.pairing'])
    const revoke = async (by: Caller, senderId: string) =>
      code(await call(world, by, 'device.pair.revoke', { senderId }))
    expect(await revoke(pairing, 'hers')).toBe('UNAUTHORIZED')
    expect(await revoke(person('adam'), 'hers')).toBe('UNAUTHORIZED')
    expect(await revoke(pairing, 'bobs')).toBe('ok')
    expect(await revoke(pairing, 'nobodys')).toBe('NOT_FOUND')
    expect(await revoke(person('olga'), 'hers')).toBe('ok')
  })
})

describe('a device', () => {
  it('ends with the membership of whoever let it in, and stays while they stay', async () => {
    const { world, tenant, person, letIn, holds } = await open()
    const [his, hers] = [await letIn(person('adam'), 'his'), await letIn(person('olga'), 'hers')]
    const suspend = (status: 'active' | 'suspended') =>
      setMembershipStatus(world.db, tenant, { userId: user('adam'), status }, world.clock)
    expect(await holds(his)).toBe(true)
    await suspend('suspended')
    expect(await holds(his)).toBe(false)
    await suspend('active')
    expect(await holds(his)).toBe(true)
    await removeMembership(world.db, tenant, user('adam'), world.clock)
    expect(await holds(his)).toBe(false)
    expect(await holds(hers)).toBe(true)
  })

  it('ends with the membership of whom it acts as, for good', async () => {
    const { world, tenant, person, letIn, holds } = await open()
    const token = await letIn(person('olga'), 'bobs', 'bob')
    expect(await holds(token)).toBe(true)
    await removeMembership(world.db, tenant, user('bob'), world.clock)
    const again = { user_id: 'bob', role: 'operator' }
    await asked(world, person('olga'), 'tenants.users.add', again)
    expect(await holds(token)).toBe(false)
  })

  it('lives no longer than the key that let it in', async () => {
    const { world, keyOf, letIn, prove, holds } = await open()
    const expiresAt = world.clock + HOUR
    const key = await keyOf('adam', ['operator.admin'], { expiresAt })
    const token = await letIn(key, 'mine')
    expect(await prove(token)).toMatchObject({
      value: { principal: { credential: { expiresAt } } },
    })
    world.clock = expiresAt
    expect(await holds(token)).toBe(false)
  })

  it('ends with the overlap when the key is rotated, in what it has open as well', async () => {
    const { world, person, keyOf, letIn, prove, holds } = await open()
    const key = await keyOf('adam', ['operator.admin'])
    const token = await letIn(key, 'mine')
    const before = await prove(token)
    if (!before.ok) throw new Error(before.error.kind)
    const rotate = { id: key.id, overlap_seconds: 60 }
    await asked(world, person('olga'), 'api_keys.rotate', rotate)
    const checked = await recheckPrincipal(before.value.principal, world.services, settings())
    const expiresAt = world.clock + 60_000
    expect(checked).toMatchObject({ value: { principal: { credential: { expiresAt } } } })
    expect(await holds(token)).toBe(true)
    world.clock = expiresAt
    expect(await holds(token)).toBe(false)
  })

  it('is not handed its token once the key that let it in has ended', async () => {
    const { world, tenant, keyOf, ask, fetchToken } = await open()
    const key = await keyOf('adam', ['operator.admin'])
    const request = await ask(key, 'mine')
    await asked(world, key, 'device.pair.approve', { code: request['code'] })
    await revokeApiKey(world.db, tenant, key.id, world.clock)
    expect(await fetchToken('mine', request['pairing_secret'])).toBe('')
  })
})
