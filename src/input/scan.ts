/**
 * Lists the families of injection a text shows. It finds and does not judge: no severity, no
 * refusal, no text in what it returns. Time is linear in the text, whatever the text.
 */
import {
  type InjectionFamily,
  LITERALS,
  MARKS,
  type Mark,
  type MarkPlace,
} from './injection-patterns.ts'
import { normalizeForMatching } from './normalize.ts'
import { isWordCode, readLeet, scanPhrases } from './phrase-scan.ts'

export interface Finding {
  readonly family: InjectionFamily
}

/** Letters set apart (`i g n o r e`) are read as one run; words are no longer told apart in it. */
const MIN_SPACED = 8
/** Signs that stand between two such letters, at most two of them. */
const SPACERS = ' ._-'
const SQUEEZED =
  /(?:ignore|disregard|forget|override)[a-z]{0,24}(?:instruction|directive|prompt|rule|guideline)/
const SQUEEZED_ROLE = /youarenow|doanythingnow/

const judgeSpaced = (letters: string, found: Set<InjectionFamily>): void => {
  const plain = readLeet(letters)
  if (SQUEEZED.test(plain)) found.add('ignore_instructions')
  if (SQUEEZED_ROLE.test(plain)) found.add('role_override')
}

const scanSpaced = (text: string, found: Set<InjectionFamily>): void => {
  let letters = ''
  let gap = 0
  const flush = (): void => {
    if (letters.length >= MIN_SPACED) judgeSpaced(letters, found)
    letters = ''
  }
  for (let i = 0; i < text.length; i += 1) {
    const isWord = isWordCode(text.charCodeAt(i))
    if (isWord && !isWordCode(text.charCodeAt(i + 1))) {
      if (gap > 2) flush()
      letters += text[i] ?? ''
      gap = 0
    } else if (isWord) {
      flush()
      // The rest of a longer word is no letter set apart.
      while (isWordCode(text.charCodeAt(i + 1))) i += 1
      gap = 0
    } else {
      gap = SPACERS.includes(text[i] ?? '') ? gap + 1 : 3
    }
  }
  flush()
}

const BASE64_RUN = /[A-Za-z0-9+/_-]{24,}/g
/** Encoded characters looked at in all: an instruction is short, an encoded file is not text. */
const MAX_ENCODED = 4_096
/** Decoded first, to turn away hashes, keys and images. */
const PROBE_CHARS = 24
const PRINTABLE = /^[\t\n\r\x20-\x7e\u0080-\u00ff]*$/
/** Words with spaces in between: what decodes to one solid run is no instruction. */
const SPACE = ' '

const decodeBase64 = (run: string): string | null => {
  const whole = run.replaceAll('-', '+').replaceAll('_', '/').slice(0, MAX_ENCODED)
  // Whole groups of four only, so that decoding cannot fail.
  const probe = atob(whole.slice(0, PROBE_CHARS))
  if (!PRINTABLE.test(probe)) return null
  const binary = atob(whole.slice(0, whole.length - (whole.length % 4)))
  if (!binary.includes(SPACE)) return null
  const rest = whole.length % 4 > 1 ? atob(whole.slice(-(whole.length % 4)).padEnd(4, '=')) : ''
  return binary + rest
}

const marksAt = (place: MarkPlace): readonly Mark[] => MARKS.filter((mark) => mark.place === place)
const LINE_MARKS = marksAt('line')
const HEADING_MARKS = marksAt('heading')
const RULE_MARKS = marksAt('rule')
const TAG_MARKS = marksAt('<')
const BRACKET_MARKS = marksAt('[')

const tryMarks = (
  marks: readonly Mark[],
  text: string,
  at: number,
  found: Set<InjectionFamily>,
): void => {
  for (const { family, pattern } of marks) {
    if (found.has(family)) continue
    pattern.lastIndex = at
    if (pattern.test(text)) found.add(family)
  }
}

/** Bullets, quotes, rules and brackets before the first word of a line. */
const MAX_LEAD = 16
const LEAD = new Set(' \t#*>-=_"\'([<|~%:•')

const scanLines = (text: string, found: Set<InjectionFamily>): void => {
  for (let line = 0; line <= text.length; ) {
    const stop = Math.min(text.length, line + MAX_LEAD)
    let at = line
    let hashes = 0
    while (at < stop && LEAD.has(text[at] ?? '')) {
      if (text[at] === '#') hashes += 1
      at += 1
    }
    if (at < text.length && isWordCode(text.charCodeAt(at))) {
      tryMarks(LINE_MARKS, text, at, found)
      tryMarks(RULE_MARKS, text, at, found)
      if (hashes > 1) tryMarks(HEADING_MARKS, text, at, found)
    }
    const next = text.indexOf('\n', at)
    if (next < 0) break
    line = next + 1
  }
}

/** Two signs of a rule before a word, within a line. */
const RULE_BEFORE = /[-=#*~_>|<%[]{2} {0,3}e/g

const scanRules = (text: string, found: Set<InjectionFamily>): void => {
  for (const match of text.matchAll(RULE_BEFORE)) {
    tryMarks(RULE_MARKS, text, match.index + match[0].length - 1, found)
  }
}

/** What can follow the bracket of a tag: all else is turned away before any pattern runs. */
const TAG_NEXT = /[a-z/|｜<#]/

const scanTags = (
  text: string,
  sign: string,
  marks: readonly Mark[],
  found: Set<InjectionFamily>,
): void => {
  for (let at = text.indexOf(sign); at >= 0; at = text.indexOf(sign, at + 1)) {
    if (TAG_NEXT.test(text[at + 1] ?? ' ')) tryMarks(marks, text, at, found)
  }
}

const scanPlain = (text: string, found: Set<InjectionFamily>): void => {
  const normal = normalizeForMatching(text)
  for (const { family, text: literal } of LITERALS) {
    if (!found.has(family) && normal.includes(literal)) found.add(family)
  }
  scanTags(normal, '<', TAG_MARKS, found)
  scanTags(normal, '[', BRACKET_MARKS, found)
  scanLines(normal, found)
  if (!found.has('delimiter_escape')) scanRules(normal, found)
  scanPhrases(normal, found)
  scanSpaced(normal, found)
}

export const scanForInjection = (text: string): readonly Finding[] => {
  const found = new Set<InjectionFamily>()
  scanPlain(text, found)
  let decoded = 0
  for (const [run] of text.matchAll(BASE64_RUN)) {
    if (decoded >= MAX_ENCODED) break
    const inner = decodeBase64(run)
    decoded += run.length
    if (inner !== null) scanPlain(inner, found)
  }
  return [...found].map((family) => ({ family }))
}
