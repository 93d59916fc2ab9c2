/**
 * Walks a parsed script and hands over what it finds: every simple command of every pipeline, list,
 * substitution, here-document and function, with the input and the variables it will have.
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
import { type Arg, isLiteral, literalArg, UNKNOWN } from './arg.ts'
import { CaseFile } from './case-file.ts'
import { DOWNLOADERS } from './code.ts'
import { collect, functionArguments } from './collect.ts'
import {
  type Context,
  type Input,
  type Judge,
  MAX_DEPTH,
  NO_INPUT,
  UNKNOWN_INPUT,
} from './context.ts'
import { callsOf, isForkBomb } from './fork-bomb.ts'
import { names } from './names.ts'
import { baseOf } from './path-pattern.ts'
import { holdsSubscriptCode, judgeArgv, judgeAssignment } from './program.ts'
import { groupsOfReading, groupsOfVariable } from './rules/all.ts'
import { Scope } from './scope.ts'
import { canonicalName } from './view.ts'
import { expandSingle, expandWord } from './word.ts'
import { textPrintedBy } from './written.ts'

/** Stages of a pipeline that are looked back upon; more of them hide nothing worth the time. */
const MAX_STAGES = 16
/** Code within code is read again for every way that leads to it; this is what bounds the work. */
const MAX_PARSED_CHARS = 1_048_576
const BRACKET = /\[|\\(?:x5b|0?133|u0?0?5b)/i
/** Calls of functions that are followed with their own arguments; the bodies are judged anyway. */
const MAX_CALLS = 64
/** Whatever the values of variables are, these do no more with them. */
const ONLY_PRINTS = new Set(names('echo printf test [ true : cat ls wc'))
const UNREADABLE = 'it cannot be read as bash'

export class Walk implements Judge {
  readonly file = new CaseFile()

  #parsedChars = 0
  #calls = 0
  readonly #bodies = new Map<string, SyntaxNode>()
  readonly #functions = new Map<string, readonly string[]>()
  /** A bracket, or an escape that spells one, stands somewhere in the text. */
  #isBracketed = true

  run(text: string): void {
    this.#isBracketed = BRACKET.test(text)
    this.script(text, null, null, NO_INPUT, 0)
    if (isForkBomb(this.#functions)) this.file.findings.add('destructive_ops')
    this.file.close()
  }

  script(
    text: string,
    parent: Scope | null,
    positional: readonly Arg[] | null,
    input: Input,
    depth: number,
  ): void {
    if (depth > MAX_DEPTH) {
      this.file.findings.addUnjudgeable('it hides commands too deeply within commands')
      return
    }
    this.#parsedChars += text.length
    if (this.#parsedChars > MAX_PARSED_CHARS) {
      this.file.findings.addUnjudgeable(
        'it makes more commands out of commands than can be followed',
      )
      return
    }
    const script = parse(text)
    const scope = new Scope(parent, positional)
    const traits = collect(script, scope, this.#isBracketed)
    if (traits.isTooDeep) {
      this.file.findings.addUnjudgeable('it is nested too deeply')
      return
    }
    this.file.addTraits(traits)
    const ownInput = traits.hasRedirectedInput ? UNKNOWN_INPUT : input
    this.#visit(script, { scope, traits, input: ownInput, depth })
  }

  #visit(node: SyntaxNode, context: Context): void {
    switch (node.type) {
      case 'Word':
        if (node.parts === undefined) return
        break
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        return
      case 'Command':
        this.#command(node, context)
        return
      case 'Script':
        if (node.errors !== undefined && node.errors.length > 0) {
          this.file.findings.addUnjudgeable(UNREADABLE)
        }
        break
      case 'Pipeline':
        node.commands.forEach((command, index) => {
          const stages = node.commands.slice(Math.max(0, index - MAX_STAGES), index)
          const input: Input = index === 0 ? context.input : { kind: 'pipe', stages }
          this.#visit(command, { ...context, input })
        })
        return
      case 'Redirected': {
        const input = this.#redirects(node.redirects, node.command, context)
        this.#visit(node.command, { ...context, input })
        return
      }
      case 'Function': {
        this.#functions.set(node.name.value, callsOf(node.body))
        this.#bodies.set(node.name.value, node.body)
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
      case 'ArithmeticExpansion':
        // `$((` may also begin a subshell; one that ends as neither is read by guesswork.
        if (node.text.startsWith('$((') && !node.text.endsWith('))')) {
          this.file.findings.addUnjudgeable(UNREADABLE)
        }
        break
      case 'ProcessSubstitution':
        this.#nested(
          node.script,
          node.operator === '>' ? { ...context, input: UNKNOWN_INPUT } : context,
        )
        return
      case 'SimpleExpansion':
        this.file.add(groupsOfReading(node.text.slice(1)))
        return
      case 'ParameterExpansion':
        this.file.add(groupsOfReading(node.parameter))
        // `${x@P}` expands the value as a prompt, commands and all.
        if (node.operation?.type === 'Transform' && !isPlainTransform(node.operation.operand)) {
          this.file.findings.add('filter_bypass')
        }
        if (node.operation?.type === 'Default' && node.operation.operator.endsWith('=')) {
          this.file.add(groupsOfVariable(node.parameter, UNKNOWN))
        }
        break
      case 'Assignment': {
        const isWord = node.value.type === 'Word'
        const value = isWord ? expandSingle(node.value, context.scope).value : ''
        judgeAssignment(this, node.name, value, context)
        break
      }
      case 'For':
      case 'Select':
        this.file.add(groupsOfVariable(node.name.value, UNKNOWN))
        for (const word of node.wordlist ?? []) {
          this.file.addWords(expandWord(word, context.scope))
        }
        break
      case 'TestUnary':
        this.#testOperands([node.operand], context)
        break
      case 'TestBinary':
        if (/^-[a-z]{2}$/.test(node.operator)) this.#testOperands([node.left, node.right], context)
        break
      case 'HereDoc':
        // The delimiter is no word of the command; the body's substitutions are code.
        this.#visit(node.body, context)
        return
      default:
    }
    forEachChild(node, (child) => this.#visit(child, context))
  }

  #nested(script: ParsedScript | undefined, context: Context): void {
    if (script === undefined) this.file.findings.addUnjudgeable(UNREADABLE)
    else this.#visit(script, context)
  }

  /** `[[ -v a[…] ]]` and arithmetic comparisons evaluate subscripts. */
  #testOperands(words: readonly Word[], { scope }: Context): void {
    for (const word of words) {
      const { value } = expandSingle(word, scope)
      this.file.addWord(value)
      if (holdsSubscriptCode(value)) this.file.findings.add('code_injection')
    }
  }

  #command(node: Command, context: Context): void {
    const { scope } = context
    const { redirects } = node
    const input = redirects.length > 0 ? this.#redirects(redirects, node, context) : context.input
    const inner: Context = input === context.input ? context : { ...context, input }
    for (const child of node.prefix) if (child.type === 'Assignment') this.#visit(child, inner)
    if (node.name === undefined) return
    this.#visit(node.name, inner)
    for (const arg of node.args) {
      if (arg.type !== 'Word' || arg.parts !== undefined) this.#visit(arg, inner)
    }
    const name = commandWord(node.name, scope)
    if (name === null) {
      this.file.findings.addUnjudgeable('it hides the name of the program that it runs')
      this.file.addWords(argumentsOf(node, scope))
      return
    }
    const argvs: (readonly Arg[])[] = []
    const expand = (): unknown => argvs.push([...name, ...argumentsOf(node, scope)])
    if (ONLY_PRINTS.has(name[0]?.value ?? '')) expand()
    else scope.forEachChoice(expand)
    for (const argv of argvs) judgeArgv(this, argv, inner)
    this.#call(argvs[0] ?? [], inner)
  }

  /** A call of a function: its body once more, with the arguments that it gets here. */
  #call(argv: readonly Arg[], context: Context): void {
    const [name, first] = argv
    const body = this.#bodies.get(name?.value ?? '')
    if (body === undefined || first === undefined || context.depth > MAX_DEPTH) return
    if (++this.#calls > MAX_CALLS) return
    const scope = new Scope(context.scope, argv)
    this.#visit(body, { ...context, scope, depth: context.depth + 1 })
  }

  /** The input that the redirects leave; each target is a word, and maybe written. */
  #redirects(redirects: readonly Redirection[], node: CommandNode, context: Context): Input {
    let input = context.input
    for (const redirect of redirects) {
      this.#visit(redirect, context)
      const left = this.#redirect(redirect, node, context)
      if (left !== null) input = left
    }
    return input
  }

  /** The new standard input, or null when this redirect does not touch it. */
  #redirect(redirect: Redirection, node: CommandNode, context: Context): Input | null {
    const isInput = descriptorOf(redirect) === 0
    if (redirect.type === 'HereDoc') {
      const isText = redirect.body.parts?.every((part) => part.type === 'Literal') ?? true
      if (!isInput) return null
      return isText ? { kind: 'text', text: redirect.body.text } : UNKNOWN_INPUT
    }
    if (redirect.target === undefined) return null
    const target = expandSingle(redirect.target, context.scope)
    if (redirect.type === 'HereString') {
      if (!isInput) return null
      return isLiteral(target) ? { kind: 'text', text: target.value } : UNKNOWN_INPUT
    }
    this.file.addWord(target.value)
    if (redirect.operator === '<' || redirect.operator === '<&') {
      return isInput ? UNKNOWN_INPUT : null
    }
    const isDescriptor = redirect.operator.endsWith('&') && /^[0-9]*-?$/.test(target.value)
    if (!isDescriptor) this.#writes(target.value, node, context)
    return isInput ? UNKNOWN_INPUT : null
  }

  #writes(path: string, node: CommandNode, context: Context): void {
    const { scope } = context
    this.file.addTarget(path)
    if (path !== '/dev/null') this.file.writesFile = true
    const text = textPrintedBy(node, scope)
    this.file.addWritten(path, text)
    // Git runs it without being asked.
    if (text !== null && path.includes('.git/hooks/')) {
      this.script(text, scope, null, UNKNOWN_INPUT, context.depth + 1)
    }
    if (node.type !== 'Command' || node.name === undefined) return
    const name = canonicalName(expandSingle(node.name, scope).value)
    if (DOWNLOADERS.test(name)) this.file.downloads.add(baseOf(path))
  }
}

