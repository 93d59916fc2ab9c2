import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  inert,
  MAX_TELEGRAM_CHARS,
  measureTelegram,
  type TextSpan,
  toTelegram,
} from '../../../../src/channels/telegram/dialect.ts'
import { chunkMarkdown } from '../../../../src/channels/text/chunk.ts'

const WJ = '\u2060'

/** Each span with the text that it covers. */
const spans = (markdown: string): readonly (readonly [string, string])[] => {
  const { text, entities } = toTelegram(markdown)
  return entities.map(({ type, offset, length }) => [type, text.slice(offset, offset + length)])
}

/** As Telegram finds mentions: behind no letter, digit or line, 2 to 32 characters, and not in code. */
function mentionsIn({ text, entities }: ReturnType<typeof toTelegram>): readonly string[] {
  const code = entities.filter(({ type }) => type === 'code' || type === 'pre')
  return [...text.matchAll(/(?<![\p{L}\p{N}_])@([a-zA-Z0-9_]{2,32})(?![\p{L}\p{N}_])/gu)]
    .filter(({ index }) => !code.some((c) => index >= c.offset && index < c.offset + c.length))
    .map(([found]) => found)
}

describe('markdown on Telegram', () => {
  it('is a plain text, and beside it what its spans are', () => {
    const markdown = [
      '# Title',
      '**bold** *slanted* ~~gone~~ `x = 1` [site](https://example.org/a) <https://example.org/>',
      '- one\n- two\n  1. inner',
      '> said',
      '```sh\nls -la\n```',
      '```\nno language\n```',
    ].join('\n\n')
    const { text, entities } = toTelegram(markdown)
    expect(text).toBe(
      [
        'Title',
        'bold slanted gone x = 1 site https://example.org/',
        '- one\n- two\n  1. inner',
        'said',
        'ls -la',
        'no language',
      ].join('\n\n'),
    )
    expect(spans(markdown)).toEqual([
      ['bold', 'Title'],
      ['bold', 'bold'],
      ['italic', 'slanted'],
      ['strikethrough', 'gone'],
      ['code', 'x = 1'],
      ['text_link', 'site'],
      ['text_link', 'https://example.org/'],
      ['blockquote', 'said'],
      ['pre', 'ls -la'],
      ['pre', 'no language'],
    ])
    expect(entities.filter(({ type }) => type === 'pre')).toMatchObject([{ language: 'sh' }, {}])
    expect(entities.at(-1)).not.toHaveProperty('language')
    expect(entities.find(({ type }) => type === 'text_link')).toMatchObject({
      url: 'https://example.org/a',
    })
  })

  it('is counted as Telegram counts: in UTF-16 units', () => {
    const { text, entities } = toTelegram('😀🇩🇪 **é𝒳**')
    expect(text).toBe('😀🇩🇪 é𝒳')
    expect(entities).toEqual([{ type: 'bold', offset: 7, length: 3 }])
    expect(measureTelegram('😀🇩🇪 **é𝒳**')).toBe(10)
  })

  it('shows as it is what would be markup elsewhere', () => {
    for (const text of ['a_b_c 2*3 [x] (y) ~ > # + - = | { } . !', '<b>no</b> &amp; <i>']) {
      expect(toTelegram(text)).toEqual({ text, entities: [] })
    }
  })

  it('has no span in another of its kind, and none that crosses or holds code', () => {
    expect(spans('**a `b` c**')).toEqual([
      ['bold', 'a '],
      ['code', 'b'],
      ['bold', ' c'],
    ])
    expect(spans('**a *b* c**')).toEqual([
      ['bold', 'a b c'],
      ['italic', 'b'],
    ])
    expect(spans('# a **b** c')).toEqual([['bold', 'a b c']])
    expect(spans('> a\n> > b')).toEqual([['blockquote', 'a\n\nb']])
    expect(spans('[a `b`](https://example.org/)')).toEqual([['text_link', 'a b']])
    expect(spans('**`b`**')).toEqual([['code', 'b']])
  })

  it('links to the web alone, and to no host that Telegram would refuse the message for', () => {
    for (const [markdown, text] of [
      ['[mail](mailto:a@example.org)', 'mail (a@example.org)'],
      ['[here](http://localhost:8080/x)', 'here (http://localhost:8080/x)'],
      ['[me](tg://user?id=4242)', 'me'],
      ['[run](javascript:alert(1))', 'run'],
      ['[bank](https://bank.example@evil.example/)', 'bank (https://bank.example@evil.example/)'],
    ] as const) {
      expect(toTelegram(markdown)).toEqual({ text, entities: [] })
    }
  })

  it('makes no mention of a name, and leaves addresses and code as they are', () => {
    expect(toTelegram('ask @anna_b, (@ben) or @**carl**').text).toBe(
      `ask @${WJ}anna_b, (@${WJ}ben) or @${WJ}carl`,
    )
    expect(toTelegram('write to anna@example.org').text).toBe('write to anna@example.org')
    expect(toTelegram('`npm i @types/node`')).toEqual({
      text: 'npm i @types/node',
      entities: [{ type: 'code', offset: 0, length: 17 }],
    })
    // Shown with the character, and leading where it should.
    const { text, entities } = toTelegram('https://example.org/@anna_b')
    expect(text).toBe(`https://example.org/@${WJ}anna_b`)
    expect(entities).toEqual([
      { type: 'text_link', offset: 0, length: 28, url: 'https://example.org/@anna_b' },
    ])
    expect(inert(inert('@anna_b'))).toBe(`@${WJ}anna_b`)
  })

  it('makes none either in code that is one span too many', () => {
    const markdown = Array.from({ length: 120 }, (_, i) => `\`@name_${i}\``).join(' ')
    const shown = toTelegram(markdown)
    expect(shown.entities).toHaveLength(100)
    expect(shown.text).toContain('@name_99 ')
    expect(shown.text).toContain(`@${WJ}name_100 `)
    expect(mentionsIn(shown)).toEqual([])
  })

  it('is sent as it was written where nothing of it would be left', () => {
    for (const markdown of ['[a]: https://example.org/', '****', '# ']) {
      expect(toTelegram(markdown).text.trim()).not.toBe('')
    }
  })

  it('cannot make spans of its own by the characters that mark them, or by half a pair', () => {
    expect(toTelegram('a \ufdd00\ufdd1b\ufdd2 **c** \ud83d')).toEqual({
      text: 'a \ufffd0\ufffdb\ufffd c \ufffd',
      entities: [{ type: 'bold', offset: 8, length: 1 }],
    })
  })

  it('holds all of it for any text: spans lie within, nest or stand apart, and mention nobody', () => {
    const marks = [
      '**',
      '*',
      '_',
      '~~',
      '`',
      '```\n',
      '\n',
      '\n\n',
      '> ',
      '# ',
      '- ',
      '[',
      '](',
      ')',
    ]
    const words = [
      '@anna_b',
      '@',
      'x',
      'ñ',
      '😀',
      'https://a.example/@ben',
      ' ',
      '\ufdd0',
      '<b>',
      '|',
    ]
    const piece = fc.constantFrom(...marks, ...words)
    const markdown = fc.array(piece, { maxLength: 60 }).map((parts) => parts.join(''))
    fc.assert(
      fc.property(markdown, (given) => {
        const shown = toTelegram(given)
        expect(mentionsIn(shown)).toEqual([])
        for (const span of shown.entities) {
          expect(span.length).toBeGreaterThan(0)
          expect(span.offset + span.length).toBeLessThanOrEqual(shown.text.length)
          for (const other of shown.entities) expect(agree(span, other)).toBe(true)
        }
      }),
      { numRuns: 300 },
    )
  })

  it('fits into messages however long it is', () => {
    const long = Array.from({ length: 400 }, (_, i) => `**@name_${i}** says \`x\` 😀.`).join('\n\n')
    const limit = { maxChunk: MAX_TELEGRAM_CHARS, measure: measureTelegram }
    const chunks = chunkMarkdown(long, limit)
    expect(chunks.length).toBeGreaterThan(1)
    for (const chunk of chunks) {
      expect(toTelegram(chunk).text.length).toBeLessThanOrEqual(MAX_TELEGRAM_CHARS)
    }
    expect(chunks.join('')).toBe(long)
  })
})

function agree(a: TextSpan, b: TextSpan): boolean {
  if (a === b) return true
  const [aEnd, bEnd] = [a.offset + a.length, b.offset + b.length]
  if (aEnd <= b.offset || bEnd <= a.offset) return true
  const nests = (a.offset >= b.offset && aEnd <= bEnd) || (b.offset >= a.offset && bEnd <= aEnd)
  const isCode = ({ type }: TextSpan) => type === 'code'
  const mayHold = !(isCode(a) && b.type !== 'blockquote') && !(isCode(b) && a.type !== 'blockquote')
  return nests && a.type !== b.type && mayHold
}
