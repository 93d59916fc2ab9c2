import { describe, expect, it } from 'vitest'
import { spellOut } from '../../../src/protocol/approval.ts'

describe('what an approver reads', () => {
  it('is the text itself while it is plain', () => {
    expect(spellOut('rm -i "a b" && ls ~/x | wc -l')).toBe('rm -i "a b" && ls ~/x | wc -l')
  })

  it.each([
    ['a right-to-left override', 'cat \u202etxt.sh', 'cat \\u{202e}txt.sh'],
    ['a Cyrillic letter', 'rm \u0430', 'rm \\u{430}'],
    ['a zero-width space', 'l\u200bs', 'l\\u{200b}s'],
    ['an escape sequence', 'echo \u001b[2K', 'echo \\u{1b}[2K'],
    ['a carriage return', 'rm x\recho', 'rm x\\u{d}echo'],
    ['a line break', 'a\nb', 'a\\nb'],
    ['a character beyond the first plane', '\u{1f600}', '\\u{1f600}'],
    ['half a surrogate pair', 'x\ud800y', 'x\\u{d800}y'],
  ])('spells out %s', (_, text, shown) => {
    expect(spellOut(text)).toBe(shown)
  })
})
