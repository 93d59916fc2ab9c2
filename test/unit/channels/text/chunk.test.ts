import fc from 'fast-check'
import { marked } from 'marked'
import { describe, expect, it } from 'vitest'
import {
  type ChunkLimit,
  chunkMarkdown,
  cutMarkdown,
  firstChunk,
} from '../../../../src/channels/text/chunk.ts'

const units = (text: string): number => text.length
const bytes = (text: string): number => new TextEncoder().encode(text).length
/** As `&` becomes `&amp;` on the way to a platform. */
const escaped = (text: string): number => units(text.replaceAll(/[&<>_*`]/g, '12345'))
const rendered = (text: string): number => units(marked.parse(text, { async: false }))

const MEASURES = [
  { name: 'UTF-16 units', measure: units, maxChunk: 120 },
  { name: 'bytes', measure: bytes, maxChunk: 200 },
  { name: 'escaped units', measure: escaped, maxChunk: 600 },
  { name: 'rendered units', measure: rendered, maxChunk: 600 },
] as const

const FENCE = /^[ \t]*(`{3,}|~{3,})\S*[ \t]*$/

/**
 * Whether the chunks are the text, but for white space at the cuts and whole lines of a fence at their
 * ends. Knows nothing of where the cuts were meant to be.
 */
function joinsTo(chunks: readonly string[], text: string): boolean {
  const bare = (part: string): string => part.replaceAll(/\s+/g, '')
  const whole = bare(text)
  let places = new Set([0])
  for (const chunk of chunks) {
    const lines = chunk.split('\n')
    const hasFirst = FENCE.test(lines[0] ?? '')
    const hasLast = FENCE.test(lines.at(-1) ?? '')
    const readings = [lines]
    if (hasFirst) readings.push(lines.slice(1))
    if (hasLast) readings.push(lines.slice(0, -1))
    if (hasFirst && hasLast) readings.push(lines.slice(1, -1))
    const next = new Set<number>()
    for (const place of places) {
      for (const reading of readings) {
        const part = bare(reading.join('\n'))
        if (whole.startsWith(part, place)) next.add(place + part.length)
      }
    }
    places = next
  }
  return places.has(whole.length)
}

const hasOpenFence = (chunk: string): boolean => {
  let open: string | null = null
  for (const line of chunk.split('\n')) {
    const marks = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (marks === undefined) continue
    if (open === null) open = marks
    else if (marks.startsWith(open) && line.trim() === marks) open = null
  }
  return open !== null
}

const word = fc.constantFrom(
  'a',
  'word',
  'Ünïcödé',
  '日本語',
  '😀',
  '👩‍👩‍👧‍👦',
  '&',
  '&amp;',
  '_x_',
  '**b**',
)
const sentence = fc
  .array(word, { minLength: 1, maxLength: 30 })
  .map((words) => `${words.join(' ')}.`)
const code = fc
  .record({
    marks: fc.constantFrom('```', '~~~', '````'),
    language: fc.constantFrom('', 'ts', 'python'),
    lines: fc.array(fc.constantFrom('let x = 1', '  return `y`', '', '# no heading', '&& <b>'), {
      maxLength: 40,
    }),
  })
  .map(({ marks, language, lines }) => [`${marks}${language}`, ...lines, marks].join('\n'))
const block = fc.oneof(
  sentence,
  code,
  fc.constantFrom('# Title', '- one\n- two\n  - three', '[here](https://h.example/a_b)', '> said'),
  fc.string({ unit: 'grapheme', maxLength: 300 }),
)
const document = fc
  .array(block, { minLength: 1, maxLength: 12 })
  .map((blocks) => blocks.join('\n\n'))

describe.each(MEASURES)('chunks counted in $name', ({ measure, maxChunk }) => {
  const limit: ChunkLimit = { measure, maxChunk }

  it('are the text again, and none is above the limit', () => {
    fc.assert(
      fc.property(document, (text) => {
        const chunks = chunkMarkdown(text, limit)
        for (const chunk of chunks) expect(measure(chunk)).toBeLessThanOrEqual(maxChunk)
        expect(
          cutMarkdown(text, limit)
            .map((piece) => piece.text)
            .join(''),
        ).toBe(text)
        expect(joinsTo(chunks, text)).toBe(true)
      }),
      { numRuns: 60 },
    )
  })

  it('hold no half of a pair, whatever the text', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('😀', 'a', '👩‍👩‍👧‍👦', 'é'), { maxLength: 400 }),
        (parts) => {
          for (const chunk of chunkMarkdown(parts.join(''), limit)) {
            expect(chunk.isWellFormed()).toBe(true)
            expect(measure(chunk)).toBeLessThanOrEqual(maxChunk)
          }
        },
      ),
      { numRuns: 40 },
    )
  })

  it('leave no fence open that the text closes', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(sentence, code), { maxLength: 8 }), (blocks) => {
        for (const chunk of chunkMarkdown(blocks.join('\n\n'), limit)) {
          expect(hasOpenFence(chunk)).toBe(false)
        }
      }),
      { numRuns: 60 },
    )
  })
})

