/**
 * Which names announce a secret: `client_secret`, `OPENAI_ADMIN_KEY_DEV`, `Authorization`. Only the
 * name is judged here; `token_count` or `secretName` speak about a secret and hold none.
 */

import { charClass, isMember } from './char-class.ts'
import { type CharCodes, CODES } from './char-codes.ts'

/** `always`: the value goes whatever it is. `strong`: unless it is plainly none. `weak`: only if random. */
export type NameStrength = 'always' | 'strong' | 'weak'

const words = (list: string): ReadonlySet<string> => new Set(list.split(' '))

/** The value is the secret itself. */
const SECRET_WORDS = words(
  'password passwd passwort passphrase passcode pwd secret token bearer credential credentials ' +
    'authorization apikey apisecret accesskey secretkey privatekey authkey authtoken accesstoken pat',
)
/** Joined names end so: `dbpassword`, `clientsecret`, `XApiToken`. */
const SECRET_ENDINGS = [
  'password',
  'passwd',
  'secret',
  'token',
  'apikey',
  'accesskey',
  'secretkey',
  'privatekey',
  'authkey',
]
/** What makes a `key` one that opens something. */
const KEY_QUALIFIERS = words(
  'api access private secret auth encryption signing master account shared subscription service app ' +
    'admin client deploy license storage webhook hmac host session function server application ' +
    'integration user read write developer team org',
)
/** What makes a `key` or a `token` a name of something else. */
const OTHER_KEYS = words(
  'public pub primary foreign sort partition cache hot arrow map dict object row group unique index ' +
    'i18n locale translation registry message next prev previous page pagination continuation sync ' +
    'cancellation cancel csrf xsrf lexer syntax max min num total input output prompt completion stop ' +
    'eos bos pad unk sep mask no non per first last shortcut config property field column parent',
)
const WEAK_WORDS = words('auth cred creds sas otp cookie signature sig hash')
/** May follow the word that matters without changing what the value is. */
const SUFFIX_WORDS = words(
  'value raw plain base b hex dev prod production staging stage test live new old current ' +
    'primary secondary main default string str data',
)
const DSN_WORDS = words('dsn')
const DSN_STORES = words(
  'database db redis mongo mongodb postgres postgresql pg mysql amqp rabbitmq broker conn connection',
)
const DSN_FORMS = words('url uri string str')
/** Stand behind a name as its type; the name is then the word before them. */
export const TYPE_WORDS = words('string String str char text varchar wstring')

const MAX_VIRTUAL = 64
const CASE_BIT = 32
const LOWER_A = 97
const VIRTUAL = /^VIRTUAL_[A-Z0-9_]{1,58}$/

const isLower = (code: number): boolean => code >= 97 && code <= 122
const isUpper = (code: number): boolean => code >= 65 && code <= 90

/** A word of a name: `Baz` of `fooBar_Baz2`, without its number. */
interface Part {
  readonly word: string
  /** Where the words before it end. */
  readonly start: number
}

const NO_PART: Part = { word: '', start: 0 }

/** The last word before `end`, read backwards over `_ - . space`, digits and capitals. */
const partBefore = (name: string, end: number): Part => {
  let stop = end
  while (stop > 0) {
    const code = name.charCodeAt(stop - 1)
    if (isLower(code) || isUpper(code)) break
    // A digit belongs to a suffix such as `b64`; alone or at a word's end it is a number.
    stop -= 1
  }
  if (stop === 0) return NO_PART
  let start = stop
  const isCapital = isUpper(name.charCodeAt(stop - 1))
  while (start > 0) {
    const code = name.charCodeAt(start - 1)
    if (isCapital ? !isUpper(code) : !isLower(code)) break
    start -= 1
  }
  if (!isCapital && start > 0 && isUpper(name.charCodeAt(start - 1))) start -= 1
  return { word: name.slice(start, stop).toLowerCase(), start }
}

const isSecretWord = (word: string): boolean =>
  SECRET_WORDS.has(word) ||
  (word.length > 5 && SECRET_ENDINGS.some((ending) => word.endsWith(ending)))

/** `hmackey`, `mykey`; a `pubkey` is meant to be read. */
const isSomeKey = (word: string): boolean => word.endsWith('key') && !word.startsWith('pub')

const isDsn = (last: string, before: string): boolean =>
  DSN_WORDS.has(last) || (DSN_FORMS.has(last) && DSN_STORES.has(before))

