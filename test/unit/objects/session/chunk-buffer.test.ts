import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { ChunkBuffer, type DeltaType } from '../../../../src/objects/session/chunk-buffer.ts'

beforeEach(() => void vi.useFakeTimers({ now: 1_700_000_000_000 }))
afterEach(() => void vi.useRealTimers())

function open() {
  const sent: [DeltaType, string][] = []
  const buffer = new ChunkBuffer(
    (type, content) => void sent.push([type, content]),
    () => Date.now(),
  )
  return { sent, buffer }
}

describe('ChunkBuffer', () => {
  it('sends the first delta at once and gathers the following', () => {
    const { sent, buffer } = open()
    buffer.push('chunk', 'a')
    expect(sent).toEqual([['chunk', 'a']])
    buffer.push('chunk', 'b')
    buffer.push('chunk', 'c')
    expect(sent).toHaveLength(1)
    expect(buffer.pending).toEqual({ type: 'chunk', content: 'bc' })
    vi.advanceTimersByTime(100)
    expect(sent).toEqual([
      ['chunk', 'a'],
      ['chunk', 'bc'],
    ])
    expect(buffer.pending).toBeNull()
  })

  it('sends at most ten times a second while tokens come', () => {
    const { sent, buffer } = open()
    for (let ms = 0; ms < 1_000; ms += 5) {
      buffer.push('chunk', 'x')
      vi.advanceTimersByTime(5)
    }
    buffer.flush()
    expect(sent.length).toBeLessThanOrEqual(11)
    expect(sent.map(([, content]) => content).join('')).toBe('x'.repeat(200))
  })

  it('lets neither text nor thinking overtake the other', () => {
    const { sent, buffer } = open()
    buffer.push('thinking', 'a')
    buffer.push('thinking', 'b')
    buffer.push('chunk', 'c')
    buffer.flush()
    expect(sent).toEqual([
      ['thinking', 'a'],
      ['thinking', 'b'],
      ['chunk', 'c'],
    ])
  })

  it('writes nothing of what was discarded, not even later', () => {
    const { sent, buffer } = open()
    buffer.push('chunk', 'a')
    buffer.push('chunk', 'b')
    buffer.discard()
    vi.advanceTimersByTime(1_000)
    expect(sent).toEqual([['chunk', 'a']])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('sends what is large in pieces that each can be stored whole', () => {
    const { sent, buffer } = open()
    const content = 'a😀'.repeat(20_000)
    buffer.push('chunk', 'first')
    buffer.push('chunk', content)
    const pieces = sent.slice(1).map(([, piece]) => piece)
    expect(buffer.pending).toBeNull()
    expect(pieces.join('')).toBe(content)
    expect(pieces.every((piece) => piece.length <= 8_192 && piece.isWellFormed())).toBe(true)
  })

  it('loses no character and keeps the order, for any deltas at any time', () => {
    const delta = fc.record({
      type: fc.constantFrom('chunk' as const, 'thinking' as const),
      content: fc.string({ maxLength: 5 }),
      waitMs: fc.nat(150),
    })
    fc.assert(
      fc.property(fc.array(delta), (deltas) => {
        const { sent, buffer } = open()
        for (const { type, content, waitMs } of deltas) {
          buffer.push(type, content)
          vi.advanceTimersByTime(waitMs)
        }
        buffer.flush()
        const joined = (parts: readonly (readonly [DeltaType, string])[]) =>
          parts
            .map(([type, content]) => [...content].map((c) => `${type}:${c}`).join())
            .filter(Boolean)
        expect(joined(sent).join()).toBe(
          joined(deltas.map(({ type, content }) => [type, content] as const)).join(),
        )
        expect(sent.every(([, content]) => content !== '')).toBe(true)
      }),
    )
  })
})
