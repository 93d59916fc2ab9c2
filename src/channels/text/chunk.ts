/**
 * Cuts a long answer into messages that a platform takes: at a paragraph, a line, a sentence, a space,
 * and only where nothing else is left between two characters. A code fence that is cut is closed and
 * opened again; links, code and entities stay whole where they can. Nothing else is added, and nothing
 * taken away but chunks of white space alone. It knows no platform: the unit is handed in.
 */
import { splitsPair } from '../../domain/text-cut.ts'
import { type Fence, findFences } from './fences.ts'

export interface ChunkLimit {
  /** In the unit of `measure`. */
  readonly maxChunk: number
  /** How the platform counts a chunk; need not grow evenly with the text. */
  measure(markdown: string): number
}

/** A chunk, with what repairs a fence around the piece of the text. */
export interface Piece {
  readonly before: string
  readonly text: string
  readonly after: string
}

/** From the best cut to the worst that still is one. */
const RANKS = ['paragraph', 'line', 'code_line', 'sentence', 'space'] as const
type Rank = (typeof RANKS)[number]

/** A better cut counts only where it does not leave most of the message empty. */
const MIN_FILL = 0.3
/** A measure may be dear: what is so full is full, and a guess aims at its middle. */
const FULL = 15 / 16
const AIM = 31 / 32
/** What a cut looks at behind itself: a link, an address or a fence's line that it may fall into. */
const LOOKAHEAD = 1_024
/** What is looked at before a cut within a word, to find where its characters begin. */
const GRAPHEME_WINDOW = 64

