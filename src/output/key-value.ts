/**
 * Values behind a name that announces a secret, in the notations of code, configuration and prose:
 * `k=v`, `k: v`, `"k": "v"`, `k := v`, `k => v`, `set("k", "v")`, `<k>v</k>`, `--k v`. The name is
 * looked up backwards from the separator (name-before.ts), the value read forwards within a bound;
 * each is judged in a file of its own (key-name.ts, secret-value.ts).
 */
import { charClass, isMember, runEnd, TOKEN } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { isConnectionName, isEnvName, mayEndName, mayNameOurs, nameStrength } from './key-name.ts'
import {
  isQuote,
  MAX_GAP,
  MAX_NAME,
  NAME_END,
  type Name,
  nameBefore,
  wordBefore,
} from './name-before.ts'
import { isScrambled, isSecretValue, type ValueContext } from './secret-value.ts'
import type { Verdict } from './span.ts'
import { swallowRun } from './token-match.ts'

const MAX_XML_GAP = 48
const MAX_LINE_GAP = 24
/** A value is judged by at most this much; what goes on beyond follows the judgement. */
const MAX_VALUE = 128

const BARE = charClass('A-Za-z0-9_/+=~!@#$%^&*:?|-', '.')
const QUERY_BARE = charClass('A-Za-z0-9_/+=~!@#$%^*:?|-', '.')
const QUOTED_TAIL = charClass('A-Za-z0-9_/+=~!@#$%^&*:?|.,;()<>{}-')
/** Belongs to the separator when it stands before it. */
const OPERATOR = charClass(':?.+!=')
const SCHEMES =
  /^(?:bearer|basic|token|apikey|api-key|digest|negotiate|key|genie[Kk]ey|sso-key|bot|oauth|aws4-hmac-sha256)[ :]+/i

interface Reading {
  readonly start: number
  readonly end: number
  readonly quoted: boolean
  /** The reading stopped at the limit, not at the value's end. */
  readonly cut: boolean
}

const HAS_DIGIT = /\d/
const EQUALS = 61
const COLON = 58
const NEWLINE = 10
const BACKSLASH = 92
const LETTER_N = 110

/** Index of the closing quote, of a line's end, or `stop`. */
const quotedEnd = (
  text: string,
  start: number,
  stop: number,
  quote: number,
  escaped: boolean,
): number => {
  let end = start
  while (end < stop) {
    const code = text.charCodeAt(end)
    if (code === quote || code === NEWLINE) break
    if (code === BACKSLASH && (escaped || text.charCodeAt(end + 1) === LETTER_N)) break
    end += 1
  }
  return end
}

/** Reads the value at `at`, or tells that the text ends first. */
const readValue = (
  text: string,
  at: number,
  final: boolean,
  query: boolean,
): Reading | 'more' | null => {
  let start = at
  if ('bfruBFRU@'.includes(text[start] ?? ' ') && isQuote(text[start + 1])) start += 1
  const escaped = text[start] === '\\' && isQuote(text[start + 1])
  const quote = text[start + (escaped ? 1 : 0)]
  if (quote !== undefined && isQuote(quote)) {
    start += escaped ? 2 : 1
    const limit = start + MAX_VALUE
    const end = quotedEnd(text, start, Math.min(limit, text.length), quote.charCodeAt(0), escaped)
    if (!final && end >= text.length - 1 && end < limit) return 'more'
    // Back quotes with white space hold a command or a template, not a value.
    // and a quote that nothing closes, with white space behind it, ended a string before.
    const isOpen = end < limit && text.charCodeAt(end) !== quote.charCodeAt(0) && text[end] !== '\\'
    if ((quote === '`' || isOpen) && text.slice(start, end).includes(' ')) return null
    return { start, end, quoted: true, cut: end >= limit }
  }
  const cls = query ? QUERY_BARE : BARE
  const limit = start + MAX_VALUE
  const end = runEnd(text, start, cls, limit)
  if (!final && end < limit && end >= text.length - 1) return 'more'
  return end === start ? null : { start, end, quoted: false, cut: end >= limit }
}

const judge = (text: string, name: Name, reading: Reading, assignment: boolean): Verdict => {
  let { start } = reading
  let value = text.slice(start, reading.end).trim()
  const scheme = SCHEMES.exec(value)
  if (scheme !== null) {
    start += scheme[0].length
    value = value.slice(scheme[0].length)
  }
  const context: ValueContext = {
    strength: name.strength,
    quoted: reading.quoted,
    assignment,
    connection: isConnectionName(name.text),
    mayBeOurs: mayNameOurs(name.text, name.strength),
    next: text[reading.end] ?? '',
  }
  // A key file is recognised by itself and is longer than what was read here.
  if (value.startsWith('-----BEGIN')) return null
  if (!isSecretValue(value, context)) return null
  const found = { kind: 'named', start, end: reading.end }
  if (!reading.cut) return found
  return { ...found, swallow: swallowRun(reading.quoted ? QUOTED_TAIL : BARE) }
}

/** An authorization scheme stands before the value and is no part of it: `Authorization: token X`. */
const skipScheme = (text: string, at: number): number => {
  const scheme = SCHEMES.exec(text.slice(at, at + 24))
  return scheme === null ? at : at + scheme[0].length
}

const skipGap = (text: string, from: number, gap: number, newlines: boolean): number => {
  let i = from
  const stop = Math.min(text.length, from + gap)
  while (i < stop) {
    const char = text[i]
    if (char === ' ' || char === '\t' || (newlines && (char === '\n' || char === '\r'))) i += 1
    else break
  }
  return i
}

