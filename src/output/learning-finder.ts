/**
 * A secret that was named once often follows without its name: `token = X` and then a URL, an error
 * message or a second quotation with X. What the inner finder recognised is therefore looked for in
 * the text behind it. Knowledge never goes backwards or beyond the stream, so that a stream and the
 * whole text are judged alike.
 */
import { charClass } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { createNeedleIndex } from './needle-index.ts'
import { isDistinctive } from './secret-value.ts'
import type { Span, SpanFinder, Swallow } from './span.ts'
import { swallowRun } from './token-match.ts'

/** Secrets remembered for one stream: a listing of many more is no ordinary text. */
const MAX_LEARNED = 256
/** Of a longer secret the beginning is remembered, and what it is followed by goes with it. */
const WHOLE_CHARS = 40
const BEGINNING_CHARS = 32

const REST = charClass('A-Za-z0-9_/+=~-', '.')
const swallowRest = swallowRun(REST)

interface Learned {
  /** Offset from which the secret is known. */
  readonly from: number
  readonly isBeginning: boolean
}

export const createLearningFinder = (inner: SpanFinder): SpanFinder => {
  const needles = createNeedleIndex<Learned>()
  let position = 0
  let swallow: Swallow | null = null

  const learn = (value: string, from: number): void => {
    if (needles.size >= MAX_LEARNED || !isDistinctive(value)) return
    const isBeginning = value.length > WHOLE_CHARS
    needles.add(isBeginning ? value.slice(0, BEGINNING_CHARS) : value, { from, isBeginning })
  }

  const advance = (
    text: string,
    base: number,
    final: boolean,
    sink: (span: Span) => void,
    codes: CharCodes,
  ): number => {
    const sinkAndLearn = (span: Span): void => {
      sink(span)
      if (span.kind === 'named')
        learn(text.slice(span.start - base, span.end - base).trim(), span.end)
    }
    const settled = inner.advance(text, base, final, sinkAndLearn, codes)
    const limit = settled - base
    let i = position - base
    const swallowOn = (): boolean => {
      const { end, done } = swallowRest(text, i, final)
      if (end > i) sink({ start: base + i, end: base + end, kind: null })
      i = end
      swallow = done ? null : swallowRest
      return done
    }
    if (swallow !== null && !swallowOn()) {
      position = base + i
      return Math.min(settled, position)
    }
    while (i < limit) {
      i = needles.next(text, i, final)
      if (i >= limit) break
      const hit = needles.at(text, i, final, (learned) => learned.from <= base + i)
      if (hit === 'more') break
      if (hit === null) {
        i += 1
        continue
      }
      sink({ start: base + i, end: base + i + hit.length, kind: 'repeated' })
      i += hit.length
      if (hit.tag.isBeginning && !swallowOn()) break
    }
    // Beyond the limit nothing was judged: what is learned there is not known yet.
    position = base + (swallow === null ? Math.min(i, Math.max(limit, position - base)) : i)
    return Math.min(settled, position)
  }

  return { advance }
}
