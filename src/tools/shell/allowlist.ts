/**
 * Lists that allow: of names, of globs, and the class of commands that only read. All three trust a
 * bare name or a fixed folder of the image, and nothing once the command plays with its meaning.
 */
import type { SimpleCommand } from './command.ts'

/** Where the image keeps its programs; the workspace cannot write there. */
const IMAGE_FOLDERS: readonly string[] = ['/bin/', '/usr/bin/', '/usr/local/bin/']

/** The name that lists speak of; null where the path could lead to anything. */
function trustedName({ name, isTrusted }: SimpleCommand): string | null {
  if (!isTrusted) return null
  if (!name.includes('/')) return name
  const folder = IMAGE_FOLDERS.find(
    (each) => name.startsWith(each) && !name.slice(each.length).includes('/'),
  )
  return folder === undefined ? null : name.slice(folder.length)
}

export function isListed(command: SimpleCommand, names: readonly string[]): boolean {
  const name = trustedName(command)
  return name !== null && names.includes(name)
}

/**
 * Whether every simple command hits a glob. A glob without a blank is held against the name, one
 * with blanks against the name and its arguments, which must all be known.
 */
export function isAllowlisted(
  commands: readonly SimpleCommand[],
  globs: readonly string[],
): boolean {
  return (
    commands.length > 0 && commands.every((command) => globs.some((glob) => hits(command, glob)))
  )
}

function hits(command: SimpleCommand, glob: string): boolean {
  const name = trustedName(command)
  if (name === null) return false
  if (!glob.includes(' ')) return matchesGlob(name, glob)
  const { args } = command
  return args.every((arg) => arg !== null) && matchesGlob([name, ...args].join(' '), glob)
}

/** `*` is any text, `?` one character; greedy with one point of return. */
export function matchesGlob(text: string, glob: string): boolean {
  let t = 0
  let g = 0
  let star = -1
  let mark = 0
  while (t < text.length) {
    if (glob[g] === '*') {
      star = g++
      mark = t
    } else if (glob[g] === '?' || glob[g] === text[t]) {
      g++
      t++
    } else if (star >= 0) {
      g = star + 1
      t = ++mark
    } else {
      return false
    }
  }
  while (glob[g] === '*') g++
  return g === glob.length
}

/** Programs that change nothing, whatever their arguments, but for the options named here. */
const READING: Readonly<Record<string, RegExp | null>> = {
  '[': null,
  basename: null,
  cat: null,
  cd: null,
  cksum: null,
  cmp: null,
  comm: null,
  cut: null,
  date: /^(?:-s|--s|\d)/,
  df: null,
  diff: null,
  dirname: null,
  du: null,
  echo: null,
  egrep: null,
  expr: null,
  false: null,
  fgrep: null,
  file: /^-C|^--compile/,
  find: /^-(?:exec|ok|delete|fprint|fls)/,
  fold: null,
  grep: null,
  head: null,
  id: null,
  join: null,
  jq: null,
  ls: null,
  md5sum: null,
  nl: null,
  nproc: null,
  od: null,
  paste: null,
  printf: /^-v/,
  pwd: null,
  readlink: null,
  realpath: null,
  rev: null,
  rg: /^--(?:pre|hostname-bin)/,
  seq: null,
  sha1sum: null,
  sha256sum: null,
  sha512sum: null,
  sleep: null,
  sort: /^-[a-zA-Z]*o|^--o|^--com/,
  stat: null,
  strings: null,
  tac: null,
  tail: null,
  test: null,
  tr: null,
  true: null,
  uname: null,
  wc: null,
  whoami: null,
}

/** Whether the command changes nothing. Git is never among these: hooks, monitors and pagers run. */
export function isReadOnlyCommand(judged: {
  readonly commands: readonly SimpleCommand[]
  readonly writesFile: boolean
}): boolean {
  return !judged.writesFile && judged.commands.length > 0 && judged.commands.every(isReading)
}

function isReading(command: SimpleCommand): boolean {
  const name = trustedName(command)
  if (name === null || !Object.hasOwn(READING, name)) return false
  const writing = READING[name]
  if (writing === null || writing === undefined) return true
  return command.args.every((arg) => arg !== null && !writing.test(arg))
}