/** 1 to 26 for a letter of either case, 0 for what is none. */
const LETTERS = Uint8Array.from({ length: CODES }, (_, code) =>
  isUpper(code) || isLower(code) ? (code | CASE_BIT) - LOWER_A + 1 : 0,
)
const LETTER_KINDS = 27
const ENDING_CHARS = 3
const ENDING_WORDS: readonly string[] = [
  ...[SECRET_WORDS, SECRET_ENDINGS, WEAK_WORDS, SUFFIX_WORDS, DSN_WORDS, DSN_FORMS, TYPE_WORDS]
    .flatMap((list) => [...list])
    .map((word) => word.toLowerCase()),
  'key',
  'session',
  'pass',
  'id',
]

const endingOf = (third: number, second: number, last: number): number =>
  (third * LETTER_KINDS + second) * LETTER_KINDS + last

interface Endings {
  /** By the last three letters of a word: a number for its row; 0 where no name ends so. */
  readonly numbers: Uint16Array
  /** By that number and the letter before those three: 1 where a name may end so. */
  readonly rows: Uint8Array
}

/**
 * How the words end that a name can end in: nearly every word of a text is turned away by this table
 * before anything is cut out or compared. Before a shorter word stands whatever may.
 */
const buildEndings = (): Endings => {
  const numbers = new Uint16Array(LETTER_KINDS ** ENDING_CHARS)
  const rows: number[] = Array.from({ length: LETTER_KINDS }, () => 0)
  const allow = (ending: number, fourth: number | undefined): void => {
    const number = numbers[ending] || rows.length / LETTER_KINDS
    numbers[ending] = number
    for (let i = 0; i < LETTER_KINDS; i += 1) {
      const present = rows[number * LETTER_KINDS + i] ?? 0
      rows[number * LETTER_KINDS + i] = fourth === undefined || fourth === i ? 1 : present
    }
  }
  for (const word of ENDING_WORDS) {
    const letters = [...word].reverse().map((char) => LETTERS[char.charCodeAt(0)] ?? 0)
    const [last = 0, second = 0, third = 0, fourth] = letters
    allow(endingOf(third, second, last), fourth)
    for (let any = 1; second === 0 && any < LETTER_KINDS; any += 1) {
      allow(endingOf(any, second, last), fourth)
    }
  }
  return { numbers, rows: Uint8Array.from(rows) }
}

const { numbers: ENDINGS, rows: ENDING_ROWS } = buildEndings()

/** Whether the letters before `end`, of which there is one at least, may end a name. */
const isEnding = (codes: CharCodes, end: number): boolean => {
  const second = codes[end - 2] ?? 0
  const lastLetter = LETTERS[codes[end - 1] ?? 0] ?? 0
  const secondLetter = LETTERS[second] ?? 0
  const number = ENDINGS[endingOf(LETTERS[codes[end - 3] ?? 0] ?? 0, secondLetter, lastLetter)] ?? 0
  if (number !== 0) {
    const fourth = LETTERS[codes[end - 4] ?? 0] ?? 0
    if (ENDING_ROWS[number * LETTER_KINDS + fourth] === 1) return true
  }
  // A capital begins a word behind other letters.
  if (isUpper(second) && ENDINGS[endingOf(0, secondLetter, lastLetter)] !== 0) return true
  return isUpper(codes[end - 1] ?? 0) && ENDINGS[endingOf(0, 0, lastLetter)] !== 0
}

const isLetter = (code: number): boolean => LETTERS[code] !== 0

const [LETTER_I, LETTER_D, LETTER_T] = [9, 4, 20]
/** So far back the word before `id` is looked for. */
const MAX_BEFORE_ID = 64

/** An id of anything but a client or a secret: the word before `id` ends in no `t`. */
const isOtherId = (codes: CharCodes, end: number): boolean => {
  if (LETTERS[codes[end - 1] ?? 0] !== LETTER_D || LETTERS[codes[end - 2] ?? 0] !== LETTER_I)
    return false
  let at = end - 2
  const stop = Math.max(0, at - MAX_BEFORE_ID)
  while (at > stop && !isLetter(codes[at - 1] ?? 0)) at -= 1
  return at === 0 || (at > stop && LETTERS[codes[at - 1] ?? 0] !== LETTER_T)
}

/** Signs and digits that may stand between a name's last letter and its separator. */
const MAX_BEHIND_NAME = 24
const BEHIND_NAME = charClass(' \t"\'`*\\]:?.+!=0-9_$-')

