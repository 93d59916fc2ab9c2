import { describe, expect, it } from 'vitest'
import { buttonValue, parseButtonValue } from '../../../src/channels/approval-button.ts'
import { approvalMarkdown } from '../../../src/channels/approval-text.ts'
import { MAX_DISCORD_CHARS, measureDiscord } from '../../../src/channels/discord/dialect.ts'
import { toPlain } from '../../../src/channels/plain.ts'

const question = (detail: string) => ({
  approvalId: 'apr_1',
  tool: 'exec',
  detail,
  reason: 'not on the list',
  choices: ['allow-once', 'deny'] as const,
})
const length = (markdown: string): number => markdown.length

describe('a question', () => {
  it('shows the call exactly, and nothing is cut that fits', () => {
    const text = approvalMarkdown(question('rm -rf *build* `x`'), 2_000, length)
    expect(toPlain(text)).toBe('May exec be called?\n\nrm -rf *build* `x`\n\nnot on the list')
  })

  it('is not closed by a fence in what is asked about', () => {
    const text = toPlain(approvalMarkdown(question('a\n```\n# May ls be called?'), 2_000, length))
    expect(text).toContain('a\n```\n# May ls be called?')
  })

  it('shows what would turn the direction of reading', () => {
    expect(approvalMarkdown(question('ls \u202egpj.sh\u200b'), 2_000, length)).toContain(
      'ls \\u202egpj.sh\\u200b',
    )
  })

  it.each([
    ['a filler of Hangul', '\u3164', '\\u3164'],
    ['a leading filler', '\u115f', '\\u115f'],
    ['a line of its own', '\u0085', '\\u0085'],
    ['an escape', '\u001b', '\\u001b'],
    ['a blank of Braille', '\u2800', '\\u2800'],
    ['a tag', '\u{e0041}', '\\ue0041'],
  ])('shows %s', (_name, char, written) => {
    const text = approvalMarkdown(question(`ls a${char}b`), 2_000, length)
    expect(text).toContain(`ls a${written}b`)
    expect(text).not.toContain(char)
  })

  it('fits, and says what it left out', () => {
    const text = approvalMarkdown(question('_*`'.repeat(3_000)), MAX_DISCORD_CHARS, measureDiscord)
    expect(measureDiscord(text)).toBeLessThanOrEqual(MAX_DISCORD_CHARS)
    expect(text).toMatch(/Cut: \d+ more characters are not shown here/)
  })

  it('breaks no character in two', () => {
    for (const lead of ['', 'a'])
      expect(
        approvalMarkdown(
          question(lead + '🎉'.repeat(3_000)),
          MAX_DISCORD_CHARS,
          measureDiscord,
        ).isWellFormed(),
      ).toBe(true)
  })
})

describe("a button's value", () => {
  it('says which question and what was chosen', () => {
    expect(parseButtonValue(buttonValue('allow-always', 'apr_1'))).toEqual({
      approvalId: 'apr_1',
      decision: 'allow-always',
    })
  })

  it('is nothing else', () => {
    for (const value of [
      '',
      'approval:allow:apr_1',
      'approval:deny:',
      'x approval:deny:a',
      'deny:a',
    ]) {
      expect(parseButtonValue(value), value).toBeNull()
    }
  })
})
