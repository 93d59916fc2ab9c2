/**
 * Tenants' own patterns (`logging.redactPatterns`, `mention_patterns` of channels): a small, safe part
 * of regular expressions, parsed here and refused whole otherwise. Accepted is what a backtracking engine runs in linear time:
 *  - a quantified piece is one character or class, and what may follow it begins with another
 *    character, so that there is only one way to match;
 *  - groups are alternatives, optional or repeated a fixed number of times, never `+` or `*`;
 *  - no back reference, look-around, or lazy and unicode features.
 * `*`, `+` and `{n,}` are bounded, so that one match never exceeds MAX_MATCH_CHARS; a pattern that ends
 * in one of them goes on over what follows in the same characters (`tail`).
 */
import { err, ok, type Result } from './result.ts'

/** Longest match of one pattern; also what a stream holds back when patterns are set. */
export const MAX_MATCH_CHARS = 250
/** `*`, `+` and `{n,}` stop here; what goes on in the same characters is swallowed afterwards. */
const OPEN_REPEAT = 100
const MAX_PATTERN_CHARS = 500
/** Tries a pattern may cost at one position: alternatives multiply. */
const MAX_PATHS = 64

export interface PatternRefusal {
  readonly code: 'PATTERN_REFUSED'
  readonly reason: string
}

/** Slot of a set for every character that is not ASCII. */
export const TAIL_OTHER = 128

/** ASCII members plus one slot for every other character. */
type CharSet = Uint8Array
const OTHER = TAIL_OTHER

interface Piece {
  readonly source: string
  /** Characters the piece may begin with; null when it may match nothing. */
  readonly first: CharSet
  readonly canBeEmpty: boolean
  readonly max: number
  readonly paths: number
  /** Set on a piece of variable length that is one repeated class. */
  readonly repeats?: CharSet
  /** Set where the piece ends in a repetition without an upper bound. */
  readonly tail?: CharSet
}

/** A pattern that this file accepted; `tail` is indexed by ASCII code, the last slot is all others. */
export type LinearPattern = RegExp & { readonly tail: Uint8Array | null }

interface Range {
  readonly min: number
  readonly max: number
  /** No upper bound was written. */
  readonly isOpen: boolean
}

class Refused extends Error {}
const refuse = (reason: string): never => {
  throw new Refused(reason)
}

const emptySet = (): CharSet => new Uint8Array(OTHER + 1)
const setOf = (test: (code: number) => boolean, other: boolean): CharSet => {
  const set = emptySet()
  for (let code = 0; code < OTHER; code += 1) if (test(code)) set[code] = 1
  if (other) set[OTHER] = 1
  return set
}
const union = (a: CharSet, b: CharSet): CharSet =>
  a.map((has, i) => (has === 1 || b[i] === 1 ? 1 : 0))
const intersects = (a: CharSet, b: CharSet): boolean => a.some((has, i) => has === 1 && b[i] === 1)
const invert = (set: CharSet): CharSet => set.map((has) => 1 - has)

const isDigit = (code: number): boolean => code >= 48 && code <= 57
const isWord = (code: number): boolean => /\w/.test(String.fromCharCode(code))
const isSpace = (code: number): boolean => /\s/.test(String.fromCharCode(code))

const CLASS_ESCAPES: Readonly<Record<string, CharSet>> = {
  d: setOf(isDigit, false),
  D: setOf((code) => !isDigit(code), true),
  w: setOf(isWord, false),
  W: setOf((code) => !isWord(code), true),
  s: setOf(isSpace, true),
  S: setOf((code) => !isSpace(code), true),
}
const CONTROL_ESCAPES: Readonly<Record<string, number>> = {
  n: 10,
  r: 13,
  t: 9,
  f: 12,
  v: 11,
  '0': 0,
}

const single = (code: number, ignoreCase: boolean): CharSet => {
  if (code >= OTHER) return setOf(() => false, true)
  const char = String.fromCharCode(code)
  const same = ignoreCase
    ? [char.toLowerCase().charCodeAt(0), char.toUpperCase().charCodeAt(0)]
    : [code]
  return setOf((each) => same.includes(each), false)
}

