/** Takes a wrapper off: what a command runs in its turn, or that this cannot be read. */

import { type Arg, isLiteral, literalArg, OPAQUE, OPAQUE_ARG } from './arg.ts'
import { argvOf, HIDDEN, type Inner, NOTHING } from './inner.ts'
import { names } from './names.ts'
import { type OptionTable, readOptions } from './options.ts'
import { codeOf, unwrapGit } from './unwrap-git.ts'
import { type Given, unwrapParallel, unwrapXargs } from './unwrap-input.ts'
import { unwrapShell } from './unwrap-shell.ts'
import { WRAPPER_ALIASES, WRAPPERS, type Wrapper } from './wrappers.ts'

type Unwrap = (args: readonly Arg[], given: Given) => readonly Inner[]

/**
 * `name` is the program's base name. Null for a program that runs no other.
 */
export function unwrap(name: string, args: readonly Arg[], given: Given): readonly Inner[] | null {
  const special = SPECIAL.get(name)
  if (special !== undefined) return special(args, given)
  const wrapper = WRAPPERS.get(WRAPPER_ALIASES.get(name) ?? name)
  return wrapper === undefined ? null : unwrapPlain(args, wrapper)
}

function unwrapPlain(args: readonly Arg[], wrapper: Wrapper): readonly Inner[] {
  const reading = readOptions(args, wrapper)
  // One of the further words begins the command; whichever it is, it is judged.
  if (reading === null) return [{ kind: 'somewhere', words: args }]
  const code = reading.options.filter(({ name }) => wrapper.code?.includes(name))
  const inner: Inner[] = code.map(({ value }) =>
    value === null ? { kind: 'hidden' } : { kind: 'shell', code: value, positional: [] },
  )
  if (reading.options.some(({ name }) => wrapper.without?.includes(name))) return inner
  return [...inner, ...argvOf(reading.rest.slice(wrapper.operands ?? 0))]
}

const ENV_OPTIONS: OptionTable = {
  flags: 'i0v',
  values: 'uCSa',
  long: [
    ...names('ignore-environment null debug unset= chdir= split-string= argv0='),
    ...names('block-signal? default-signal? ignore-signal? list-signal-handling'),
    ...names('help version'),
  ],
}

