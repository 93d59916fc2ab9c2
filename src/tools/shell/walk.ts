/**
 * Walks a parsed script and gathers what stands against it: every simple command of every pipeline,
 * list, substitution, here-document and function, behind its wrappers.
 */
import {
  type Command,
  type CommandNode,
  forEachChild,
  type ParsedScript,
  parse,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash'
import type { ShellDenyGroup } from '../../domain/config/tool-policy.ts'
import {
  type Arg,
  hasUnknown,
  isLiteral,
  literalArg,
  mayBeOption,
  UNKNOWN,
  UNKNOWN_ARG,
} from './arg.ts'
import { awkProgramOf } from './awk-program.ts'
import { collect, functionArguments, type Traits } from './collect.ts'
import type { SimpleCommand } from './command.ts'
import { namingWords } from './data-words.ts'
import { Findings } from './finding.ts'
import { groupsOfCode } from './inline-code.ts'
import type { Inner } from './inner.ts'
import { codeSourcesOf } from './interpreters.ts'
import { isGatewayData, isProcessEnvironment } from './protected.ts'
import {
  groupsOfCommand,
  groupsOfReading,
  groupsOfTarget,
  groupsOfVariable,
  groupsOfWord,
} from './rules/all.ts'
import { readAwkProgram } from './rules/awk.ts'
import { Scope } from './scope.ts'
import { isNames } from './substitution.ts'
import { suspectSuffix } from './suffix.ts'
import { filesWrittenBy } from './targets.ts'
import { unwrap } from './unwrap.ts'
import { type CommandView, canonicalName } from './view.ts'
import { expandSingle, expandWord } from './word.ts'

/** Code within code within code: nobody honest goes deeper. */
const MAX_DEPTH = 8
/** Places where a command may begin behind unknown options. */
const MAX_SUFFIXES = 24
/** Simple commands judged in one go; a list of that length is a script, and belongs into a file. */
const MAX_COMMANDS = 4_000

type Input =
  | { readonly kind: 'none' }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'pipe'; readonly stages: readonly CommandNode[] }
  | { readonly kind: 'unknown' }

interface Context {
  readonly scope: Scope
  readonly traits: Traits
  readonly input: Input
  readonly depth: number
}

const NO_INPUT: Input = { kind: 'none' }
const UNKNOWN_INPUT: Input = { kind: 'unknown' }

