/**
 * What the finders of this layer answer with. A finder lists spans of raw text and says how far its
 * judgement is final; joining and replacing is the redactor's part.
 */
import type { CharCodes } from './char-codes.ts'

/** Half open, absolute offsets in the stream. `kind` is null where a span goes on from before. */
export interface Span {
  readonly start: number
  readonly end: number
  readonly kind: string | null
}

/** Reads on inside a secret whose end was not in sight; `done` once the end was seen. */
export type Swallow = (
  text: string,
  from: number,
  final: boolean,
) => { readonly end: number; readonly done: boolean }

/** A secret found; with `swallow` it goes on beyond `end`. Indices into the text handed in. */
export interface Find {
  readonly kind: string
  readonly start: number
  readonly end: number
  readonly swallow?: Swallow
}

/** More text is needed to judge a candidate that begins at `undecidedFrom`. */
export interface Undecided {
  readonly undecidedFrom: number
}

export type Verdict = Find | Undecided | null

export interface SpanFinder {
  /**
   * Reads what is new of `text`, whose first character stands at offset `base` of the stream, and
   * hands every span to `sink`. Returns the offset below which no further span can begin.
   * `codes` are the characters of `text`, as bytes.
   * At least CONTEXT_CHARS characters before the returned offset stay available in later calls.
   */
  advance(
    text: string,
    base: number,
    final: boolean,
    sink: (span: Span) => void,
    codes: CharCodes,
  ): number
}

/** Characters kept before the undecided part: names are looked up this far back, no further. */
export const CONTEXT_CHARS = 208

export const REDACTED = '[REDACTED]'
