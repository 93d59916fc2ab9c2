/**
 * Which positions of a text are worth a closer look: a table over pairs of neighbouring characters,
 * and for each pair that counts, which characters may stand just before and just behind it. Nearly
 * every position is passed by these look-ups alone; the judges are called for the rest.
 */
import { ANCHORS, type Anchor, LONGEST_ANCHOR, triggerOf } from './anchors.ts'
import { type CharClass, charClass, DIGIT, TOKEN } from './char-class.ts'
import { type CharCodes, CODES } from './char-codes.ts'
import { mayEndWith } from './key-name.ts'
import {
  matchElement,
  matchFlag,
  matchKeyValue,
  matchPair,
  VALUE_START_WINDOW,
} from './key-value.ts'
import { matchDiscordBot } from './marked-match.ts'
import type { Verdict } from './span.ts'
import { matchTelegram } from './structured-match.ts'

/** `at` is the index of the second character of the pair that hit. */
export type Judge = (text: string, at: number, final: boolean, codes: CharCodes) => Verdict

const ASCII = 128
/** Cuts a pair's code to the table; a first character beyond ASCII counts as NUL. */
const PAIR_MASK = ASCII * ASCII - 1

const judgeOf = ({ literal, ignoreCase, match }: Anchor, trigger: number): Judge => {
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

const ANYTHING = new Uint8Array(CODES).fill(1)
const NOTHING = new Uint8Array(CODES)
const BLANK_OR_QUOTE = charClass(' \t"\'`')
const FLAG_START = charClass(' \t\n"\'`[|(')
const FLAG_NAME = charClass('A-Za-z0-9_ ')

const code = (char: string): number => char.charCodeAt(0)
const casesOf = (char: string, ignoreCase = false): readonly number[] =>
  ignoreCase ? [...new Set([code(char.toLowerCase()), code(char.toUpperCase())])] : [code(char)]

const classOf = (codes: readonly number[]): CharClass => {
  const table = new Uint8Array(CODES)
  for (const member of codes) table[member] = 1
  return table
}

/** A judge and what must stand around the pair: with any other neighbours it finds nothing. */
interface Watch {
  readonly judge: Judge
  /** The character before the pair. */
  readonly before: CharClass
  /** The character behind it. */
  readonly after: CharClass
}

/** By pair, in the order in which they are asked. */
type Watches = Map<number, Watch[]>

const addWatch = (watches: Watches, first: number, second: number, watch: Watch): void => {
  const pair = (first << 7) | second
  const present = watches.get(pair)
  if (present === undefined) watches.set(pair, [watch])
  else present.push(watch)
}

const ALL_CODES = Array.from({ length: CODES }, (_, i) => i)
const ALL_ASCII = ALL_CODES.slice(0, ASCII)

const watchAnchor = (watches: Watches, anchor: Anchor): void => {
  const { literal, ignoreCase } = anchor
  const trigger = triggerOf(anchor)
  const judge = judgeOf(anchor, trigger)
  const at = (i: number): CharClass | undefined => {
    const char = literal[i]
    return char === undefined ? undefined : classOf(casesOf(char, ignoreCase))
  }
  const ahead = anchor.before ?? ANYTHING
  const earlier = trigger === 0 ? ANYTHING : (at(trigger - 2) ?? ahead)
  const behind = at(trigger + 1) ?? anchor.after ?? ANYTHING
  const second = casesOf(literal[trigger] ?? ' ', ignoreCase)
  const before = literal[trigger - 1]
  for (const first of before === undefined ? ALL_ASCII : casesOf(before, ignoreCase)) {
    // Where the pair begins before the literal, its first character is what stands ahead.
    const isRuledOut = before === undefined && ahead[first] === 0
    const after = isRuledOut ? NOTHING : behind
    for (const last of second) addWatch(watches, first, last, { judge, before: earlier, after })
  }
}

/** What is known by its notation: the pair ends in the sign that joins a name and a value. */
const watchNotations = (watches: Watches): void => {
  for (let first = 0; first < ASCII; first += 1) {
    const char = String.fromCharCode(first)
    const named = classOf(ALL_CODES.filter((before) => mayEndWith(before, first)))
    const add = (sign: string, judge: Judge, before: CharClass, after: CharClass): void =>
      addWatch(watches, first, code(sign), { judge, before, after })
    if (/[0-9]/.test(char)) add(':', matchTelegram, DIGIT, TOKEN)
    if (named.some((kind) => kind !== 0)) {
      if (!/[/]/.test(char)) {
        add('=', matchKeyValue, named, ANYTHING)
        add(':', matchKeyValue, named, ANYTHING)
      }
      if (/["'`]/.test(char)) add(',', matchPair, named, BLANK_OR_QUOTE)
      if (/[A-Za-z0-9_-]/.test(char)) add('>', matchElement, named, ANYTHING)
    }
    if (/[A-Za-z0-9_-]/.test(char)) add('.', matchDiscordBot, TOKEN, TOKEN)
  }
  const flag = { judge: matchFlag, before: FLAG_START, after: FLAG_NAME }
  addWatch(watches, code('-'), code('-'), flag)
}

interface PairTable {
  /** By pair: a number for what is watched for there; 0 is nothing. */
  readonly watched: Uint16Array
  readonly judges: readonly (readonly Judge[])[]
  /** By that number: where in `rows` the neighbour's row begins. */
  readonly before: Uint32Array
  readonly after: Uint32Array
  /** By the neighbour, one bit a judge: whether it may stand there. */
  readonly rows: Uint8Array
}

/** Judges beyond the eighth share the last bit. */
const LAST_BIT = 7
const ALL_BITS = 0xff
const bitOf = (place: number): number => 1 << Math.min(place, LAST_BIT)

/** Few rows differ: each is kept once, so that all of them stay near the processor. */
const createRows = () => {
  const rows: number[] = []
  const offsets = new Map<string, number>()
  const numbers = new Map<CharClass, number>()
  const numberOf = (cls: CharClass): number => {
    const number = numbers.get(cls) ?? numbers.size
    numbers.set(cls, number)
    return number
  }
  /** Where the row begins that has a bit for each of `classes`. */
  const rowOf = (classes: readonly CharClass[]): number => {
    const key = classes.map(numberOf).join()
    const present = offsets.get(key)
    if (present !== undefined) return present
    const row = Array.from({ length: CODES }, () => 0)
    classes.forEach((cls, place) => {
      for (let i = 0; i < CODES; i += 1) if (cls[i] !== 0) row[i] = (row[i] ?? 0) | bitOf(place)
    })
    const content = String.fromCharCode(...row)
    const offset = offsets.get(content) ?? rows.length
    if (offset === rows.length) rows.push(...row)
    offsets.set(key, offset).set(content, offset)
    return offset
  }
  return { rows, rowOf }
}

const buildTable = (): PairTable => {
  const watches: Watches = new Map()
  // Longer anchors first: where two are found by the same pair, the more specific one is the better
  // name.
  const anchors = [...ANCHORS].sort((a, b) => b.literal.length - a.literal.length)
  for (const anchor of anchors) watchAnchor(watches, anchor)
  watchNotations(watches)
  const { rows, rowOf } = createRows()
  const watched = new Uint16Array(ASCII * ASCII)
  const judges: (readonly Judge[])[] = [[]]
  const before = new Uint32Array(watches.size + 1)
  const after = new Uint32Array(watches.size + 1)
  for (const [pair, list] of watches) {
    const number = judges.push(list.map((one) => one.judge)) - 1
    watched[pair] = number
    before[number] = rowOf(list.map((one) => one.before))
    after[number] = rowOf(list.map((one) => one.after))
  }
  return { watched, judges, before, after, rows: Uint8Array.from(rows) }
}

const TABLE = buildTable()

/** So near its end a text that goes on may still become anything: all judges are asked. */
const OPEN_CHARS = Math.max(LONGEST_ANCHOR, VALUE_START_WINDOW)

/** From here on there are characters behind a pair that are not known. */
const openFrom = (codes: CharCodes, final: boolean): number =>
  codes.length - (final ? 1 : OPEN_CHARS)

/** The judges to be asked, one bit each, of those that are watching at `at`. */
const askedAt = (codes: CharCodes, at: number, number: number, open: number): number => {
  if (at < 2 || at >= open) return ALL_BITS
  const { before, after, rows } = TABLE
  const later = rows[(after[number] ?? 0) + (codes[at + 1] ?? 0)] ?? 0
  return later & (rows[(before[number] ?? 0) + (codes[at - 2] ?? 0)] ?? 0)
}

/** First index from `from` on that is worth a judge; the length of the text when there is none. */
export const nextWatched = (codes: CharCodes, from: number, final: boolean): number => {
  const { watched } = TABLE
  const { length } = codes
  const open = openFrom(codes, final)
  let pair = from > 0 ? (codes[from - 1] ?? 0) : 0
  for (let at = from; at < length; at += 1) {
    pair = ((pair << 7) | (codes[at] ?? 0)) & PAIR_MASK
    const number = watched[pair] ?? 0
    if (number !== 0 && askedAt(codes, at, number, open) !== 0) return at
  }
  return length
}

/** What the first judge finds at `at` that finds anything. */
export const judgeAt = (text: string, at: number, final: boolean, codes: CharCodes): Verdict => {
  const { watched, judges } = TABLE
  const first = at > 0 ? (codes[at - 1] ?? 0) : 0
  const number = watched[((first << 7) | (codes[at] ?? 0)) & PAIR_MASK] ?? 0
  const asked = askedAt(codes, at, number, openFrom(codes, final))
  const watching = judges[number] ?? []
  for (let place = 0; place < watching.length; place += 1) {
    if ((asked & bitOf(place)) === 0) continue
    const verdict = watching[place]?.(text, at, final, codes) ?? null
    if (verdict !== null) return verdict
  }
  return null
}
