import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  answerFrame,
  LARGEST_ANSWER_BYTES,
  SOCKET_WINDOW_BYTES,
  SocketWindow,
} from '../../../src/objects/socket-window.ts'
import { eventFrame, resultFrame } from '../../../src/protocol/frames.ts'

const NOW = 1_700_000_000_000
const SECOND = 1_000
const DRAINED_A_SECOND = 64 * 1024
/** What a mark adds to a frame here. */
const MARK_BYTES = ',"mark":"m00000"'.length

/** A window whose marks are counted: tests know them, clients have to read them. */
function open() {
  let count = 0
  return new SocketWindow(NOW, () => `m${String(++count).padStart(5, '0')}`)
}

/** A frame of so many bytes, with its mark where it is to have one. */
const frameOf = (bytes: number): string => {
  const empty = eventFrame('x', '')
  return eventFrame('x', 'a'.repeat(bytes - empty.length))
}
const markIn = (frame: string | null): unknown =>
  frame === null ? undefined : (JSON.parse(frame) as { mark?: string }).mark

describe('an answer', () => {
  const bare = resultFrame('q1', '').length

  it('that fills a window goes out with its mark', () => {
    const frame = answerFrame('q1', 'a'.repeat(LARGEST_ANSWER_BYTES - bare))
    expect(frame).toHaveLength(LARGEST_ANSWER_BYTES)
    expect(markIn(open().admit(frame, NOW))).toBe('m00001')
  })

  it('that no window takes is refused, and costs nobody their socket', () => {
    const payloads = [
      'a'.repeat(LARGEST_ANSWER_BYTES - bare + 1),
      'é'.repeat(LARGEST_ANSWER_BYTES / 2),
    ]
    for (const payload of payloads) {
      const frame = answerFrame('q1', payload)
      expect(JSON.parse(frame)).toMatchObject({
        id: 'q1',
        ok: false,
        error: { code: 'RESOURCE_EXHAUSTED' },
      })
      expect(open().admit(frame, NOW)).not.toBeNull()
    }
  })
})

describe('SocketWindow', () => {
  it('admits a megabyte that nobody has read, and not a byte more', () => {
    const window = open()
    expect(window.admit(frameOf(SOCKET_WINDOW_BYTES - MARK_BYTES), NOW)).not.toBeNull()
    expect(window.admit('{}', NOW)).toBeNull()
  })

  it('marks a frame as soon as much went out unmarked, and leaves small ones as they are', () => {
    const window = open()
    const small = resultFrame('1', { ok: true })
    expect(window.admit(small, NOW)).toBe(small)
    expect(markIn(window.admit(frameOf(40_000), NOW))).toBe('m00001')
    expect(window.admit(small, NOW)).toBe(small)
    for (let i = 0; i < 10; i++) window.admit(frameOf(3_000), NOW)
    expect(markIn(window.admit(frameOf(3_000), NOW))).toBe('m00002')
  })

  it('changes nothing of a frame but the mark behind all of it', () => {
    const frame = eventFrame('agent', { text: '}'.repeat(40_000) }, 7)
    const sent = open().admit(frame, NOW) ?? ''
    const { mark, ...rest } = JSON.parse(sent) as Record<string, unknown>
    expect([mark, rest]).toEqual(['m00001', JSON.parse(frame)])
  })

  it('is counted down for a client that names no mark', () => {
    const window = open()
    window.admit(frameOf(SOCKET_WINDOW_BYTES - MARK_BYTES), NOW)
    expect(window.admit(frameOf(DRAINED_A_SECOND), NOW + SECOND)).toBeNull()
    expect(window.admit(frameOf(DRAINED_A_SECOND - MARK_BYTES), NOW + SECOND)).not.toBeNull()
  })

  it('gives back what was read up to a mark', () => {
    const window = open()
    window.admit(frameOf(500_000), NOW)
    const last = markIn(window.admit(frameOf(500_000), NOW))
    window.acknowledge(last)
    expect(window.admit(frameOf(SOCKET_WINDOW_BYTES - MARK_BYTES), NOW)).not.toBeNull()
  })

  it('gives nothing back for what a client knows without reading', () => {
    const window = open()
    window.admit(resultFrame('x', 'a'.repeat(500_000)), NOW)
    window.admit(eventFrame('agent', 'a'.repeat(500_000), 1), NOW)
    for (const guess of ['x', '1', 1, 0, null, undefined, '', {}, 'm00003', 'm0000', '__proto__'])
      window.acknowledge(guess)
    expect(window.admit(frameOf(100_000), NOW)).toBeNull()
  })

  it('goes by marks alone once one was named', () => {
    const window = open()
    window.acknowledge(markIn(window.admit(frameOf(40_000), NOW)))
    const next = markIn(window.admit(frameOf(SOCKET_WINDOW_BYTES - MARK_BYTES), NOW))
    expect(window.admit('{}', NOW + 3_600 * SECOND)).toBeNull()
    window.acknowledge(next)
    expect(window.admit('{}', NOW + 3_600 * SECOND)).not.toBeNull()
  })

  it('is not widened by naming a mark twice or by a clock that goes back', () => {
    const window = open()
    const mark = markIn(window.admit(frameOf(40_000), NOW))
    window.acknowledge(mark)
    window.acknowledge(mark)
    const whole = frameOf(SOCKET_WINDOW_BYTES - MARK_BYTES)
    expect(window.admit(whole, NOW - 10 * SECOND)).not.toBeNull()
    expect(window.admit('{}', NOW - 20 * SECOND)).toBeNull()
  })

  it('never lets more than a megabyte be unread, for a client that reads in order', () => {
    const step = fc.oneof(
      fc.integer({ min: 60, max: 400_000 }).map((bytes) => ({ kind: 'send' as const, bytes })),
      fc.constant({ kind: 'read' as const }),
    )
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const window = open()
        window.acknowledge(markIn(window.admit(frameOf(40_000), NOW)))
        const unread: string[] = []
        for (const event of steps) {
          if (event.kind === 'read') {
            const read = unread.shift()
            if (read !== undefined) window.acknowledge(markIn(read))
          } else {
            const sent = window.admit(frameOf(event.bytes), NOW)
            if (sent !== null) unread.push(sent)
          }
          const total = unread.reduce((sum, { length }) => sum + length, 0)
          expect(total).toBeLessThanOrEqual(SOCKET_WINDOW_BYTES)
        }
      }),
    )
  })

  it('names marks that nobody can guess', () => {
    const window = new SocketWindow(NOW)
    const marks = Array.from({ length: 10 }, () => markIn(window.admit(frameOf(40_000), NOW)))
    expect(new Set(marks).size).toBe(10)
    for (const mark of marks) expect(String(mark)).toMatch(/^mrk_\w{16,}$/)
  })
})