/** Recursive descent over one pattern; depth is bounded by MAX_PATTERN_CHARS. */
const parse = (pattern: string, ignoreCase: boolean): Piece => {
  let at = 0
  const peek = (): string => pattern[at] ?? ''
  const take = (): string => {
    const char = peek()
    at += 1
    return char
  }

  const escapeSet = (): { readonly set: CharSet; readonly code: number } => {
    const char = take()
    const known = CLASS_ESCAPES[char]
    if (known !== undefined) return { set: known, code: -1 }
    const control = CONTROL_ESCAPES[char]
    if (control !== undefined) return { set: single(control, false), code: control }
    if (char === '' || /[A-Za-z1-9]/.test(char)) return refuse(`escape \\${char} is not supported`)
    return { set: single(char.charCodeAt(0), ignoreCase), code: char.charCodeAt(0) }
  }

  /** One member of a class; `set` is null for a plain character. */
  const classMember = (): { readonly set: CharSet | null; readonly code: number } => {
    const char = take()
    return char === '\\' ? escapeSet() : { set: null, code: char.charCodeAt(0) }
  }

  const parseClass = (): CharSet => {
    const negated = peek() === '^'
    if (negated) at += 1
    let set = emptySet()
    while (peek() !== ']') {
      if (peek() === '') refuse('a class is not closed')
      const from = classMember()
      if (peek() === '-' && pattern[at + 1] !== ']' && from.code >= 0) {
        at += 1
        const to = classMember().code
        if (!(to >= from.code)) refuse('a range in a class runs backwards')
        for (let code = from.code; code <= Math.min(to, OTHER - 1); code += 1) {
          set = union(set, single(code, ignoreCase))
        }
        if (to >= OTHER) set[OTHER] = 1
      } else {
        set = union(set, from.set ?? single(from.code, ignoreCase))
      }
    }
    at += 1
    return negated ? invert(set) : set
  }

  /** `?`, `*`, `+`, `{n}`, `{n,}`, `{n,m}`; null when there is none. */
  const parseQuantifier = (): Range | null => {
    const char = peek()
    if (char === '?' || char === '*' || char === '+') {
      at += 1
      const isOpen = char !== '?'
      const range = { min: char === '+' ? 1 : 0, max: isOpen ? OPEN_REPEAT : 1, isOpen }
      if ('?*+{'.includes(peek()) && peek() !== '')
        refuse('lazy, possessive and doubled quantifiers')
      return range
    }
    if (char !== '{') return null
    const match = /^\{(\d{1,4})(,(\d{0,4}))?\}/.exec(pattern.slice(at))
    if (match === null) return refuse('a brace that is no quantifier must be escaped')
    at += match[0].length
    const min = Number(match[1])
    const max =
      match[2] === undefined ? min : match[3] === '' ? Math.max(min, OPEN_REPEAT) : Number(match[3])
    if (max < min || max > MAX_MATCH_CHARS) refuse(`a repetition beyond ${MAX_MATCH_CHARS}`)
    if ('?*+{'.includes(peek()) && peek() !== '') refuse('lazy, possessive and doubled quantifiers')
    return { min, max, isOpen: match[3] === '' }
  }

  const quantify = (set: CharSet, source: string): Piece => {
    const range = parseQuantifier()
    if (range === null) return { source, first: set, canBeEmpty: false, max: 1, paths: 1 }
    const { min, max } = range
    const piece = {
      source: `${source}{${min},${max}}`,
      first: set,
      canBeEmpty: min === 0,
      max,
      paths: 1,
    }
    const open = min === max ? piece : { ...piece, repeats: set }
    return range.isOpen ? { ...open, tail: set } : open
  }

  const parseGroup = (): Piece => {
    if (peek() === '?') {
      if (pattern[at + 1] !== ':') refuse('look-around and named groups')
      at += 2
    }
    const inner = parseAlternatives()
    if (take() !== ')') refuse('a group is not closed')
    const range = parseQuantifier()
    const source = `(?:${inner.source})`
    if (range === null) return { ...inner, source }
    if (
      range.max > 1 &&
      (range.min !== range.max || inner.canBeEmpty || inner.repeats !== undefined)
    ) {
      refuse('a repeated group')
    }
    return {
      source: `${source}{${range.min},${range.max}}`,
      first: inner.first,
      canBeEmpty: inner.canBeEmpty || range.min === 0,
      max: inner.max * range.max,
      // Each round chooses anew: alternatives that overlap would multiply.
      paths: range.min === range.max ? inner.paths ** range.max : inner.paths + 1,
      ...(inner.repeats === undefined ? {} : { repeats: inner.repeats }),
    }
  }

  const parsePiece = (): Piece => {
    const char = take()
    if (char === '(') return parseGroup()
    if (char === '[') {
      const from = at - 1
      const set = parseClass()
      return quantify(set, pattern.slice(from, at))
    }
    if (char === '.')
      return quantify(
        setOf((code) => code !== 10 && code !== 13, true),
        '.',
      )
    if (char === '^' || char === '$') return refuse('anchors: a pattern is looked for anywhere')
    if (char === '\\') {
      if (peek() === 'b') {
        at += 1
        return { source: '\\b', first: emptySet(), canBeEmpty: true, max: 0, paths: 1 }
      }
      const from = at - 1
      const { set } = escapeSet()
      return quantify(set, pattern.slice(from, at))
    }
    if ('*+?{}])'.includes(char)) return refuse(`${char} in this place`)
    return quantify(single(char.charCodeAt(0), ignoreCase), char)
  }

  const parseSequence = (): Piece => {
    const pieces: Piece[] = []
    while (at < pattern.length && peek() !== '|' && peek() !== ')') pieces.push(parsePiece())
    let first = emptySet()
    let canBeEmpty = true
    let max = 0
    let paths = 1
    /** Sets that repeat and are still open for more of the same. */
    let open: CharSet | null = null
    for (const piece of pieces) {
      if (open !== null && intersects(open, piece.first))
        refuse('two repetitions of the same characters')
      if (canBeEmpty) first = union(first, piece.first)
      canBeEmpty = canBeEmpty && piece.canBeEmpty
      max += piece.max
      paths *= piece.paths
      const still: CharSet | null = piece.canBeEmpty ? open : null
      open =
        piece.repeats === undefined
          ? still
          : still === null
            ? piece.repeats
            : union(still, piece.repeats)
    }
    const source = pieces.map((piece) => piece.source).join('')
    const tail = pieces.at(-1)?.tail
    return {
      source,
      first,
      canBeEmpty,
      max,
      paths,
      ...(open === null ? {} : { repeats: open }),
      ...(tail === undefined ? {} : { tail }),
    }
  }

  const parseAlternatives = (): Piece => {
    let whole = parseSequence()
    while (peek() === '|') {
      at += 1
      const next = parseSequence()
      const repeats =
        whole.repeats === undefined || next.repeats === undefined
          ? (whole.repeats ?? next.repeats)
          : union(whole.repeats, next.repeats)
      whole = {
        source: `${whole.source}|${next.source}`,
        first: union(whole.first, next.first),
        canBeEmpty: whole.canBeEmpty || next.canBeEmpty,
        max: Math.max(whole.max, next.max),
        paths: whole.paths + next.paths,
        ...(repeats === undefined ? {} : { repeats }),
      }
    }
    return whole
  }

  const whole = parseAlternatives()
  if (at < pattern.length) refuse('a closing bracket without an opening one')
  return whole
}