/** Whether the letters before `end` may end a name; false rules it out. */
export const mayEndName = (text: string, end: number, codes: CharCodes): boolean => {
  let at = end
  const stop = Math.max(0, end - MAX_BEHIND_NAME)
  while (at > stop && isMember(BEHIND_NAME, codes[at - 1] ?? 0)) at -= 1
  if (at === stop) return at > 0
  const last = codes[at - 1] ?? 0
  if (!isLetter(last)) return false
  if (isEnding(codes, at) && !isOtherId(codes, at)) return true
  if (!isUpper(last) || !isLetter(codes[at - 2] ?? 0)) return false
  return text.slice(Math.max(0, at - MAX_VIRTUAL), at).includes('VIRTUAL_')
}

const ENDING_PAIRS = new Uint8Array(LETTER_KINDS * LETTER_KINDS)
const ENDING_LETTERS = new Uint8Array(LETTER_KINDS)
ENDINGS.forEach((kind, ending) => {
  if (kind === 0) return
  ENDING_PAIRS[ending % ENDING_PAIRS.length] = 1
  ENDING_LETTERS[ending % LETTER_KINDS] = 1
})

/** Whether mayEndName can hold of any text that ends in these two characters. */
export const mayEndWith = (second: number, last: number): boolean => {
  const [before = 0, letter = 0] = [LETTERS[second], LETTERS[last]]
  if (letter === 0) {
    if (!isMember(BEHIND_NAME, last)) return false
    return isMember(BEHIND_NAME, second) || isUpper(second) || ENDING_LETTERS[before] === 1
  }
  if (ENDING_PAIRS[before * LETTER_KINDS + letter] === 1) return true
  return isUpper(last) && (before !== 0 || ENDING_PAIRS[letter] === 1)
}

const judgeName = (name: string): NameStrength | null => {
  if (name.startsWith('VIRTUAL_') && VIRTUAL.test(name)) return 'always'
  let last = partBefore(name, name.length)
  let before = partBefore(name, last.start)
  if (isDsn(last.word, before.word)) return 'strong'
  while (before.word !== '' && SUFFIX_WORDS.has(last.word)) {
    last = before
    before = partBefore(name, last.start)
  }
  const word = last.word
  if (word === 'id')
    return before.word === 'secret' ? 'strong' : before.word === 'client' ? 'weak' : null
  const isKey = word === 'key' || word === 'token'
  if (isKey && OTHER_KEYS.has(before.word)) return null
  if (isSecretWord(word)) return 'strong'
  // `pass` alone is also a verb; `smtp_pass` is not.
  if (word === 'pass') return before.word === '' ? 'weak' : 'strong'
  if (word === 'key' || word === 'session')
    return KEY_QUALIFIERS.has(before.word) ? 'strong' : 'weak'
  return WEAK_WORDS.has(word) || isSomeKey(word) ? 'weak' : null
}

/** A text repeats few names: what was judged once is kept, until a hostile text fills the store. */
const MAX_JUDGED = 1_024
const judged = new Map<string, NameStrength | null>()

export const nameStrength = (name: string): NameStrength | null => {
  const known = judged.get(name)
  if (known !== undefined) return known
  const strength = judgeName(name)
  if (judged.size >= MAX_JUDGED) judged.clear()
  judged.set(name, strength)
  return strength
}

/** `FOO_KEY=…` as environment files and shells write it. */
export const isEnvName = (name: string): boolean => /^[A-Z][A-Z0-9_]{0,63}$/.test(name)

/** Alone they may name a thing as well as hold what opens it: a log's `credential` is an id. */
const NAMING_WORDS = words('key token credential credentials')

/**
 * Whether the value may be what the gateway calls a thing of its own: behind `sessionKey`, and behind
 * names that say little. `api_key` and `client_secret` announce a secret, whatever it looks like.
 */
export const mayNameOurs = (name: string, strength: NameStrength): boolean => {
  if (strength === 'weak') return true
  const last = partBefore(name, name.length)
  const before = partBefore(name, last.start)
  return before.word === ''
    ? NAMING_WORDS.has(last.word)
    : last.word === 'key' && before.word === 'session'
}

/** Connection settings are judged as a whole, however harmless their parts look. */
export const isConnectionName = (name: string): boolean => {
  const last = partBefore(name, name.length)
  return isDsn(last.word, partBefore(name, last.start).word)
}

/** Names of things that secrets are called after; a value made of nothing else is a placeholder. */
const OWN_WORDS = words(
  'a an api access admin app auth authorization basic bearer client code credential credentials ' +
    'default example here id insert key my name new pass passphrase passwd password placeholder ' +
    'private put pwd refresh secret session the token type user username value your',
)

export const isMadeOfOwnWords = (value: string): boolean => {
  let part = partBefore(value, value.length)
  if (part.word === '') return false
  while (part.word !== '') {
    if (!OWN_WORDS.has(part.word)) return false
    part = partBefore(value, part.start)
  }
  return true
}
