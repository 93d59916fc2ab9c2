import { describe, expect, it } from 'vitest'
import {
  checkArgumentPattern,
  matchesArguments,
} from '../../../../src/tools/credentialed/argument-pattern.ts'

const denies = (pattern: string, ...args: readonly string[]) => matchesArguments(args, pattern)

describe('patterns over arguments', () => {
  it('matches words in their order, whatever stands between', () => {
    expect(denies('repo delete', 'repo', 'delete', 'x')).toBe(true)
    expect(denies('repo delete', 'repo', '-R', 'a/b', 'delete')).toBe(true)
    expect(denies('repo delete', 'delete', 'repo')).toBe(false)
    expect(denies('repo delete', 'repo', 'deleted')).toBe(false)
  })

  it('takes a star for any text of one argument', () => {
    expect(denies('secret*', 'secrets')).toBe(true)
    expect(denies('api */keys', 'api', '/user/keys')).toBe(true)
    expect(denies('api */keys', 'api', '/user/repos')).toBe(false)
  })

  it('knows the spellings of an option', () => {
    expect(denies('--verbose', '--verbose=2')).toBe(true)
    expect(denies('--verbose', '--verbosely')).toBe(false)
    expect(denies('-v', '-v')).toBe(true)
    expect(denies('-v', '-xvf')).toBe(true)
    expect(denies('-v', '-v5')).toBe(true)
    expect(denies('-v', '--very')).toBe(false)
    expect(denies('-v', 'v')).toBe(false)
  })

  it('takes the beginning of a long option for the option', () => {
    expect(denies('--force', '--forc')).toBe(true)
    expect(denies('--endpoint-url', '--endpoint-u=https://x')).toBe(true)
    expect(denies('--force', '--')).toBe(false)
    expect(denies('--force', 'force')).toBe(false)
  })

  it('finds a value in the option’s own argument and behind it alike', () => {
    for (const pattern of ['--output json', '--output=json', '--out* json']) {
      expect(denies(pattern, '--output', 'json'), pattern).toBe(true)
      expect(denies(pattern, '--output=json'), pattern).toBe(true)
      expect(denies(pattern, '--output=text'), pattern).toBe(false)
    }
    expect(denies('-o json', '-ojson')).toBe(true)
    expect(denies('-o json', '-o=json')).toBe(true)
    expect(denies('-o json', '-otext')).toBe(false)
  })

  it('takes linear time for what would make an expression backtrack', () => {
    const arg = 'a'.repeat(60_000)
    const started = performance.now()
    expect(denies('*a*a*a*a*a*b', arg)).toBe(false)
    expect(performance.now() - started).toBeLessThan(500)
  })

  it('refuses what denies nothing or everything', () => {
    for (const pattern of ['', '  ', '*', '* **', 'x'.repeat(201), 'a b c d e f g h i']) {
      expect(checkArgumentPattern(pattern), pattern).not.toBeNull()
    }
    expect(checkArgumentPattern('repo delete*')).toBeNull()
  })
})