function unwrapEnv(args: readonly Arg[]): readonly Inner[] {
  const reading = readOptions(args, ENV_OPTIONS)
  if (reading === null) return HIDDEN
  const inner: Inner[] = []
  for (const { name, value } of reading.options) {
    if (name !== 'S' && name !== 'split-string') continue
    // env splits by rules near to a shell's; what looks like more than words is not followed.
    if (value === null || !isLiteral(value) || /[\\$`#;&|<>(){}]/.test(value.value)) return HIDDEN
    inner.push({ kind: 'shell', code: value, positional: null })
    inner.push(...argvOf(reading.rest))
    return inner
  }
  let at = reading.rest[0]?.value === '-' ? 1 : 0
  for (; at < reading.rest.length; at++) {
    const arg = reading.rest[at]
    const match = arg === undefined ? null : /^([^=]*)=([\s\S]*)$/.exec(arg.value)
    if (arg === undefined || match === null) break
    inner.push({
      kind: 'assignment',
      name: match[1] ?? '',
      value: { ...arg, value: match[2] ?? '' },
    })
  }
  return [...inner, ...argvOf(reading.rest.slice(at))]
}

function unwrapCommand(args: readonly Arg[]): readonly Inner[] {
  const reading = readOptions(args, { flags: 'pvV' })
  if (reading === null) return HIDDEN
  const isQuestion = reading.options.some(({ name }) => name === 'v' || name === 'V')
  return isQuestion ? NOTHING : argvOf(reading.rest)
}

function unwrapExec(args: readonly Arg[]): readonly Inner[] {
  const reading = readOptions(args, { flags: 'cl', values: 'a' })
  return reading === null ? HIDDEN : argvOf(reading.rest)
}

/** All words are joined with blanks and read anew. */
function unwrapEval(args: readonly Arg[]): readonly Inner[] {
  const words = args[0]?.value === '--' ? args.slice(1) : args
  if (words.length === 0) return NOTHING
  if (!words.every((word) => isLiteral(word))) return HIDDEN
  const code = literalArg(words.map((word) => word.value).join(' '))
  return [{ kind: 'shell', code, positional: null }]
}

function unwrapTrap(args: readonly Arg[]): readonly Inner[] {
  const reading = readOptions(args, { flags: 'lp' })
  if (reading === null) return HIDDEN
  const [action, signal] = reading.rest
  if (action === undefined || signal === undefined || reading.options.length > 0) return NOTHING
  return [{ kind: 'shell', code: action, positional: null }]
}

function unwrapSource(args: readonly Arg[]): readonly Inner[] {
  const [file] = args[0]?.value === '--' ? args.slice(1) : args
  return file === undefined ? NOTHING : [{ kind: 'shell_file', file }]
}

function unwrapFlock(args: readonly Arg[]): readonly Inner[] {
  const reading = readOptions(args, {
    flags: 'nesuxoFhV',
    values: 'wEc',
    long: [
      ...names('nonblock exclusive shared unlock close no-fork timeout='),
      ...names('wait= conflict-exit-code= command= verbose help version'),
    ],
  })
  if (reading === null) return HIDDEN
  const [, first, code] = reading.rest
  if (first?.value === '-c' || first?.value === '--command') {
    return code === undefined ? NOTHING : [{ kind: 'shell', code, positional: [] }]
  }
  return argvOf(reading.rest.slice(1))
}

/** Where the found files are the system's own. */
const SYSTEM_START =
  /^\/+(?:\.?|(?:etc|usr|s?bin|lib\w*|boot|root|var|dev|opt)(?:\/[^\uE000\uE001]*)?)$/

const FIND_COMMANDS = new Set(['-exec', '-execdir', '-ok', '-okdir'])

function unwrapFind(args: readonly Arg[]): readonly Inner[] {
  // A found path begins with the start point: it is no option.
  const start = args.find(({ value }) => !/^-[HLP]$/.test(value))?.value ?? ''
  const found = SYSTEM_START.test(start) ? literalArg(`${start}/${OPAQUE}`) : OPAQUE_ARG
  const inner: Inner[] = []
  for (let at = 0; at < args.length; at++) {
    if (!FIND_COMMANDS.has(args[at]?.value ?? '')) continue
    const argv: Arg[] = []
    for (at++; at < args.length; at++) {
      const arg = args[at]
      if (arg === undefined || arg.value === ';') break
      if (arg.value === '+' && args[at - 1]?.value === '{}') break
      argv.push(arg.value === '{}' ? found : arg)
    }
    inner.push(...argvOf(argv))
  }
  return inner
}

/** `watch` and others hand their joined words to a shell. */
function unwrapJoined(args: readonly Arg[], table: OptionTable, direct: string): readonly Inner[] {
  const reading = readOptions(args, table)
  if (reading === null) return [{ kind: 'somewhere', words: args }]
  if (reading.rest.length === 0) return NOTHING
  if (reading.options.some(({ name }) => name === direct)) return argvOf(reading.rest)
  const code = { ...literalArg(reading.rest.map((word) => word.value).join(' ')) }
  return [{ kind: 'shell', code, positional: [] }]
}

const WATCH_OPTIONS: OptionTable = {
  flags: 'bcegptwxrhv',
  optional: 'd',
  values: 'nqs',
  long: [
    ...names('beep color differences? errexit chgexit equexit= interval= exec'),
    ...names('precise no-rerun no-title no-wrap help version'),
  ],
}

/** `ld.so PROGRAM`: the loader runs what it is given, whatever its mode. */
function unwrapLoader(args: readonly Arg[]): readonly Inner[] {
  const reading = readOptions(args, {
    long: [
      ...names('list verify inhibit-cache library-path= inhibit-rpath= audit='),
      ...names('preload= argv0= glibc-hwcaps-prepend= glibc-hwcaps-mask= list-tunables'),
      ...names('list-diagnostics help version'),
    ],
  })
  return reading === null ? HIDDEN : argvOf(reading.rest)
}

function unwrapStartStop(args: readonly Arg[]): readonly Inner[] {
  const dashes = args.findIndex((arg) => arg.value === '--')
  const own = dashes < 0 ? args : args.slice(0, dashes)
  const at = own.findIndex(({ value }) => /^(?:-[xa]|--exec|--startas)$/.test(value))
  const joined = own.find(({ value }) => /^(?:--exec|--startas)=/.test(value))
  const program =
    joined === undefined
      ? own[at + 1]
      : { ...joined, value: joined.value.slice(joined.value.indexOf('=') + 1) }
  if (at < 0 && joined === undefined) return NOTHING
  if (program === undefined) return HIDDEN
  return argvOf([program, ...(dashes < 0 ? [] : args.slice(dashes + 1))])
}

/** `su [-] [user] [-c code] [-- args]`: options may stand behind the user. */
function unwrapSu(args: readonly Arg[]): readonly Inner[] {
  const at = args.findIndex(({ value }) => /^(?:-[a-z]*c|--command)$/.test(value))
  const code = args[at + 1]
  return at < 0 || code === undefined ? NOTHING : [{ kind: 'shell', code, positional: [] }]
}

/** The applet is the first word: it is judged under its own name. */
const unwrapApplet = (args: readonly Arg[]): readonly Inner[] =>
  args[0] === undefined || args[0].value.startsWith('-') ? NOTHING : argvOf(args)

/** `mapfile -C CALLBACK`, `complete -C CODE`, `compgen -C CODE`: code of this very shell. */
const unwrapCallback = (args: readonly Arg[]): readonly Inner[] => codeOf(args, /^-[a-zA-Z]*C/)

/** An alias is judged as what it stands for, whether or not this shell would expand it. */
const unwrapAlias = (args: readonly Arg[]): readonly Inner[] =>
  args.flatMap((arg) => {
    const equals = arg.value.indexOf('=')
    if (equals < 1) return []
    return [{ kind: 'shell', code: { ...arg, value: arg.value.slice(equals + 1) }, positional: [] }]
  })

/** `script [file] [-c code]`, in any order; without code it runs a shell on its own input. */
function unwrapScript(args: readonly Arg[]): readonly Inner[] {
  if (args.some(({ value }) => /^(?:-[hV]|--help|--version)$/.test(value))) return NOTHING
  const code = codeOf(args, /^(?:-[a-zA-Z]*?c|--c[a-z]*=?)/)
  return code.length > 0 ? code : [{ kind: 'shell_stdin', positional: [] }]
}

/** The architecture may be left out where an option is given. */
function unwrapSetarch(args: readonly Arg[]): readonly Inner[] {
  const wrapper = WRAPPERS.get('setarch')
  const reading = wrapper === undefined ? null : readOptions(args, wrapper)
  if (reading === null) return [{ kind: 'somewhere', words: args }]
  const [first] = reading.rest
  const isNamed =
    /^(?:x86_64|i[3-6]86|linux(?:32|64)|uname26|aarch64|arm\w*|ppc\w*|s390x?|mips\w*)$/
  return argvOf(isNamed.test(first?.value ?? '') ? reading.rest.slice(1) : reading.rest)
}

const SPECIAL: ReadonlyMap<string, Unwrap> = new Map<string, Unwrap>(
  Object.entries({
    env: unwrapEnv,
    genv: unwrapEnv,
    command: unwrapCommand,
    builtin: (args) => argvOf(args[0]?.value === '--' ? args.slice(1) : args),
    exec: unwrapExec,
    eval: unwrapEval,
    trap: unwrapTrap,
    source: unwrapSource,
    '.': unwrapSource,
    coproc: argvOf,
    flock: unwrapFlock,
    find: unwrapFind,
    git: unwrapGit,
    xargs: unwrapXargs,
    parallel: (args, given) => unwrapParallel(args, given.isNames()),
    watch: (args) => unwrapJoined(args, WATCH_OPTIONS, 'x'),
    'ld.so': unwrapLoader,
    'start-stop-daemon': unwrapStartStop,
    su: unwrapSu,
    setarch: unwrapSetarch,
    script: unwrapScript,
    busybox: unwrapApplet,
    toybox: unwrapApplet,
    bash: unwrapShell,
    sh: unwrapShell,
    rbash: unwrapShell,
    dash: unwrapShell,
    ash: unwrapShell,
    zsh: unwrapShell,
    ksh: unwrapShell,
    mksh: unwrapShell,
    split: (args) => codeOf(args, /^--fi[a-z]*=?/),
    rsync: (args) => codeOf(args, /^(?:-[a-zA-Z]*?e|--rsh=?)/),
    man: (args) => codeOf(args, /^(?:-[a-zA-Z]*?P|--pager=?)/),
    alias: unwrapAlias,
    mapfile: unwrapCallback,
    readarray: unwrapCallback,
    complete: unwrapCallback,
    compgen: unwrapCallback,
  } satisfies Record<string, Unwrap>),
)
