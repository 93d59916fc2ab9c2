/** Judges one program with its arguments: the groups' rules, then what it runs in its turn. */

import { type Arg, hasUnknown, isLiteral, literalArg, mayBeOption, UNKNOWN } from './arg.ts'
import { DOWNLOADERS, judgeInput, judgeInterpreter, judgeShellFile, judgeWritten } from './code.ts'
import { DECLARING } from './collect.ts'
import { type Context, type Judge, MAX_DEPTH, NO_INPUT, UNKNOWN_INPUT } from './context.ts'
import { namingWords } from './data-words.ts'
import type { Inner } from './inner.ts'
import { names } from './names.ts'
import { baseOf } from './path-pattern.ts'
import { groupsOfCommand, groupsOfVariable, isRuled } from './rules/all.ts'
import { isNames } from './substitution.ts'
import { suspectSuffix, textsOf } from './suffix.ts'
import { filesWrittenBy } from './targets.ts'
import { unwrap } from './unwrap.ts'
import { type CommandView, canonicalName } from './view.ts'
import { expandWord } from './word.ts'
import { handedOn } from './written.ts'

/** Places where a command may begin behind unknown options. */
const MAX_SUFFIXES = 24
const HIDDEN_NAME = 'it hides the name of the program that it runs'

/** Builtins that evaluate subscripts in the names they are given. */
const EVALUATES_NAMES = new Set([
  ...names('let test [ [[ read unset declare typeset local export'),
  ...names('readonly printf mapfile readarray getopts wait'),
])
const SUBSTITUTION = /\$[({]|`/

/** Builtins whose words name the variables that they set. */
const SETS_VARIABLES = new Set([...DECLARING, ...names('read printf mapfile readarray getopts')])

/** `a[$(…)]`, wherever a name is evaluated. */
export function holdsSubscriptCode(text: string): boolean {
  const open = text.indexOf('[')
  return open >= 0 && (text.includes('$(', open) || text.includes('`', open))
}

/** A mark beside other text; before a slash it stands for a folder, and an empty one is none. */
const MIXED = /(?<=.)[\uE000\uE001]|[\uE000\uE001](?=[^/\uE000\uE001])/s
const ALL_MIXED = new RegExp(MIXED, 'gs')

const isMixed = ({ value }: Arg): boolean => value.length > 1 && MIXED.test(value)

export function judgeArgv(judge: Judge, argv: readonly Arg[], context: Context): void {
  judgeProgram(judge, argv, context)
  // What is not known may also be empty: `-delete$(true)` is `-delete`.
  if (!argv.some(isMixed) || SETS_VARIABLES.has(argv[0]?.value ?? '')) return
  const shorter = argv.map((arg) => ({ ...arg, value: arg.value.replace(ALL_MIXED, '') }))
  judgeProgram(judge, shorter, context)
}

function judgeProgram(judge: Judge, argv: readonly Arg[], context: Context): void {
  const { file } = judge
  const [word] = argv
  if (word === undefined || word.value === '') return
  if (!isLiteral(word)) {
    file.findings.addUnjudgeable(HIDDEN_NAME)
    return
  }
  const args = argv.slice(1)
  const isTrusted = !context.scope.isFunction(word.value)
  file.addCommand({ name: word.value, args, isTrusted }, () =>
    judgeCall(judge, word.value, args, context),
  )
}

function judgeCall(judge: Judge, word: string, args: readonly Arg[], context: Context): void {
  const { file } = judge
  const name = canonicalName(word)
  const view: CommandView = { name, args, hasInput: context.input.kind !== 'none' }
  file.add(groupsOfCommand(view))
  file.addWords(namingWords(name, args))
  for (const path of filesWrittenBy(view)) {
    file.addTarget(path)
    if (DOWNLOADERS.test(name)) file.downloads.add(baseOf(path))
    if (name === 'tee') file.addWritten(path, printedText(context))
    else if (/^(?:dd|sort|sponge)$/.test(name) || (name === 'sed' && !args.some(isPath(path))))
      file.addWritten(path, null)
    else if (COPIES.has(name)) noteCopy(judge, path, args)
  }
  if (isRuled(name) && !args.every(isLiteral)) file.takesListed = true
  judgeBuiltin(judge, name, args, context)
  if (file.aliases.has(word)) file.findings.add('filter_bypass')
  judgeWritten(judge, baseOf(word), context)
  const original = file.files.originalOf(baseOf(word))
  if (original !== undefined && original !== word && context.depth <= MAX_DEPTH) {
    judgeArgv(judge, [literalArg(original), ...args], { ...context, depth: context.depth + 1 })
  }
  judgeInterpreter(judge, name, args, context)
  const inner = unwrap(name, args, {
    isNames: () => inputIsNames(context),
    text: () => printedText(context),
  })
  if (inner === null) judgeSuffix(judge, name, args, context)
  else for (const each of inner) judgeInner(judge, name, each, context)
}

/** What arrives over a pipe from commands that only print; null where that is not to be seen. */
function printedText({ input, scope }: Context): string | null {
  if (input.kind === 'text') return input.text
  if (input.kind !== 'pipe') return null
  return handedOn(input.stages, scope)
}

/** `sed -i` changes a file that is there; what its `w` writes is not among the arguments. */
const isPath =
  (path: string) =>
  ({ value }: Arg): boolean =>
    value === path

const COPIES = new Set(names('cp ln install mv'))
const SYSTEM_PROGRAM = /^\/(?:usr\/)?(?:local\/)?s?bin\/[^/]+$/

/** A program of the image, or a script of this text, is the same under another name. */
function noteCopy({ file }: Judge, path: string, args: readonly Arg[]): void {
  for (const { value } of args) {
    if (value === path) continue
    if (SYSTEM_PROGRAM.test(value)) file.files.copyProgram(baseOf(path), value)
    file.files.copy(baseOf(path), baseOf(value))
  }
}

function inputIsNames({ input, scope }: Context): boolean {
  if (input.kind === 'none') return !scope.hasOptionFiles
  return input.kind === 'pipe' && isNames(input.stages, scope, (word) => expandWord(word, scope))
}

/** Builtins whose arguments are more than they seem. */
function judgeBuiltin(judge: Judge, name: string, args: readonly Arg[], context: Context): void {
  const { file } = judge
  if (SETS_VARIABLES.has(name)) judgeSettings(judge, name, args, context)
  if (EVALUATES_NAMES.has(name)) {
    const runs = name === 'let' ? (value: string) => SUBSTITUTION.test(value) : holdsSubscriptCode
    if (args.some(({ value }) => runs(value))) file.findings.add('code_injection')
    return
  }
  switch (name) {
    case 'cd':
    case 'pushd':
      if (args.some(({ value }) => /^\/?proc(?:\/|$)/.test(value))) file.inProc = true
      break
    case 'alias':
      for (const { value } of args) {
        if (value.includes('=')) file.aliases.add(value.slice(0, value.indexOf('=')))
      }
      break
    case 'find':
      if (findsEnvironment(args)) file.findings.addAlways('env_dump')
      break
    case 'compgen':
    case 'complete':
      if (args.some(({ value }) => SUBSTITUTION.test(value))) file.findings.add('code_injection')
      break
    case 'env':
      // `env` alone, or with assignments only, prints what it would hand on.
      if (!args.some(isCommandOfEnv)) file.findings.add('env_dump')
      break
    default:
  }
}

/** `export "A=b"`, `read A` and `declare -n b=A` set what an assignment would. */
function judgeSettings(judge: Judge, name: string, args: readonly Arg[], context: Context): void {
  const values = args.map(({ value }) => value)
  const isReference = DECLARING.has(name) && values.some((value) => /^-[a-zA-Z]*n/.test(value))
  for (const word of name === 'printf' ? targetOfPrintf(values) : values) {
    const [, variable, value] = /^([A-Za-z_]\w*)(?:\+?=([\s\S]*))?$/.exec(word) ?? []
    if (variable === undefined) continue
    if (value !== undefined) judgeAssignment(judge, variable, value, context)
    if (isReference && value !== undefined) judge.file.add(groupsOfVariable(value, UNKNOWN))
    if (!DECLARING.has(name)) judge.file.add(groupsOfVariable(variable, UNKNOWN))
  }
}

function targetOfPrintf([first = '', second = '']: readonly string[]): readonly string[] {
  if (!first.startsWith('-v')) return []
  return [first === '-v' ? second : first.slice(2)]
}

/** `find /proc -name environ`: what it is then given to, the text need not show. */
const findsEnvironment = (args: readonly Arg[]): boolean =>
  args.some(({ value }) => /^\/+(?:\.?\/*|proc(?:\/.*)?)$/.test(value)) &&
  args.some(
    ({ value }, at) =>
      /^-(?:i?name|i?path|i?wholename|i?regex)$/.test(args[at - 1]?.value ?? '') &&
      /en?v|nviro|ron$/i.test(value),
  )

const isCommandOfEnv = (arg: Arg, index: number, args: readonly Arg[]): boolean => {
  const { value } = arg
  if (/^--(?:help|version)$|^-[a-zA-Z]*S|^--s/.test(value)) return true
  if (/^-[i0v]*$|^--(?:$|ignore|null|debug|block|default|list)/.test(value)) return false
  if (/^-[a-zA-Z]*[uCa]$|^--(?:unset|chdir|argv0)$/.test(args[index - 1]?.value ?? '')) return false
  if (/^-[uCa]|^--(?:unset|chdir|argv0)/.test(value)) return false
  return !/^[^=]+=/.test(value)
}

/** Variables whose value is a command line of its own. */
const COMMAND_VARIABLES =
  /^(?:PAGER|EDITOR|VISUAL|FCEDIT|BROWSER|MANPAGER|SYSTEMD_PAGER|LESSOPEN|LESSCLOSE|GIT_(?:EDITOR|SEQUENCE_EDITOR|PAGER)|SUDO_EDITOR)$/

export function judgeAssignment(judge: Judge, name: string, value: string, context: Context): void {
  judge.file.add(groupsOfVariable(name, value))
  judge.file.addWord(value)
  if (!COMMAND_VARIABLES.test(name) || value === '') return
  if (value.includes(UNKNOWN)) judge.file.findings.add('env_injection')
  else judge.script(value, context.scope, null, NO_INPUT, context.depth + 1)
}

function judgeInner(judge: Judge, name: string, inner: Inner, context: Context): void {
  const { findings } = judge.file
  const { scope, depth } = context
  switch (inner.kind) {
    case 'argv':
      if (depth > MAX_DEPTH * 2) findings.addUnjudgeable('it wraps a command too deeply')
      else judgeArgv(judge, inner.argv, { ...context, depth: depth + 1 })
      return
    case 'shell':
      judgeShellCode(judge, inner.code, inner.positional ?? scope.positional, context)
      return
    case 'shell_stdin':
      judgeInput(judge, context, (text) =>
        judge.script(text, scope, inner.positional, UNKNOWN_INPUT, depth + 1),
      )
      return
    case 'shell_file':
      judgeShellFile(judge, inner.file, context)
      return
    case 'assignment':
      scope.assign(inner.name, inner.value.value)
      judgeAssignment(judge, inner.name, inner.value.value, context)
      return
    case 'somewhere':
      judgeAnySuffix(judge, inner.words, context)
      return
    case 'hidden':
      if (name === 'eval' || name === 'bash' || name === 'sh') findings.add('code_injection')
      findings.addUnjudgeable(`it hides what ${name} runs`)
      return
    case 'input':
      if (context.input.kind !== 'none') findings.add('code_injection')
      return
  }
}

function judgeShellCode(
  judge: Judge,
  code: Arg,
  positional: readonly Arg[] | null,
  context: Context,
): void {
  const { scope, input, depth } = context
  if (!hasUnknown(code)) {
    judge.script(code.value, scope, positional, input, depth + 1)
    return
  }
  judge.file.findings.add('code_injection')
  // `sh -c "$(curl …)"`: the substitution was judged before, and left its command.
  const fetches = judge.file.commands.some((each) => DOWNLOADERS.test(canonicalName(each.name)))
  if (fetches) judge.file.findings.add('data_exfiltration')
}

/** One of the words begins the command; whichever it is, it is judged. */
function judgeAnySuffix(judge: Judge, words: readonly Arg[], context: Context): void {
  if (words.length > MAX_SUFFIXES || words.some(mayBeOption) || context.depth > MAX_DEPTH) {
    judge.file.findings.addUnjudgeable('it wraps a command in options that are not known')
    return
  }
  words.forEach((word, at) => {
    if (isLiteral(word)) {
      judgeArgv(judge, words.slice(at), { ...context, depth: context.depth + 1 })
    }
  })
}

/** A program that is not known may be a wrapper: what would be denied is denied behind it too. */
function judgeSuffix(judge: Judge, name: string, args: readonly Arg[], context: Context): void {
  for (const text of textsOf(name, args)) {
    judge.script(text, context.scope, null, UNKNOWN_INPUT, context.depth + 1)
  }
  if (context.depth > MAX_DEPTH) return
  const suffix = suspectSuffix(name, args)
  if (suffix !== null) judgeArgv(judge, suffix, { ...context, depth: context.depth + 1 })
}
