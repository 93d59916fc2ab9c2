/**
 * What an admin denies of a binary's arguments. A pattern is words with `*` in them, held against
 * single arguments: `repo delete` denies any call with these two in this order, whatever stands
 * between, since an option may be put anywhere. It errs towards denying, and is linear in time; a
 * regular expression would be neither.
 */
import { matchesGlob } from '../shell/allowlist.ts'

export const MAX_PATTERN_CHARS = 200
const MAX_WORDS = 8

/** A sentence for a pattern that cannot mean anything. */
export function checkArgumentPattern(pattern: string): string | null {
  const words = wordsOf(pattern)
  if (pattern.length > MAX_PATTERN_CHARS) return `is longer than ${MAX_PATTERN_CHARS} characters`
  if (words.length > MAX_WORDS) return `has more than ${MAX_WORDS} words`
  if (words.length === 0) return 'is empty'
  return words.every((word) => /^\*+$/.test(word)) ? 'would deny every call' : null
}

const LONG_WITH_VALUE = /^(--[^=]+)=(.*)$/s

/** `--flag=value` is two words, as are the two arguments that mean the same. */
const wordsOf = (pattern: string): readonly string[] =>
  pattern
    .split(/\s+/)
    .flatMap((word) => LONG_WITH_VALUE.exec(word)?.slice(1) ?? [word])
    .filter((word) => word !== '')

/** An argument, and what an option carries in itself: `--flag=value`, `-fvalue`, `-f=value`. */
function partsOf(arg: string): readonly string[] {
  const long = LONG_WITH_VALUE.exec(arg)
  if (long !== null) return [arg, long[1] ?? '', long[2] ?? '']
  const value = /^-[A-Za-z0-9]=?(.+)$/s.exec(arg)?.[1]
  return value === undefined ? [arg] : [arg, value]
}

export const matchesArguments = (args: readonly string[], pattern: string): boolean => {
  const words = wordsOf(pattern)
  let at = 0
  for (const part of args.flatMap(partsOf)) {
    const word = words[at]
    if (word !== undefined && matchesArgument(part, word)) at++
  }
  return words.length > 0 && at === words.length
}

function matchesArgument(arg: string, word: string): boolean {
  if (matchesGlob(arg, word)) return true
  // Many programs take any beginning of a long option that no other one has.
  if (word.startsWith('--')) return /^--./.test(arg) && word.startsWith(arg)
  // `-v` means a `-v` among other letters or with its value as well.
  return /^-[A-Za-z0-9]$/.test(word) && /^-[A-Za-z0-9]/.test(arg) && arg.includes(word.slice(1))
}
