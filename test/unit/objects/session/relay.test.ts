import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { Relay } from '../../../../src/objects/session/relay.ts'
import { FakeConnection } from './world.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

function open(isHeld = true) {
  const connection = new FakeConnection(isHeld)
  const lost: string[] = []
  const relay = new Relay(() => connection, {
    onGone: (id) => void lost.push(`gone ${id}`),
    onFailed: (id) => void lost.push(`failed ${id}`),
  })
  return { connection, lost, relay }
}

const settled = () => vi.advanceTimersByTimeAsync(0)

describe('Relay', () => {
  it('gathers progress for 50 ms, so that a token is not a hop', async () => {
    const { connection, relay } = open()
    relay.push('c', 'a', false)
    await vi.advanceTimersByTimeAsync(49)
    relay.push('c', 'b', false)
    expect(connection.batches).toEqual([])
    await vi.advanceTimersByTimeAsync(1)
    expect(connection.batches).toEqual([['a', 'b']])
  })

  it('sends at once what is urgent, behind what was waiting', async () => {
    const { connection, relay } = open()
    relay.push('c', 'a', false)
    relay.push('c', 'b', true)
    expect(connection.batches).toEqual([['a', 'b']])
    await vi.advanceTimersByTimeAsync(1_000)
    expect(connection.batches).toHaveLength(1)
  })

  it('has one delivery in flight, and sends on what came meanwhile when it ends', async () => {
    const { connection, relay } = open()
    relay.push('c', 'a', true)
    relay.push('c', 'b', true)
    relay.push('c', 'd', false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(connection.batches).toEqual([['a']])
    connection.settle()
    await settled()
    expect(connection.batches).toEqual([['a'], ['b', 'd']])
  })

  it('waits again for company when only progress came meanwhile', async () => {
    const { connection, relay } = open()
    relay.push('c', 'a', true)
    relay.push('c', 'b', false)
    connection.settle()
    await settled()
    expect(connection.batches).toEqual([['a']])
    await vi.advanceTimersByTimeAsync(50)
    expect(connection.batches).toEqual([['a'], ['b']])
  })

  it('reports a connection gone that has no socket any more, once', async () => {
    const { connection, lost, relay } = open()
    relay.push('c', 'a', true)
    relay.push('c', 'b', true)
    connection.settle(false)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(lost).toEqual(['gone c'])
    expect(connection.batches).toHaveLength(1)
  })

  it('reports no connection gone that could only not be reached', async () => {
    const { connection, lost, relay } = open()
    relay.push('c', 'a', true)
    connection.fail()
    await settled()
    expect(lost).toEqual(['failed c'])
  })

  it('makes a client come back whose frames were lost on the way', async () => {
    const { connection, relay } = open()
    relay.push('c', 'a', true)
    connection.fail()
    await settled()
    expect(connection.drops).toBe(1)
  })

  it('makes a client come back whose delivery hangs, instead of keeping its frames', () => {
    const { connection, lost, relay } = open()
    const megabyte = 'x'.repeat(1024 * 1024)
    relay.push('c', 'a', true)
    relay.push('c', megabyte, false)
    expect(lost).toEqual([])
    relay.push('c', 'b', false)
    expect(lost).toEqual(['failed c'])
    expect(connection.drops).toBe(1)
  })

  it('begins anew with a connection that it forgot', async () => {
    const { connection, relay } = open()
    relay.push('c', 'a', true)
    connection.settle(false)
    await settled()
    relay.push('c', 'b', true)
    expect(connection.batches).toEqual([['a'], ['b']])
  })

  it('lets a slow connection hold up no other', () => {
    const slow = new FakeConnection(true)
    const fast = new FakeConnection(false)
    const ignored = () => undefined
    const relay = new Relay((id) => (id === 'slow' ? slow : fast), {
      onGone: ignored,
      onFailed: ignored,
    })
    relay.push('slow', 'a', true)
    relay.push('fast', 'a', true)
    relay.push('slow', 'b', true)
    expect(slow.batches).toHaveLength(1)
    expect(fast.batches).toHaveLength(1)
  })

  it('delivers every frame once and in order, however deliveries and frames interleave', async () => {
    const step = fc.constantFrom('progress', 'urgent', 'settle', 'wait')
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
        const { connection, relay } = open()
        const pushed: string[] = []
        let mostInFlight = 0
        for (const kind of steps) {
          if (kind === 'settle') connection.settle()
          else if (kind === 'wait') await vi.advanceTimersByTimeAsync(30)
          else {
            pushed.push(`f${pushed.length}`)
            relay.push('c', pushed.at(-1) ?? '', kind === 'urgent')
          }
          await settled()
          mostInFlight = Math.max(mostInFlight, connection.inFlight)
        }
        for (let i = 0; i < pushed.length + 1; i++) {
          await vi.advanceTimersByTimeAsync(50)
          connection.settle()
          await settled()
        }
        expect(connection.batches.flat()).toEqual(pushed)
        expect(mostInFlight).toBeLessThanOrEqual(1)
      }),
    )
  })
})
