/**
 * What no one writes and everyone must survive: each gate over broken encodings, control characters,
 * one endless line and deep nesting answers, in bounded time, with what it says it answers.
 */
import { describe, expect, it } from 'vitest'
import { isFetchAllowed } from '../../src/egress/destination.ts'
import { checkUrl } from '../../src/egress/url.ts'
import { INJECTION_FAMILIES } from '../../src/input/injection-patterns.ts'
import { scanForInjection } from '../../src/input/scan.ts'
import { markUntrusted, UNTRUSTED_BEGIN } from '../../src/output/mark-untrusted.ts'
import { createScrubber } from '../../src/output/scrub.ts'
import { createSecretDictionary } from '../../src/output/secret-dictionary.ts'
import { createStreamScrubber } from '../../src/output/stream.ts'
import { checkHttpPath, checkWorkspacePath } from '../../src/tools/path.ts'

const MEGABYTE = 1_048_576
const NESTED = 10_000
/** Generous: a machine under load must pass, anything worse than linear must not. */
const MAX_MS = 5_000

const decoded = (...bytes: number[]): string => new TextDecoder().decode(new Uint8Array(bytes))
const line = (piece: string): string => piece.repeat(Math.ceil(MEGABYTE / piece.length))

const TEXTS: Readonly<Record<string, string>> = {
  empty: '',
  'invalid UTF-8': decoded(0xff, 0xfe, 0xc0, 0xaf, 0x80, 0xed, 0xa0, 0x80, 0x61, 0xf8).repeat(500),
  'bytes read as Latin-1': Array.from({ length: 256 }, (_, i) => String.fromCharCode(i)).join(''),
  'a high surrogate alone': 'token: \ud83d rest',
  'a low surrogate alone': '\udc00'.repeat(3_000),
  'surrogates the wrong way round': '\udc00\ud83d'.repeat(3_000),
  NULs: '\0'.repeat(10_000),
  'NULs between letters': [...'password=k7xQw2Zm9LbT4d'].join('\0'),
  'a line of words': line('word '),
  'a line of one letter': line('a'),
  'a line of random letters': line('k7QwZ2mXr9TbLd4VnYs6HgJc3PfRe8KuWa5'),
  'a line of equals signs': line('='),
  'a line of quotes': line('"'),
  'a line of white space': line(' \t'),
  'a line of emoji': line('👩‍👩‍👧‍👦'),
  'a line of combining marks': `a${line('\u0301')}`,
  'a line of full-width letters': line('ＥＸＴＥＲＮＡＬ'),
  'nested brackets': '['.repeat(NESTED) + ']'.repeat(NESTED),
  'nested braces with names': '{"token":'.repeat(NESTED) + '}'.repeat(NESTED),
  'nested elements': '<token>'.repeat(NESTED) + '</token>'.repeat(NESTED),
  'nested angle brackets': '<'.repeat(NESTED) + '>'.repeat(NESTED),
}

const scrubber = createScrubber({ registered: createSecretDictionary(), enabled: true })

async function inTime<Value>(run: () => Value | Promise<Value>): Promise<Value> {
  const began = performance.now()
  const value = await run()
  expect(performance.now() - began).toBeLessThan(MAX_MS)
  return value
}

describe.each(Object.entries(TEXTS))('%s', (_, text) => {
  it('is scrubbed to the same text whole and in pieces, and only once', async () => {
    const whole = await inTime(() => scrubber.scrub(text).text)
    expect(scrubber.scrub(whole).text).toBe(whole)
    const stream = createStreamScrubber(scrubber)
    let pieces = ''
    await inTime(() => {
      for (let at = 0; at < text.length; at += 4_099)
        pieces += stream.push(text.slice(at, at + 4_099))
      pieces += stream.end()
    })
    expect(pieces === whole).toBe(true)
  })

  it('is scanned for the six families and nothing else', async () => {
    const found = await inTime(() => scanForInjection(text))
    expect(found.every(({ family }) => INJECTION_FAMILIES.includes(family))).toBe(true)
  })

  it('is marked once', async () => {
    const marked = await inTime(() => markUntrusted(text, { id: 'block', source: { kind: 'web' } }))
    expect(marked.text.split(UNTRUSTED_BEGIN).length).toBe(2)
    if (!marked.forged) expect(marked.text.includes(text)).toBe(true)
  })

  it('is no address to fetch, and asks no resolver', async () => {
    const network = {
      resolve: () => Promise.reject(new Error('a name was looked up')),
      location: () => Promise.resolve(null),
    }
    expect(await inTime(() => isFetchAllowed(text, network))).toBe(false)
    expect(await inTime(() => checkUrl(`http://${text}@[::1`).ok)).toBe(false)
    expect(await inTime(() => checkUrl(`https://${text}.internal/`).ok)).toBe(false)
  })

  it('is no path that leaves the workspace', async () => {
    for (const check of [checkWorkspacePath, checkHttpPath]) {
      const path = await inTime(() => check(text))
      if (path.ok) {
        expect(path.value.startsWith('/')).toBe(false)
        expect(path.value.split('/')).not.toContain('..')
      }
      expect((await inTime(() => check(`../${text}`))).ok).toBe(false)
      expect((await inTime(() => check(`/${text}`))).ok).toBe(false)
      expect((await inTime(() => check(`${text}\0`))).ok).toBe(false)
    }
  })
})
