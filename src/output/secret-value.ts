/**
 * Whether the value behind a name that announces a secret is one. Placeholders, references to
 * variables, code and prose stay; when in doubt a value behind a strong name goes. Values are at
 * most 200 characters here (key-value.ts), so every pattern below runs on a bounded text.
 */
import { isMadeOfOwnWords, mayNameOurs, type NameStrength } from './key-name.ts'
import { isOwnName, isUuid } from './own-name.ts'

export interface ValueContext {
  readonly strength: NameStrength
  readonly quoted: boolean
  /** `NAME=value` of an environment file, or `&name=value` of a query: never code, never prose. */
  readonly assignment: boolean
  /** The name calls a connection string, which is judged as a whole. */
  readonly connection: boolean
  /** The name may stand before a name of the gateway's own. */
  readonly mayBeOurs: boolean
  /** The character behind the value. */
  readonly next: string
}

/** Shorter is a flag, a number or nothing. */
const MIN_VALUE = 4
/** A word without digits behind `password=`. */
const MIN_WORD = 6
/** Letters and digits mixed. */
const MIN_MIXED = 6
/** A bare mix in prose or YAML, where `v2` and `utf8` also stand. */
const MIN_BARE_MIXED = 8
/** Nothing but digits: an account number, not a port or a size. */
const MIN_DIGITS = 12
/** Behind a weak name only what a random generator writes. */
const MIN_RANDOM = 16
/** Letters only behind `name:`: longer than the words of a sentence. */
const MIN_LETTERS = 20

const SOLID = /^[A-Za-z0-9]{24,}$/
const MIN_SOLID_DIGITS = 4