/** `/source/i` or a bare source. The result is global and matches at most MAX_MATCH_CHARS. */
export const compileLinearPattern = (text: string): Result<LinearPattern, PatternRefusal> => {
  const refused = (reason: string) => err({ code: 'PATTERN_REFUSED', reason } as const)
  if (text.length > MAX_PATTERN_CHARS) return refused(`longer than ${MAX_PATTERN_CHARS} characters`)
  const delimited = /^\/([\s\S]*)\/([a-z]*)$/.exec(text)
  const source = delimited?.[1] ?? text
  const flags = delimited?.[2] ?? ''
  if (flags !== '' && flags !== 'i' && flags !== 'g' && flags !== 'gi' && flags !== 'ig') {
    return refused('only the flags i and g are supported')
  }
  const ignoreCase = flags.includes('i')
  try {
    const piece = parse(source, ignoreCase)
    if (piece.canBeEmpty) return refused('it matches the empty text')
    if (piece.max > MAX_MATCH_CHARS)
      return refused(`a match may exceed ${MAX_MATCH_CHARS} characters`)
    if (piece.paths > MAX_PATHS) return refused('too many alternatives')
    const pattern = new RegExp(piece.source, ignoreCase ? 'gi' : 'g')
    return ok(Object.assign(pattern, { tail: piece.tail ?? null }))
  } catch (error) {
    if (error instanceof Refused) return refused(error.message)
    if (error instanceof SyntaxError) return refused('it is no regular expression')
    throw error
  }
}
