/**
 * The literals that credentials are recognised by, and for each where in it the pass over the text
 * takes notice. Data and small closures; which of them a position is worth is pair-table.ts.
 */
import { ALNUM, type CharClass, charClass, isMember } from './char-class.ts'
import { COMMAND_OPTIONS, MARKED_KINDS, matchCommandOption, matchMarked } from './marked-match.ts'
import { TOKEN_KINDS } from './secret-patterns.ts'
import type { Verdict } from './span.ts'
import {
  matchBasic,
  matchJwt,
  matchPem,
  matchPpk,
  matchUrlPassword,
  PPK_MARK,
} from './structured-match.ts'
import { hasBoundaryBefore, matchToken } from './token-match.ts'

/** A literal that a candidate holds, and what judges the candidate; `start` is where it begins. */
export interface Anchor {
  readonly literal: string
  readonly ignoreCase?: true
  /** What may stand right before the literal; anything where it is not given. */
  readonly before?: CharClass
  /** What may stand right behind it. */
  readonly after?: CharClass
  readonly match: (text: string, start: number, final: boolean) => Verdict
}

/** As hasBoundaryBefore has it: the letters are the ends of `\n` and its like. */
const BOUNDARY = charClass('nrt').map((kind, code) => kind | (isMember(ALNUM, code) ? 0 : 1))
const BLANK = charClass(' \t')

export const ANCHORS: readonly Anchor[] = [
  ...TOKEN_KINDS.flatMap((spec) =>
    spec.anchors.map(
      (literal): Anchor => ({
        literal,
        ...(spec.ignoreCase === undefined ? {} : { ignoreCase: spec.ignoreCase }),
        ...(spec.boundary === undefined ? {} : { before: BOUNDARY }),
        after: spec.body,
        match: (text, start, final) => matchToken(spec, text, start, start + literal.length, final),
      }),
    ),
  ),
  ...MARKED_KINDS.map(
    (spec): Anchor => ({
      literal: spec.mark,
      ...(spec.after[0] === 0 ? {} : { after: spec.body }),
      match: (text, start, final) => matchMarked(spec, text, start, final),
    }),
  ),
  ...COMMAND_OPTIONS.map(
    (spec): Anchor => ({
      literal: spec.option,
      before: BLANK,
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

export const triggerOf = ({ literal, ignoreCase }: Anchor): number => {
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

export const LONGEST_ANCHOR = Math.max(...ANCHORS.map((anchor) => anchor.literal.length))

/** Beginnings of anchors: text that ends in one is held until it is known to be none. */
const beginnings = (ignoreCase: boolean): ReadonlySet<string> =>
  new Set(
    ANCHORS.filter((anchor) => (anchor.ignoreCase === true) === ignoreCase).flatMap(({ literal }) =>
      Array.from({ length: literal.length - 1 }, (_, i) => literal.slice(0, i + 1)),
    ),
  )
export const EXACT_BEGINNINGS = beginnings(false)
export const FOLDED_BEGINNINGS = beginnings(true)