/** A value on the line below its name counts when it is quoted: a formatter broke the line. */
const nextLineQuote = (text: string, at: number): number => {
  const below = skipGap(text, at, MAX_LINE_GAP, true)
  return isQuote(text[below]) ? below : at
}

/** The longest look ahead that decides where the value begins, scheme word included. */
export const VALUE_START_WINDOW = MAX_GAP + MAX_LINE_GAP + 28

/** Judges the separator at `at` (`=` or `:`). */
export const matchKeyValue = (
  text: string,
  at: number,
  final: boolean,
  codes: CharCodes,
): Verdict => {
  const separator = codes[at]
  // A rule of equals signs is no assignment; looked at first, since there are many in a row.
  if (separator === EQUALS && codes[at - 1] === EQUALS && codes[at + 1] === EQUALS) return null
  let before = at
  while (at - before < 3 && isMember(OPERATOR, codes[before - 1] ?? 0)) before -= 1
  // Looked at before the name is: separators in a row are many and have none.
  if (before < at && !isMember(NAME_END, codes[before - 1] ?? 0)) return null
  if (!mayEndName(text, at, codes)) return null
  const name = nameBefore(text, before, codes)
  if (name === null) return null
  if (!final && text.length - at < VALUE_START_WINDOW) return { undecidedFrom: at }
  const next = text[at + 1]
  if (separator === COLON && (next === '=' || next === ':' || text[at - 1] === ':')) return null
  let value = at + 1
  while (value - at < 3 && (text[value] === '=' || text[value] === '>' || text[value] === '~'))
    value += 1
  const beside = skipGap(text, value, MAX_GAP, false)
  const spaced = text[beside] === '\n' ? nextLineQuote(text, beside) : beside
  const ahead = text[name.start - 1]
  const query = separator === EQUALS && (ahead === '?' || ahead === '&' || ahead === ';')
  const comparison = value - at > 1 && text[at + 1] === '='
  const from = skipScheme(text, spaced)
  const reading = readValue(text, from, final, query)
  if (reading === null) return null
  if (reading === 'more') return { undecidedFrom: at }
  // Code compares with names of kinds (`typeof token === 'string'`) more often than with secrets.
  if (comparison && !(reading.quoted && HAS_DIGIT.test(text.slice(reading.start, reading.end)))) {
    return null
  }
  // `name=value` up to white space is a line of configuration or a log, not a call's argument.
  const assignment =
    separator === EQUALS &&
    spaced === at + 1 &&
    before === at &&
    (query || isEnvName(name.text) || /^[\s"'`&;\\]?$/.test(text[reading.end] ?? ''))
  return judge(text, name, reading, assignment)
}

/** `"name", "value"`: the comma at `at` stands between two quoted strings. */
export const matchPair = (text: string, at: number, final: boolean, codes: CharCodes): Verdict => {
  if (!mayEndName(text, at, codes)) return null
  const name = nameBefore(text, at, codes)
  if (name === null || name.strength === 'weak') return null
  if (!final && text.length - at < VALUE_START_WINDOW) return { undecidedFrom: at }
  const from = skipGap(text, at + 1, MAX_GAP, false)
  if (!isQuote(text[from])) return null
  const reading = readValue(text, from, final, false)
  if (reading === 'more') return { undecidedFrom: at }
  if (reading === null) return null
  // A list of names is no pair: `'apiKey', 'adminKey'`.
  const value = text.slice(reading.start, reading.end)
  if (!HAS_DIGIT.test(value) && !isScrambled(value)) return null
  return judge(text, name, reading, false)
}

/** `<name>value</name>`: the bracket at `at` closes the opening tag. */
export const matchElement = (
  text: string,
  at: number,
  final: boolean,
  codes: CharCodes,
): Verdict => {
  if (!mayEndName(text, at, codes)) return null
  const start = wordBefore(codes, at)
  if (text[start - 1] !== '<') return null
  const word = text.slice(start, at)
  const strength = nameStrength(word)
  if (strength === null) return null
  const from = skipGap(text, at + 1, MAX_XML_GAP, true)
  if (from >= text.length && !final) return { undecidedFrom: at }
  const reading = readValue(text, from, final, false)
  if (reading === 'more') return { undecidedFrom: at }
  if (reading === null || reading.quoted) return null
  if (!reading.cut) {
    // `<token>` in a synopsis opens no element; a value is followed by its closing tag.
    const after = skipGap(text, reading.end, MAX_XML_GAP, true)
    if (after >= text.length && !final) return { undecidedFrom: at }
    if (after < text.length && text[after] !== '<') return null
  }
  return judge(text, { text: word, start, strength }, { ...reading, quoted: true }, false)
}

/** `--name value`: `at` is the index of the second hyphen. */
export const matchFlag = (text: string, at: number, final: boolean): Verdict => {
  // A rule of hyphens is no flag; looked at first, since there are many in a row.
  if (text[at + 1] === '-' || (at > 1 && !' \t\n"\'`[|('.includes(text[at - 2] ?? ' '))) return null
  const end = runEnd(text, at + 1, TOKEN, at + 1 + MAX_NAME)
  if (!final && text.length - end < MAX_GAP + 2) return { undecidedFrom: at }
  if (text[end] !== ' ') return null
  const word = text.slice(at + 1, end)
  const strength = nameStrength(word)
  if (strength === null) return null
  const from = skipGap(text, end, MAX_GAP, false)
  const reading = readValue(text, from, final, false)
  if (reading === 'more') return { undecidedFrom: at }
  return reading === null
    ? null
    : judge(text, { text: word, start: at + 1, strength }, reading, false)
}
