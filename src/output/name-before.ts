/**
 * The name that stands before a place in the text: the word there, read backwards over quotes and
 * blanks within a bound. Whether it announces a secret is judged in key-name.ts.
 */
import { charClass, isMember } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { type NameStrength, nameStrength, TYPE_WORDS } from './key-name.ts'

export const MAX_NAME = 64
/** Blanks between two things that belong together. */
export const MAX_GAP = 8
/** `key12`, the second word of `API key12`. */
const MAX_KEY_WORD = 5
const BLANK = charClass(' \t')
const NAME = charClass('A-Za-z0-9_.$-')
/** What nameBefore reads a name behind: behind anything else there is none. */
export const NAME_END = charClass('A-Za-z0-9_.$ \t"\'`]*-')

export interface Name {
  readonly text: string
  readonly start: number
  readonly strength: NameStrength
}

export const isQuote = (char: string | undefined): boolean =>
  char === '"' || char === "'" || char === '`'

const skipSpacesBack = (codes: CharCodes, from: number): number => {
  let i = from
  const stop = Math.max(0, from - MAX_GAP)
  while (i > stop && isMember(BLANK, codes[i - 1] ?? 0)) i -= 1
  return i
}

export const wordBefore = (codes: CharCodes, end: number): number => {
  let start = end
  const stop = Math.max(0, end - MAX_NAME)
  while (start > stop && isMember(NAME, codes[start - 1] ?? 0)) start -= 1
  return start
}

/** The name that ends before `end`, with the word before it where the two make one term (`API key`). */
export const nameBefore = (text: string, end: number, codes: CharCodes): Name | null => {
  let stop = skipSpacesBack(codes, end)
  const char = text[stop - 1]
  if (isQuote(char) || char === ']' || char === '*') {
    stop -= 1
    if (isQuote(text[stop - 1])) stop -= 1
    if (text[stop - 1] === '\\') stop -= 1
    while (text[stop - 1] === '*') stop -= 1
  }
  let start = wordBefore(codes, stop)
  if (start === stop) return null
  let word = text.slice(start, stop)
  if (TYPE_WORDS.has(word)) {
    let typed = skipSpacesBack(codes, start)
    if (text[typed - 1] === ':') typed = skipSpacesBack(codes, typed - 1)
    const before = wordBefore(codes, typed)
    if (before < typed) {
      stop = typed
      start = before
      word = text.slice(start, stop)
    }
  }
  const own = nameStrength(word)
  if (own !== null && own !== 'weak') return { text: word, start, strength: own }
  if (word.length <= MAX_KEY_WORD && text[start - 1] === ' ' && /^(?:key|id)\d*$/i.test(word)) {
    const two = text.slice(wordBefore(codes, start - 1), stop)
    const joint = nameStrength(two)
    if (joint === 'strong')
      return { text: two, start: start - (two.length - word.length), strength: joint }
  }
  return own === null ? null : { text: word, start, strength: own }
}
