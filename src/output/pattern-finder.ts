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
import { hasBoundaryBefore, matchToken } from './token-match.ts'

/** `at` is the index of the second character of the pair that hit. */
type Handler = (text: string, at: number, final: boolean) => Verdict

const ASCII = 128

/** A literal that a candidate holds, and what judges the candidate; `start` is where it begins. */
interface Anchor {
  readonly literal: string
  readonly ignoreCase?: true
  readonly match: (text: string, start: number, final: boolean) => Verdict
}

const ANCHORS: readonly Anchor[] = [
  ...TOKEN_KINDS.flatMap((spec) =>
    spec.anchors.map(
      (literal): Anchor => ({
        literal,
        ...(spec.ignoreCase === undefined ? {} : { ignoreCase: spec.ignoreCase }),
        match: (text, start, final) => matchToken(spec, text, start, start + literal.length, final),
      }),
    ),
  ),
  ...MARKED_KINDS.map(
    (spec): Anchor => ({
      literal: spec.mark,
      match: (text, start, final) => matchMarked(spec, text, start, final),
    }),
  ),
  ...COMMAND_OPTIONS.map(
    (spec): Anchor => ({
      literal: spec.option,
      match: (text, start, final) => matchCommandOption(spec, text, start, final),
    }),
  ),
  { literal: PPK_MARK, match: matchPpk },
  {
    literal: 'eyJ',
    match: (text, start, final) =>
      hasBoundaryBefore(text, start) ? matchJwt(text, start, final) : null,
  },
  { literal: '-----BEGIN ', match: matchPem },
  {
    literal: 'basic ',
    ignoreCase: true,
    match: (text, start, final) => matchBasic(text, start, start + 'basic '.length, final),
  },
  {
    literal: '://',
    match: (text, start, final) => matchUrlPassword(text, start + '://'.length, final),
  },
]

/**
 * Where in its literal an anchor is looked for: at the character that texts hold least often. Small
 * letters and spaces are most of a text, so that most characters are passed after one look.
 */
const LETTERS_BY_RARITY = 'zqxjkvbpygfwmucldrhsnioate '
const SIGN_COST: Readonly<Record<string, number>> = { '-': 6, '.': 8, ':': 6, '/': 5, '=': 6, _: 4 }
const DIGIT_COST = 5
const CAPITAL_COST = 3
const OTHER_COST = 1
const LETTER_COST = 20

const costOf = (char: string, ignoreCase: boolean): number => {
  const rank = LETTERS_BY_RARITY.indexOf(ignoreCase ? char.toLowerCase() : char)
  if (rank >= 0) return LETTER_COST + rank
  if (/[0-9]/.test(char)) return DIGIT_COST
  return /[A-Z]/.test(char) ? CAPITAL_COST : (SIGN_COST[char] ?? OTHER_COST)
}

const triggerOf = ({ literal, ignoreCase }: Anchor): number => {
  let best = 0
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < literal.length; i += 1) {
    const cost = costOf(literal[i] ?? ' ', ignoreCase === true)
    // The later of two equals: more of the literal has been seen by then.
    if (cost <= least) {
      best = i
      least = cost
    }
  }
  return best
}

const handlerOf = ({ literal, ignoreCase, match }: Anchor, trigger: number): Handler => {
  // A letter that is not the trigger turns most away; it is compared before anything is cut out.
  const probe = trigger === 0 ? 1 : 0
  const exact = literal.charCodeAt(probe)
  const folded = ignoreCase ? literal.toUpperCase().charCodeAt(probe) : exact
  const isAt = (text: string, start: number): boolean =>
    ignoreCase
      ? text.slice(start, start + literal.length).toLowerCase() === literal
      : text.startsWith(literal, start)
  return (text, at, final) => {
    const start = at - trigger
    if (start < 0) return null
    const probed = text.charCodeAt(start + probe)
    if (probed !== exact && probed !== folded && start + probe < text.length) return null
    if (start + literal.length <= text.length) {
      return isAt(text, start) ? match(text, start, final) : null
    }
    // The text ends within the literal.
    const seen = ignoreCase ? text.slice(start).toLowerCase() : text.slice(start)
    return !final && literal.startsWith(seen) ? { undecidedFrom: start } : null
  }
}

const LONGEST_ANCHOR = Math.max(...ANCHORS.map((anchor) => anchor.literal.length))

/** Beginnings of anchors: text that ends in one is held until it is known to be none. */
const beginnings = (ignoreCase: boolean): ReadonlySet<string> =>
  new Set(
    ANCHORS.filter((anchor) => (anchor.ignoreCase === true) === ignoreCase).flatMap(({ literal }) =>
      Array.from({ length: literal.length - 1 }, (_, i) => literal.slice(0, i + 1)),
    ),
  )
const EXACT_BEGINNINGS = beginnings(false)
const FOLDED_BEGINNINGS = beginnings(true)

const code = (char: string): number => char.charCodeAt(0)
const casesOf = (char: string, ignoreCase = false): readonly number[] =>
  ignoreCase ? [...new Set([code(char.toLowerCase()), code(char.toUpperCase())])] : [code(char)]

interface PairTable {
  /** By the second character of a pair: 0 where no pair ends in it. */
  readonly triggers: Uint8Array
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
  // Longer anchors first: where two are found by the same pair, the more specific one is the better
  // name.
  const anchors = [...ANCHORS].sort((a, b) => b.literal.length - a.literal.length)
  const anything = Array.from({ length: ASCII }, (_, i) => i)
  for (const anchor of anchors) {
    const { literal, ignoreCase } = anchor
    const trigger = triggerOf(anchor)
    const handler = handlerOf(anchor, trigger)
    const before = literal[trigger - 1]
    for (const first of before === undefined ? anything : casesOf(before, ignoreCase)) {
      for (const second of casesOf(literal[trigger] ?? ' ', ignoreCase)) add(first, second, handler)
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
  const triggers = new Uint8Array(ASCII)
  for (const [pair, list] of byPair) {
    index[pair] = handlers.push(list) - 1
    triggers[pair & (ASCII - 1)] = 1
  }
  return { triggers, index, handlers }
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
    const { triggers, index, handlers } = TABLE
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
    while (i < text.length) {
      const current = text.charCodeAt(i)
      if (current >= ASCII || triggers[current] === 0) {
        i += 1
        continue
      }
      const before = i > 0 ? text.charCodeAt(i - 1) : 0
      const hit = index[((before < ASCII ? before : 0) << 7) | current]
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
    }
    if (final) return settle(text.length, text.length)
    const from = decided - base
    return settle(Math.min(heldFrom(text, from), digitsFrom(text, from)), text.length)
  }

  return { advance }
}
