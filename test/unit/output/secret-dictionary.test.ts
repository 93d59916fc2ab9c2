import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createScrubber } from '../../../src/output/scrub.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'

const secret = 'pa ss/w+rd&ü"9'
const dictionary = createSecretDictionary()
dictionary.register(secret)
const utf8 = (text: string): string => String.fromCharCode(...new TextEncoder().encode(text))

describe('secret dictionary', () => {
  it('ignores values of fewer than six characters', () => {
    const short = createSecretDictionary()
    expect(short.register('abcde')).toBe(false)
    expect(short.contains('abcde')).toBe(false)
    expect(short.register('abcdef')).toBe(true)
    expect(short.contains('xabcdefx')).toBe(true)
  })

  it.each([
    ['as it is', `x${secret}y`],
    ['URL-encoded', `https://h/?q=${encodeURIComponent(secret)}`],
    [
      'URL-encoded in lower case',
      encodeURIComponent(secret).replace(/%../g, (x) => x.toLowerCase()),
    ],
    ['form-encoded', encodeURIComponent(secret).replaceAll('%20', '+')],
    ['URL-encoded twice', encodeURIComponent(encodeURIComponent(`?${secret}`))],
    [
      'URL-encoded letter by letter, beside what is no encoding',
      `%zz%ff${[...new TextEncoder().encode(secret)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('')}`,
    ],
    ['JSON-escaped', JSON.stringify({ a: secret })],
  ])('finds a value %s', (_, text) => {
    expect(dictionary.contains(text)).toBe(true)
  })

  it('finds a value in base64 and base64url at each alignment', () => {
    for (const before of ['', 'a', 'ab', 'abc', 'user:']) {
      for (const after of ['', 'x', 'xy', 'xyz']) {
        const encoded = btoa(before + utf8(secret) + after)
        expect(dictionary.contains(encoded)).toBe(true)
        expect(dictionary.contains(encoded.replaceAll('+', '-').replaceAll('/', '_'))).toBe(true)
      }
    }
  })

  it('does not find parts of a value or other text', () => {
    expect(dictionary.contains(secret.slice(0, 8))).toBe(false)
    expect(dictionary.contains('an ordinary sentence, 100% harmless %zz')).toBe(false)
  })

  it('redacts the lines of a registered key file one by one', () => {
    const lines = createSecretDictionary()
    lines.register('first line of the key\nsecond line of the key\n')
    const scrubber = createScrubber({ registered: lines, enabled: false })
    expect(scrubber.scrub('> second line of the key').text).toBe('> [REDACTED]')
  })

  it('takes the longest of values that begin alike', () => {
    const both = createSecretDictionary()
    both.register('abcdef')
    both.register('abcdefghij')
    const scrubber = createScrubber({ registered: both, enabled: false })
    expect(scrubber.scrub('abcdefghij abcdefg').text).toBe('[REDACTED] [REDACTED]g')
  })

  it('shares nothing between two dictionaries', () => {
    const other = createSecretDictionary()
    expect(other.contains(secret)).toBe(false)
    expect(other.size).toBe(0)
  })

  it('never leaves a registered value in a scrubbed text', () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 6, maxLength: 40 }),
        fc.string(),
        fc.string(),
        (value, a, b) => {
          const own = createSecretDictionary()
          if (!own.register(value)) return
          const scrubbed = createScrubber({ registered: own, enabled: true }).scrub(
            a + value + b,
          ).text
          expect(scrubbed.replaceAll('[REDACTED]', '\n\n')).not.toContain(value.trim())
        },
      ),
      { numRuns: 300 },
    )
  })
})