const argumentsOf = (node: Command, scope: Scope): readonly Arg[] =>
  node.args.flatMap((arg) =>
    arg.type === 'Word' ? expandWord(arg, scope) : [literalArg(assignmentText(arg, scope))],
  )

const isPlainTransform = (operator: Word): boolean => /^[QUuLAaKkE]$/.test(operator.value)

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
  const { parts } = word
  if (parts === undefined) return isBraced(word.text) ? null : [literalArg(word.value)]
  const args = expandWord(word, scope)
  const [first] = args
  if (first === undefined) return isAllPositional(word) && scope.positional !== null ? args : null
  for (const part of parts) {
    const isQuoted = part.type === 'DoubleQuoted' || part.type === 'LocaleString'
    for (const piece of isQuoted ? part.parts : [part]) {
      if (/^(?:Literal|SingleQuoted|AnsiCQuoted)$/.test(piece.type)) continue
      if (isFolder(piece.text) && !scope.isAssigned(piece.text.replace(/\W/g, ''))) continue
      // `$(echo ls)`: what it prints is known, and judged.
      if (piece.type === 'CommandExpansion' && isLiteral(first)) continue
      if (scope.positional !== null && /^\$(?:[0-9@*]|\{[0-9@*]+\})$/.test(piece.text)) continue
      return null
    }
  }
  const name = { ...first, value: first.value.replace(/^\uE001(?=\/)/, '.') }
  return args.every((arg) => !arg.isGlob) && isLiteral(name) ? [name, ...args.slice(1)] : null
}

/** What the parser may not have taken for a brace expansion, bash may. */
const isBraced = (text: string): boolean =>
  text.includes('{') && text.includes('}') && /,|\.\./.test(text)

/** Folders that begin with a slash: what stands behind them is a path of its own. */
const isFolder = (text: string): boolean => /^\$(?:HOME|PWD|\{HOME\}|\{PWD\})$/.test(text)

const isAllPositional = (word: Word): boolean => /^"?\$(?:[@*]|\{[@*]\})"?$/.test(word.text)
