/**
 * Joins what the finders list over one stream of text and puts `[REDACTED]` in its place. A whole
 * text is a stream of one piece, so that both ways of reading give the same answer by construction.
 */
import { charCodes } from './char-codes.ts'
import { CONTEXT_CHARS, REDACTED, type Span, type SpanFinder } from './span.ts'

export interface Redactor {
  /** The part of the text that is settled now. After `final` nothing may be fed. */
  feed(delta: string, final: boolean): string
  /** Secrets found so far, by kind. */
  readonly kinds: ReadonlyMap<string, number>
  /** `[REDACTED]` marks written so far: touching secrets share one. */
  readonly count: number
}

const byStart = (a: Span, b: Span): number => a.start - b.start

export const createRedactor = (finders: readonly SpanFinder[]): Redactor => {
  const kinds = new Map<string, number>()
  let count = 0
  let buffer = ''
  /** Offset in the stream of the buffer's first character. */
  let base = 0
  let emitted = 0
  /** End of the redaction written last. */
  let covered = -1
  let pending: Span[] = []

  const sink = (span: Span): void => {
    pending.push(span)
    if (span.kind !== null) kinds.set(span.kind, (kinds.get(span.kind) ?? 0) + 1)
  }

  const emit = (settled: number): string => {
    let out = ''
    let at = emitted
    const later: Span[] = []
    for (const span of pending.sort(byStart)) {
      if (span.start >= settled) {
        later.push(span)
        continue
      }
      if (span.start > covered) {
        out += buffer.slice(Math.max(at, covered) - base, span.start - base) + REDACTED
        count += 1
        at = span.start
      }
      covered = Math.max(covered, span.end)
    }
    pending = later
    const from = Math.max(at, covered)
    if (settled > from) out += buffer.slice(from - base, settled - base)
    emitted = Math.max(emitted, settled)
    return out
  }

  const feed = (delta: string, final: boolean): string => {
    buffer += delta
    let settled = base + buffer.length
    const codes = charCodes(buffer)
    for (const finder of finders) {
      settled = Math.min(settled, finder.advance(buffer, base, final, sink, codes))
    }
    const out = emit(settled)
    const keepFrom = Math.max(base, emitted - CONTEXT_CHARS)
    buffer = buffer.slice(keepFrom - base)
    base = keepFrom
    return out
  }

  return {
    feed,
    kinds,
    get count() {
      return count
    },
  }
}