const DOWNLOADERS = /^(?:curl|wget|fetch|lynx|w3m|aria2c|axel|http|https|xh|ftp|scp|sftp)$/
const INPUT_PATH = /^(?:-|\/dev\/stdin|\/dev\/fd\/.*|\/proc\/[^/]+\/fd\/.*)$/
/** Builtins that evaluate subscripts in the names they are given. */
const EVALUATES_NAMES = new Set([
  ...['let', 'test', '[', 'read', 'unset', 'declare', 'typeset', 'local', 'export', 'readonly'],
  ...['printf', 'mapfile', 'readarray', 'getopts', 'wait'],
])
const SUBSCRIPT_CODE = /\[[^\]]{0,256}(?:\$\(|`)/

export class Walk {
  readonly findings = new Findings()
  readonly commands: SimpleCommand[] = []
  /** A file is written by a redirect. */
  writesFile = false
  readonly #downloads = new Set<string>()
  readonly #written = new Map<string, string>()
  readonly #aliasNames = new Set<string>()
  #inProc = false
  #isTrusted = true

  run(text: string): void {
    this.#script(text, null, null, NO_INPUT, 0)
  }

  get isTrusted(): boolean {
    return this.#isTrusted
  }

  #add(groups: readonly ShellDenyGroup[]): void {
    for (const group of groups) this.findings.add(group)
  }

  #script(
    text: string,
    parent: Scope | null,
    positional: readonly Arg[] | null,
    input: Input,
    depth: number,
  ): void {
    if (depth > MAX_DEPTH) {
      this.findings.addUnjudgeable('it hides commands too deeply within commands')
      return
    }
    const script = parse(text)
    const scope = new Scope(parent, positional)
    const traits = collect(script, scope)
    if (traits.hasShadows) this.#isTrusted = false
    if (traits.hasArithmetic && traits.hasDormantCode) this.findings.add('code_injection')
    const context: Context = {
      scope,
      traits,
      input: traits.hasRedirectedInput ? UNKNOWN_INPUT : input,
      depth,
    }
    this.#visit(script, context)
  }

  #visit(node: SyntaxNode, context: Context): void {
    switch (node.type) {
      case 'Script':
        this.#checkErrors(node)
        break
      case 'Command':
        this.#command(node, context)
        return
      case 'Pipeline':
        node.commands.forEach((command, index) => {
          const stages = node.commands.slice(Math.max(0, index - 16), index)
          const input: Input = index === 0 ? context.input : { kind: 'pipe', stages }
          this.#visit(command, { ...context, input })
        })
        return
      case 'Redirected': {
        const input = this.#redirects(node.redirects, null, context)
        this.#visit(node.command, { ...context, input })
        return
      }
      case 'Function': {
        if (isForkBomb(node.name.value, node.body)) this.findings.add('destructive_ops')
        const scope = new Scope(context.scope, functionArguments(context.traits))
        this.#visit(node.body, { ...context, scope, input: UNKNOWN_INPUT })
        return
      }
      case 'Coproc':
        this.#visit(node.body, { ...context, input: UNKNOWN_INPUT })
        return
      case 'CommandExpansion':
      case 'ArithmeticCommandExpansion':
        this.#nested(node.script, context)
        return
      case 'ProcessSubstitution':
        this.#nested(
          node.script,
          node.operator === '>' ? { ...context, input: UNKNOWN_INPUT } : context,
        )
        return
      case 'SimpleExpansion':
        this.#add(groupsOfReading(node.text.slice(1)))
        return
      case 'ParameterExpansion':
        this.#add(groupsOfReading(node.parameter))
        if (
          node.operation?.type === 'Transform' &&
          !/^[QUuLAaKkE]$/.test(node.operation.operand.value)
        ) {
          this.findings.add('filter_bypass')
        }
        break
      case 'Assignment': {
        const value =
          node.value.type === 'Word' ? expandSingle(node.value, context.scope).value : ''
        this.#assignment(node.name, value, context)
        break
      }
      case 'For':
      case 'Select':
        for (const word of node.wordlist ?? []) this.#words(expandWord(word, context.scope))
        break
      case 'TestUnary':
        this.#words([expandSingle(node.operand, context.scope)])
        this.#subscripts('test', [expandSingle(node.operand, context.scope)])
        break
      case 'TestBinary':
        if (/^-[a-z]{2}$/.test(node.operator)) {
          this.#subscripts('test', [
            expandSingle(node.left, context.scope),
            expandSingle(node.right, context.scope),
          ])
        }
        break
      case 'HereDoc':
        // The delimiter is no command's word; the body's substitutions are code.
        this.#visit(node.body, context)
        return
      default:
    }
    forEachChild(node, (child) => this.#visit(child, context))
  }

  #checkErrors(script: ParsedScript): void {
    if (script.errors !== undefined && script.errors.length > 0) {
      this.findings.addUnjudgeable('it cannot be read as bash')
    }
  }

  #nested(script: ParsedScript | undefined, context: Context): void {
    if (script === undefined) this.findings.addUnjudgeable('it cannot be read as bash')
    else this.#visit(script, context)
  }

  #command(node: Command, context: Context): void {
    const { scope } = context
    const input = this.#redirects(node.redirects, node, context)
    const inner: Context = { ...context, input }
    for (const child of node.prefix) if (child.type === 'Assignment') this.#visit(child, inner)
    if (node.name === undefined) return
    this.#visit(node.name, inner)
    const args: Arg[] = []
    for (const arg of node.args) {
      this.#visit(arg, inner)
      if (arg.type === 'Word') args.push(...expandWord(arg, scope))
      else args.push(literalArg(assignmentText(arg, scope)))
    }
    const name = commandWord(node.name, scope)
    if (name === null) {
      this.findings.addUnjudgeable('it hides the name of the program that it runs')
      this.#words(args)
      return
    }
    this.#argv([...name, ...args], inner)
  }

  /** The input that the redirects leave; each target is a word, and maybe written. */
  #redirects(redirects: readonly Redirection[], node: Command | null, context: Context): Input {
    let input = context.input
    for (const redirect of redirects) {
      this.#visit(redirect, { ...context, input: NO_INPUT })
      const isInput = descriptorOf(redirect) === 0
      if (redirect.type === 'HereDoc') {
        const isText = redirect.body.parts?.every((part) => part.type === 'Literal') ?? true
        if (isInput) input = isText ? { kind: 'text', text: redirect.body.text } : UNKNOWN_INPUT
        continue
      }
      if (redirect.target === undefined) continue
      const target = expandSingle(redirect.target, context.scope)
      if (redirect.type === 'HereString') {
        if (isInput)
          input = isLiteral(target) ? { kind: 'text', text: target.value } : UNKNOWN_INPUT
        continue
      }
      this.#words([target])
      if (redirect.operator === '<' || redirect.operator === '<&') {
        if (isInput) input = UNKNOWN_INPUT
        continue
      }
      if (isInput) input = UNKNOWN_INPUT
      if (/&$/.test(redirect.operator) && /^[0-9]*-?$/.test(target.value)) continue
      this.#target(target.value)
      if (target.value !== '/dev/null') this.writesFile = true
      if (node !== null) this.#remember(node, target.value, context)
    }
    return input
  }

  /** What the text itself writes into a file, for the case that it is run later in the same text. */
  #remember(node: Command, path: string, context: Context): void {
    if (node.name === undefined) return
    const name = canonicalName(expandSingle(node.name, context.scope).value)
    if (DOWNLOADERS.test(name)) this.#downloads.add(baseOf(path))
    const text = writtenText(name, node, context.scope)
    if (text === null) return
    const old = this.#written.get(baseOf(path))
    this.#written.set(baseOf(path), old === undefined ? text : `${old}\n${text}`)
  }

  #assignment(name: string, value: string, context: Context): void {
    this.#add(groupsOfVariable(name, value))
    this.#words([literalArg(value)])
    if (!COMMAND_VARIABLES.test(name) || value === '') return
    if (value.includes(UNKNOWN)) this.findings.add('env_injection')
    else this.#script(value, context.scope, null, NO_INPUT, context.depth + 1)
  }

  /** Words that name something: whatever they are for, some things are not to be named. */
  #words(args: readonly Arg[]): void {
    for (const { value } of args) {
      if (value.length < 4) continue
      if (isProcessEnvironment(value)) this.findings.addAlways('env_dump')
      if (isGatewayData(value)) this.findings.addAlways('data_exfiltration')
      if (this.#inProc && /(?:^|\/)[*?]*en[vi*?][a-z*?]*$/.test(value))
        this.findings.addAlways('env_dump')
      this.#add(groupsOfWord(value))
    }
  }

  #target(path: string): void {
    this.#add(groupsOfTarget(path))
  }

  #subscripts(name: string, args: readonly Arg[]): void {
    if (!EVALUATES_NAMES.has(name)) return
    if (args.some(({ value }) => SUBSCRIPT_CODE.test(value))) this.findings.add('code_injection')
    if (name === 'let' && args.some(({ value }) => /\$\(|`/.test(value))) {
      this.findings.add('code_injection')
    }
  }

  #argv(argv: readonly Arg[], context: Context): void {
    const [word, ...args] = argv
    if (word === undefined || word.value === '') return
    if (!isLiteral(word)) {
      this.findings.addUnjudgeable('it hides the name of the program that it runs')
      return
    }
    if (this.commands.length >= MAX_COMMANDS) {
      this.findings.addUnjudgeable('it holds too many commands')
      return
    }
    const name = canonicalName(word.value)
    this.commands.push({
      name: word.value,
      args: args.map((arg) => (isLiteral(arg) ? arg.value : null)),
      isTrusted: !context.scope.isFunction(word.value),
    })
    const view: CommandView = { name, args, hasInput: context.input.kind !== 'none' }
    this.#add(groupsOfCommand(view))
    this.#words(namingWords(name, args))
    for (const path of filesWrittenBy(view)) {
      this.#target(path)
      if (DOWNLOADERS.test(name)) this.#downloads.add(baseOf(path))
    }
    this.#subscripts(name, args)
    this.#aliases(name, word.value, args)
    if (this.#downloads.has(baseOf(word.value)) && word.value.includes('/')) this.#runsDownload()
    if (name === 'cd' || name === 'pushd') {
      if (args.some(({ value }) => /^\/?proc(?:\/|$)/.test(value))) this.#inProc = true
    }
    this.#interpreter(name, args, context)
    const inner = unwrap(name, args, this.#inputIsNames(context))
    if (inner !== null) for (const each of inner) this.#inner(name, each, context)
    else this.#suffix(name, args, context)
    if (name === 'env' && !args.some(isCommandOfEnv)) this.#envWithoutCommand(args)
  }

  /** Where aliases are expanded at all, what a name means is no longer what it says. */
  #aliases(name: string, path: string, args: readonly Arg[]): void {
    if (name === 'alias') {
      for (const { value } of args) {
        const equals = value.indexOf('=')
        if (equals > 0) this.#aliasNames.add(value.slice(0, equals))
      }
    }
    if (this.#aliasNames.has(path)) this.findings.add('filter_bypass')
  }

  /** `env` alone, or with assignments only, prints what it would hand on. */
  #envWithoutCommand(args: readonly Arg[]): void {
    if (!args.some(({ value }) => /^--(?:help|version)$/.test(value))) this.findings.add('env_dump')
  }

  #inputIsNames({ input, scope }: Context): boolean {
    if (input.kind === 'none') return true
    return input.kind === 'pipe' && isNames(input.stages, (word) => expandWord(word, scope))
  }

  #inner(name: string, inner: Inner, context: Context): void {
    const { scope, depth } = context
    switch (inner.kind) {
      case 'argv':
        if (depth > MAX_DEPTH * 2) this.findings.addUnjudgeable('it wraps a command too deeply')
        else this.#argv(inner.argv, { ...context, depth: depth + 1 })
        return
      case 'shell':
        if (hasUnknown(inner.code)) {
          this.findings.add('code_injection')
          if (this.#mentionsDownload(context)) this.findings.add('data_exfiltration')
          return
        }
        this.#script(
          inner.code.value,
          scope,
          inner.positional ?? scope.positional,
          context.input,
          depth + 1,
        )
        return
      case 'shell_stdin':
        this.#codeFromInput(context, (text) =>
          this.#script(text, scope, inner.positional, UNKNOWN_INPUT, depth + 1),
        )
        return
      case 'shell_file':
        this.#codeFile(inner.file, context)
        return
      case 'assignment':
        this.#assignment(inner.name, inner.value.value, context)
        return
      case 'somewhere':
        this.#anySuffix(inner.words, context)
        return
      case 'hidden':
        if (name === 'eval' || name === 'bash' || name === 'sh') this.findings.add('code_injection')
        this.findings.addUnjudgeable(`it hides what ${name} runs`)
        return
      case 'input':
        if (context.input.kind !== 'none') this.findings.add('code_injection')
        return
    }
  }

  #anySuffix(words: readonly Arg[], context: Context): void {
    if (words.length > MAX_SUFFIXES || words.some(mayBeOption)) {
      this.findings.addUnjudgeable('it wraps a command in options that are not known')
      return
    }
    words.forEach((word, at) => {
      if (isLiteral(word)) this.#argv(words.slice(at), { ...context, depth: context.depth + 1 })
    })
  }

  #codeFromInput(context: Context, judge: (text: string) => void): void {
    const { input } = context
    if (input.kind === 'none') return
    if (input.kind === 'text') {
      judge(input.text)
      return
    }
    this.findings.add('code_injection')
    if (input.kind === 'pipe' && input.stages.some(hasDownloader)) {
      this.findings.add('data_exfiltration')
    }
  }

  #codeFile(file: Arg, context: Context): void {
    if (file.substitution !== null || hasUnknown(file)) {
      this.findings.add('code_injection')
      return
    }
    if (INPUT_PATH.test(file.value)) {
      this.#codeFromInput(context, (text) =>
        this.#script(text, context.scope, null, UNKNOWN_INPUT, context.depth + 1),
      )
      return
    }
    const base = baseOf(file.value)
    if (this.#downloads.has(base)) this.#runsDownload()
    const text = this.#written.get(base)
    if (text !== undefined) {
      this.#script(text, context.scope, null, UNKNOWN_INPUT, context.depth + 1)
    }
  }

  #runsDownload(): void {
    this.findings.add('data_exfiltration')
    this.findings.add('code_injection')
  }

  #mentionsDownload(context: Context): boolean {
    return (
      this.commands.some(({ name }) => DOWNLOADERS.test(canonicalName(name))) && context.depth >= 0
    )
  }

  #interpreter(name: string, args: readonly Arg[], context: Context): void {
    if (name === 'awk') {
      this.#awk(args, context)
      return
    }
    const sources = codeSourcesOf(name, args)
    if (sources === null) return
    const judge = (code: string): void => this.#add(groupsOfCode(sources.language, code))
    for (const code of sources.code) {
      if (hasUnknown(code)) this.findings.add('code_injection')
      judge(code.value)
    }
    if (sources.readsInput) this.#codeFromInput(context, judge)
    const { file } = sources
    if (file === null) return
    if (file.substitution !== null || hasUnknown(file)) this.findings.add('code_injection')
    else if (INPUT_PATH.test(file.value)) this.#codeFromInput(context, judge)
    else if (this.#downloads.has(baseOf(file.value))) this.#runsDownload()
  }

  #awk(args: readonly Arg[], context: Context): void {
    const { program, readsInput } = awkProgramOf(args)
    if (readsInput) this.#codeFromInput(context, () => this.findings.add('code_injection'))
    if (program === null) return
    if (hasUnknown(program)) this.findings.add('code_injection')
    const reading = readAwkProgram(program.value)
    if (reading.runsProgram) this.findings.add('code_injection')
    if (reading.connects) this.findings.add('reverse_shell')
    if (reading.readsEnvironment) this.findings.add('env_dump')
    for (const command of reading.commands) {
      if (command === null) this.findings.add('code_injection')
      else this.#script(command, context.scope, null, UNKNOWN_INPUT, context.depth + 1)
    }
    for (const file of reading.files) {
      if (file !== null) this.#target(file)
    }
  }

  /** A program that is not known may be a wrapper: what would be denied is denied behind it too. */
  #suffix(name: string, args: readonly Arg[], context: Context): void {
    const suffix = suspectSuffix(name, args)
    if (suffix === null) return
    const probe = new Walk()
    probe.#argv(suffix, { ...context, depth: context.depth + 1 })
    for (const group of probe.findings.groups) this.findings.add(group)
  }
}

