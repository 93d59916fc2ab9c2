import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  formatBytes,
  formatDuration,
  isColourful,
  paletteFor,
  toOneLine,
  toPlainText,
  toRows,
} from '../../../src/cli/terminal.ts'

describe('isColourful', () => {
  it('is for a terminal, unless NO_COLOR or TERM=dumb says otherwise', () => {
    expect(isColourful({ isTTY: true }, {})).toBe(true)
    expect(isColourful({ isTTY: true }, { NO_COLOR: '' })).toBe(true)
    expect(isColourful({ isTTY: true }, { NO_COLOR: '1' })).toBe(false)
    expect(isColourful({ isTTY: true }, { TERM: 'dumb' })).toBe(false)
    expect(isColourful({}, {})).toBe(false)
  })
})

describe('toPlainText', () => {
  it.each([
    ['title', '\u001b]0;owned\u0007text', 'text'],
    ['clipboard', '\u001b]52;c;b3duZWQ=\u0007text', 'text'],
    ['colour', '\u001b[31mred\u001b[0m', 'red'],
    ['cursor', 'a\u001b[2K\u001b[1Ab', 'ab'],
    ['8-bit control', 'a\u009b31mb', 'ab'],
    ['carriage return', 'safe\rrm -rf', 'saferm -rf'],
    ['backspace', 'a\bb', 'ab'],
  ])('takes the %s sequence out', (_, text, plain) => {
    expect(toPlainText(text)).toBe(plain)
  })

  it('keeps newlines, tabs and every language', () => {
    expect(toPlainText('a\n\tb — žluťoučký 漢字 🦀')).toBe('a\n\tb — žluťoučký 漢字 🦀')
  })

  it('lets no control character through', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(toPlainText(text)).not.toMatch(/[^\P{Cc}\n\t]/u)
      }),
    )
  })
})

describe('toOneLine', () => {
  it('joins lines and cuts with an ellipsis', () => {
    expect(toOneLine('a\n  b\tc', 10)).toBe('a b c')
    expect(toOneLine('abcdefghij', 5)).toBe('abcd…')
    expect(toOneLine('abcde', 5)).toBe('abcde')
  })
})

describe('toRows', () => {
  it('aligns the values', () => {
    const rows = toRows(
      [
        ['A', '1'],
        ['Longer', '2'],
      ],
      paletteFor({}),
    )
    expect(rows).toBe('  A        1\n  Longer   2')
  })
})

describe('formats', () => {
  it('speaks of bytes and durations in the unit that fits', () => {
    expect(formatBytes(1536)).toBe('1.5 KB')
    expect(formatBytes(3 * 1024 * 1024)).toBe('3.00 MB')
    expect([0, 0.2, 23, 99.9].map(formatDuration)).toEqual(['0 ms', '1 ms', '23 ms', '100 ms'])
    expect([100, 1_234].map(formatDuration)).toEqual(['0.1 s', '1.2 s'])
    expect(formatDuration(125_000)).toBe('2 min 5 s')
  })
})
