import { describe, expect, it } from 'vitest'
import type { Services } from '../../../src/api/context.ts'
import type { LimiterPort } from '../../../src/domain/ports/limiter.ts'
import { LeasedRate, ratePerRequest } from '../../../src/gateway/operation-rate.ts'
import { BucketTable } from '../../../src/transport/bucket-table.ts'
import { principal } from '../objects/session/world.ts'
import { NOW, openWorld } from './world.ts'

/** One user's limiter with the real arithmetic; hops are counted. */
function open() {
  const world = openWorld()
  const table = new BucketTable()
  const state = { hops: 0, world }
  const userLimiter = (): LimiterPort => ({
    ...world.services.userLimiter(principal('ada').tenantId, principal('ada').userId),
    take: async (requests) => {
      state.hops++
      return table.take(requests, world.clock).verdict
    },
  })
  const services: Services = { ...world.services, userLimiter }
  return { state, services, world }
}

const ADA = principal('ada')

async function allowedOf(rate: { take(): Promise<{ ok: boolean }> }, times: number) {
  let allowed = 0
  for (let i = 0; i < times; i++) if ((await rate.take()).ok) allowed++
  return allowed
}

describe('ratePerRequest', () => {
  it('allows the burst of a hundred, then says when to come back', async () => {
    const { services } = open()
    const rate = ratePerRequest(services, ADA)
    expect(await allowedOf(rate, 100)).toBe(100)
    expect(await rate.take()).toEqual({
      ok: false,
      error: { kind: 'rate_limited', bucket: 'operations', retryAfterMs: 100 },
    })
  })
})

describe('LeasedRate', () => {
  it('pays a hop for a lease, not for a frame', async () => {
    const { services, state } = open()
    expect(await allowedOf(new LeasedRate(services, ADA), 60)).toBe(60)
    // 4 + 8 + 16 + 32
    expect(state.hops).toBe(4)
  })

  it('fills nothing up for whoever reconnects, and shares one bucket among all sockets', async () => {
    const { services } = open()
    let allowed = 0
    for (let i = 0; i < 50; i++) allowed += await allowedOf(new LeasedRate(services, ADA), 10)
    // What the first sockets leased and left unused is lost, never gained.
    expect(allowed).toBeLessThanOrEqual(100)
    expect(allowed).toBeGreaterThan(80)
    expect(await allowedOf(ratePerRequest(services, ADA), 1)).toBe(0)
  })

  it('counts another credential of the same user by itself', async () => {
    const { services } = open()
    await allowedOf(new LeasedRate(services, ADA), 200)
    const other = { ...ADA, credential: { ...ADA.credential, id: 'key_2' } }
    expect(await allowedOf(new LeasedRate(services, other), 10)).toBe(10)
  })

  it('gives out each leased token once, to frames that come at the same time too', async () => {
    const { services, state } = open()
    const rate = new LeasedRate(services, ADA)
    const results = await Promise.all(Array.from({ length: 150 }, () => rate.take()))
    expect(results.filter(({ ok }) => ok)).toHaveLength(100)
    expect(state.hops).toBeLessThan(60)
  })

  it('cannot be hoarded: an unused lease ends after a minute', async () => {
    const { services, world } = open()
    const hoard = Array.from({ length: 20 }, () => new LeasedRate(services, ADA))
    for (const rate of hoard) await rate.take()
    world.clock = NOW + 60_000
    let allowed = 0
    for (const rate of hoard) allowed += await allowedOf(rate, 30)
    expect(allowed).toBeLessThanOrEqual(100)
    expect(allowed).toBeGreaterThan(50)
  })

  it('opens again as the bucket refills', async () => {
    const { services, world } = open()
    const rate = new LeasedRate(services, ADA)
    await allowedOf(rate, 200)
    expect((await rate.take()).ok).toBe(false)
    world.clock += 1_000
    expect(await allowedOf(rate, 20)).toBe(10)
  })
})
