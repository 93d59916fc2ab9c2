import { describe, expect, it } from 'vitest'
import { UNDRAWN, UNDRAWN_IN_LINES, UNREADABLE } from '../../../src/domain/undrawn.ts'

const holds = (expression: RegExp, text: string): boolean => text.search(expression) !== -1

describe('what is not drawn', () => {
  it.each([
    ['a control', '\u0007'],
    ['a delete', '\u007f'],
    ['a line end of another kind', '\u0085'],
    ['a separator of lines', '\u2028'],
    ['a separator of paragraphs', '\u2029'],
    ['an override of the direction', '\u202e'],
    ['an isolate', '\u2066'],
    ['a mark of Arabic', '\u061c'],
    ['a zero-width space', '\u200b'],
    ['a joiner', '\u200d'],
    ['a byte order mark', '\ufeff'],
    ['a soft hyphen', '\u00ad'],
    ['an invisible operator', '\u2063'],
    ['a selector', '\ufe0f'],
    ['a selector of the second plane', '\u{e0101}'],
    ['a tag', '\u{e0041}'],
    ['a filler of Hangul', '\u3164'],
    ['a blank of Braille', '\u2800'],
    ['a private letter', '\ue000'],
    ['half a pair', '\ud800'],
    ['what is no character', '\ufdd0'],
    ['what is not assigned', '\u0378'],
  ])('is %s, in a line and in lines', (_, char) => {
    expect(holds(UNDRAWN, `a${char}b`)).toBe(true)
    expect(holds(UNDRAWN_IN_LINES, `a${char}b`)).toBe(true)
  })

  it('is none of what people write with', () => {
    for (const text of ['rm -rf /', 'Grüße, Ωμέγα, раз', 'שלום عليكم', '漢字 かな 한글', '😀 €']) {
      for (const expression of [UNDRAWN, UNDRAWN_IN_LINES, UNREADABLE]) {
        expect(holds(expression, text), text).toBe(false)
      }
    }
  })

  it('is the end of a line or a tab only where there is but one line', () => {
    for (const layout of ['\n', '\t']) {
      expect(holds(UNDRAWN, `a${layout}b`)).toBe(true)
      expect(holds(UNDRAWN_IN_LINES, `a${layout}b`)).toBe(false)
    }
    expect(holds(UNDRAWN_IN_LINES, 'a\rb')).toBe(true)
  })

  it('is told anew at each look', () => {
    for (const _ of [1, 2]) expect(holds(UNDRAWN, '\u202e')).toBe(true)
    expect('\u202ea\u202e'.replaceAll(UNDRAWN, '_')).toBe('_a_')
  })
})

describe('what makes prose unreadable', () => {
  it('is what turns or hides a stretch of it', () => {
    for (const char of ['\u202e', '\u2067', '\u{e0041}', '\u0000', '\u009b', '\u2028', '\ufeff']) {
      expect(holds(UNREADABLE, `a${char}b`), char).toBe(true)
    }
  })

  it('is not what emoji and scripts are written with', () => {
    for (const text of ['⚠\ufe0f', '👩\u200d🔬', 'می\u200cخواهم', 'a\tb\r\nc']) {
      expect(holds(UNREADABLE, text), text).toBe(false)
    }
  })
})