const COMMAND_VARIABLES =
  /^(?:PAGER|EDITOR|VISUAL|FCEDIT|BROWSER|MANPAGER|MANOPT|SYSTEMD_PAGER|LESSOPEN|LESSCLOSE|GIT_(?:EDITOR|SEQUENCE_EDITOR|PAGER)|SUDO_EDITOR)$/

const isCommandOfEnv = (arg: Arg, index: number, args: readonly Arg[]): boolean => {
  const { value } = arg
  if (/^-[i0v]*$|^--(?:ignore|null|debug|block|default|list)/.test(value)) return false
  if (/^-[a-zA-Z]*[uCa]$|^--(?:unset|chdir|argv0)$/.test(args[index - 1]?.value ?? '')) return false
  if (/^-[uCa]|^--(?:unset|chdir|argv0)/.test(value)) return false
  return !/^[^=]+=/.test(value)
}

const baseOf = (path: string): string => path.slice(path.lastIndexOf('/') + 1)

function descriptorOf(redirect: Redirection): number {
  const { descriptor } = redirect
  if (descriptor?.type === 'FileDescriptor') return descriptor.value
  if (descriptor !== undefined) return -1
  if (redirect.type !== 'Redirect') return 0
  return redirect.operator.startsWith('<') ? 0 : 1
}

