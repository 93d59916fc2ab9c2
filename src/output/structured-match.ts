/**
 * Credentials with an inner structure: JWTs, PEM private keys, passwords in connection strings,
 * Telegram bot tokens. Each matcher reads forward over a bounded window and answers or asks for more.
 */
import { BASE64, charClass, DIGIT, DOTTED_TOKEN, isMember, runEnd, TOKEN } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { isMadeOfOwnWords } from './key-name.ts'
import type { Swallow, Verdict } from './span.ts'
import { hasBoundaryBefore, swallowRun } from './token-match.ts'

/** A JWT's header is a few fields; one that shows no dot within this is other base64 of JSON. */
const MAX_JWT_HEADER = 240
const MIN_JWT_HEADER = 15
const MIN_JWT_PAYLOAD = 8
/** base64url of `{"alg`, `{"typ`, `{"kid`, `{"enc`, `{"x5`, `{"jku`: a JOSE header (RFC 7515 §4). */
const JOSE_STARTS = ['eyJhbGci', 'eyJ0eXAi', 'eyJraWQi', 'eyJlbmMi', 'eyJ4NX', 'eyJqa3Ui']
const LONGEST_JOSE_START = 8
const MIN_BARE_JOSE = 20

export const matchJwt = (text: string, start: number, final: boolean): Verdict => {
  const isJose = JOSE_STARTS.some((known) => text.startsWith(known, start))
  // Other JSON counts only at the start of a word: inside one it would be looked at again and again.
  if (!isJose && start > 0 && isMember(TOKEN, text.charCodeAt(start - 1))) {
    const isKnown = final || text.length - start >= LONGEST_JOSE_START
    return isKnown ? null : { undecidedFrom: start }
  }
  const limit = start + MAX_JWT_HEADER
  const header = runEnd(text, start, TOKEN, limit)
  const swallow = swallowRun(DOTTED_TOKEN)
  if (isJose && header - start >= MIN_BARE_JOSE) {
    return { kind: 'jwt', start, end: header, swallow }
  }
  if (header >= text.length && header < limit && !final) return { undecidedFrom: start }
  if (header - start < MIN_JWT_HEADER || text[header] !== '.') return null
  const payload = runEnd(text, header + 1, TOKEN, header + 1 + MIN_JWT_PAYLOAD)
  if (payload - header - 1 >= MIN_JWT_PAYLOAD) {
    return { kind: 'jwt', start, end: payload, swallow }
  }
  return payload >= text.length && !final ? { undecidedFrom: start } : null
}

const PEM_LABEL = charClass('A-Z0-9 ')
const MAX_PEM_LABEL = 48
const PEM_BEGIN = '-----BEGIN '
const PEM_END = '-----END '
/** Shorter words are prose, but for the last line of the body. */
const MIN_PEM_WORD = 16
/** White space, quotes and string joins between two lines of a key that was pasted into code. */
const MAX_PEM_GAP = 48
const PEM_WORD = charClass('A-Za-z0-9+/=')
const MAX_PEM_FIELD = 80
const PEM_FIELD_NAMES = ['Proc-Type:', 'DEK-Info:', 'Version:', 'Comment:', 'Hash:', 'Charset:']

export const PPK_MARK = 'Private-Lines: '
const MAX_PPK_DIGITS = 4

const skipPemGap = (text: string, from: number): number => {
  const stop = Math.min(text.length, from + MAX_PEM_GAP)
  let i = from
  while (i < stop) {
    const char = text[i] ?? ''
    if (char === '\\' && 'nrt\\"\''.includes(text[i + 1] ?? ' ')) i += 2
    else if (char === '+' && ' \t\r\n"\''.includes(text[i + 1] ?? 'A')) i += 1
    else if (' \t\r\n"\'`,>|#*.'.includes(char)) i += 1
    else break
  }
  return Math.min(i, stop)
}

/** One step through the body: `next` is where reading goes on, `more` means the text was too short. */
type PemStep = { readonly next: number; readonly last: boolean } | 'more' | 'stop'

/** Longest piece a step looks at, so that 'more' is asked for a bounded number of characters. */
const PEM_WINDOW = 2 * MAX_PEM_GAP + MIN_PEM_WORD + PEM_END.length + MAX_PEM_LABEL + 5

