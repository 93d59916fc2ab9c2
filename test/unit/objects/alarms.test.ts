import { beforeEach, describe, expect, it } from 'vitest'
import { retryDelayMs, Timers } from '../../../src/objects/alarms.ts'
import { migrate } from '../../../src/objects/schema/migrate.ts'
import { SqliteStorage } from './sqlite-storage.ts'

let storage: SqliteStorage
let timers: Timers

beforeEach(() => {
  storage = new SqliteStorage()
  migrate(storage, [{ version: 1, statements: ['CREATE TABLE note (text TEXT)'] }])
  timers = new Timers(storage)
})

const ran: string[] = []
const collect = async (name: string): Promise<void> => {
  ran.push(name)
}
beforeEach(() => {
  ran.length = 0
})

describe('setting timers', () => {
  it('arms the one alarm for the earliest of many timers', async () => {
    await timers.set('late', 3_000)
    await timers.set('early', 1_000)
    await timers.set('middle', 2_000)
    expect(storage.alarm).toBe(1_000)
    await timers.cancel('early')
    expect(storage.alarm).toBe(2_000)
  })

  it('moves a timer that is set again', async () => {
    await timers.set('beat', 1_000)
    await timers.set('beat', 5_000)
    expect(storage.alarm).toBe(5_000)
    expect(timers.due(4_999)).toEqual([])
    expect(timers.due(5_000)).toEqual([{ name: 'beat', at: 5_000 }])
  })

  it('writes no alarm that is armed already', async () => {
    await timers.set('early', 1_000)
    await timers.set('late', 2_000)
    expect(storage.alarmWrites).toBe(1)
  })

  it('arms in the step that sets, so that a crash leaves no timer that nothing wakes', () => {
    void timers.set('watchdog', 1_000)
    expect(storage.alarm).toBe(1_000)
  })

  it('disarms when the last timer is cancelled', async () => {
    await timers.set('only', 1_000)
    await timers.cancel('only')
    expect(storage.alarm).toBeNull()
  })

  it('leaves a set timer alone when only an absent one shall be set', async () => {
    await timers.setIfAbsent('sweep', 5_000)
    await timers.setIfAbsent('sweep', 1_000)
    expect(timers.get('sweep')).toBe(5_000)
  })

  it('only ever hastens a timer that shall run no later than a time', async () => {
    await timers.setNoLater('sweep', 5_000)
    await timers.setNoLater('sweep', 9_000)
    expect(timers.get('sweep')).toBe(5_000)
    await timers.setNoLater('sweep', 1_000)
    expect(timers.get('sweep')).toBe(1_000)
  })

  it('ends with the earliest when set concurrently', async () => {
    await Promise.all([timers.set('a', 5_000), timers.set('b', 3_000), timers.set('c', 4_000)])
    expect(storage.alarm).toBe(3_000)
  })
})

describe('running due timers', () => {
  it('runs what is due, earliest first, and re-arms for the rest', async () => {
    await timers.set('second', 2_000)
    await timers.set('first', 1_000)
    await timers.set('later', 9_000)
    storage.alarm = null // the platform clears the slot when the alarm fires
    expect(await timers.run(() => 2_000, collect)).toEqual([])
    expect(ran).toEqual(['first', 'second'])
    expect(storage.alarm).toBe(9_000)
    expect(timers.due(100_000)).toEqual([{ name: 'later', at: 9_000 }])
  })

  it('runs nothing when woken early, and stays armed', async () => {
    await timers.set('beat', 5_000)
    storage.alarm = null
    await timers.run(() => 4_999, collect)
    expect(ran).toEqual([])
    expect(storage.alarm).toBe(5_000)
  })

  it('keeps a timer that its own handler sets anew, even for the same time', async () => {
    await timers.set('beat', 1_000)
    await timers.run(
      () => 1_000,
      async (name) => timers.set(name, 1_000),
    )
    expect(timers.get('beat')).toBe(1_000)
    expect(storage.alarm).toBe(1_000)
  })

  it('keeps a timer that its handler cancelled and set anew', async () => {
    await timers.set('beat', 1_000)
    await timers.run(
      () => 1_000,
      async (name) => {
        await timers.cancel(name)
        await timers.set(name, 31_000)
      },
    )
    expect(timers.get('beat')).toBe(31_000)
  })

  it('forgets no setting that comes while the handler runs', async () => {
    for (const method of ['setIfAbsent', 'setNoLater', 'set'] as const) {
      await timers.set('flush', 1_000)
      const gate = Promise.withResolvers<void>()
      const run = timers.run(
        () => 1_000,
        async () => gate.promise,
      )
      await timers[method]('flush', 7_000)
      gate.resolve()
      await run
      expect(timers.get('flush'), method).toBe(7_000)
      expect(storage.alarm, method).toBe(7_000)
      await timers.cancel('flush')
    }
  })

  it('skips a timer that an earlier handler cancelled', async () => {
    await timers.set('a', 1_000)
    await timers.set('b', 1_000)
    await timers.run(
      () => 1_000,
      async (name) => {
        ran.push(name)
        await timers.cancel('b')
      },
    )
    expect(ran).toEqual(['a'])
    expect(storage.alarm).toBeNull()
  })

  it('runs the others when one handler throws, and tries that one again later', async () => {
    await timers.set('broken', 1_000)
    await timers.set('sound', 1_500)
    const failures = await timers.run(
      () => 2_000,
      async (name) => {
        ran.push(name)
        if (name === 'broken') throw new Error('no')
      },
    )
    expect(ran).toEqual(['broken', 'sound'])
    expect(failures.map(({ name }) => name)).toEqual(['broken'])
    expect(storage.alarm).toBe(2_000 + retryDelayMs(1))
  })

  it('waits longer after each failure, up to a quarter of an hour', async () => {
    let now = 1_000
    const delays: number[] = []
    await timers.set('broken', now)
    for (let i = 0; i < 14; i++) {
      await timers.run(
        () => now,
        async () => {
          throw new Error('no')
        },
      )
      const at = timers.get('broken') ?? Number.NaN
      delays.push(at - now)
      now = at
    }
    expect(delays.slice(0, 3)).toEqual([1_000, 2_000, 4_000])
    expect(delays.at(-1)).toBe(15 * 60_000)
  })

  it('runs a timer again when the object died in its handler', async () => {
    await timers.set('beat', 1_000)
    const died = Promise.withResolvers<void>()
    void timers.run(
      () => 1_000,
      async () => died.promise,
    )
    const revived = new Timers(storage)
    await revived.rearm()
    expect(storage.alarm).toBe(1_000 + retryDelayMs(1))
    await revived.run(() => 1_000 + retryDelayMs(1), collect)
    expect(ran).toEqual(['beat'])
  })
})
