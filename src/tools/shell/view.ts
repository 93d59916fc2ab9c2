/** A command as the rules see it, and the questions they ask of its arguments. */
import type { ShellDenyGroup } from '../../domain/config/tool-policy.ts'
import { type Arg, mayBeOption, OPAQUE, UNKNOWN } from './arg.ts'

export interface CommandView {
  /** Base name, without versions and vendor spellings: `/usr/bin/python3.11` is `python`. */
  readonly name: string
  readonly args: readonly Arg[]
  /** Whether standard input comes from a pipe, a file or the text itself. */
  readonly hasInput: boolean
}

export type Rule = (command: CommandView) => boolean

/** One deny group as data: which commands, words, files and variables it covers. */
export interface GroupRules {
  readonly group: ShellDenyGroup
  /** Completes "The command was not run: …". */
  readonly reason: string
  /** By base name; `true` denies whatever the arguments. */
  readonly commands: Readonly<Record<string, Rule | true>>
  /** Names that a prefix tells: `mkfs.`. */
  readonly isDeniedName?: (name: string) => boolean
  /** Words that name something: arguments, redirect targets, assigned values. */
  readonly isDeniedWord?: (word: string) => boolean
  /** Files that must not be written, by redirect or by a writing program. */
  readonly isDeniedTarget?: (path: string) => boolean
  /** Variables that must not be set. */
  readonly isDeniedVariable?: (name: string, value: string) => boolean
  /** Variables that must not be read. */
  readonly isDeniedReading?: (name: string) => boolean
}

export const always: Rule = () => true

/** Any argument but a lone question for help or version. */
export const unlessQuestion: Rule = ({ args }) =>
  args.length > 0 &&
  !args.every(({ value }) => /^(?:-h|--help|-V|--version|-\?|help|version)$/.test(value))

/** Arguments before `--`. */
const beforeEnd = (args: readonly Arg[]): readonly Arg[] => {
  const end = args.findIndex(({ value }) => value === '--')
  return end < 0 ? args : args.slice(0, end)
}

/** Whether one of the letters, or a long option or its abbreviation, is given or could be. */
export const hasOption = (command: CommandView, letters: string, ...longs: string[]): boolean =>
  beforeEnd(command.args).some((arg) => isOption(arg, letters, longs))

function isOption(arg: Arg, letters: string, longs: readonly string[]): boolean {
  if (mayBeOption(arg)) return true
  const { value } = arg
  if (!value.startsWith('-') || value.length < 2) return false
  if (value.startsWith('--')) {
    const given = value.slice(2).split('=', 1)[0] ?? ''
    return given !== '' && longs.some((long) => long.startsWith(given))
  }
  for (const letter of value.slice(1)) {
    if (letters.includes(letter) || letter === UNKNOWN || letter === OPAQUE) return true
  }
  return false
}

/** Arguments that are no options; the values of options are among them. */
export function operandsOf({ args }: CommandView): readonly string[] {
  const end = args.findIndex(({ value }) => value === '--')
  return args
    .filter(({ value }, at) => at !== end && ((end >= 0 && at > end) || !/^-./.test(value)))
    .map(({ value }) => value)
}

/** Values of an option: `-X POST`, `-XPOST`, `--request POST`, `--request=POST`, `--req=POST`. */
export function valuesOf({ args }: CommandView, letters: string, ...longs: string[]): string[] {
  const values: string[] = []
  args.forEach(({ value }, at) => {
    if (value.startsWith('--')) {
      const equals = value.indexOf('=')
      const given = value.slice(2, equals < 0 ? undefined : equals)
      if (given === '' || !longs.some((long) => long.startsWith(given))) return
      values.push(equals < 0 ? (args[at + 1]?.value ?? '') : value.slice(equals + 1))
    } else if (/^-[^-]/.test(value)) {
      const letter = [...value].findIndex((char, index) => index > 0 && letters.includes(char))
      if (letter < 0) return
      const joined = value.slice(letter + 1)
      values.push(joined === '' ? (args[at + 1]?.value ?? '') : joined)
    }
  })
  return values
}

/**
 * Whether the command's first word that can be a subcommand is one of these: the first operand, or
 * one behind options that may each have taken a value.
 */
export function hasSubcommand({ args }: CommandView, names: ReadonlySet<string>): boolean {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined) return false
    if (mayBeOption(arg) || names.has(arg.value)) return true
    const previous = args[at - 1]?.value ?? ''
    const isValue = /^-[^=]*$/.test(previous)
    if (!arg.value.startsWith('-') && !isValue) return false
  }
  return false
}

const VERSIONED =
  /^(python|pip|perl|ruby|php|lua|node|pypy|gem|irb|tclsh|go|java|julia|gcc)[-.0-9]+$/
/** Neither a version nor the dynamic loader. */
const PLAIN = /^(?!ld)[a-z_-]+$/
const SYNONYMS: ReadonlyMap<string, string> = new Map(
  Object.entries({
    nodejs: 'node',
    pypy: 'python',
    ipython: 'python',
    gawk: 'awk',
    mawk: 'awk',
    nawk: 'awk',
    'original-awk': 'awk',
    gsed: 'sed',
    gtar: 'tar',
    bsdtar: 'tar',
    gxargs: 'xargs',
    gfind: 'find',
    grm: 'rm',
    gdd: 'dd',
    gshred: 'shred',
    gchmod: 'chmod',
    gchown: 'chown',
    vi: 'vim',
    view: 'vim',
    nvim: 'vim',
    rvim: 'vim',
    vimdiff: 'vim',
    ex: 'vim',
    luajit: 'lua',
    phpdbg: 'php',
    jruby: 'ruby',
    'nc.traditional': 'nc',
    'nc.openbsd': 'nc',
    netcat: 'nc',
    ncat: 'nc',
  }),
)

/** `python3.11` → `python`, `/lib64/ld-linux-x86-64.so.2` → `ld.so`. */
export function canonicalName(path: string): string {
  const base = path.slice(path.lastIndexOf('/') + 1)
  if (PLAIN.test(base)) return SYNONYMS.get(base) ?? base
  if (/^ld(?:-linux|-musl|64|-[0-9.]+)?[-.\w]*\.so(?:\.\d+)?$/.test(base)) return 'ld.so'
  const stem = VERSIONED.exec(base)?.[1] ?? base
  return SYNONYMS.get(stem) ?? stem
}