describe('chunkMarkdown', () => {
  const cut = (text: string, maxChunk: number) => chunkMarkdown(text, { measure: units, maxChunk })

  it('leaves what fits as it is', () => {
    expect(cut('one\n\ntwo', 8)).toEqual(['one\n\ntwo'])
    expect(cut('', 8)).toEqual([])
  })

  it('cuts at a paragraph before a line, at a line before a sentence, at a sentence before a space', () => {
    expect(cut('aaaa\n\nbbbb\ncc. dd ee', 14)).toEqual(['aaaa\n\n', 'bbbb\ncc. dd ee'])
    expect(cut('aaaa\nbb. cc dd', 12)).toEqual(['aaaa\n', 'bb. cc dd'])
    expect(cut('aaaa. bb cc', 9)).toEqual(['aaaa. ', 'bb cc'])
    expect(cut('aaaa bb cc', 9)).toEqual(['aaaa bb ', 'cc'])
    expect(cut('aaaabbcc', 5)).toEqual(['aaaab', 'bcc'])
  })

  it('closes a fence that it cuts, and opens it again in its language', () => {
    expect(cut('```ts\nline 1\nline 2\nline 3\n```\ndone', 25)).toEqual([
      '```ts\nline 1\nline 2\n```',
      '```ts\nline 3\n```\ndone',
    ])
  })

  it('cuts before a fence that would begin at the end of a message', () => {
    expect(cut(`${'word '.repeat(5)}\n\`\`\`\ncode\n\`\`\``, 34)).toEqual([
      `${'word '.repeat(5)}\n`,
      '```\ncode\n```',
    ])
  })

  it('takes no longer fence, and no other one, for the end of it', () => {
    const text = '````\n```\nstill code\n~~~~\nand here\n````'
    const chunks = cut(text, 30)
    expect(chunks.length).toBeGreaterThan(1)
    for (const chunk of chunks) {
      expect(chunk.startsWith('````\n')).toBe(true)
      expect(chunk.endsWith('\n````')).toBe(true)
    }
  })

  it('cuts a fence within a list so that nothing after it becomes code', () => {
    const body = Array.from({ length: 8 }, (_, i) => `      line ${i}`).join('\n')
    const chunks = cut(`- a\n  - b\n\n      \`\`\`sh\n${body}\n      \`\`\`\nafter it`, 70)
    expect(chunks.at(-1)).toBe('after it')
    // Opened in the list, where it stood; again at the top, as it is closed.
    expect(chunks[0]?.endsWith('\n      ```')).toBe(true)
    expect(chunks.length).toBeGreaterThan(3)
    for (const chunk of chunks.slice(1, -2)) expect(chunk).toMatch(/^```sh\n[^`]*\n```$/)
  })

  it('cuts beside a link, inline code or entity, not inside', () => {
    const link = '[the whole of it](https://h.example/path)'
    expect(cut(`see here now ${link}`, 45)).toEqual(['see here now ', link])
    expect(cut('aaaa `b c d` e', 9)).toEqual(['aaaa ', '`b c d` e'])
    expect(cut('aaaa&amp;b', 7)).toEqual(['aaaa', '&amp;b'])
  })

  it('keeps the parts of one character together', () => {
    const family = '👩‍👩‍👧‍👦'
    expect(cut(`ab${family}`, family.length + 1)).toEqual(['ab', family])
  })

  it('makes no message of white space alone', () => {
    expect(cut(`a${'\n'.repeat(50)}b`, 10).map((chunk) => chunk.trim())).toEqual(['a', 'b'])
  })

  it('gets on where not even one character fits beside the repair of a fence', () => {
    const text = '```ts\nabcdef\n```'
    const chunks = cut(text, 7)
    expect(chunks.join('').length).toBeLessThan(10 * text.length)
    for (const chunk of chunks) expect(chunk.length).toBeLessThanOrEqual(7)
  })

  it('costs so many looks at each chunk, and each look so much of the text', () => {
    for (const [name, unit, grows] of [
      ['words', 'some words. ', 1],
      ['escapes', '& < >', 5],
      ['marks', '![_a', 3],
      ['code', '```\na_b\n```\n', 2],
    ] as const) {
      let looked = 0
      let looks = 0
      const measure = (text: string): number => {
        looked += text.length
        looks += 1
        return text.length + (grows - 1) * (text.match(/[&<>_]/g)?.length ?? 0)
      }
      const work = (length: number) => {
        looked = 0
        looks = 0
        const text = unit.repeat(length).slice(0, length)
        const pieces = cutMarkdown(text, { maxChunk: 4_000, measure })
        return { looked, perPiece: looks / pieces.length }
      }
      const once = work(20_000)
      const twice = work(40_000)
      expect([name, once.perPiece < 7, twice.looked / once.looked < 2.5]).toEqual([
        name,
        true,
        true,
      ])
    }
  })

  it('fills chunks all the same', () => {
    const measure = (text: string): number => text.length + 4 * (text.match(/&/g)?.length ?? 0)
    const sizes = cutMarkdown('& '.repeat(10_000), { maxChunk: 4_000, measure })
      .slice(0, -1)
      .map(({ text }) => measure(text))
    expect(Math.min(...sizes)).toBeGreaterThan(3_700)
  })

  it('shows the first chunk as it will be, without a look at the rest', () => {
    for (const { measure, maxChunk } of MEASURES) {
      fc.assert(
        fc.property(document, (text) => {
          const [first = null] = chunkMarkdown(text, { measure, maxChunk })
          expect(firstChunk(text, { measure, maxChunk })).toBe(first)
        }),
      )
    }
    let looked = 0
    const measure = (text: string): number => {
      looked += text.length
      return text.length * 2
    }
    const look = (length: number): number => {
      looked = 0
      firstChunk('word '.repeat(length), { maxChunk: 4_000, measure })
      return looked
    }
    expect(look(100_000)).toBe(look(2_000))
  })

  it('refuses a limit that is none', () => {
    expect(() => cut('a', 0)).toThrow(RangeError)
    expect(() => cut('a', Number.NaN)).toThrow(RangeError)
  })

  it.each([
    ['letters', 'x'],
    ['lines', 'x\n'],
    ['spaces', '  '],
    ['brackets', '[]('],
    ['fences', '```\n'],
    ['deep fences', '      ~~~\n'],
    ['backticks', '`'],
    ['accents', '\u0301'],
  ])('reads each place of 100 KB of %s a bounded number of times', (_, piece) => {
    const text = piece.repeat(100_000 / piece.length)
    let measured = 0
    const measure = (chunk: string): number => {
      measured += chunk.length
      return chunk.length
    }
    const pieces = cutMarkdown(text, { measure, maxChunk: 2_000 })
    expect(pieces.map((each) => each.text).join('')).toBe(text)
    expect(measured).toBeLessThan(60 * text.length)
  })
})