function assignmentText(
  arg: Extract<Command['args'][number], { type: 'Assignment' }>,
  scope: Scope,
): string {
  if (arg.value.type === 'ArrayValue') return `${arg.name}=()`
  return `${arg.name}=${expandSingle(arg.value, scope).value}`
}

/** The command word, or null when it is not to be seen: only quoting may hide it. */
function commandWord(word: Word, scope: Scope): readonly Arg[] | null {
  const isBraced = /\{.*(?:,|\.\.).*\}/s.test(word.text) && word.parts === undefined
  if (isBraced) return null
  const args = expandWord(word, scope)
  const [first] = args
  if (first === undefined) return isPositionalOnly(word) && scope.positional !== null ? args : null
  for (const part of word.parts ?? []) {
    const pieces =
      part.type === 'DoubleQuoted' || part.type === 'LocaleString' ? part.parts : [part]
    for (const piece of pieces) {
      if (/^(?:Literal|SingleQuoted|AnsiCQuoted)$/.test(piece.type)) continue
      if (isHome(piece.text) && !scope.isAssigned('HOME')) continue
      if (piece.type === 'CommandExpansion' && isLiteral(literalArg(first.value))) continue
      if (scope.positional !== null && /^\$(?:[0-9@*]|\{[0-9@*]+\})$/.test(piece.text)) continue
      return null
    }
  }
  return args.every((arg) => !arg.isGlob) && isLiteral(first) ? args : null
}

