/**
 * What an upload must be to be a skill: SKILL.md with a front matter, and further files of text. Its
 * front matter is read as plain `key: value` lines and as nothing else that YAML could mean; what
 * could be read in two ways is refused. Whether the text is fit to be told is not judged here.
 */
import { err, ok, type Result } from './result.ts'
import {
  SKILL_LIMITS,
  SKILL_NAME,
  type SkillBundle,
  type SkillFile,
  type UploadedSkill,
} from './skill.ts'
import { UNDRAWN, UNREADABLE } from './undrawn.ts'

const SKILL_FILE = 'SKILL.md'
const FENCE = '---'
const MAX_HEAD_LINES = 20
const MAX_HEAD_LINE_CHARS = 1_000
const MAX_PATH_CHARS = 200
const MAX_DEPTH = 8

/** What other products write into a front matter; read past, and without any effect here. */
const IGNORED_KEYS: ReadonlySet<string> = new Set([
  'license',
  'compatibility',
  'allowed-tools',
  'version',
])

/** Text that people and interpreters read. What a system runs by itself is not among it. */
const FILE_TYPES: ReadonlySet<string> = new Set(
  `md txt rst json jsonl yaml yml toml ini cfg conf csv tsv xml html css svg sql py js mjs cjs ts sh
   bash rb pl lua r jq awk tmpl j2`.split(/\s+/),
)
const NAMES_WITHOUT_TYPE: ReadonlySet<string> = new Set(['LICENSE', 'NOTICE', 'Makefile'])

/** No name is hidden, none begins with a dash, and none has a second writing. */
const SEGMENT = /^[A-Za-z0-9_][A-Za-z0-9._-]{0,99}$/

const utf8Bytes = (text: string): number => new TextEncoder().encode(text).length

/** The errors are sentences for whoever uploads; they hold nothing of a file's content. */
export function parseSkillBundle({ text, files }: UploadedSkill): Result<SkillBundle, string> {
  const lines = readableText(SKILL_FILE, text, SKILL_LIMITS.maxTextBytes)
  if (!lines.ok) return lines
  const head = parseFrontMatter(lines.value)
  if (!head.ok) return head
  const checked = checkFiles(files)
  if (!checked.ok) return checked
  const parts = [lines.value, ...checked.value.flatMap(({ path, content }) => [path, content])]
  const size = parts.reduce((sum, part) => sum + utf8Bytes(part), 0)
  const max = SKILL_LIMITS.maxBundleBytes
  if (size > max) return err(`the skill is ${size} bytes; ${max} are the most`)
  return ok({ ...head.value, text: lines.value, files: checked.value, size })
}

/** What a model is given of SKILL.md: all behind the front matter. */
export function bodyOf(text: string): string {
  const end = text.indexOf(`\n${FENCE}\n`, FENCE.length)
  return end < 0 ? text : text.slice(end + FENCE.length + 2).trim()
}

function readableText(name: string, text: string, maxBytes: number): Result<string, string> {
  // Three bytes are the most that one UTF-16 unit comes to, one the least.
  if (text.length > maxBytes || utf8Bytes(text) > maxBytes)
    return err(`${name} is larger than ${maxBytes} bytes`)
  const unix = text.replaceAll('\r\n', '\n')
  if (!unix.isWellFormed() || unix.includes('\r') || unix.search(UNREADABLE) !== -1)
    return err(`${name} is no plain text: it holds control or hidden characters`)
  return ok(unix)
}

function parseFrontMatter(text: string): Result<{ name: string; description: string }, string> {
  const lines = text.split('\n')
  const end = lines.indexOf(FENCE, 1)
  if (lines[0] !== FENCE || end < 0)
    return err(`${SKILL_FILE} must begin with a front matter between two lines of ${FENCE}`)
  if (end - 1 > MAX_HEAD_LINES) return err(`the front matter has more than ${MAX_HEAD_LINES} lines`)
  const values = new Map<string, string>()
  for (const [index, line] of lines.slice(1, end).entries()) {
    const parsed = parseLine(line)
    if (!parsed.ok) return err(`line ${index + 2} of the front matter ${parsed.error}`)
    const { key, value } = parsed.value
    if (values.has(key)) return err(`the front matter says ${key} twice`)
    values.set(key, value)
  }
  if (lines.slice(end + 1).every((line) => line.trim() === ''))
    return err(`${SKILL_FILE} says nothing behind its front matter`)
  return checkHead(values.get('name'), values.get('description'))
}

