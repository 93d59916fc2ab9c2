/**
 * Credentials whose telling mark stands in the middle or at the end: the word is read backwards from
 * the mark as well as forwards. The first characters of such a word are no sign of anything.
 */
import { ALNUM, type CharClass, charClass, DIGIT, isMember, runEnd, TOKEN } from './char-class.ts'
import type { CharCodes } from './char-codes.ts'
import { isMadeOfOwnWords } from './key-name.ts'
import type { Verdict } from './span.ts'
import { hasBoundaryBefore, isEscapeLetter } from './token-match.ts'

export interface MarkedKind {
  readonly kind: string
  readonly mark: string
  readonly body: CharClass
  /** Characters before the mark. */
  readonly before: readonly [min: number, max: number]
  /** Characters behind it. */
  readonly after: readonly [min: number, max: number]
  /** What stands right before the mark. */
  readonly digitBefore?: true
}

const HEX = charClass('a-f0-9')
const BASE64 = charClass('A-Za-z0-9+/=')
/** Whatever any of the bodies holds. */
const BASE64_TOKEN = charClass('A-Za-z0-9+/=_~.-')

export const MARKED_KINDS: readonly MarkedKind[] = [
  // Microsoft Entra client secrets: three characters, a digit, `Q~`.
  {
    kind: 'azure',
    mark: 'Q~',
    body: charClass('A-Za-z0-9_~.-'),
    before: [4, 4],
    after: [31, 34],
    digitBefore: true,
  },
  // Keys of Azure services since 2024 carry this signature before their checksum.
  { kind: 'azure', mark: 'JQQJ99', body: BASE64, before: [40, 60], after: [20, 40] },
  { kind: 'azure', mark: '+ASt', body: BASE64, before: [60, 90], after: [6, 20] },
  { kind: 'terraform', mark: '.atlasv1.', body: TOKEN, before: [14, 14], after: [60, 100] },
  { kind: 'maxmind', mark: '_mmk', body: TOKEN, before: [36, 36], after: [0, 0] },
  { kind: 'mailchimp', mark: '-us', body: HEX, before: [32, 32], after: [1, 2] },
]

/** Where the word that ends at `at` begins; a written-out `\n` before it is no part of it. */
const wordStart = (text: string, at: number, body: CharClass, max: number): number => {
  let start = at
  while (start > 0 && at - start <= max + 1 && isMember(body, text.charCodeAt(start - 1))) {
    start -= 1
  }
  return start < at && isEscapeLetter(text, start) ? start + 1 : start
}

/** `at` is where the mark begins. */
export const matchMarked = (
  { kind, mark, body, before, after, digitBefore }: MarkedKind,
  text: string,
  at: number,
  final: boolean,
): Verdict => {
  const start = wordStart(text, at, body, before[1])
  const length = at - start
  if (length < before[0] || length > before[1]) return null
  if (digitBefore === true && !isMember(DIGIT, text.charCodeAt(at - 1))) return null
  const from = at + mark.length
  const limit = from + after[1] + 1
  const end = runEnd(text, from, body, limit)
  if (end >= text.length && end < limit && !final) return { undecidedFrom: start }
  if (end - from < after[0] || end - from > after[1]) return null
  return { kind, start, end }
}

const MARK_BEGINNINGS = new Set(
  MARKED_KINDS.flatMap(({ mark }) =>
    Array.from({ length: mark.length }, (_, i) => mark.slice(0, i + 1)),
  ),
)
const MAX_BEFORE = Math.max(...MARKED_KINDS.map(({ before }) => before[1]))

/** `held` is where a mark may have begun at the end of the text: the word before it waits with it. */
export const heldWithMark = (text: string, held: number): number =>
  MARK_BEGINNINGS.has(text.slice(held)) ? wordStart(text, held, BASE64_TOKEN, MAX_BEFORE) : held

const DOT = 46
const DISCORD_FIRST = 'MNO'
const DISCORD_ID = [23, 28] as const
const DISCORD_TIME = 6
const DISCORD_TAG = [27, 45] as const