const HAS_DIGIT = /\d/
const HAS_LETTER = /[A-Za-z]/
const HAS_SPACE = /\s/
/** References: shell, Make, Terraform, Jinja, printf, Windows, placeholders in brackets. */
const REFERENCE =
  /^(?:\$[{(\d]|\$[A-Za-z_][\w.:>-]*$|\$\$|\{|<[^>]*>?$|%[({]|%[A-Za-z_]+%?$|\[[A-Z]|#\{|@[A-Za-z]+\(|!Ref)/
const LITERAL =
  /^(?:null|none|nil|true|false|undefined|void|empty|required|optional|string|str|number|bytes|bool|boolean|any|object|unknown|redacted|hidden|masked|default|function|symbol|bigint|not[ _-]set|unset|n\/a)$/i
const LETTERS_ONLY = /^[A-Za-z_.-]+$/
const ONLY_LETTERS = /^[A-Za-z]+$/
const SNAKE = /^_{0,2}[A-Za-z]+(?:_[A-Za-z]+)*_{0,2}$/
const KEBAB = /^[a-z]+(?:[_.-][a-z]+)+$/
/** `config.token`, `Foo::Bar`: each part an identifier. */
const MEMBER_PATH = /^[A-Za-z_$][\w$]{0,40}(?:(?:\.|::|->)[A-Za-z_$][\w$]{0,40})+$/
const URL_START = /^(?:[A-Za-z][A-Za-z0-9+.-]{0,20}:)?\/\/|^(?:urn|arn):/
/** `X509Credential`, `Sha256Key`: a type's name with a number in it. */
const TYPE_NAME = /^[A-Za-z_]{1,40}\d{1,4}(?:[A-Z][a-z]{3,20})+$/
/** `!isBearerToken`. */
const NEGATION = /^!+[A-Za-z_$][\w$.]*$/
/** What stands behind a quote that closed a string instead of opening one. */
const AFTER_STRING = /^\s*[+,.)\]%]\s/
const PATH_START = /^(?:~|\.{1,2})?\/|^[A-Za-z]:\\/
const VERSION = /^v?\d+(?:\.\d+)+$/
const SENTENCE = /^[A-Z][a-z']+ [a-z]|[.!?:…]$/
/** A key in base64 may begin with a slash. */
const BASE64_KEY = /^\/[A-Za-z0-9+/]{38,}={0,2}$/
const MIN_KEY_CHANGES = 3

const isPath = (value: string): boolean =>
  PATH_START.test(value) &&
  !(BASE64_KEY.test(value) && changesIn(value) >= value.length / MIN_KEY_CHANGES)

/** One character over and over: a sample key, never a word. */
const STUTTER = /(?:aaaaaa|bbbbbb|cccccc|xxxxxx|AAAAAA|BBBBBB|CCCCCC|XXXXXX|000000)/

const isOneCharacter = (value: string): boolean =>
  value.length < 64 && value === (value[0] ?? '').repeat(value.length)

/** The longest word of LITERAL. */
const LONGEST_LITERAL = 9

const isStandIn = (value: string): boolean => {
  const first = value.charCodeAt(0)
  const isLetter = (first >= 97 && first <= 122) || (first >= 65 && first <= 90)
  if (value.length <= LONGEST_LITERAL && isLetter && LITERAL.test(value)) return true
  if (value[1] === value[0] && isOneCharacter(value)) return true
  if (isLetter) return false
  return REFERENCE.test(value) || value.startsWith('[REDACTED]') || value.startsWith('***')
}

/** Digits that the name of a variable may hold (`x509`, `sha1`, `v2`). */
const MAX_NAME_DIGITS = 4
const digitsIn = (value: string): number => value.replace(/\D/g, '').length

/** Places where digits, capitals and the rest change; the first character counts as one. */
const changesIn = (value: string): number => {
  let changes = 0
  let previous = 0
  for (let i = 0; i < value.length; i += 1) {
    const code = value.charCodeAt(i)
    const group = code >= 48 && code <= 57 ? 1 : code >= 65 && code <= 90 ? 2 : 3
    if (group !== previous) changes += 1
    previous = group
  }
  return changes
}
/** One change in so many characters. */
const MIN_RANDOM_CHANGES = 5

const caseGroups = (value: string): number =>
  Number(/[a-z]/.test(value)) + Number(/[A-Z]/.test(value)) + Number(HAS_DIGIT.test(value))

/** No word, path or reference: letters and digits in one piece. Worth looking for again. */
export const isDistinctive = (value: string): boolean =>
  value.length >= MIN_RANDOM &&
  HAS_DIGIT.test(value) &&
  HAS_LETTER.test(value) &&
  !HAS_SPACE.test(value) &&
  !MEMBER_PATH.test(value) &&
  !TYPE_NAME.test(value) &&
  !isPath(value) &&
  !URL_START.test(value)

/** What a random generator writes: letters, capitals and digits alternate, or one long solid run. */
export const looksRandom = (value: string): boolean => {
  if (!isDistinctive(value)) return false
  if (changesIn(value) >= value.length / MIN_RANDOM_CHANGES) return true
  return digitsIn(value) >= MIN_SOLID_DIGITS && SOLID.test(value)
}

const CONSONANT = /[^aeiouyAEIOUY]/
/** So many in a row no word of ours has, but where two words meet (`lengthString`). */
const CONSONANTS_IN_A_ROW = 6
/** Share of places where capitals and small letters change; words in camel case have fewer. */
const SCRAMBLED_CHANGES = 0.3

/** Letters only, and no words: what a generator without digits writes. */
export const isScrambled = (value: string): boolean => {
  if (value.length < MIN_LETTERS || !ONLY_LETTERS.test(value)) return false
  let run = 0
  let longest = 0
  let changes = 0
  let isLower = true
  for (const char of value) {
    run = CONSONANT.test(char) ? run + 1 : 0
    longest = Math.max(longest, run)
    const lower = char >= 'a'
    if (lower !== isLower) changes += 1
    isLower = lower
  }
  if (longest < CONSONANTS_IN_A_ROW) return false
  return changes <= 1 || changes >= value.length * SCRAMBLED_CHANGES
}

const isQuotedSecret = (value: string): boolean => {
  if (isMadeOfOwnWords(value) || AFTER_STRING.test(value)) return false
  if (HAS_SPACE.test(value)) return value.length >= MIN_MIXED && !SENTENCE.test(value)
  if (isPath(value) || URL_START.test(value)) return false
  if (HAS_DIGIT.test(value)) return HAS_LETTER.test(value) || value.length >= MIN_MIXED
  return value.length >= MIN_WORD && (STUTTER.test(value) || !KEBAB.test(value))
}

const isCode = (value: string, next: string): boolean =>
  next === '(' ||
  next === '[' ||
  next === '{' ||
  isPath(value) ||
  URL_START.test(value) ||
  VERSION.test(value) ||
  TYPE_NAME.test(value) ||
  NEGATION.test(value) ||
  (MEMBER_PATH.test(value) && (caseGroups(value) < 3 || digitsIn(value) <= MAX_NAME_DIGITS))

const isBareSecret = (value: string, context: ValueContext): boolean => {
  if (isCode(value, context.next)) return false
  if (context.assignment) {
    // `access_token=ACCESS_TOKEN` is documentation; `PASSWORD=password` may be in use.
    if (/^[A-Z_]+$/.test(value) && isMadeOfOwnWords(value)) return false
    return value.length >= MIN_WORD && !/^\d{1,7}$/.test(value)
  }
  if (HAS_DIGIT.test(value)) {
    if (!HAS_LETTER.test(value)) return digitsIn(value) >= MIN_DIGITS
    return value.length >= MIN_BARE_MIXED
  }
  if (LETTERS_ONLY.test(value)) {
    if (value.length < MIN_LETTERS || isMadeOfOwnWords(value)) return false
    return STUTTER.test(value) || !SNAKE.test(value) || isScrambled(value)
  }
  return value.length >= MIN_BARE_MIXED && /[!@#$%^&*?~]/.test(value.slice(0, -1))
}

/** `user:password@` somewhere in a connection string. */
const holdsUserinfo = (value: string): boolean => {
  const at = value.lastIndexOf('@')
  const colon = value.lastIndexOf(':', at - 1)
  return at > 0 && colon >= 0 && colon < at - 1 && value[colon + 1] !== '/'
}

const isGenerated = (value: string): boolean => looksRandom(value) || isScrambled(value)

export const isSecretValue = (value: string, context: ValueContext): boolean => {
  if (context.strength === 'always') return value !== '' && !isStandIn(value)
  if (value.length < MIN_VALUE || isStandIn(value)) return false
  if (context.mayBeOurs && isOwnName(value, isGenerated)) return false
  if (context.connection) {
    return holdsUserinfo(value) || /[?;&](?:password|pwd)=/i.test(value)
  }
  if (context.strength === 'weak') return looksRandom(value) && !isUuid(value)
  return context.quoted ? isQuotedSecret(value) : isBareSecret(value, context)
}

/** A string field of JSON data, judged by its name. */
export const isSecretField = (value: string, name: string, strength: NameStrength): boolean =>
  isSecretValue(value, {
    strength,
    quoted: true,
    assignment: false,
    connection: false,
    mayBeOurs: mayNameOurs(name, strength),
    next: '',
  })
