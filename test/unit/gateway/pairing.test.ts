import { describe, expect, it } from 'vitest'
import { writeConfig } from '../../../src/db/tenant-config.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import { connect } from '../../../src/gateway/connect.ts'
import { pairingStatusOf } from '../../../src/gateway/pairing.ts'
import { ADDRESS, newTenant, openWorld, settings, useQuietLog, user, type World } from './world.ts'

const lines = useQuietLog()

const facts = (clientAddress = ADDRESS, isDevelopment = false) => ({
  principal: null,
  sessionKey: null,
  clientAddress,
  subprotocol: null,
  isOwnOrigin: true,
  isDevelopment,
})

async function pairingTenant(world: World, isOn = true): Promise<TenantId> {
  const tenantId = await newTenant(world)
  const snapshot = await loadSnapshot(world.db, tenantId)
  const change = {
    document: { gateway: { device_pairing: isOn } },
    baseHash: snapshot?.configHash ?? '',
    userId: user('olga'),
  }
  await writeConfig(world.db, tenantId, change, world.clock)
  return tenantId
}

const ask = (world: World, tenant_id: TenantId, sender_id: string, from = facts()) =>
  connect({ tenant_id, sender_id }, from, world.services, settings())

async function pairings({ sqlite }: World): Promise<number> {
  const { results } = await sqlite.d1.prepare('select id from pairings').all()
  return results.length
}

describe('where addresses are known', () => {
  it('counts open requests by address, whatever senders it invents', async () => {
    const world = openWorld()
    const tenant = await pairingTenant(world)
    for (const sender of ['a', 'b', 'c']) {
      expect(await ask(world, tenant, sender)).toMatchObject({ ok: true })
    }
    expect(await ask(world, tenant, 'd')).toMatchObject({ error: { code: 'RESOURCE_EXHAUSTED' } })
    expect(await ask(world, tenant, 'a', facts('198.51.100.1'))).toMatchObject({ ok: true })
    expect(await pairings(world)).toBe(4)
  })

  it('fills no more than a hundred places of a tenant, from however many addresses', async () => {
    const world = openWorld()
    const tenant = await pairingTenant(world)
    const from = (i: number) => ask(world, tenant, `sender-${i}`, facts(`198.51.100.${i}`))
    for (let i = 0; i < 100; i++) expect((await from(i)).ok).toBe(true)
    expect(await from(100)).toMatchObject({ error: { code: 'RESOURCE_EXHAUSTED' } })
    expect(await pairings(world)).toBe(100)
    expect(await ask(world, await pairingTenant(world), 'a')).toMatchObject({ ok: true })
  })

  it('lets an address ask again once its requests have expired, and keeps none of them', async () => {
    const world = openWorld()
    const tenant = await pairingTenant(world)
    for (const sender of ['a', 'b', 'c']) await ask(world, tenant, sender)
    world.clock += 3_600_000
    expect(await ask(world, tenant, 'd')).toMatchObject({ ok: true })
    expect(await pairings(world)).toBe(1)
  })

  it('asks the address’ bucket before anything is looked up', async () => {
    const world = openWorld()
    const tenant = await pairingTenant(world)
    world.verdict = { isAllowed: false, bucket: 'pairing', retryAfterMs: 5 }
    const queries = world.sqlite.queries.length
    expect(await ask(world, tenant, 'a')).toMatchObject({
      error: { code: 'RESOURCE_EXHAUSTED', retryAfterMs: 5 },
    })
    expect(world.sqlite.queries.length).toBe(queries)
    expect(world.taken.at(-1)).toMatchObject({
      name: ADDRESS,
      requests: [{ bucket: `pairing:${ADDRESS}`, ratePerMinute: 10 }],
    })
  })

  it('asks no object for a tenant that is made up', async () => {
    const world = openWorld()
    expect(await ask(world, 'ten_invented' as TenantId, 'a')).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
    expect(world.asked).toEqual([])
  })
})

describe('a store that fails', () => {
  it('denies, and tells nothing of itself', async () => {
    const world = openWorld()
    const tenant = await pairingTenant(world)
    await ask(world, tenant, 'a')
    world.sqlite.beforeQuery = (sql) => {
      if (sql.includes('pairings')) throw new Error('the disk of secrets is on fire')
    }
    const refused = await ask(world, tenant, 'b')
    expect(refused).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
    expect(JSON.stringify(refused)).not.toContain('fire')
    const params = { sender_id: 'a', pairing_secret: 'A'.repeat(43) }
    const status = await pairingStatusOf(
      params,
      { tenantId: tenant },
      facts(),
      world.services,
      settings(),
    )
    expect(status).toMatchObject({ ok: false, error: { code: 'UNAVAILABLE' } })
    expect(lines.some((line) => line.includes('pairing.failed'))).toBe(true)
  })
})

describe('development mode', () => {
  const local = settings({ token: null, isDevelopmentMode: true, platform: 'local' })
  const knock = (world: World, tenant_id: TenantId, params: object = {}) =>
    connect({ tenant_id, ...params }, facts('local', true), world.services, local)

  it('comes after pairing: a sender where pairing is on is to be let in first', async () => {
    const world = openWorld()
    const tenant = await pairingTenant(world)
    expect(await knock(world, tenant, { sender_id: 'a' })).toMatchObject({
      value: { kind: 'awaiting_pairing' },
    })
    expect(await knock(world, tenant)).toMatchObject({ value: { kind: 'connected' } })
    const closed = await pairingTenant(world, false)
    expect(await knock(world, closed, { sender_id: 'a' })).toMatchObject({
      value: { kind: 'connected' },
    })
  })
})
