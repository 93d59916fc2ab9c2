import { describe, expect, it } from 'vitest'
import { compileLinearPattern, MAX_MATCH_CHARS } from '../../../src/domain/linear-pattern.ts'
import { createScrubber } from '../../../src/output/scrub.ts'
import { createSecretDictionary } from '../../../src/output/secret-dictionary.ts'
import { createStreamScrubber } from '../../../src/output/stream.ts'

const redact = (pattern: string, text: string): string => {
  const compiled = compileLinearPattern(pattern)
  if (!compiled.ok) throw new Error(compiled.error.reason)
  const registered = createSecretDictionary()
  const scrubber = createScrubber({ registered, enabled: true, extraPatterns: [compiled.value] })
  const stream = createStreamScrubber(scrubber)
  const streamed = [...text].map((char) => stream.push(char)).join('') + stream.end()
  expect(streamed).toBe(scrubber.scrub(text).text)
  return streamed
}

describe('tenant patterns', () => {
  it.each([
    ['CUST-\\d{4,}', 'a CUST-12345 b', 'a [REDACTED] b'],
    ['/cust-[a-f]+/i', 'a CUST-ABC b', 'a [REDACTED] b'],
    ['(?:red|blue)-[0-9]{3}', 'red-123 green-123 blue-456', '[REDACTED] green-123 [REDACTED]'],
    ['\\bID[ :=]\\w+', 'MID=a ID=abc', 'MID=a [REDACTED]'],
    ['acct(?:-new)?\\.[a-z]{2,5}', 'acct.ab acct-new.abc', '[REDACTED] [REDACTED]'],
  ])('applies %j', (pattern, text, expected) => {
    expect(redact(pattern, text)).toBe(expected)
  })

  it('goes on over an open repetition of any length', () => {
    expect(redact('K-[a-z]+', `x K-${'ab'.repeat(600)} y`)).toBe('x [REDACTED] y')
  })

  it.each([
    ['nested quantifiers', '(a+)+'],
    ['overlapping alternatives under a star', '(?:a|aa)*'],
    ['a repetition that contains what follows', '[^ ]+@corp'],
    ['two repetitions of the same characters', '\\w+\\d+x'],
    ['a repetition that runs into what follows', '.*x'],
    ['optional pieces that overlap', 'a?a?a?a?a'],
    ['a repeated group of alternatives', '(?:a|a){20}'],
    ['a back reference', '(a)\\1'],
    ['look-ahead', 'a(?=b)'],
    ['look-behind', '(?<=a)b'],
    ['a lazy quantifier', 'a+?b'],
    ['anchors', '^secret$'],
    ['the empty match', 'a*'],
    ['an empty pattern', ''],
    ['an open class', '[a-z'],
    ['an open group', '(ab'],
    ['a stray bracket', 'ab)'],
    ['a range that runs backwards', '[z-a]'],
    ['an unknown escape', '\\p{L}'],
    ['too long a match', `a{${MAX_MATCH_CHARS}}b{9}`],
    ['too long a pattern', 'a'.repeat(501)],
    ['an unknown flag', '/a/s'],
  ])('refuses %s', (_, pattern) => {
    const compiled = compileLinearPattern(pattern)
    expect(compiled.ok).toBe(false)
    if (!compiled.ok) expect(compiled.error.code).toBe('PATTERN_REFUSED')
  })

  it('runs every accepted pattern in linear time', () => {
    const patterns = ['[a-z]+[0-9]', 'a[a-z]{0,100}[A-Z]', '(?:ab|ac|ad)(?:x|y)?[0-9]+z', '\\w+@']
    for (const pattern of patterns) {
      const compiled = compileLinearPattern(pattern)
      if (!compiled.ok) throw new Error(compiled.error.reason)
      const text = 'a'.repeat(300_000)
      const start = performance.now()
      compiled.value.exec(text)
      expect(performance.now() - start).toBeLessThan(3_000)
    }
  })
})
