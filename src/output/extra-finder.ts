/**
 * The tenant's own patterns over a stream. compileLinearPattern bounds what a pattern may match, so
 * that holding that many characters back decides every match as over the whole text.
 */
import { type LinearPattern, MAX_MATCH_CHARS, TAIL_OTHER } from '../domain/linear-pattern.ts'
import type { Span, SpanFinder } from './span.ts'

const tailEnd = (text: string, from: number, tail: Uint8Array): number => {
  let i = from
  while (i < text.length && tail[Math.min(text.charCodeAt(i), TAIL_OTHER)] === 1) i += 1
  return i
}

/** One pattern's place in the stream. */
interface Reading {
  readonly pattern: LinearPattern
  /** Offset from which it is looked for. */
  position: number
  /** The last match ended in an open repetition that may still go on. */
  inTail: boolean
}

export const createExtraFinder = (patterns: readonly LinearPattern[]): SpanFinder => {
  const readings: readonly Reading[] = patterns.map((pattern) => ({
    pattern,
    position: 0,
    inTail: false,
  }))

  const advanceOne = (
    reading: Reading,
    text: string,
    base: number,
    final: boolean,
    settled: number,
    sink: (span: Span) => void,
  ): number => {
    const { pattern } = reading
    let from = reading.position - base
    const readTail = (tail: Uint8Array): boolean => {
      const end = tailEnd(text, from, tail)
      if (end > from) sink({ start: base + from, end: base + end, kind: null })
      from = end
      reading.inTail = end === text.length && !final
      return !reading.inTail
    }
    let isOver = !reading.inTail || pattern.tail === null || readTail(pattern.tail)
    while (isOver && from < settled) {
      pattern.lastIndex = from
      const match = pattern.exec(text)
      if (match === null || match.index >= settled) {
        from = settled
        break
      }
      sink({ start: base + match.index, end: base + match.index + match[0].length, kind: 'custom' })
      from = match.index + match[0].length
      if (pattern.tail !== null) isOver = readTail(pattern.tail)
    }
    reading.position = base + from
    return Math.max(from, settled)
  }

  const advance = (
    text: string,
    base: number,
    final: boolean,
    sink: (span: Span) => void,
  ): number => {
    // One character more than a match: an assertion at its end looks at the character behind it.
    const settled = final ? text.length : Math.max(0, text.length - MAX_MATCH_CHARS - 1)
    let lowest = text.length
    for (const reading of readings) {
      lowest = Math.min(lowest, advanceOne(reading, text, base, final, settled, sink))
    }
    return base + lowest
  }

  return { advance }
}
