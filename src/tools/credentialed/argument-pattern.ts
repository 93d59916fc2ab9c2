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

const wordsOf = (pattern: string): readonly string[] =>
  pattern.split(/\s+/).filter((word) => word !== '')

export const matchesArguments = (args: readonly string[], pattern: string): boolean => {
  const words = wordsOf(pattern)
  let at = 0
  for (const arg of args) {
    const word = words[at]
    if (word !== undefined && matchesArgument(arg, word)) at++
  }
  return words.length > 0 && at === words.length
}

function matchesArgument(arg: string, word: string): boolean {
  if (matchesGlob(arg, word)) return true
  // `--flag` means `--flag=value` as well, and `-v` a `-v` among other letters or with its value.
  if (word.startsWith('--')) return matchesGlob(arg.split('=', 1)[0] ?? '', word)
  return /^-[A-Za-z0-9]$/.test(word) && /^-[A-Za-z0-9]/.test(arg) && arg.includes(word.slice(1))
}
