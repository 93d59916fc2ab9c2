import { describe, expect, it } from 'vitest'
import { normalizeForMatching } from '../../../src/input/normalize.ts'

describe('normalizeForMatching', () => {
  it.each([
    ['full-width letters', 'ＡＢＣ', 'abc'],
    ['ligatures', 'ﬁre', 'fire'],
    ['zero-width characters', 'a\u200bb\u200dc\ufeffd', 'abcd'],
    ['bidirectional controls', '\u202eabc\u2066\u2069', 'abc'],
    ['tags', `a${String.fromCodePoint(0xe0041)}b`, 'ab'],
    ['look-alike letters', 'іgnоrе', 'ignore'],
    ['case', 'IGNORE', 'ignore'],
  ])('folds %s', (_, text, expected) => {
    expect(normalizeForMatching(text)).toBe(expected)
  })

  it('keeps ordinary text, line breaks and NUL', () => {
    expect(normalizeForMatching('a b\nc\0d, e!')).toBe('a b\nc\0d, e!')
  })

  it('survives lone surrogates', () => {
    expect(normalizeForMatching('\ud800é\udc00')).toBe('\ud800é\udc00')
  })
})