const pemTerminator = (text: string, at: number): number => {
  if (!text.startsWith(PEM_END, at)) return -1
  const label = runEnd(text, at + PEM_END.length, PEM_LABEL, at + PEM_END.length + MAX_PEM_LABEL)
  return text.startsWith('-----', label) ? label + 5 : label
}

const stepPem = (text: string, from: number, final: boolean): PemStep => {
  if (!final && text.length - from < PEM_WINDOW) {
    // A whole terminator in sight settles it early: the common case at the end of a chunk.
    const near = text.indexOf(PEM_END, from)
    if (near < 0 || text.indexOf('-----', near + PEM_END.length) < 0) return 'more'
  }
  const at = skipPemGap(text, from)
  const terminator = pemTerminator(text, at)
  if (terminator >= 0) return { next: terminator, last: true }
  if (PEM_FIELD_NAMES.some((name) => text.startsWith(name, at))) {
    let end = at
    const stop = Math.min(text.length, at + MAX_PEM_FIELD)
    while (end < stop && text[end] !== '\n' && text[end] !== '\\') end += 1
    if (end >= text.length && end < at + MAX_PEM_FIELD && !final) return 'more'
    return { next: end, last: false }
  }
  const word = runEnd(text, at, PEM_WORD, at + MIN_PEM_WORD)
  if (word - at >= MIN_PEM_WORD) return { next: word, last: false }
  const lastLine = pemTerminator(text, skipPemGap(text, word))
  if (lastLine >= 0) return { next: lastLine, last: true }
  return final && word > at && word === text.length ? { next: word, last: true } : 'stop'
}

/** Swallows the body to `-----END …-----`, or to the first thing that is no line of a key. */
const swallowPem = (): Swallow => {
  let inWord = true
  return (text, from, final) => {
    let at = from
    for (;;) {
      if (inWord) {
        at = runEnd(text, at, PEM_WORD, text.length)
        if (at >= text.length && !final) return { end: at, done: false }
        inWord = false
      }
      const step = stepPem(text, at, final)
      if (step === 'more') return { end: at, done: false }
      if (step === 'stop') return { end: at, done: true }
      at = step.next
      if (step.last) return { end: at, done: true }
      inWord = isMember(PEM_WORD, text.charCodeAt(at - 1))
    }
  }
}

export const matchPem = (text: string, start: number, final: boolean): Verdict => {
  const labelStart = start + PEM_BEGIN.length
  const label = runEnd(text, labelStart, PEM_LABEL, labelStart + MAX_PEM_LABEL)
  const isCut = label >= text.length && label - labelStart < MAX_PEM_LABEL
  if (isCut && !final) return { undecidedFrom: start }
  if (!text.slice(labelStart, label).includes('PRIVATE K')) return null
  if (isCut) return { kind: 'private_key', start, end: label }
  if (!final && text.length < label + 5) return { undecidedFrom: start }
  const body = text.startsWith('-----', label) ? label + 5 : -1
  if (body < 0) return null
  const step = stepPem(text, body, final)
  if (step === 'more') return { undecidedFrom: start }
  if (step === 'stop') return null
  const found = { kind: 'private_key', start, end: step.next }
  return step.last ? found : { ...found, swallow: swallowPem() }
}

/** PuTTY's key file: a count of lines, then the same base64 as in a PEM body. */
export const matchPpk = (text: string, start: number, final: boolean): Verdict => {
  const count = start + PPK_MARK.length
  const body = runEnd(text, count, DIGIT, count + MAX_PPK_DIGITS)
  if (body >= text.length && !final) return { undecidedFrom: start }
  const step = stepPem(text, body, final)
  if (step === 'more') return { undecidedFrom: start }
  if (step === 'stop' || step.last) return null
  return { kind: 'private_key', start: body, end: step.next, swallow: swallowPem() }
}