/** Bounded, so that no text makes it look far ahead from every place. */
const WHOLE =
  /!?\[[^[\]\n]{0,300}\]\([^()\s]{0,500}\)|`[^`\n]{1,300}`|<[^<>\s]{1,500}>|https?:\/\/[^\s<>]{1,500}|&#?\w{1,10};/g

interface Span {
  readonly start: number
  readonly end: number
}

/** The one that `at` lies strictly inside of. Ends rise with starts. */
function spanAt<S extends Span>(spans: readonly S[], at: number): S | null {
  let low = 0
  let high = spans.length
  while (low < high) {
    const middle = (low + high) >> 1
    if ((spans[middle]?.end ?? 0) <= at) low = middle + 1
    else high = middle
  }
  const span = spans[low]
  return span !== undefined && span.start < at ? span : null
}

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' })

class Cutter {
  readonly #text: string
  readonly #limit: ChunkLimit
  readonly #fences: readonly Fence[]
  readonly #wholes: readonly Span[]

  constructor(text: string, limit: ChunkLimit) {
    this.#text = text
    this.#limit = limit
    this.#fences = findFences(text)
    this.#wholes = [...text.matchAll(WHOLE)].map(({ 0: match, index }) => ({
      start: index,
      end: index + match.length,
    }))
  }

  *pieces(): Generator<Piece> {
    for (let at = 0; at < this.#text.length; ) {
      const piece = this.#next(at)
      yield piece
      at += piece.text.length
    }
  }

  #next(from: number): Piece {
    const opened = this.#openAt(from)
    // What follows in the same message would be read as code.
    const last = opened?.isDeep ? opened.end : this.#text.length
    const furthest = Math.min(last, from + this.#limit.maxChunk)
    if (this.#fits(from, furthest) && furthest === last) return this.#piece(from, furthest)
    for (let limit = this.#furthestFit(from, furthest); limit > from; ) {
      const end = this.#cutBefore(from, limit)
      if (this.#fits(from, end)) return this.#piece(from, end)
      limit = from + Math.floor((end - from) / 2)
    }
    // Not even one character beside a repair: the words come first.
    const end = from + (splitsPair(this.#text, from + 1) ? 2 : 1)
    return { before: '', text: this.#text.slice(from, end), after: '' }
  }

  /** The fence that a cut here opens again; at its last line there is nothing left to open. */
  #openAt(at: number): Fence | null {
    const fence = spanAt(this.#fences, at)
    return fence !== null && at >= fence.bodyStart && at <= fence.bodyEnd ? fence : null
  }

  #piece(from: number, end: number): Piece {
    const text = this.#text.slice(from, end)
    const opened = this.#openAt(from)
    const before = opened === null ? '' : `${opened.reopen}\n`
    const left = end < this.#text.length ? this.#openAt(end) : null
    if (left === null) return { before, text, after: '' }
    const close = left === opened ? left.close.trimStart() : left.close
    return { before, text, after: text.endsWith('\n') ? close : `\n${close}` }
  }

  #measure(from: number, end: number): number {
    const { before, text, after } = this.#piece(from, end)
    return this.#limit.measure(before + text + after)
  }

  #fits(from: number, end: number): boolean {
    return this.#measure(from, end) <= this.#limit.maxChunk
  }

  /** A measure that does not grow evenly is judged again at the cut itself. */
  #furthestFit(from: number, furthest: number): number {
    const { maxChunk } = this.#limit
    let low = from
    let high = furthest
    let measured = this.#measure(from, furthest)
    if (measured <= maxChunk) return furthest
    for (let isGuess = true; high - low > 1; isGuess = !isGuess) {
      // As if it grew evenly; where that misleads, every second step halves what is left.
      const even = from + Math.ceil(((high - from) * maxChunk * AIM) / Math.max(1, measured))
      const middle = (low + high) >> 1
      const at = isGuess ? Math.min(high - 1, Math.max(low + 1, even)) : middle
      const length = this.#measure(from, at)
      if (length <= maxChunk) {
        if (length >= maxChunk * FULL) return at
        low = at
      } else {
        high = at
        measured = length
      }
    }
    return low
  }

  #cutBefore(from: number, limit: number): number {
    const best = new Map<Rank, number>()
    for (let at = limit; at > from; at -= 1) {
      const rank = this.#rankOf(at)
      if (rank !== null && !best.has(rank)) best.set(rank, at)
    }
    const enough = from + MIN_FILL * (limit - from)
    const fallback = RANKS.find((rank) => best.has(rank))
    const rank = RANKS.find((each) => (best.get(each) ?? 0) > enough) ?? fallback
    return (rank && best.get(rank)) ?? this.#hardCut(from, limit)
  }

  #rankOf(at: number): Rank | null {
    const before = this.#text[at - 1]
    if (before !== '\n' && before !== ' ') return null
    const fence = spanAt(this.#fences, at)
    // Neither within the lines of the fence nor where one of the halves would be empty.
    if (fence !== null && (at <= fence.bodyStart || at >= fence.bodyEnd)) return null
    if (before === '\n') {
      if (fence !== null) return 'code_line'
      const isBlank = /\n[ \t\r]{0,8}\n$/.test(this.#text.slice(Math.max(0, at - 10), at))
      return isBlank || this.#touchesFence(at) ? 'paragraph' : 'line'
    }
    if (fence !== null) return 'space'
    if (spanAt(this.#wholes, at) !== null) return null
    return /[.!?…:;]/.test(this.#text[at - 2] ?? '') ? 'sentence' : 'space'
  }

  #touchesFence(at: number): boolean {
    const after = spanAt(this.#fences, at + 1)
    return after?.start === at || spanAt(this.#fences, at - 1)?.end === at
  }

  /** Within a word: before a link, code or entity where that gets on, else between two characters. */
  #hardCut(from: number, limit: number): number {
    const whole = spanAt(this.#wholes, limit)
    if (whole !== null && whole.start > from) return whole.start
    const fence = spanAt(this.#fences, limit)
    if (fence !== null && limit < fence.bodyStart && fence.start > from) return fence.start
    if (fence !== null && limit > fence.bodyEnd && fence.bodyEnd > from) return fence.bodyEnd
    const start = Math.max(from, limit - GRAPHEME_WINDOW)
    let end = 0
    // A little beyond the cut, so that the character it may fall into is seen whole.
    for (const { index } of segmenter.segment(this.#text.slice(start, limit + 8))) {
      if (start + index > limit) break
      end = start + index
    }
    if (end > start) return end
    if (!splitsPair(this.#text, limit)) return limit
    return limit - 1 > from ? limit - 1 : limit + 1
  }
}

/** Exact: the texts of all pieces are the text. */
export const cutMarkdown = (text: string, limit: ChunkLimit): readonly Piece[] => {
  if (!(limit.maxChunk >= 1)) throw new RangeError('a chunk holds at least one unit')
  return [...new Cutter(text, limit).pieces()]
}

/** The first of what is sent, however much follows: no more is looked at than can be in it. */
export function firstChunk(text: string, { maxChunk, measure }: ChunkLimit): string | null {
  const head = text.slice(0, maxChunk + LOOKAHEAD)
  for (const { before, text: inner, after } of new Cutter(head, { maxChunk, measure }).pieces()) {
    if (inner.trim() !== '') return before + inner + after
  }
  return null
}

/** What is sent, in order. White space alone is no message, and no platform takes it for one. */
export const chunkMarkdown = (text: string, limit: ChunkLimit): readonly string[] =>
  cutMarkdown(text, limit)
    .filter((piece) => piece.text.trim() !== '')
    .map(({ before, text: inner, after }) => before + inner + after)
