/**
 * One pass over the text for every kind of credential. A table over pairs of characters tells at
 * each position whether a candidate may stand there; only then is anything else looked at.
 */
import { DIGIT, isMember } from './char-class.ts'
import { matchElement, matchFlag, matchKeyValue, matchPair } from './key-value.ts'
import {
  COMMAND_OPTIONS,
  heldWithMark,
  MARKED_KINDS,
  matchCommandOption,
  matchDiscordBot,
  matchMarked,
} from './marked-match.ts'
import { TOKEN_KINDS } from './secret-patterns.ts'
import type { Span, SpanFinder, Swallow, Verdict } from './span.ts'
import {
  matchBasic,
  matchJwt,
  matchPem,
  matchPpk,
  matchTelegram,
  matchUrlPassword,
  PPK_MARK,
  TELEGRAM_DIGITS_MAX,
} from './structured-match.ts'
import type { TokenKind } from './token-kind.ts'
import { hasBoundaryBefore, matchToken } from './token-match.ts'

/** `at` is the index of the second character of the pair that hit. */
type Handler = (text: string, at: number, final: boolean) => Verdict

const ASCII = 128

const anchored = (
  anchor: string,
  ignoreCase: boolean,
  match: (text: string, start: number, final: boolean) => Verdict,
): Handler => {
  const exact = anchor.charCodeAt(0)
  const folded = ignoreCase ? anchor.toUpperCase().charCodeAt(0) : exact
  return (text, at, final) => {
    const start = at - anchor.length + 1
    if (start < 0) return null
    // The first letter turns most away; it is compared before anything is cut out.
    const first = text.charCodeAt(start)
    if (first !== exact && first !== folded) return null
    const isThere = ignoreCase
      ? text.slice(start, at + 1).toLowerCase() === anchor
      : text.startsWith(anchor, start)
    return isThere ? match(text, start, final) : null
  }
}

const tokenHandler = (spec: TokenKind, anchor: string): Handler =>
  anchored(anchor, spec.ignoreCase === true, (text, start, final) =>
    matchToken(spec, text, start, start + anchor.length, final),
  )

interface Anchor {
  readonly literal: string
  readonly ignoreCase: boolean
  readonly handler: Handler
}

const ANCHORS: readonly Anchor[] = [
  ...TOKEN_KINDS.flatMap((spec) =>
    spec.anchors.map((literal) => ({
      literal,
      ignoreCase: spec.ignoreCase === true,
      handler: tokenHandler(spec, literal),
    })),
  ),
  ...MARKED_KINDS.map((spec) => ({
    literal: spec.mark,
    ignoreCase: false,
    handler: anchored(spec.mark, false, (text, start, final) =>
      matchMarked(spec, text, start, final),
    ),
  })),
  ...COMMAND_OPTIONS.map((spec) => ({
    literal: spec.option,
    ignoreCase: false,
    handler: anchored(spec.option, false, (text, start, final) =>
      matchCommandOption(spec, text, start, final),
    ),
  })),
  {
    literal: PPK_MARK,
    ignoreCase: false,
    handler: anchored(PPK_MARK, false, matchPpk),
  },
  {
    literal: 'eyJ',
    ignoreCase: false,
    handler: anchored('eyJ', false, (text, start, final) =>
      hasBoundaryBefore(text, start) ? matchJwt(text, start, final) : null,
    ),
  },
  {
    literal: '-----BEGIN ',
    ignoreCase: false,
    handler: anchored('-----BEGIN ', false, matchPem),
  },
  {
    literal: 'basic ',
    ignoreCase: true,
    handler: anchored('basic ', true, (text, start, final) =>
      matchBasic(text, start, start + 'basic '.length, final),
    ),
  },
  {
    literal: '://',
    ignoreCase: false,
    handler: anchored('://', false, (text, start, final) =>
      matchUrlPassword(text, start + 3, final),
    ),
  },
]

const LONGEST_ANCHOR = Math.max(...ANCHORS.map((anchor) => anchor.literal.length))

/** Beginnings of anchors: text that ends in one is held until it is known to be none. */
const beginnings = (ignoreCase: boolean): ReadonlySet<string> =>
  new Set(
    ANCHORS.filter((anchor) => anchor.ignoreCase === ignoreCase).flatMap(({ literal }) =>
      Array.from({ length: literal.length - 1 }, (_, i) => literal.slice(0, i + 1)),
    ),
  )
const EXACT_BEGINNINGS = beginnings(false)
const FOLDED_BEGINNINGS = beginnings(true)

const code = (char: string): number => char.charCodeAt(0)
const casesOf = (char: string, ignoreCase: boolean): readonly number[] =>
  ignoreCase ? [...new Set([code(char.toLowerCase()), code(char.toUpperCase())])] : [code(char)]

interface PairTable {
  /** Index into `handlers` by (first << 7 | second); 0 is none. */
  readonly index: Uint16Array
  readonly handlers: readonly (readonly Handler[])[]
}

const buildTable = (): PairTable => {
  const byPair = new Map<number, Handler[]>()
  const add = (first: number, second: number, handler: Handler): void => {
    const pair = (first << 7) | second
    const present = byPair.get(pair)
    if (present === undefined) byPair.set(pair, [handler])
    else present.push(handler)
  }
  // Longer anchors first: where two end in the same pair, the more specific one is the better name.
  const anchors = [...ANCHORS].sort((a, b) => b.literal.length - a.literal.length)
  for (const { literal, ignoreCase, handler } of anchors) {
    for (const first of casesOf(literal.at(-2) ?? ' ', ignoreCase)) {
      for (const second of casesOf(literal.at(-1) ?? ' ', ignoreCase)) add(first, second, handler)
    }
  }
  for (let first = 0; first < ASCII; first += 1) {
    const char = String.fromCharCode(first)
    if (/[0-9]/.test(char)) add(first, code(':'), matchTelegram)
    if (!/[/]/.test(char)) {
      add(first, code('='), matchKeyValue)
      add(first, code(':'), matchKeyValue)
    }
    if (/["'`]/.test(char)) add(first, code(','), matchPair)
    if (/[A-Za-z0-9_-]/.test(char)) {
      add(first, code('>'), matchElement)
      add(first, code('.'), matchDiscordBot)
    }
  }
  add(code('-'), code('-'), matchFlag)
  const index = new Uint16Array(ASCII * ASCII)
  const handlers: (readonly Handler[])[] = [[]]
  for (const [pair, list] of byPair) index[pair] = handlers.push(list) - 1
  return { index, handlers }
}

const TABLE = buildTable()

const judgeAt = (
  handlers: readonly Handler[],
  text: string,
  at: number,
  final: boolean,
): Verdict => {
  for (const handler of handlers) {
    const verdict = handler(text, at, final)
    if (verdict !== null) return verdict
  }
  return null
}

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
  ): number => {
    const { index, handlers } = TABLE
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
    let previous = i > 0 ? text.charCodeAt(i - 1) : 0
    if (previous >= ASCII) previous = 0
    while (i < text.length) {
      const current = text.charCodeAt(i)
      if (current >= ASCII) {
        previous = 0
        i += 1
        continue
      }
      const hit = index[(previous << 7) | current]
      previous = current
      if (hit === 0 || hit === undefined) {
        i += 1
        continue
      }
      const verdict = judgeAt(handlers[hit] ?? [], text, i, final)
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
      previous = text.charCodeAt(i - 1)
      if (previous >= ASCII) previous = 0
    }
    if (final) return settle(text.length, text.length)
    const from = decided - base
    return settle(Math.min(heldFrom(text, from), digitsFrom(text, from)), text.length)
  }

  return { advance }
}
