/** Answers to whoever is called back: by a schedule of hours, and told apart from a repeat by an id. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { SendFailure } from '../../../../src/channels/platform.ts'
import { CALLBACK_RETRY_MS } from '../../../../src/channels/webhook/callback.ts'
import { filed, message, World } from './world.ts'

const DOWN: SendFailure = { kind: 'unavailable', reason: 'the receiver answered 503' }
const HOUR = 3_600_000

let world: World
beforeEach(() => {
  world = new World()
  world.retryMs = CALLBACK_RETRY_MS
})

const answered = async (deliveryId: string, content: string, lane = 'one') => {
  await world.inbox.receive([filed(message(deliveryId), lane)])
  await world.settle()
  world.talk().complete(content)
  await world.settle()
}

describe('a callback', () => {
  it('is tried again after each pause of the schedule, the last of which is six hours', async () => {
    world.failures = CALLBACK_RETRY_MS.map(() => DOWN)
    await answered('a', 'hello')
    for (const [i, pause] of CALLBACK_RETRY_MS.entries()) {
      expect([i, world.failures.length]).toEqual([i, CALLBACK_RETRY_MS.length - i - 1])
      await world.advance(pause - 1)
      expect(world.failures.length).toBe(CALLBACK_RETRY_MS.length - i - 1)
      expect(world.sent).toEqual([])
      await world.advance(1)
    }
    expect(world.sent).toEqual(['hello'])
    expect(world.talks).toHaveLength(1)
    expect([world.reports, world.inbox.health().dead]).toEqual([[], 0])
  })

  it('is put aside when the schedule is over, and begins it anew when told to', async () => {
    world.failures = Array.from({ length: 7 }, () => DOWN)
    await answered('a', 'hello')
    for (const pause of CALLBACK_RETRY_MS) await world.advance(pause)
    expect(world.inbox.deadLetters(9)).toMatchObject([{ deliveryId: 'a', error: DOWN.reason }])
    expect(world.reports).toEqual([`delivery_dead: ${DOWN.reason}`])
    expect(await world.inbox.replay(null)).toBe(1)
    await world.settle()
    await world.advance(CALLBACK_RETRY_MS[0] ?? 0)
    expect([world.sent, world.talks.length]).toEqual([['hello'], 1])
  })

  it('keeps nobody of its conversation waiting', async () => {
    world.failures = [DOWN]
    await answered('a', 'late')
    await answered('b', 'in time')
    expect(world.sent).toEqual(['in time'])
    await world.advance(CALLBACK_RETRY_MS[0] ?? 0)
    expect(world.sent).toEqual(['in time', 'late'])
  })

  it('keeps nobody else waiting either, however many there are', async () => {
    const many = 600
    // Twice, so that minutes pass before they are due.
    world.failures = Array.from({ length: 2 * many }, () => DOWN)
    for (let i = 0; i < many; i++) await answered(`a${i}`, 'late', `lane ${i}`)
    for (let i = 0; i < 2; i++) await world.advance(i === 0 ? 30_000 : 10_000)
    expect([world.failures.length, world.sent]).toEqual([0, []])
    // Only the timer finds it.
    world.state = 'paused'
    await world.inbox.receive([filed(message('b'), 'new')])
    await world.settle()
    world.state = 'open'
    await world.advance(30_000)
    expect(world.talks.some(({ key }) => key === 'b')).toBe(true)
  })

  it('outlives its object, and is sent again where it was on its way', async () => {
    world.failures = [DOWN]
    await answered('a', 'hello')
    world.open()
    await world.advance((CALLBACK_RETRY_MS[0] ?? 0) - 1)
    expect(world.sent).toEqual([])
    world.hold = new Promise(() => undefined)
    await world.advance(1)
    world.hold = null
    world.open()
    await world.advance(10_000)
    expect([world.sent, world.reports]).toEqual([['hello'], []])
  })

  it('waits as long as its receiver says, and no longer than the schedule goes on', async () => {
    const patience: SendFailure = { kind: 'rate_limited', retryAfterMs: 60_000 }
    world.failures = Array.from({ length: 6 }, () => patience)
    await answered('a', 'hello')
    await world.advance(59_999)
    expect(world.failures).toHaveLength(5)
    await world.advance(1)
    expect(world.failures).toHaveLength(4)
    for (const pause of CALLBACK_RETRY_MS.slice(1)) await world.advance(pause)
    expect(world.inbox.health()).toMatchObject({ dead: 1, waiting: 0 })
  })

  it('that nobody will ever take is put aside at once', async () => {
    world.failures = [{ kind: 'refused', reason: 'gone' }]
    await answered('a', 'hello')
    expect(world.inbox.health()).toMatchObject({ dead: 1, waiting: 0 })
  })
})

describe('a message to a person', () => {
  it('has no such schedule: it is an hour old at the most', async () => {
    world.retryMs = null
    world.failures = Array.from({ length: 9 }, () => DOWN)
    await answered('a', 'hello')
    await world.advance(2 * HOUR)
    expect(world.inbox.health().dead).toBe(1)
  })
})
