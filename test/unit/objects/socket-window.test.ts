import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  acknowledgedMark,
  markOf,
  SOCKET_WINDOW_BYTES,
  SocketWindow,
} from '../../../src/objects/socket-window.ts'
import { eventFrame, resultFrame } from '../../../src/protocol/frames.ts'

const NOW = 1_700_000_000_000
const SECOND = 1_000
const DRAINED_A_SECOND = 64 * 1024

describe('SocketWindow', () => {
  it('admits a megabyte that nobody has read, and not a byte more', () => {
    const window = new SocketWindow(NOW)
    expect(window.admits(SOCKET_WINDOW_BYTES, undefined, NOW)).toBe(true)
    expect(window.admits(1, undefined, NOW)).toBe(false)
  })

  it('is counted down for a client that never acknowledges', () => {
    const window = new SocketWindow(NOW)
    window.admits(SOCKET_WINDOW_BYTES, 1, NOW)
    expect(window.admits(DRAINED_A_SECOND + 1, 2, NOW + SECOND)).toBe(false)
    expect(window.admits(DRAINED_A_SECOND, 2, NOW + SECOND)).toBe(true)
  })

  it('gives back what was acknowledged, with everything sent before it', () => {
    const window = new SocketWindow(NOW)
    window.admits(SOCKET_WINDOW_BYTES / 2, undefined, NOW)
    window.admits(SOCKET_WINDOW_BYTES / 2, 7, NOW)
    window.acknowledge(7)
    expect(window.admits(SOCKET_WINDOW_BYTES, 8, NOW)).toBe(true)
  })

  it('goes by acknowledgements alone once there was one', () => {
    const window = new SocketWindow(NOW)
    window.admits(1, 1, NOW)
    window.acknowledge(1)
    window.admits(SOCKET_WINDOW_BYTES, 2, NOW)
    expect(window.admits(1, 3, NOW + 3_600 * SECOND)).toBe(false)
    window.acknowledge(2)
    expect(window.admits(1, 3, NOW + 3_600 * SECOND)).toBe(true)
  })

  it('gives back answers, which have no seq, by their ids', () => {
    const window = new SocketWindow(NOW)
    for (const [id, acknowledged] of [
      ['12', '12'],
      [12, 12],
      ['a"\\,"seq":3}', 'a"\\,"seq":3}'],
    ] as const) {
      window.admits(SOCKET_WINDOW_BYTES, markOf(resultFrame(id, { seq: 3 })), NOW)
      window.acknowledge(acknowledgedMark({ seq: 3 }))
      expect(window.admits(1, 9, NOW)).toBe(false)
      window.acknowledge(acknowledgedMark({ id: acknowledged }))
      expect(window.admits(1, 9, NOW)).toBe(true)
      window.acknowledge(9)
    }
  })

  it('tells the seq of an event from one in its payload', () => {
    expect(markOf(eventFrame('agent', { text: ',"seq":8}' }, 7))).toBe(7)
    expect(markOf(eventFrame('agent', { seq: 8 }))).toBeUndefined()
    expect(markOf(eventFrame('agent', { type: 'res', id: '7' }, 1))).toBe(1)
  })

  it('takes no acknowledgement of what was never sent', () => {
    const window = new SocketWindow(NOW)
    window.admits(SOCKET_WINDOW_BYTES, 5, NOW)
    for (const seq of [4, 6, 0, Number.NaN, Number.MAX_SAFE_INTEGER]) window.acknowledge(seq)
    expect(window.admits(1, 6, NOW)).toBe(false)
  })

  it('is not widened by acknowledging twice or by a clock that goes back', () => {
    const window = new SocketWindow(NOW)
    window.admits(10, 1, NOW)
    window.acknowledge(1)
    window.acknowledge(1)
    expect(window.admits(SOCKET_WINDOW_BYTES, 2, NOW - 10 * SECOND)).toBe(true)
    expect(window.admits(1, 3, NOW - 20 * SECOND)).toBe(false)
  })

  it('never lets more than a megabyte be unread, for a client that acknowledges in order', () => {
    const step = fc.oneof(
      fc.nat(400_000).map((bytes) => ({ kind: 'send' as const, bytes })),
      fc.constant({ kind: 'ack' as const }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const window = new SocketWindow(NOW)
        window.admits(0, 0, NOW)
        window.acknowledge(0)
        const unread: { seq: number; bytes: number }[] = []
        let seq = 0
        for (const event of steps) {
          if (event.kind === 'ack') {
            const read = unread.shift()
            if (read) window.acknowledge(read.seq)
          } else if (window.admits(event.bytes, ++seq, NOW)) {
            unread.push({ seq, bytes: event.bytes })
          }
          const total = unread.reduce((sum, { bytes }) => sum + bytes, 0)
          expect(total).toBeLessThanOrEqual(SOCKET_WINDOW_BYTES)
        }
      }),
    )
  })
})
