/** Where interpreters of other languages take their code from: an option, their input, or a file. */
import { type Arg, mayBeOption, UNKNOWN_ARG } from './arg.ts'
import type { Language } from './inline-code.ts'

export interface CodeSources {
  readonly language: Language
  /** Code on the command line. */
  readonly code: readonly Arg[]
  /** Code is read from standard input if there is any. */
  readonly readsInput: boolean
  /** The file it runs. */
  readonly file: Arg | null
}

interface Interpreter {
  readonly language: Language
  /** Letters and long names whose value is code. */
  readonly code: string
  readonly longCode?: readonly string[]
  /** Letters that take a value, joined or next. */
  readonly values: string
  /** Letters that take the rest of their word. */
  readonly rest?: string
  readonly longValues?: readonly string[]
  /** Options after which no code is read from anywhere else. */
  readonly ends?: string
  /** A subcommand whose next word is code. */
  readonly evalWord?: string
}

const INTERPRETERS: ReadonlyMap<string, Interpreter> = new Map<string, Interpreter>(
  Object.entries({
    python: {
      language: 'python',
      code: 'c',
      values: 'WXm',
      ends: 'm',
      longValues: ['check-hash-based-pycs'],
    },
    perl: { language: 'perl', code: 'eE', values: 'I', rest: 'iFMmxCDVT0l' },
    ruby: { language: 'ruby', code: 'e', values: 'IrCEX', rest: 'iFKTWx0' },
    node: {
      language: 'node',
      code: 'e',
      longCode: ['eval', 'print'],
      values: 'rC',
      longValues: ['require', 'import', 'loader', 'conditions', 'env-file', 'input-type'],
    },
    bun: {
      language: 'node',
      code: 'e',
      longCode: ['eval', 'print'],
      values: 'r',
      evalWord: 'eval',
    },
    deno: { language: 'node', code: '', values: '', evalWord: 'eval' },
    php: {
      language: 'php',
      code: 'rBRE',
      longCode: ['run', 'process-begin', 'process-code', 'process-end'],
      values: 'cdfFgSstz',
    },
    lua: { language: 'lua', code: 'e', values: 'l' },
    irb: { language: 'ruby', code: '', values: 'rI' },
    tclsh: { language: 'other', code: '', values: '' },
    jrunscript: { language: 'other', code: 'e', values: 'lfcJ' },
    jjs: { language: 'other', code: '', values: 'J' },
    julia: { language: 'other', code: 'eE', longCode: ['eval', 'print'], values: 'LpJH' },
    Rscript: { language: 'other', code: 'e', values: '' },
    R: { language: 'other', code: 'e', values: 'fg' },
    groovy: { language: 'other', code: 'e', values: 'cD' },
    scala: { language: 'other', code: 'e', values: '' },
    elixir: { language: 'other', code: 'e', longCode: ['eval', 'rpc-eval'], values: 'rS' },
    erl: { language: 'other', code: '', longCode: ['eval'], values: '' },
    ghc: { language: 'other', code: 'e', values: '' },
    guile: { language: 'other', code: 'c', values: 'els' },
    sbcl: { language: 'other', code: '', longCode: ['eval'], values: '' },
    fish: { language: 'other', code: 'cC', longCode: ['command', 'init-command'], values: 'dDf' },
    csh: { language: 'other', code: 'c', values: '' },
    tcsh: { language: 'other', code: 'c', values: '' },
  } satisfies Record<string, Interpreter>),
)

/** Options that load a module before any code, in the languages where one alone can connect. */
const LOADING: ReadonlyMap<string, RegExp> = new Map([
  ['perl', /^-[a-zA-Z]*?[Mm](.*)/],
  ['ruby', /^-[a-zA-Z]*?r(.*)/],
  ['node', /^(?:-r|--(?:require|import)=?)(.*)/],
])

/** Names of modules that the options load. */
export function modulesOf(name: string, args: readonly Arg[]): readonly string[] {
  const option = LOADING.get(name)
  if (option === undefined) return []
  return args.flatMap(({ value }, at) => {
    const joined = option.exec(value)?.[1]
    return joined === undefined ? [] : [joined || (args[at + 1]?.value ?? '')]
  })
}

export const isInterpreter = (name: string): boolean => INTERPRETERS.has(name)

