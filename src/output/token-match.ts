/** Judges one candidate of secret-patterns.ts: the anchor is there, is the body? No look-behind past two characters. */
import { ALNUM, type CharClass, DIGIT, isMember, mayContinue, runEnd } from './char-class.ts'
import type { Swallow, Verdict } from './span.ts'
import type { TokenKind } from './token-kind.ts'

/**
 * Characters after the anchor that are looked at before a token is recognised as one: more than the
 * largest `min`, and few, since text may be full of anchors.
 */
const JUDGED_CHARS = 104
/** A random token shows a digit or a capital early. */
const MIXED_CHARS = 40

export const swallowRun =
  (cls: CharClass): Swallow =>
  (text, from, final) => {
    const end = runEnd(text, from, cls, text.length)
    return { end, done: final || !mayContinue(text, end, cls) }
  }

/** `\n` and its like written out, as in a JSON string, do not join a token to what stands before. */
export const isEscapeLetter = (text: string, at: number): boolean =>
  at > 0 && text[at - 1] === '\\' && 'nrt'.includes(text[at] ?? ' ')

export const hasBoundaryBefore = (text: string, start: number): boolean =>
  start === 0 || !isMember(ALNUM, text.charCodeAt(start - 1)) || isEscapeLetter(text, start - 1)

const isMixed = (text: string, from: number, to: number): boolean => {
  for (let i = from; i < to; i += 1) {
    const code = text.charCodeAt(i)
    if ((code >= 48 && code <= 57) || (code >= 65 && code <= 90)) return true
  }
  return false
}

/** Two digits: one may count something in a name. */
const MIN_DIGITS = 2

const hasDigits = (text: string, from: number, to: number): boolean => {
  let digits = 0
  for (let i = from; i < to; i += 1) if (isMember(DIGIT, text.charCodeAt(i))) digits += 1
  return digits >= MIN_DIGITS
}

/** `ghp_xxxxxxxx` is how documentation writes a token. */
const isFiller = (text: string, from: number, to: number): boolean => {
  const first = text[from]
  if (first !== 'x' && first !== 'X') return false
  for (let i = from; i < to; i += 1) if (text[i] !== first) return false
  return true
}

export const matchToken = (
  spec: TokenKind,
  text: string,
  start: number,
  bodyStart: number,
  final: boolean,
): Verdict => {
  if (spec.boundary && !hasBoundaryBefore(text, start)) return null
  if (spec.mixed && bodyStart + MIXED_CHARS <= text.length) {
    // Slugs are turned away before they are read whole.
    if (!isMixed(text, bodyStart, bodyStart + MIXED_CHARS)) return null
  }
  const limit = bodyStart + (spec.max === undefined ? JUDGED_CHARS : spec.max + 1)
  const end = runEnd(text, bodyStart, spec.body, limit)
  const length = end - bodyStart
  const inSight = end >= limit || final || !mayContinue(text, end, spec.body)
  if (!inSight) return { undecidedFrom: start }
  if (length < spec.min || (spec.max !== undefined && length > spec.max)) return null
  if (spec.mixed && !isMixed(text, bodyStart, Math.min(end, bodyStart + MIXED_CHARS))) return null
  if (spec.digits && !hasDigits(text, bodyStart, Math.min(end, bodyStart + MIXED_CHARS)))
    return null
  if (isFiller(text, bodyStart, end)) return null
  const found = { kind: spec.kind, start, end }
  return end >= limit ? { ...found, swallow: swallowRun(spec.body) } : found
}
