/**
 * Runs of 64 and more hexadecimal digits: keys of 256 bits and up. Looks at every 32nd character
 * only, since no such run fits between two of them.
 */
import { HEX, isMember, memberEnd } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import type { Span, SpanFinder } from './span.ts'

/** 256 bits. A SHA-256 digest looks the same and goes too: the two cannot be told apart. */
const MIN_HEX = 64
const STRIDE = 32

export const createHexFinder = (): SpanFinder => {
  let position = 0
  let inside = false

  const advance = (
    text: string,
    base: number,
    final: boolean,
    sink: (span: Span) => void,
    codes: CharCodes,
  ): number => {
    /** Nothing before `from` is looked at again. */
    let from = position - base
    if (inside) {
      const end = memberEnd(codes, from, HEX, text.length)
      if (end > from) sink({ start: position, end: base + end, kind: null })
      position = base + end
      if (end === text.length) return position
      inside = false
      from = end
    }
    let probe = from + STRIDE - 1
    while (probe < text.length) {
      if (!isMember(HEX, codes[probe] ?? 0)) {
        probe += STRIDE
        continue
      }
      let start = probe
      while (start > from && isMember(HEX, codes[start - 1] ?? 0)) start -= 1
      const end = memberEnd(codes, probe, HEX, text.length)
      if (end - start >= MIN_HEX) {
        sink({ start: base + start, end: base + end, kind: 'hex' })
        if (end === text.length && !final) {
          inside = true
          position = base + end
          return position
        }
      }
      // A run that reaches the end of the text may grow; the search for its start begins here again.
      if (end === text.length) break
      from = end
      probe = end + STRIDE
    }
    let start = text.length
    while (start > from && isMember(HEX, codes[start - 1] ?? 0)) start -= 1
    position = base + (final ? text.length : start)
    return position
  }

  return { advance }
}