/** Shorter ones in a web address are samples. */
const MIN_WEB_PASSWORD = 5
/** A user or password in a connection string is no longer than this. */
const MAX_USERINFO = 120
const URL_STOP = charClass(' \t\r\n"\'`<>/\\')
/** Placeholders of shells, templates and documentation are no passwords. */
const isTemplate = (value: string): boolean =>
  /^(?:\$[{(A-Za-z_]|\{|<|%[({A-Z]|\[|\*+$|\.+$)/.test(value)

/** `scheme://user:password@host`: `at` is the index of the first character after `://`. */
export const matchUrlPassword = (text: string, at: number, final: boolean): Verdict => {
  const stop = Math.min(text.length, at + 2 * MAX_USERINFO)
  let i = at
  let colon = -1
  let lastAt = -1
  while (i < stop && !isMember(URL_STOP, text.charCodeAt(i))) {
    const code = text.charCodeAt(i)
    if (code === 58 && colon < 0) colon = i
    else if (code === 64) lastAt = i
    // A query or fragment ends the authority (RFC 3986 §3.2), unless the password holds one.
    else if ((code === 63 || code === 35) && lastAt > colon && colon >= 0) break
    i += 1
  }
  if (i >= text.length && i < at + 2 * MAX_USERINFO && !final) return { undecidedFrom: at }
  if (colon < 0 || lastAt <= colon + 1) return null
  const password = text.slice(colon + 1, lastAt)
  // In web addresses the stand-ins of documentation are common; a database's default is in use.
  const isSample = password.length < MIN_WEB_PASSWORD || isMadeOfOwnWords(password)
  if (isSample && /(?:https?|ftps?|wss?):\/\/$/i.test(text.slice(Math.max(0, at - 8), at)))
    return null
  return isTemplate(password) ? null : { kind: 'url_password', start: colon + 1, end: lastAt }
}

const TELEGRAM_DIGITS_MIN = 8
export const TELEGRAM_DIGITS_MAX = 10
const TELEGRAM_SECRET_MIN = 30
const TELEGRAM_SECRET_MAX = 40

/** `123456789:AA…`: the bot's number, a colon, 35 characters. `colon` is the colon's index. */
export const matchTelegram = (
  text: string,
  colon: number,
  final: boolean,
  codes: CharCodes,
): Verdict => {
  // The digit furthest off is looked at first: clocks and counts have none there.
  if (!isMember(DIGIT, codes[colon - TELEGRAM_DIGITS_MIN] ?? 0)) return null
  let start = colon
  while (start > 0 && colon - start <= TELEGRAM_DIGITS_MAX) {
    if (!isMember(DIGIT, codes[start - 1] ?? 0)) break
    start -= 1
  }
  const digits = colon - start
  if (digits < TELEGRAM_DIGITS_MIN || digits > TELEGRAM_DIGITS_MAX) return null
  if (!hasBoundaryBefore(text, start) && text.slice(start - 3, start) !== 'bot') return null
  const limit = colon + 1 + TELEGRAM_SECRET_MAX + 1
  const end = runEnd(text, colon + 1, TOKEN, limit)
  if (end >= text.length && end < limit && !final) return { undecidedFrom: start }
  const length = end - colon - 1
  if (length < TELEGRAM_SECRET_MIN || length > TELEGRAM_SECRET_MAX) return null
  return { kind: 'telegram', start, end }
}

/** `Basic` credentials: base64 of `user:password` (RFC 7617). */
const MIN_BASIC = 12
const MAX_BASIC = 200
const BASIC = charClass('A-Za-z0-9+/')
/** Whole groups of four, so that decoding cannot fail; a user's name is shorter than this. */
const BASIC_PROBE = 64

export const matchBasic = (text: string, start: number, at: number, final: boolean): Verdict => {
  const limit = at + MAX_BASIC
  const end = runEnd(text, at, BASIC, limit)
  if (end + 2 >= text.length && end < limit && !final) return { undecidedFrom: start }
  const length = end - at
  if (length < MIN_BASIC) return null
  const probe = Math.min(BASIC_PROBE, length - (length % 4))
  if (!atob(text.slice(at, at + probe)).includes(':')) return null
  const padding = text.startsWith('==', end) ? 2 : text[end] === '=' ? 1 : 0
  const found = { kind: 'basic_auth', start: at, end: end + padding }
  return end >= limit ? { ...found, swallow: swallowRun(BASE64) } : found
}
