import { describe, expect, it } from 'vitest'
import { createBuildTurns } from '../../../sandbox-runner/src/front/build-turns.ts'

const MINUTE = 60_000

describe('the next place to build an image', () => {
  it('is anybody’s while nobody is refused, and at once for who had none', () => {
    const turns = createBuildTurns()
    expect(turns.waitMs('a', 0)).toBe(0)
    turns.begin('a')
    turns.end('a', { startedAt: 0, endedAt: 5 * MINUTE })
    expect(turns.waitMs('a', 5 * MINUTE)).toBe(0)
    turns.refuse('b', 6 * MINUTE)
    expect(turns.waitMs('b', 6 * MINUTE)).toBe(0)
    expect(turns.waitMs('c', 6 * MINUTE)).toBe(0)
  })

  it('is left to others as long as the last build took, when one of them was refused meanwhile', () => {
    const turns = createBuildTurns()
    turns.begin('a')
    turns.refuse('b', MINUTE)
    turns.end('a', { startedAt: 0, endedAt: 5 * MINUTE })
    expect(turns.waitMs('a', 5 * MINUTE)).toBe(5 * MINUTE)
    expect(turns.waitMs('a', 9 * MINUTE)).toBe(MINUTE)
    expect(turns.waitMs('a', 10 * MINUTE)).toBe(0)
  })

  it('is left long enough for another to ask again, however quickly the last build failed', () => {
    const turns = createBuildTurns()
    turns.refuse('b', 10)
    turns.end('a', { startedAt: 0, endedAt: 20 })
    expect(turns.waitMs('a', 20)).toBe(10_000)
    expect(turns.waitMs('a', 10_020)).toBe(0)
  })

  it('is nobody else’s any more once that one has had it', () => {
    const turns = createBuildTurns()
    turns.refuse('b', MINUTE)
    turns.end('a', { startedAt: 0, endedAt: 5 * MINUTE })
    turns.begin('b')
    expect(turns.waitMs('a', 5 * MINUTE)).toBe(0)
  })

  it('is not left for a refusal of one’s own, nor for one from before the last build', () => {
    const turns = createBuildTurns()
    turns.refuse('a', 2 * MINUTE)
    turns.refuse('b', 0)
    turns.end('a', { startedAt: MINUTE, endedAt: 5 * MINUTE })
    expect(turns.waitMs('a', 5 * MINUTE)).toBe(0)
  })

  it('goes round when two flood a third', () => {
    const turns = createBuildTurns()
    const taken: string[] = []
    // Two places; every minute each of three asks, the third last, and a build takes four.
    const running = new Map<string, number>()
    for (let minute = 0; minute < 60; minute++) {
      const now = minute * MINUTE
      for (const [tenant, startedAt] of running) {
        if (now - startedAt < 4 * MINUTE) continue
        running.delete(tenant)
        turns.end(tenant, { startedAt, endedAt: now })
      }
      for (const tenant of ['a', 'b', 'c']) {
        if (running.has(tenant) || turns.waitMs(tenant, now) > 0) continue
        if (running.size === 2) turns.refuse(tenant, now)
        else {
          turns.begin(tenant)
          running.set(tenant, now)
          taken.push(tenant)
        }
      }
    }
    expect(taken.filter((tenant) => tenant === 'c').length).toBeGreaterThanOrEqual(
      Math.floor(taken.length / 3) - 1,
    )
  })
})
