import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Services } from '../../../src/api/context.ts'
import type { LimiterPort } from '../../../src/domain/ports/limiter.ts'
import { LeasedRate, ratePerRequest } from '../../../src/gateway/operation-rate.ts'
import { BucketTable } from '../../../src/transport/bucket-table.ts'
import { principal } from '../objects/session/world.ts'
import { NOW, openWorld } from './world.ts'

/** One user's limiter with the real arithmetic; hops are counted. */
function open(world = openWorld()) {
  world.clock = NOW
  const table = new BucketTable()
  const state = { hops: 0, givenBack: [] as number[], world }
  const userLimiter = (): LimiterPort => ({
    ...world.services.userLimiter(principal('ada').tenantId, principal('ada').userId),
    take: async (requests) => {
      state.hops++
      return table.take(requests, world.clock).verdict
    },
    giveBack: async (taken) => {
      state.givenBack.push(taken.tokens ?? 1)
      table.giveBack(taken, world.clock)
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
    // What open sockets leased and left unused is lost, never gained.
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

describe('a lease whose socket is closed', () => {
  it('costs what was used of it: a page that is loaded sixteen times at once is not refused', async () => {
    const { services } = open()
    for (let i = 0; i < 16; i++) {
      const rate = new LeasedRate(services, ADA)
      expect(await allowedOf(rate, 6)).toBe(6)
      await rate.giveBack()
    }
    expect(await allowedOf(new LeasedRate(services, ADA), 10)).toBe(4)
  })

  it('goes back once, and only what is left', async () => {
    const { services, state } = open()
    const rate = new LeasedRate(services, ADA)
    await allowedOf(rate, 5)
    await Promise.all([rate.giveBack(), rate.giveBack()])
    await rate.giveBack()
    expect(state.givenBack).toEqual([7])
    const used = new LeasedRate(services, ADA)
    await allowedOf(used, 4)
    await used.giveBack()
    await new LeasedRate(services, ADA).giveBack()
    expect(state.givenBack).toEqual([7])
  })

  it('goes back within its minute, and not after it', async () => {
    const { services, state, world } = open()
    const [young, old] = [new LeasedRate(services, ADA), new LeasedRate(services, ADA)]
    await old.take()
    world.clock = NOW + 1
    await young.take()
    world.clock = NOW + 60_000
    await Promise.all([young.giveBack(), old.giveBack()])
    expect(state.givenBack).toEqual([3])
  })

  it('serves the frames that wait for it before the rest goes back', async () => {
    const { services, state } = open()
    const rate = new LeasedRate(services, ADA)
    const waiting = [rate.take(), rate.take(), rate.take()]
    await rate.giveBack()
    expect((await Promise.all(waiting)).every(({ ok }) => ok)).toBe(true)
    expect(state.givenBack).toEqual([1])
    // Answered after the close: it takes what it needs, since nobody would give more back.
    expect((await rate.take()).ok).toBe(true)
    expect(await allowedOf(ratePerRequest(services, ADA), 100)).toBe(96)
  })

  it('gives nobody more than the burst and what flows in, however sockets come and go', async () => {
    const shared = openWorld()
    const step = fc.oneof(
      {
        weight: 8,
        arbitrary: fc.record({ socket: fc.nat(4), asks: fc.integer({ min: 1, max: 15 }) }),
      },
      { weight: 8, arbitrary: fc.record({ socket: fc.nat(4), isClosed: fc.constant(true) }) },
      { weight: 4, arbitrary: fc.record({ waitMs: fc.integer({ min: 1, max: 300 }) }) },
      { weight: 1, arbitrary: fc.record({ waitMs: fc.integer({ min: 1, max: 70_000 }) }) },
    )
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 60, maxLength: 120 }), async (steps) => {
        const { services, world, state } = open(shared)
        const sockets = new Map<number, LeasedRate>()
        let allowed = 0
        for (const { socket = 0, asks = 0, isClosed = false, waitMs = 0 } of steps as {
          socket?: number
          asks?: number
          isClosed?: boolean
          waitMs?: number
        }[]) {
          world.clock += waitMs
          if (asks > 0) {
            const rate = sockets.get(socket) ?? new LeasedRate(services, ADA)
            sockets.set(socket, rate)
            allowed += await allowedOf(rate, asks)
          }
          if (isClosed) {
            await sockets.get(socket)?.giveBack()
            sockets.delete(socket)
          }
          expect(allowed).toBeLessThanOrEqual(100 + (world.clock - NOW) / 100)
        }
        for (const tokens of state.givenBack) expect(tokens).toBeLessThan(32)
        // Whatever was done, more than the burst never waits.
        for (const rate of sockets.values()) await rate.giveBack()
        expect(await allowedOf(ratePerRequest(services, ADA), 150)).toBeLessThanOrEqual(100)
      }),
      { numRuns: 60 },
    )
  })
})