/** Null for a program that is no interpreter. */
export function codeSourcesOf(name: string, args: readonly Arg[]): CodeSources | null {
  const spec = INTERPRETERS.get(name)
  if (spec === undefined) return null
  const code: Arg[] = []
  let isEnded = false
  for (let at = 0; at < args.length; at++) {
    const arg = args[at]
    if (arg === undefined) break
    const { value } = arg
    if (mayBeOption(arg))
      return { language: spec.language, code: [UNKNOWN_ARG], readsInput: true, file: arg }
    if (value === spec.evalWord) return { ...none(spec), code: args.slice(at + 1, at + 2) }
    if (value === '-' || (isEnded && value === ''))
      return { ...none(spec), code, readsInput: code.length === 0 }
    if (value === '--') {
      const file = args[at + 1] ?? null
      return {
        ...none(spec),
        code,
        readsInput: code.length === 0 && file === null,
        file: code.length === 0 ? file : null,
      }
    }
    if (!value.startsWith('-')) {
      return { ...none(spec), code, file: code.length === 0 && !isEnded ? arg : null }
    }
    const taken = value.startsWith('--')
      ? readLong(value, args[at + 1], spec, code)
      : readLetters(value, args[at + 1], spec, code)
    if (taken.ends) isEnded = true
    at += taken.count
    const module = spec.language === 'python' && isEnded ? moduleOf(value, args[at]) : null
    if (module !== null && RUNNING_MODULES.has(module)) {
      return { ...none(spec), code: args.slice(at + 1), readsInput: true }
    }
    // Python takes what follows the code as the program's own arguments.
    if (spec.language === 'python' && (code.length > 0 || isEnded)) {
      return { ...none(spec), code }
    }
  }
  return { ...none(spec), code, readsInput: code.length === 0 && !isEnded && !asksVersion(args) }
}

const none = (spec: Interpreter): CodeSources => ({
  language: spec.language,
  code: [],
  readsInput: false,
  file: null,
})

const asksVersion = (args: readonly Arg[]): boolean =>
  args.length > 0 && args.every(({ value }) => /^(?:-[vVh]|--version|--help)$/.test(value))

/** Modules of Python that run what they are given, or what they read. */
const RUNNING_MODULES = new Set(['timeit', 'pdb', 'code', 'trace', 'pty', 'idlelib', 'asyncio'])

const moduleOf = (option: string, next: Arg | undefined): string =>
  /^-[A-Za-z]*?m(.+)$/.exec(option)?.[1] ?? next?.value ?? ''

interface Taken {
  readonly count: number
  readonly ends: boolean
}

function readLong(value: string, next: Arg | undefined, spec: Interpreter, code: Arg[]): Taken {
  const equals = value.indexOf('=')
  const name = value.slice(2, equals < 0 ? undefined : equals)
  if (spec.longCode?.includes(name)) {
    if (equals >= 0) code.push({ ...(next ?? UNKNOWN_ARG), value: value.slice(equals + 1) })
    else code.push(next ?? UNKNOWN_ARG)
    return { count: equals < 0 ? 1 : 0, ends: false }
  }
  return { count: equals < 0 && spec.longValues?.includes(name) ? 1 : 0, ends: false }
}

function readLetters(value: string, next: Arg | undefined, spec: Interpreter, code: Arg[]): Taken {
  // `node -p` and `-pe` print the value of the code that follows.
  if (spec.language === 'node' && /^-p?e?$/.test(value) && value.length > 1) {
    if (next !== undefined) code.push(next)
    return { count: 1, ends: false }
  }
  for (let at = 1; at < value.length; at++) {
    const letter = value.charAt(at)
    const joined = value.slice(at + 1)
    if (spec.code.includes(letter)) {
      if (joined === '') code.push(next ?? UNKNOWN_ARG)
      else code.push({ ...(next ?? UNKNOWN_ARG), value: joined })
      return { count: joined === '' ? 1 : 0, ends: false }
    }
    if (/[MmF]/.test(letter) && spec.language === 'perl' && /[^\w:=,. -]/.test(joined)) {
      code.push({ ...(next ?? UNKNOWN_ARG), value: joined })
    }
    if (spec.rest?.includes(letter)) {
      // `-l40pe0` and `-0777ne`: digits belong to the letter, further letters do not.
      if (!/[0l]/.test(letter)) return { count: 0, ends: false }
      while (/[0-9a-fA-FxX]/.test(value.charAt(at + 1)) && /[0-9]/.test(value.charAt(at + 1))) at++
      continue
    }
    if (spec.values.includes(letter)) {
      return { count: joined === '' ? 1 : 0, ends: spec.ends?.includes(letter) ?? false }
    }
  }
  return { count: 0, ends: false }
}
