/** The platform's desk: erasures side by side, and one that goes wrong among them. */
import { describe, expect, it } from 'vitest'
import type { TenantId } from '../../../../src/domain/ids.ts'
import { type DeskParts, PlatformDesk } from '../../../../src/objects/tenant/platform-desk.ts'
import { MemoryKv } from '../../../support/memory-kv.ts'
import { useQuietLog } from '../../gateway/world.ts'

useQuietLog()

const START = 1_700_000_000_000
const POISONED = 'ten_a' as TenantId
const SOUND = 'ten_b' as TenantId

/** Two tenants of one object each; the first one's cannot be erased while it is poisoned. */
function openWorld() {
  const erased: string[] = []
  const names = new Map([POISONED, SOUND].map((id) => [id as string, [`${id}/session`]]))
  const nothing = { where: () => ({ returning: async () => [] }) }
  const world = {
    clock: START,
    isPoisoned: true,
    isAway: false,
    erased,
    timer: null as number | null,
    desk: null as unknown as PlatformDesk,
    /** Until nothing is due. */
    run: async () => {
      for (let turns = 0; turns < 50 && (world.timer ?? Infinity) <= world.clock; turns++) {
        world.timer = null
        await world.desk.onTimer('eraseTenants')
        world.clock += 30
      }
    },
  }
  const db = {
    update: () => ({ set: () => nothing }),
    delete: () => ({
      where: () => Object.assign(Promise.resolve(), { returning: () => undefined }),
    }),
    select: () => ({ from: () => ({ where: () => ({ limit: () => ({}) }) }) }),
    batch: async (statements: readonly unknown[]) => statements.map(() => []),
  }
  world.desk = new PlatformDesk({
    kv: new MemoryKv(),
    timers: {
      setNoLater: async (_: string, at: number) => {
        world.timer = Math.min(world.timer ?? at, at)
      },
      set: async (_: string, at: number) => {
        world.timer = at
      },
    },
    now: () => world.clock,
    prepare: async () => undefined,
    erasure: {
      db: () => db,
      directory: () => {
        if (world.isAway) throw new Error('the database is away')
        return db
      },
      blobs: { list: async () => ({ objects: [] }), delete: async () => undefined },
      tenant: () => ({ changing: async () => undefined, changed: async () => ({ found: false }) }),
      end: (id: string) => ({
        names: async (kind: string) => (kind === 'session' ? (names.get(id) ?? []) : []),
        forgetNames: async () => void names.delete(id),
        closeConnections: async () => undefined,
        erase: async () => void erased.push(id),
      }),
      object: (_: string, name: string) => ({
        erase: async () => {
          if (world.isPoisoned && name.startsWith(POISONED)) throw new Error('poisoned')
          erased.push(name)
        },
      }),
      now: () => world.clock,
    },
  } as unknown as DeskParts)
  return world
}

describe('the erasures of a platform', () => {
  it('go on beside one that fails, which is tried again at its own times', async () => {
    const world = openWorld()
    await world.desk.deleteTenant(POISONED)
    await world.desk.deleteTenant(SOUND)
    await world.run()
    expect(world.desk.deletion(SOUND)).toMatchObject({ phase: 'ended', objects: 1 })
    expect(world.desk.deletion(POISONED)).toMatchObject({ phase: 'objects', objects: 0 })
    const first = Number(world.timer)
    expect(first).toBeGreaterThan(world.clock)
    world.clock = first
    await world.run()
    expect(Number(world.timer) - world.clock).toBeGreaterThan(first - START)
    world.isPoisoned = false
    world.clock = Number(world.timer)
    await world.run()
    expect(world.desk.deletion(POISONED)).toMatchObject({ phase: 'ended', objects: 1 })
    expect(world.erased).toEqual([`${SOUND}/session`, SOUND, `${POISONED}/session`, POISONED])
  })

  it('are swept once more, a failing one beside them or not, and then leave no timer', async () => {
    const world = openWorld()
    await world.desk.deleteTenant(SOUND)
    await world.run()
    expect(Number(world.timer)).toBeGreaterThan(world.clock + 14 * 60_000)
    await world.desk.deleteTenant(POISONED)
    await world.run()
    expect(Number(world.timer)).toBeLessThan(world.clock + 60_000)
    world.isPoisoned = false
    for (let i = 0; i < 10 && world.timer !== null; i++) {
      world.clock = world.timer
      await world.run()
    }
    expect(world.timer).toBeNull()
    expect(world.desk.deletion(POISONED)?.phase).toBe('ended')
  })

  it('begin, and say so, where the tenant could not be closed at once', async () => {
    const world = openWorld()
    world.isAway = true
    expect(await world.desk.deleteTenant(SOUND)).toMatchObject({ phase: 'closing' })
    await world.run()
    expect(world.desk.deletion(SOUND)).toMatchObject({ phase: 'closing' })
    world.isAway = false
    world.clock = Number(world.timer)
    await world.run()
    expect(world.desk.deletion(SOUND)).toMatchObject({ phase: 'ended' })
  })
})
