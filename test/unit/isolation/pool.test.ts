/** Whose a container is, who gets the next one, and how many may be had: without an engine. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { mayStart } from '../../../sandbox-runner/src/front/fair-share.ts'
import { createHeldWorkspaces } from '../../../sandbox-runner/src/front/held-workspaces.ts'
import { difference, type Manifest } from '../../../sandbox-runner/src/front/manifests.ts'
import {
  MAX_AGE_MS,
  type Shape,
  shapeHash,
} from '../../../sandbox-runner/src/launcher/container.ts'
import { createKept, MAX_IDLE_MS } from '../../../sandbox-runner/src/launcher/kept.ts'
import { createPrepared } from '../../../sandbox-runner/src/launcher/prepared.ts'
import type { Sandbox, Sandboxes } from '../../../sandbox-runner/src/launcher/sandboxes.ts'

const SHAPE: Shape = { image: 'i', imageId: 'sha256:1', memoryMb: 512, cpus: 1, pids: 128 }

let serial = 0
const sandbox = (shape = SHAPE, madeAt = 0): Sandbox => ({
  id: `c${++serial}`,
  name: `n${serial}`,
  shape: shapeHash(shape),
  uids: { job: 20_000, holder: 20_001 },
  madeAt,
  supervisor: {} as Sandbox['supervisor'],
  isLost: false,
  onLost: () => {},
})

function keptWith(max = 10) {
  const removed: Sandbox[] = []
  const clock = { now: 0 }
  const kept = createKept({ max, remove: (gone) => removed.push(gone), nowMs: () => clock.now })
  const put = (
    holder: string,
    owner = 'tenant',
    shape = SHAPE,
    renewed = Promise.resolve(true),
  ) => {
    const made = sandbox(shape, clock.now)
    kept.put(made, owner, holder, renewed)
    return made
  }
  return { kept, put, removed, clock }
}

describe('a kept container', () => {
  const hash = shapeHash(SHAPE)

  it('is its holder’s alone, in its own shape', async () => {
    const { kept, put } = keptWith()
    const own = put('a')
    expect(await kept.take('b', hash)).toBeNull()
    expect(await kept.take('a', shapeHash({ ...SHAPE, memoryMb: 64 }))).toBeNull()
    expect(await kept.take('a', shapeHash({ ...SHAPE, imageId: 'sha256:2' }))).toBeNull()
    expect(await kept.take('a', hash)).toBe(own)
    expect(await kept.take('a', hash)).toBeNull()
  })

  it('is taken once its next supervisor is there, and removed when none comes', async () => {
    const { kept, put, removed } = keptWith()
    const renewal = Promise.withResolvers<boolean>()
    const slow = put('a', 'tenant', SHAPE, renewal.promise)
    const taking = kept.take('a', hash)
    renewal.resolve(true)
    expect(await taking).toBe(slow)
    const broken = put('a', 'tenant', SHAPE, Promise.resolve(false))
    expect(await kept.take('a', hash)).toBeNull()
    expect(removed).toEqual([broken])
  })

  it.each([
    ['it waited for 5 min', MAX_IDLE_MS],
    ['it is an hour old', MAX_AGE_MS],
  ])('goes when %s', async (_when, ms) => {
    const { kept, put, removed, clock } = keptWith()
    const old = put('a')
    clock.now = ms
    expect(await kept.take('a', hash)).toBeNull()
    kept.tidy()
    expect(removed).toEqual([old])
  })

  it('goes when it is lost', () => {
    const { kept, put, removed } = keptWith()
    const lost = put('a')
    lost.isLost = true
    kept.tidy()
    expect(removed).toEqual([lost])
  })

  it('gives way where its owner has most, so that nobody’s crowd turns out another’s only one', () => {
    const { kept, put, removed } = keptWith(4)
    const only = put('victim', 'b')
    const crowd = Array.from({ length: 20 }, (_, i) => put(`a${i}`, 'a'))
    expect(kept.count()).toBe(4)
    expect(removed).toEqual(crowd.slice(0, 17))
    expect(removed).not.toContain(only)
  })
})

describe('prepared containers', () => {
  function preparedWith(size = 2) {
    const clock = { now: 1_000_000 }
    const made: string[] = []
    const sandboxesMade: Sandbox[] = []
    const removed: Sandbox[] = []
    let isBroken = false
    const sandboxes = {
      make: async (shape: Shape) => {
        if (isBroken) throw new Error('no engine')
        made.push(shapeHash(shape))
        const fresh = sandbox(shape, clock.now)
        sandboxesMade.push(fresh)
        return fresh
      },
      remove: async (gone: Sandbox) => void removed.push(gone),
    } as unknown as Sandboxes
    let usual: Shape | null = SHAPE
    const prepared = createPrepared({
      sandboxes,
      size,
      usualShape: async () => usual,
      nowMs: () => clock.now,
    })
    return {
      prepared,
      made,
      sandboxesMade,
      removed,
      clock,
      useImage: (imageId: string) => {
        usual = { ...SHAPE, imageId }
      },
      breakEngine: (broken: boolean) => {
        isBroken = broken
      },
    }
  }
  const OTHER = { ...SHAPE, memoryMb: 64 }

  it('are of the usual shape, and of those asked for lately', async () => {
    const { prepared, made, clock } = preparedWith()
    await prepared.fill()
    expect(made).toEqual([shapeHash(SHAPE), shapeHash(SHAPE)])
    expect(prepared.take(OTHER)).toBeNull()
    await prepared.fill()
    expect(prepared.count()).toBe(4)
    clock.now += 11 * 60_000
    await prepared.fill()
    expect(prepared.count()).toBe(2)
    expect(prepared.take(OTHER)).toBeNull()
  })

  it('are given away once, and made anew', async () => {
    const { prepared } = preparedWith()
    await prepared.fill()
    const given = [prepared.take(SHAPE), prepared.take(SHAPE), prepared.take(SHAPE)]
    expect(new Set(given).size).toBe(3)
    expect(given[2]).toBeNull()
    await prepared.fill()
    expect(prepared.count()).toBe(2)
  })

  it('of a replaced image are removed', async () => {
    const { prepared, removed, useImage, clock } = preparedWith()
    await prepared.fill()
    useImage('sha256:2')
    clock.now += 11 * 60_000
    await prepared.fill()
    expect(removed.length).toBe(2)
    expect(prepared.take(SHAPE)).toBeNull()
  })

  it('too old or lost are replaced', async () => {
    const { prepared, removed, clock } = preparedWith()
    await prepared.fill()
    clock.now += MAX_AGE_MS
    await prepared.fill()
    expect(removed.length).toBe(2)
    expect(prepared.count()).toBe(2)
  })

  it('lost one after the other are all replaced once the last one would have been old enough', async () => {
    const { prepared, made, sandboxesMade, clock } = preparedWith()
    await prepared.fill()
    for (const lost of sandboxesMade) {
      lost.isLost = true
      clock.now += 1_000
      await prepared.fill()
      // Just made: the image may be one whose containers all end.
      expect(made.length).toBe(2)
    }
    clock.now += 3_000
    await prepared.fill()
    expect(prepared.count()).toBe(2)
  })

  it('lost after they waited well are replaced at once', async () => {
    const { prepared, made, sandboxesMade, clock } = preparedWith()
    await prepared.fill()
    clock.now += 5_000
    for (const lost of sandboxesMade) lost.isLost = true
    await prepared.fill()
    expect(made.length).toBe(4)
    expect(prepared.count()).toBe(2)
  })

  it('are not asked for again at once when the engine cannot make one', async () => {
    const { prepared, made, breakEngine, clock } = preparedWith()
    breakEngine(true)
    await prepared.fill()
    breakEngine(false)
    await prepared.fill()
    expect(made).toEqual([])
    clock.now += 5_001
    await prepared.fill()
    expect(made.length).toBe(2)
  })

  it('are none where none are wanted', async () => {
    const { prepared, made } = preparedWith(0)
    await prepared.fill()
    expect(made).toEqual([])
  })
})

describe('a share of a runner', () => {
  it('lets in whoever has none while anything is free, whatever others flood', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), (max) => {
        const own = new Map<string, number>()
        const flood = (tenant: string): void => {
          for (let tries = 0; tries < max; tries += 1) {
            const running = [...own.values()].reduce((sum, count) => sum + count, 0)
            const mine = own.get(tenant) ?? 0
            if (mayStart(running, mine, max)) own.set(tenant, mine + 1)
          }
        }
        flood('a')
        flood('b')
        const running = [...own.values()].reduce((sum, count) => sum + count, 0)
        expect(running).toBeLessThanOrEqual(max)
        expect(own.get('a')).toBeGreaterThan(0)
        // A third one finds a place in every runner that is not tiny.
        if (max >= 4) expect(mayStart(running, 0, max)).toBe(true)
      }),
    )
  })

  it('is two thirds alone: 20 of 32 at once, and never the last one', () => {
    expect(mayStart(19, 19, 32)).toBe(true)
    expect(mayStart(22, 22, 32)).toBe(false)
    expect(mayStart(32, 0, 32)).toBe(false)
    expect(mayStart(0, 0, 1)).toBe(true)
  })
})

describe('what a kept container holds', () => {
  const file = (path: string, content: string, mode = 0o644) =>
    [path, { path, sha256: content.padEnd(64, '0'), size: 1, mode }] as const
  const holding = (...files: ReturnType<typeof file>[]): Manifest => new Map(files)

  it('is believed once, and of its own holder', () => {
    const held = createHeldWorkspaces()
    const state = holding(file('a', '1'))
    held.put('box', 'me', state)
    expect(held.expected('me')).toBe(state)
    expect(held.expected('you')).toBeNull()
    expect(held.take('box', 'you')).toBeNull()
    held.put('box', 'me', state)
    expect(held.take('box', 'me')).toBe(state)
    expect(held.take('box', 'me')).toBeNull()
  })

  it('is forgotten from the oldest on when it is too much', () => {
    const held = createHeldWorkspaces(2)
    for (const name of ['1', '2', '3']) held.put(name, name, holding(file('a', name)))
    expect(held.take('1', '1')).toBeNull()
    expect(held.take('3', '3')).not.toBeNull()
  })

  it('differs from what a job needs by content, mode and absence only', () => {
    const from = holding(file('same', '1'), file('old', '1'), file('mode', '1'), file('gone', '1'))
    const to = holding(
      file('same', '1', 0o044),
      file('old', '2'),
      file('mode', '1', 0o755),
      file('new', '1'),
    )
    const { put, remove } = difference(from, to)
    expect([...put.keys()]).toEqual(['old', 'mode', 'new'])
    expect(remove).toEqual(['gone'])
    expect(difference(to, to)).toEqual({ put: new Map(), remove: [] })
  })
})
