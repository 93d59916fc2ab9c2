import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { cutHead, cutPlace, cutTail, LINE_END } from '../../../src/domain/text-cut.ts'

describe('a text that is cut', () => {
  it('keeps what fits, from either end', () => {
    expect([cutHead('abc', 2), cutHead('abc', 3), cutHead('abc', 0)]).toEqual(['ab', 'abc', ''])
    expect([cutTail('abc', 2), cutTail('abc', 3), cutTail('abc', 0)]).toEqual(['bc', 'abc', ''])
    expect(cutTail('abc', -1)).toBe('')
  })

  it('loses a whole character rather than half of it', () => {
    expect([cutHead('a🎉', 2), cutHead('a🎉', 3)]).toEqual(['a', 'a🎉'])
    expect([cutTail('🎉a', 2), cutTail('🎉a', 3)]).toEqual(['a', '🎉a'])
    expect([cutPlace('a🎉b', 2), cutPlace('a🎉b', 3)]).toEqual([1, 3])
  })

  it('is well formed wherever it is cut, if it was before, and never longer than asked for', () => {
    const text = fc.string({ unit: 'grapheme', maxLength: 40 })
    fc.assert(
      fc.property(text, fc.nat(50), (whole, max) => {
        const [head, tail] = [cutHead(whole, max), cutTail(whole, max)]
        expect([head.isWellFormed(), tail.isWellFormed()]).toEqual([true, true])
        expect(Math.max(head.length, tail.length)).toBeLessThanOrEqual(max)
        expect(whole.startsWith(head) && whole.endsWith(tail)).toBe(true)
        expect(head.length).toBeGreaterThanOrEqual(Math.min(whole.length, max) - 1)
        expect(tail.length).toBeGreaterThanOrEqual(Math.min(whole.length, max) - 1)
      }),
    )
  })
})

it('ends a line wherever an editor or a terminal would', () => {
  expect('a\r\nb\rc\nd\u0085e\u2028f\u2029g\vh\fi'.split(LINE_END).join('')).toBe('abcdefghi')
  expect('a\r\nb'.split(LINE_END)).toEqual(['a', 'b'])
})