/** `id.time.tag`, all base64url: a bot's token. `dot` is the index of the first dot. */
export const matchDiscordBot = (
  text: string,
  dot: number,
  final: boolean,
  codes: CharCodes,
): Verdict => {
  // The second dot is looked at first: sentences and calls have none there.
  const next = dot + 1 + DISCORD_TIME
  if (next < text.length ? codes[next] !== DOT : final) return null
  const start = wordStart(text, dot, TOKEN, DISCORD_ID[1])
  const length = dot - start
  if (length < DISCORD_ID[0] || length > DISCORD_ID[1]) return null
  if (!DISCORD_FIRST.includes(text[start] ?? ' ') || !hasBoundaryBefore(text, start)) return null
  const second = runEnd(text, dot + 1, TOKEN, dot + 2 + DISCORD_TIME)
  if (second >= text.length && !final) return { undecidedFrom: start }
  if (second - dot - 1 !== DISCORD_TIME || text[second] !== '.') return null
  const limit = second + 2 + DISCORD_TAG[1]
  const end = runEnd(text, second + 1, TOKEN, limit)
  if (end >= text.length && end < limit && !final) return { undecidedFrom: start }
  const tag = end - second - 1
  return tag < DISCORD_TAG[0] || tag > DISCORD_TAG[1] ? null : { kind: 'discord', start, end }
}

/** How far back the command of an option is looked for. */
const MAX_COMMAND = 120
const MIN_PASSWORD = 4
const MAX_PASSWORD = 100
const OPTION_VALUE = charClass('A-Za-z0-9_+/=~!@#%^&*:?.,-')
const PLACEHOLDER = /^(?:\$|<|\{|\[|%|x+$|\.+$|\*+$|test$|change(?:it|me)$)/i

export interface CommandOption {
  /** With a space behind it where the value is a word of its own. */
  readonly option: string
  readonly commands: RegExp
  /** `user:password` rather than a password. */
  readonly isPair: boolean
}

export const COMMAND_OPTIONS: readonly CommandOption[] = [
  { option: '-u ', commands: /\b(?:curl|http|xh)\b/, isPair: true },
  { option: '--user ', commands: /\b(?:curl|wget)\b/, isPair: true },
  {
    option: '-p ',
    commands: /\b(?:sshpass|docker login|podman login|mongosh?|az login)\b/,
    isPair: false,
  },
  { option: '-p', commands: /\b(?:mysql|mysqldump|mysqladmin|mariadb|sshpass)\b/, isPair: false },
  { option: '-a ', commands: /\bredis-cli\b/, isPair: false },
]

/** A password handed to a command: `at` is where the option begins. */
export const matchCommandOption = (
  { option, commands, isPair }: CommandOption,
  text: string,
  at: number,
  final: boolean,
): Verdict => {
  if (!' \t'.includes(text[at - 1] ?? 'x')) return null
  const line = text.slice(Math.max(0, at - MAX_COMMAND), at)
  if (!commands.test(line.slice(line.lastIndexOf('\n') + 1))) return null
  let start = at + option.length
  const quote = text[start]
  if (quote === '"' || quote === "'") start += 1
  const limit = start + MAX_PASSWORD
  const end = runEnd(text, start, OPTION_VALUE, limit)
  if (end >= text.length && end < limit && !final) return { undecidedFrom: at }
  if (isPair) {
    const colon = text.indexOf(':', start)
    if (colon < 0 || colon >= end) return null
    start = colon + 1
  }
  const value = text.slice(start, end)
  // `-p 8080:80` publishes a port, `-p22` names one.
  if (value.length < MIN_PASSWORD || /^[\d:.]+$/.test(value)) return null
  if (PLACEHOLDER.test(value) || isMadeOfOwnWords(value)) return null
  return { kind: 'command_password', start, end }
}

export const isAwsKeyId = (word: string): boolean =>
  word.length === 20 &&
  /^A(?:KIA|SIA|BIA|CCA)/.test(word) &&
  runEnd(word, 0, ALNUM, word.length) === word.length