function checkHead(
  name: string | undefined,
  description: string | undefined,
): Result<{ name: string; description: string }, string> {
  const { maxNameChars, maxDescriptionChars } = SKILL_LIMITS
  if (name === undefined || name.length > maxNameChars || !SKILL_NAME.test(name)) {
    return err(
      `the front matter must say name: at most ${maxNameChars} of a-z, 0-9 and single dashes between`,
    )
  }
  if (description === undefined || description === '' || description.length > maxDescriptionChars)
    return err(
      `the front matter must say description: one line of at most ${maxDescriptionChars} characters`,
    )
  // A line that every model call shows holds nothing invisible at all.
  if (description.search(UNDRAWN) !== -1) return err('the description holds invisible characters')
  return ok({ name, description })
}

const LINE = /^([a-z][a-z-]{0,30}): +(\S.*)$/
/** Where YAML would begin a block, a collection, an alias, a tag, a comment or a directive. */
const YAML_SIGN = /^[|>&*!%@`{}[\],#?]|^- /
/** Where it would begin a comment behind the value. */
const YAML_COMMENT = / #/

function parseLine(line: string): Result<{ key: string; value: string }, string> {
  if (line.length > MAX_HEAD_LINE_CHARS) return err('is too long')
  const [, key, written] = LINE.exec(line.trimEnd()) ?? []
  if (key === undefined || written === undefined || line.includes('\t'))
    return err('is no plain "key: value"')
  if (key !== 'name' && key !== 'description' && !IGNORED_KEYS.has(key))
    return err('says a key that is not known')
  const quote = written[0]
  if (quote === '"' || quote === "'") {
    const value = written.slice(1, -1)
    // An escape or an inner quote would be read one way here and another way elsewhere.
    const isPlain = written.length > 1 && written.endsWith(quote) && !/["'\\]/.test(value)
    return isPlain ? ok({ key, value: value.trim() }) : err('has quotes that are not plain')
  }
  if (YAML_SIGN.test(written) || YAML_COMMENT.test(written))
    return err('means something else in YAML; put its value between quotes')
  return ok({ key, value: written })
}

function checkFiles(files: readonly SkillFile[]): Result<readonly SkillFile[], string> {
  const { maxFiles, maxFileBytes } = SKILL_LIMITS
  if (files.length > maxFiles) return err(`a skill has at most ${maxFiles} files`)
  const taken = new Set<string>()
  const checked: SkillFile[] = []
  for (const { path, content } of files) {
    const fault = faultOfPath(path)
    if (fault !== null) return err(`the path ${JSON.stringify(path.slice(0, 100))} ${fault}`)
    // On a disk that does not tell cases apart, one would be the other.
    const folded = path.toLowerCase()
    if (taken.has(folded)) return err(`there are two files ${path}`)
    taken.add(folded)
    const text = readableText(path, content, maxFileBytes)
    if (!text.ok) return text
    checked.push({ path, content: text.value })
  }
  const isBoth = checked.find(({ path }) => parentsOf(path).some((parent) => taken.has(parent)))
  if (isBoth) return err(`${isBoth.path} lies below what is a file itself`)
  return ok(checked.toSorted((a, b) => (a.path < b.path ? -1 : 1)))
}

const parentsOf = (path: string): readonly string[] => {
  const segments = path.toLowerCase().split('/')
  return segments.slice(1).map((_, index) => segments.slice(0, index + 1).join('/'))
}

function faultOfPath(path: string): string | null {
  if (path.length > MAX_PATH_CHARS) return 'is too long'
  const segments = path.split('/')
  if (segments.length > MAX_DEPTH) return 'is nested too deeply'
  if (!segments.every((segment) => SEGMENT.test(segment)))
    return 'is not possible: names are of a-z, A-Z, 0-9, dot, dash and underscore, and begin with none of . and -'
  if (path.toLowerCase() === SKILL_FILE.toLowerCase()) return `is the place of ${SKILL_FILE} itself`
  const file = segments.at(-1) ?? ''
  const dot = file.lastIndexOf('.')
  const isKnown =
    dot < 0 ? NAMES_WITHOUT_TYPE.has(file) : FILE_TYPES.has(file.slice(dot + 1).toLowerCase())
  return isKnown ? null : 'is of no type that a skill may hold (text and scripts only)'
}
