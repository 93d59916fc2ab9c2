/**
 * Sets of ASCII characters as lookup tables, and greedy runs over them: the only way this layer
 * reads a candidate. A run costs one table look-up a character and never goes back, so that no
 * hostile text can make it super-linear; it is no regular-expression engine.
 */
import { type CharCodes, CODES } from './char-codes.ts'

const ASCII = 128
const MEMBER = 1
/** Counts only when a member follows: the full stop that ends a sentence is not part of a token. */
const INNER = 2

export type CharClass = Uint8Array

/** `members` and `inner` list characters; `a-z` style ranges are written as such. */
export const charClass = (members: string, inner = ''): CharClass => {
  const table = new Uint8Array(CODES)
  const fill = (spec: string, value: number): void => {
    for (let i = 0; i < spec.length; i += 1) {
      const from = spec.charCodeAt(i)
      const isRange = spec[i + 1] === '-' && i + 2 < spec.length
      const to = isRange ? spec.charCodeAt(i + 2) : from
      for (let code = from; code <= to; code += 1) table[code] = value
      if (isRange) i += 2
    }
  }
  fill(inner, INNER)
  fill(members, MEMBER)
  return table
}

export const isMember = (cls: CharClass, code: number): boolean =>
  code < ASCII && cls[code] === MEMBER

/** Index after the run of `cls` that begins at `from`, at most one past `limit`. */
export const runEnd = (text: string, from: number, cls: CharClass, limit: number): number => {
  const stop = Math.min(limit, text.length)
  let i = from
  while (i < stop) {
    const code = text.charCodeAt(i)
    const kind = code < ASCII ? cls[code] : 0
    if (kind === MEMBER) i += 1
    else if (kind === INNER && isMember(cls, text.charCodeAt(i + 1))) i += 2
    else break
  }
  return i
}

/** The same for a class without inner characters, over the bytes of the text. */
export const memberEnd = (
  codes: CharCodes,
  from: number,
  cls: CharClass,
  limit: number,
): number => {
  const stop = Math.min(limit, codes.length)
  let i = from
  while (i < stop && cls[codes[i] ?? 0] === MEMBER) i += 1
  return i
}

/** Whether a run that ended at `end` might go on when more text arrives. */
export const mayContinue = (text: string, end: number, cls: CharClass): boolean => {
  if (end >= text.length) return true
  const code = text.charCodeAt(end)
  return end === text.length - 1 && code < ASCII && cls[code] === INNER
}

export const ALNUM = charClass('A-Za-z0-9')
export const UPPER_ALNUM = charClass('A-Z0-9')
export const DIGIT = charClass('0-9')
export const HEX = charClass('0-9a-fA-F')
export const TOKEN = charClass('A-Za-z0-9_-')
export const DOTTED_TOKEN = charClass('A-Za-z0-9_-', '.')
export const BASE64 = charClass('A-Za-z0-9+/=_-', '.')
