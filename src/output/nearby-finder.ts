/**
 * What a random generator wrote beside a name that announces a secret, where no `=` or `:` joins the
 * two: table cells, call arguments, attributes, `ENV name value`, `the token is …`. The value comes
 * first here: long words that look random are few, and for each the words just before are read.
 */
import { charClass, isMember, memberEnd, TOKEN } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { mayEndName } from './key-name.ts'
import { isAwsKeyId } from './marked-match.ts'
import { nameBefore } from './name-before.ts'
import { isOwnId, isUuid } from './own-name.ts'
import { isScrambled, looksRandom } from './secret-value.ts'
import type { Span, SpanFinder, Swallow } from './span.ts'
import { swallowRun } from './token-match.ts'

const WORD = charClass('A-Za-z0-9_+/=~-')
const swallowRest = swallowRun(charClass('A-Za-z0-9_+/=~-', '.'))
/** Shorter words are too often ids, versions and abbreviations. */
const MIN_CHARS = 16
/** A word is judged by its beginning; what goes on beyond follows the judgement. */
const MAX_CHARS = 128
/** Signs and fillers between name and value. */
const MAX_BETWEEN = 40
const MAX_FILLERS = 2
/** Quotes, brackets, white space, operators: whatever joins without saying anything. */
const SIGNS = charClass(' \t\r\n"\'`*|,:=<>(){}[]&@%!;\\-')
const FILLERS = new Set(
  'value is was are of as to string str text content set val default char const static'.split(' '),
)
/** `chain_Anvil2_Key`: words, each perhaps with a number. */
const IDENTIFIER = /^[A-Za-z]*\d{0,3}(?:[_-](?:[A-Za-z]+\d{0,3}|\d{1,3}))+$/
const HAS_JOINT = /[A-Z_]/
const LONG_WORD = /[a-z]{5,}/g
/** Names are shorter; in longer values such words come about by chance. */
const MAX_NAME_CHARS = 48
/** Two words in camel case make a name; a generator that also writes capitals rarely makes one. */
const isName = (value: string): boolean =>
  value.length <= MAX_NAME_CHARS &&
  HAS_JOINT.test(value) &&
  (value.match(LONG_WORD)?.length ?? 0) > 1
const HEX_ONLY = /^[0-9a-fA-F]+$/
/** `api_key`, `botToken`, `DB_PASSWORD`: a name by its form, not a word of a sentence. */
const COMPOUND = /[a-z][A-Z]|[A-Za-z][_-][A-Za-z]|^[A-Z]{3,}\d*$/

const AWS_ID_CHARS = 20
const AWS_SECRET_CHARS = 40

/** What stands behind the name of a function or a list, and never behind a value. */
const CALLED = '([<'

interface Between {
  readonly end: number
  /** More than white space and fillers: a notation, no sentence. */
  readonly isNotation: boolean
  readonly hasFiller: boolean
}

/** Reads signs and fillers backwards from `at` to the end of the word that might be the name. */
const readBetween = (text: string, at: number, codes: CharCodes): Between | null => {
  const stop = Math.max(0, at - MAX_BETWEEN)
  let end = at
  let lines = 0
  let fillers = 0
  let isNotation = false
  for (;;) {
    while (end > stop) {
      const code = codes[end - 1] ?? 0
      if (!isMember(SIGNS, code)) break
      // A paragraph ends what was said; a wrapped line does not.
      if (code === 10) lines += 1
      else if (code !== 32 && code !== 9 && code !== 13) isNotation = true
      if (lines > 1) return null
      end -= 1
    }
    let start = end
    while (start > stop && isMember(TOKEN, codes[start - 1] ?? 0)) start -= 1
    if (start === end) return null
    if (fillers >= MAX_FILLERS || !FILLERS.has(text.slice(start, end))) break
    fillers += 1
    end = start
  }
  return end === at ? null : { end, isNotation, hasFiller: fillers > 0 }
}

const isSecretBeside = (text: string, start: number, end: number, codes: CharCodes): boolean => {
  // What stands before is read first: it turns most words away at little cost.
  const between = readBetween(text, start, codes)
  if (between === null) return false
  const value = text.slice(start, end)
  const isAwsPair = value.length === AWS_SECRET_CHARS
  if (!isAwsPair && !mayEndName(text, between.end, codes)) return false
  // A type's argument in camel case may look scrambled: `Token<HttpQRS>`.
  if (!looksRandom(value) && (text[start - 1] === '<' || !isScrambled(value))) return false
  if (CALLED.includes(text[end] ?? ' ')) return false
  if (IDENTIFIER.test(value) || isName(value) || isOwnId(value)) return false
  // AWS shows the two halves of a key side by side.
  const before = text.slice(Math.max(0, between.end - AWS_ID_CHARS), between.end)
  if (isAwsPair && isAwsKeyId(before)) return true
  const name = nameBefore(text, between.end, codes)
  if (name === null) return false
  const isCompound = COMPOUND.test(name.text)
  if (name.strength === 'weak') {
    return between.isNotation && isCompound && !HEX_ONLY.test(value) && !isUuid(value)
  }
  if (between.isNotation) return true
  // In running text digests and identifiers stand beside these words more often than secrets.
  if (isUuid(value)) return false
  return between.hasFiller || isCompound || !HEX_ONLY.test(value)
}

export const createNearbyFinder = (): SpanFinder => {
  /** Absolute offset of what is read next. */
  let position = 0
  /** A long word that was judged by its beginning to be none. */
  let isPassing = false
  let swallow: Swallow | null = null

  const advance = (
    text: string,
    base: number,
    final: boolean,
    sink: (span: Span) => void,
    codes: CharCodes,
  ): number => {
    let from = position - base
    const settle = (at: number): number => {
      position = base + at
      return position
    }
    /** Reads to the end of the word at hand; false when the text ends first. */
    const finishWord = (): boolean => {
      if (swallow !== null) {
        const { end, done } = swallow(text, from, final)
        if (end > from) sink({ start: base + from, end: base + end, kind: null })
        from = end
        if (done) swallow = null
        return done
      }
      from = memberEnd(codes, from, WORD, text.length)
      isPassing = from >= text.length && !final
      return !isPassing
    }
    if ((swallow !== null || isPassing) && !finishWord()) return settle(from)
    // No word of MIN_CHARS fits between two probes.
    let probe = from + MIN_CHARS - 1
    while (probe < text.length) {
      if (!isMember(WORD, codes[probe] ?? 0)) {
        probe += MIN_CHARS
        continue
      }
      let start = probe
      while (start > from && isMember(WORD, codes[start - 1] ?? 0)) start -= 1
      const limit = start + MAX_CHARS
      const end = memberEnd(codes, probe, WORD, limit)
      if (end >= text.length && end < limit && !final) return settle(start)
      from = end
      if (end - start >= MIN_CHARS && isSecretBeside(text, start, end, codes)) {
        sink({ start: base + start, end: base + end, kind: 'nearby' })
        swallow = swallowRest
      }
      if ((swallow !== null || end >= limit) && !finishWord()) return settle(from)
      probe = Math.max(probe + 1, from + MIN_CHARS - 1)
    }
    let tail = text.length
    if (!final) while (tail > from && isMember(WORD, codes[tail - 1] ?? 0)) tail -= 1
    return settle(tail)
  }

  return { advance }
}
