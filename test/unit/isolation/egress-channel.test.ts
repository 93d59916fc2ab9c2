/** The channel against a container that has been taken over: whatever it says is bounded. */
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, expect, it } from 'vitest'
import { FrameError } from '../../../sandbox-runner/src/frames.ts'
import {
  createEgressChannel,
  EGRESS_WINDOW,
  MAX_EGRESS_CONNECTIONS,
} from '../../../sandbox-runner/src/front/egress-channel.ts'

const u32 = (...numbers: number[]): Buffer =>
  Buffer.concat(
    numbers.map((number) => {
      const bytes = Buffer.alloc(4)
      bytes.writeUInt32BE(number)
      return bytes
    }),
  )

function open(limits: { readonly maxBytes?: number; readonly maxConnections?: number } = {}) {
  const sent: string[] = []
  const bytes: Buffer[] = []
  const streams: Duplex[] = []
  const spent: string[] = []
  const channel = createEgressChannel({
    maxBytes: 1_000_000,
    maxConnections: 100,
    ...limits,
    send: async (frame) => {
      const type = String.fromCharCode(frame[0] ?? 0)
      sent.push(`${type}${frame.readUInt32BE(5)}`)
      if (type === 'd') bytes.push(frame.subarray(9))
    },
    ports: [3128, 5432],
    onConnection: (stream) => streams.push(stream),
    onSpent: (limit) => spent.push(limit),
  })
  const say = (type: string, ...parts: Buffer[]): boolean =>
    channel.onFrame({ type, payload: Buffer.concat(parts) })
  const connect = (id: number, port = 3128): boolean =>
    say('n', u32(id), Buffer.from([port >> 8, port & 255]))
  return { channel, say, connect, sent, bytes, streams, spent }
}
const settle = (): Promise<void> => new Promise((resolve) => setImmediate(resolve))

describe('the egress channel', () => {
  it('makes a stream of a connection, to its end in both directions', async () => {
    const { say, connect, sent, bytes, streams } = open()
    connect(1)
    const [stream] = streams
    if (stream === undefined) throw new Error('no stream')
    say('d', u32(1), Buffer.from('ask'))
    say('q', u32(1))
    expect(await text(stream)).toBe('ask')
    stream.end('answer')
    await settle()
    expect(Buffer.concat(bytes).toString()).toBe('answer')
    // The container still hands the answer over: it says when it is done, and hears so.
    expect(sent).toEqual(['d1', 'q1'])
    say('x', u32(1))
    await settle()
    expect(sent).toEqual(['d1', 'q1', 'x1'])
  })

  it('sends no more than the other end has room for', async () => {
    const { say, connect, bytes, streams } = open()
    connect(1)
    streams[0]?.write(Buffer.alloc(3 * EGRESS_WINDOW))
    await settle()
    expect(Buffer.concat(bytes)).toHaveLength(EGRESS_WINDOW)
    say('w', u32(1, 1_000))
    await settle()
    expect(Buffer.concat(bytes)).toHaveLength(EGRESS_WINDOW + 1_000)
  })

  it('gives room for what was read, and none for what was not', async () => {
    const { say, connect, sent, streams } = open()
    connect(1)
    connect(2)
    for (const id of [1, 2]) say('d', u32(id), Buffer.alloc(EGRESS_WINDOW))
    streams[0]?.resume()
    await settle()
    expect(sent).toEqual(['w1'])
    say('d', u32(1), Buffer.alloc(EGRESS_WINDOW))
    expect(() => say('d', u32(2), Buffer.alloc(1))).toThrow(FrameError)
  })

  it.each<[string, (container: ReturnType<typeof open>) => void]>([
    ['a connection out of order', ({ connect }) => connect(3)],
    ['a connection twice', ({ connect }) => connect(1)],
    ['a port that nobody listens on', ({ connect }) => connect(2, 80)],
    ['a connection with more than that', ({ say }) => say('n', u32(2), Buffer.alloc(3))],
    ['bytes of no connection', ({ say }) => say('d', u32(9), Buffer.from('x'))],
    ['no bytes', ({ say }) => say('d', u32(1))],
    ['more than fits', ({ say }) => say('d', u32(1), Buffer.alloc(EGRESS_WINDOW + 1))],
    ['room that was never taken', ({ say }) => say('w', u32(1, 1))],
    ['room of half a number', ({ say }) => say('w', u32(1), Buffer.alloc(3))],
    ['an end twice', ({ say }) => [say('q', u32(1)), say('q', u32(1))]],
    ['bytes behind the end', ({ say }) => [say('q', u32(1)), say('d', u32(1), Buffer.from('x'))]],
    ['a farewell twice', ({ say }) => [say('x', u32(1)), say('x', u32(1))]],
    ['a farewell with more than that', ({ say }) => say('x', u32(1), Buffer.from('x'))],
    ['half an id', ({ say }) => say('x', Buffer.alloc(3))],
    ['anything when it is over', ({ channel, say }) => [channel.close(), say('x', u32(1))]],
  ])('is broken by %s', (_what, misbehave) => {
    const container = open()
    container.connect(1)
    expect(() => misbehave(container)).toThrow(FrameError)
  })

  it('leaves other frames to others', () => {
    expect(open().say('o', Buffer.from('out'))).toBe(false)
  })

  it('counts a connection until the container has let go of it', async () => {
    const { say, connect, streams } = open()
    for (let id = 1; id <= MAX_EGRESS_CONNECTIONS; id++) connect(id)
    for (const stream of streams) stream.destroy()
    expect(() => connect(33)).toThrow(FrameError)
    const again = open()
    for (let id = 1; id <= MAX_EGRESS_CONNECTIONS; id++) again.connect(id)
    again.say('x', u32(1))
    expect(again.connect(33)).toBe(true)
    // What was on its way when we let go is taken, as far as there was room for it.
    again.streams[5]?.destroy()
    await settle()
    expect(again.say('d', u32(6), Buffer.alloc(EGRESS_WINDOW))).toBe(true)
    expect(() => again.say('d', u32(6), Buffer.alloc(1))).toThrow(FrameError)
    expect(say('o')).toBe(false)
  })

  it('closes the door after the last connection, and ends with one that goes on', async () => {
    const { say, connect, sent, streams, spent } = open({ maxConnections: 2 })
    for (let id = 1; id <= 2 + MAX_EGRESS_CONNECTIONS; id++) {
      connect(id)
      say('x', u32(id))
    }
    await settle()
    expect(streams).toHaveLength(2)
    expect(sent.filter((frame) => frame === 'l0')).toHaveLength(1)
    expect(spent).toEqual(['connections'])
    expect(() => connect(3 + MAX_EGRESS_CONNECTIONS)).toThrow(FrameError)
  })

  it.each(['in', 'out'])('lets nothing through past its bytes %s', async (direction) => {
    const { say, connect, streams, spent } = open({ maxBytes: 10_000 })
    connect(1)
    connect(2)
    if (direction === 'in') say('d', u32(1), Buffer.alloc(10_001))
    else streams[0]?.write(Buffer.alloc(10_001))
    await settle()
    expect(spent).toEqual(['bytes'])
    expect(streams.map(({ destroyed }) => destroyed)).toEqual([true, true])
    connect(3)
    expect(streams).toHaveLength(2)
  })
})