const isHome = (text: string): boolean => text === '$HOME' || text === '${HOME}'

const isPositionalOnly = (word: Word): boolean => /^"?\$(?:[@*]|\{[@*]\})"?$/.test(word.text)

function writtenText(name: string, node: Command, scope: Scope): string | null {
  if (name === 'cat' && node.args.length === 0) {
    const body = node.redirects.find((redirect) => redirect.type === 'HereDoc')
    return body?.type === 'HereDoc' ? body.body.text : null
  }
  if (name !== 'echo' && name !== 'printf') return null
  const args = node.args.flatMap((arg) =>
    arg.type === 'Word' ? expandWord(arg, scope) : [UNKNOWN_ARG],
  )
  const values = args.map(({ value }) => value).filter((value) => !/^-[neE]+$/.test(value))
  return values.join(' ').replaceAll('\\n', '\n')
}

function hasDownloader(node: SyntaxNode): boolean {
  if (node.type === 'Command') return DOWNLOADERS.test(canonicalName(node.name?.value ?? ''))
  let found = false
  forEachChild(node, (child) => {
    found ||= hasDownloader(child)
  })
  return found
}

/** A function that starts itself twice, or in the background. */
function isForkBomb(name: string, body: SyntaxNode): boolean {
  let calls = 0
  const visit = (node: SyntaxNode): void => {
    if (node.type === 'Command' && node.name?.value === name) calls++
    if (node.type === 'Statement' && node.background === true) calls += calls
    forEachChild(node, visit)
  }
  visit(body)
  return calls > 1
}
