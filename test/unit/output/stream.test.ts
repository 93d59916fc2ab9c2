import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileLinearPattern } from '../../../src/domain/linear-pattern.ts'
import { createScrubber } from '../../../src/output/scrub.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { createStreamScrubber, MAX_HOLD_BACK } from '../../../src/output/stream.ts'
import { body, SURROUNDED, TOKENS } from './samples.ts'

const registered = createSecretDictionary()
registered.register('correct horse battery')
registered.register('abcabcd')
const custom = compileLinearPattern('CUST-[0-9]{4,}')
if (!custom.ok) throw new Error(custom.error.reason)
const plain = createScrubber({ registered, enabled: true })
const scrubber = createScrubber({ registered, enabled: true, extraPatterns: [custom.value] })

const streamed = (pieces: readonly string[], using = scrubber): string => {
  const stream = createStreamScrubber(using)
  const out = pieces.map((piece) => stream.push(piece)).join('')
  return out + stream.end()
}

/** The most characters that a stream was behind, fed one at a time. */
const lag = (text: string, using = scrubber): number => {
  const stream = createStreamScrubber(using)
  let given = 0
  let got = 0
  let most = 0
  for (const char of text) {
    given += char.length
    got += stream.push(char).length
    most = Math.max(most, given - got)
  }
  return most
}

describe('stream', () => {
  it('gives what the whole text gives, for random texts and cuts', () => {
    const piece = fc.oneof(
      fc.constantFrom(...Object.values(TOKENS), body(24), body(150)),
      fc.constantFrom(
        'password',
        '=',
        ' = ',
        ':',
        '"',
        "'",
        '\\"',
        'token',
        'api',
        'key',
        '\n',
        '\\n',
      ),
      fc.constantFrom('-----BEGIN ', 'PRIVATE KEY-----', '-----END ', 'eyJ', '.', 'sk-', 'bearer '),
      fc.constantFrom(
        '://',
        'user:',
        'pa@ss@host',
        '<token>',
        '</token>',
        '--token ',
        '=>',
        '{',
        '$',
      ),
      fc.constantFrom('correct horse', ' battery', 'abcabc', 'd', 'CUST-12', '345', '123456789:'),
      fc.constantFrom(...Object.values(SURROUNDED).flat(), 'Q~', '.atlasv1.', '-us12', '$2b$', '.'),
      fc.constantFrom('é', '😀', '\u200b', ' ', '\t', '...', 'string ', 'Proc-Type: 4\n'),
      fc.string({ maxLength: 8 }),
      fc.string({
        unit: fc.constantFrom('a', '=', '"', ':', ' ', '-', '.', '0', 'A'),
        maxLength: 200,
      }),
    )
    const text = fc.array(piece, { maxLength: 10 }).map((parts) => parts.join(''))
    const cuts = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 20 })
    fc.assert(
      fc.property(text, cuts, (content, sizes) => {
        const pieces: string[] = []
        for (let at = 0, turn = 0; at < content.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1
          pieces.push(content.slice(at, at + size))
          at += size
        }
        expect(streamed(pieces)).toBe(scrubber.scrub(content).text)
        expect(streamed([...content])).toBe(scrubber.scrub(content).text)
        if (scrubber.scrub(content).count === 0)
          expect(lag(content)).toBeLessThanOrEqual(MAX_HOLD_BACK)
      }),
      { numRuns: 400 },
    )
  })

  for (const [name, token] of Object.entries(TOKENS)) {
    it(`redacts ${name} cut at every position into two`, () => {
      const text = `see ${token} there`
      for (let cut = 1; cut < text.length; cut += 1) {
        expect(streamed([text.slice(0, cut), text.slice(cut)])).toBe('see [REDACTED] there')
      }
    })
  }

  it.each(Object.entries(SURROUNDED))('redacts %s cut at every position into two', (_, parts) => {
    const text = parts.join('')
    const whole = plain.scrub(text).text
    expect(whole).not.toContain(parts[1])
    for (let cut = 1; cut < text.length; cut += 1) {
      expect(streamed([text.slice(0, cut), text.slice(cut)], plain), `${cut}`).toBe(whole)
    }
  })

  it.each([
    ...Object.entries(TOKENS).map(([name, token]) => [name, `see ${token} there`] as const),
    ...Object.entries(SURROUNDED).map(([name, parts]) => [name, parts.join('')] as const),
  ])('redacts %s cut at every two positions into three', (_, text) => {
    const whole = plain.scrub(text).text
    // Every position is a first cut; of the second cuts in a long text every third is tried.
    const step = text.length > 120 ? 3 : 1
    for (let first = 1; first < text.length - 1; first += 1) {
      const head = text.slice(0, first)
      for (let second = first + 1; second < text.length; second += step) {
        const pieces = [head, text.slice(first, second), text.slice(second)]
        if (streamed(pieces, plain) !== whole) expect(pieces).toBe(whole)
      }
    }
  })

  it('is behind by at most MAX_HOLD_BACK characters in text without secrets', () => {
    const text =
      'A paragraph about tokens, keys: and passwords = things; see https://example.com/x?y=1 (12:30). '
    for (const using of [plain, scrubber]) {
      expect(lag(text.repeat(40), using)).toBeLessThanOrEqual(MAX_HOLD_BACK)
    }
  })

  it.each([
    `://${'z'.repeat(600)}`,
    `-----BEGIN ${'PRIVATE'} KEY-----${' '.repeat(300)}`,
    `<token>${' '.repeat(300)}`,
    `auth = "${'x y '.repeat(200)}`,
    `eyJ${'xy'.repeat(400)}`,
    '1234567890 '.repeat(40),
    'c'.repeat(63).concat(' ').repeat(20),
  ])('is not held up by the beginning of a secret that is none: %#', (text) => {
    expect(lag(text)).toBeLessThanOrEqual(MAX_HOLD_BACK)
  })

  it('lets ordinary words out at once', () => {
    const stream = createStreamScrubber(plain)
    expect(stream.push('Hello, my friend. ')).toBe('Hello, my friend. ')
  })

  it('swallows a long secret as it comes instead of storing it', () => {
    const stream = createStreamScrubber(plain)
    let out = stream.push(`sk${'-'}${body(200)}`)
    for (let i = 0; i < 2_000; i += 1) out += stream.push(body(50, i + 1))
    out += stream.push(' end')
    expect(out + stream.end()).toBe('[REDACTED] end')
    expect(stream.count).toBe(1)
  })

  it('redacts what is registered while the stream runs', () => {
    const dictionary = createSecretDictionary()
    const stream = createStreamScrubber(createScrubber({ registered: dictionary, enabled: true }))
    let out = stream.push('before late-value, ')
    dictionary.register('late-value')
    out += stream.push('after late-')
    out += stream.push('value.')
    expect(out + stream.end()).toBe('before late-value, after [REDACTED].')
  })
})
