/**
 * One pass over the text for every kind of credential. pair-table.ts tells at which positions a
 * candidate may stand; only there is anything else looked at.
 */
import { EXACT_BEGINNINGS, FOLDED_BEGINNINGS, LONGEST_ANCHOR } from './anchors.ts'
import { DIGIT, isMember } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { heldWithMark } from './marked-match.ts'
import { judgeAt, nextWatched } from './pair-table.ts'
import type { Span, SpanFinder, Swallow } from './span.ts'
import { TELEGRAM_DIGITS_MAX } from './structured-match.ts'

/** Where a candidate may have begun whose anchor the text has not shown whole. */
const heldFrom = (text: string, from: number): number => {
  const longest = Math.min(LONGEST_ANCHOR - 1, text.length - from)
  for (let length = longest; length > 0; length -= 1) {
    const tail = text.slice(text.length - length)
    if (EXACT_BEGINNINGS.has(tail) || FOLDED_BEGINNINGS.has(tail.toLowerCase())) {
      return heldWithMark(text, text.length - length)
    }
  }
  return text.length
}

const digitsFrom = (text: string, from: number): number => {
  let start = text.length
  const stop = Math.max(from, text.length - TELEGRAM_DIGITS_MAX)
  while (start > stop && isMember(DIGIT, text.charCodeAt(start - 1))) start -= 1
  return start
}

export const createPatternFinder = (): SpanFinder => {
  /** Absolute offset of what is read next. */
  let position = 0
  /** Absolute offset up to which all is decided: an anchor may have begun before `position`. */
  let decided = 0
  let swallow: Swallow | null = null

  const advance = (
    text: string,
    base: number,
    final: boolean,
    sink: (span: Span) => void,
    codes: CharCodes,
  ): number => {
    let i = position - base
    const settle = (at: number, next: number): number => {
      position = base + next
      // May lie before an earlier answer: a word that ends at a mark was held by nearby-finder.ts.
      decided = base + at
      return decided
    }
    /** Swallows on; true once the end of the secret was seen. */
    const swallowOn = (how: Swallow): boolean => {
      const { end, done } = how(text, i, final)
      if (end > i) sink({ start: base + i, end: base + end, kind: null })
      i = end
      swallow = done ? null : how
      return done
    }
    if (swallow !== null && !swallowOn(swallow)) return settle(i, i)
    for (;;) {
      i = nextWatched(codes, i, final)
      if (i >= text.length) break
      const verdict = judgeAt(text, i, final, codes)
      if (verdict === null) {
        i += 1
        continue
      }
      if ('undecidedFrom' in verdict) {
        // A longer anchor may have begun before the one that is being waited for.
        return settle(Math.min(verdict.undecidedFrom, heldFrom(text, decided - base)), i)
      }
      sink({ start: base + verdict.start, end: base + verdict.end, kind: verdict.kind })
      i = Math.max(i + 1, verdict.end)
      if (verdict.swallow !== undefined && !swallowOn(verdict.swallow)) return settle(i, i)
    }
    if (final) return settle(text.length, text.length)
    const from = decided - base
    return settle(Math.min(heldFrom(text, from), digitsFrom(text, from)), text.length)
  }

  return { advance }
}
