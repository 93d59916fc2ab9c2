/**
 * First pass over a script: which variables it sets to what, which functions it defines, and which
 * constructs it uses that change how everything else must be judged.
 */

import {
  type Assignment,
  type Command,
  type CommandNode,
  forEachChild,
  type Redirection,
  type SyntaxNode,
  type Word,
} from 'unbash'
import { type Arg, isLiteral, literalArg, OPAQUE, OPAQUE_ARG, UNKNOWN, UNKNOWN_ARG } from './arg.ts'
import { names } from './names.ts'
import type { Scope } from './scope.ts'
import { couldWriteOption, isNames } from './substitution.ts'
import { expandSingle, expandWord } from './word.ts'
import { handedOn } from './written.ts'

/** What holds for the text as a whole. */
export interface Traits {
  /** A variable is evaluated as an arithmetic expression, which runs `a[$(…)]`. */
  hasArithmetic: boolean
  /** Some quoted text opens a subscript. */
  hasDormantSubscript: boolean
  /** Some quoted text holds a substitution, which a subscript would run. */
  hasDormantCode: boolean
  /** `PATH`, functions, aliases or the like make a bare name mean something else. */
  hasShadows: boolean
  /** `exec < file` or the like: the shell's own input is not what it was. */
  hasRedirectedInput: boolean
  /** The tree is nested beyond what is followed. */
  isTooDeep: boolean
  /** A function is called with an argument that could be an option. */
  hasOptionCalls: boolean
}

/** About thirty levels of loops, or of substitutions. */
const MAX_TREE_DEPTH = 150
/** A variable's value may itself be made of variables: so many steps are followed. */
const MAX_PASSES = 4
/** `a[$(…)]` in a variable runs when arithmetic reads it; the halves may stand in two texts. */
const SUBSTITUTION = /\$\(|`|\\(?:0?44|x24|u0024|0?140|x60)|\$$/

const DECODES =
  /\b(?:base(?:64|32)|basenc|openssl)\b[^|;\n]{0,80}\s-{1,2}(?:[a-zA-Z]{0,4}[dD]\b|d)|\bxxd\b[^|;\n]{0,80}-\w{0,4}r|\buudecode\b/

const NUMBER = /^(?:0[xX][0-9a-fA-F]+|[0-9]+(?:#[0-9A-Za-z@_]+)?)?$/

export const DECLARING = new Set(['declare', 'typeset', 'local', 'export', 'readonly'])

/** `isBracketed`: whether the text could hold a subscript at all; most do not. */
export function collect(script: SyntaxNode, scope: Scope, isBracketed: boolean): Traits {
  const traits: Traits = {
    hasArithmetic: false,
    hasDormantSubscript: false,
    hasDormantCode: false,
    hasShadows: false,
    hasRedirectedInput: false,
    hasOptionCalls: false,
    isTooDeep: false,
  }
  const level = { depth: 0 }
  let isIndirect = false
  const onIndirect = (): void => {
    isIndirect = true
  }
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = scope.version
    visit(script, {
      scope,
      traits,
      onIndirect,
      isBracketed,
      level,
      inputIsNames: NEVER,
      inputLine: NOTHING,
    })
    if (traits.isTooDeep || !isIndirect || scope.version === before) return traits
  }
  scope.isDynamic = true
  return traits
}

interface Visit {
  readonly scope: Scope
  readonly traits: Traits
  /** Some value depends on another variable's. */
  readonly onIndirect: () => void
  readonly isBracketed: boolean
  /** How deep in the tree the visit is; one counter for all contexts. */
  readonly level: { depth: number }
  /** Whether what `read` will get are names. */
  readonly inputIsNames: () => boolean
  /** The one line that `read` will get, where the text shows it. */
  readonly inputLine: () => string | null
}

const NEVER = (): boolean => false
const NOTHING = (): null => null

function visit(node: SyntaxNode, context: Visit): void {
  const { traits, level } = context
  if (level.depth > MAX_TREE_DEPTH) traits.isTooDeep = true
  if (traits.isTooDeep) return
  level.depth++
  visitNode(node, context)
  level.depth--
}

function visitNode(node: SyntaxNode, context: Visit): void {
  const { scope, traits } = context
  switch (node.type) {
    case 'Pipeline': {
      const expand = (word: Word) => expandWord(word, scope)
      node.commands.forEach((command, index) => {
        const before: readonly CommandNode[] = node.commands.slice(Math.max(0, index - 8), index)
        const inputIsNames = () => index > 0 && index <= 8 && isNames(before, scope, expand)
        const inputLine = () => {
          const text = index > 0 && index <= 8 ? handedOn(before, scope)?.replace(/\n$/, '') : null
          return text === undefined || text === null || /[\n\\\0]/.test(text) ? null : text
        }
        visit(command, { ...context, inputIsNames, inputLine })
        const isTee = command.type === 'Command' && command.name?.value === 'tee'
        if (isTee && before.some(couldWriteOption)) scope.noteOptionFile()
      })
      return
    }
    case 'Redirected':
      noteWriting(node.command, node.redirects, scope)
      visitInner(node.command, node.redirects, context)
      for (const redirect of node.redirects) visit(redirect, context)
      return
    case 'Assignment':
      if (isEvaluated(node.index)) traits.hasArithmetic = true
      assign(node, context)
      break
    case 'For':
    case 'Select':
      for (const word of node.wordlist ?? []) assignWord(node.name.value, word, context)
      if (node.wordlist === undefined) {
        scope.assign(node.name.value, UNKNOWN)
      }
      break
    case 'Function':
      scope.functions.add(node.name.value)
      traits.hasShadows = true
      visitFunction(node.body, context)
      return
    case 'Command':
      noteWriting(node, node.redirects, scope)
      visitCommand(node, context)
      break
    case 'ParameterExpansion':
      // `${!x}` takes the value of `x` for a name, subscript and all.
      if (node.operation?.type === 'Slice' || node.prefix === '!' || isEvaluated(node.index)) {
        traits.hasArithmetic = true
      }
      if (node.operation?.type === 'Default' && node.operation.operator.endsWith('=')) {
        assignWord(node.parameter, node.operation.operand, context)
      }
      break
    case 'ArithmeticWord':
      // `$((1+2))` evaluates no variable.
      if (!NUMBER.test(node.value)) traits.hasArithmetic = true
      break
    case 'ArithmeticCommandExpansion':
      traits.hasArithmetic = true
      break
    case 'TestBinary':
      if (/^-(?:eq|ne|lt|le|gt|ge)$/.test(node.operator)) traits.hasArithmetic = true
      break
    case 'TestUnary':
      if (node.operator === '-v') traits.hasArithmetic = true
      break
    case 'SingleQuoted':
    case 'AnsiCQuoted':
    case 'Literal':
      if (context.isBracketed) noteText(node.value, traits)
      return
    case 'Word':
      if (node.parts !== undefined) break
      if (context.isBracketed) noteText(node.value, traits)
      return
    case 'HereDoc':
      noteText(node.body.text, traits)
      break
    default:
  }
  forEachChild(node, (child) => visit(child, context))
}

function noteWriting(node: SyntaxNode, redirects: readonly Redirection[], scope: Scope): void {
  const writes = redirects.some(({ operator }) => operator.includes('>') && !operator.endsWith('&'))
  if (writes && couldWriteOption(node)) scope.noteOptionFile()
}

const visitInner = (node: SyntaxNode, redirects: readonly Redirection[], context: Visit): void =>
  visit(node, {
    ...context,
    inputIsNames: () => inputIsNames(redirects, context),
    inputLine: () => lineOf(redirects, context),
  })

/** What `read` gets from a redirect: a file's content is beyond judging, a text is not. */
function inputIsNames(redirects: readonly Redirection[], context: Visit): boolean {
  let isNames: boolean | null = null
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') isNames = !OPTION_LIKE.test(redirect.body.text)
    else if (redirect.type === 'HereString') {
      const { target } = redirect
      isNames = target !== undefined && !OPTION_LIKE.test(expandSingle(target, context.scope).value)
    } else if (redirect.operator.startsWith('<')) {
      const isMade = redirect.target?.parts?.some((part) => part.type === 'ProcessSubstitution')
      isNames = isMade !== true && !context.scope.hasOptionFiles
    }
  }
  return isNames ?? context.inputIsNames()
}

const OPTION_LIKE = /[-\\\uE000]/

/** Within the body `$1` is what the calls pass. */
function visitFunction(body: SyntaxNode, context: Visit): void {
  const { scope, traits } = context
  const { positional } = scope
  scope.positional = functionArguments(traits)
  // What it reads is what its calls get.
  visit(body, { ...context, inputIsNames: NEVER, inputLine: NOTHING })
  scope.positional = positional
}

/** A subscript that is neither a number nor all of the elements. */
const isEvaluated = (index: Word | undefined): boolean =>
  index !== undefined && !/^(?:[0-9]+|[@*])$/.test(index.text)

function noteText(text: string, traits: Traits): void {
  if (text.includes('[')) traits.hasDormantSubscript = true
  if (SUBSTITUTION.test(text)) traits.hasDormantCode = true
}

function assign(node: Assignment, context: Visit): void {
  if (node.name === 'PATH' || node.name === 'BASH_ENV') context.traits.hasShadows = true
  if (node.value.type === 'ArrayValue') {
    for (const element of node.value.elements) {
      // `[key]=value` elements come as one word.
      assignWord(node.name, element, context)
    }
    if (node.value.elements.length === 0) context.scope.assign(node.name, '')
    const args = node.value.elements.flatMap((element) => expandWord(element, context.scope))
    const isPlain =
      node.append !== true && args.every((arg) => isLiteral(arg) && !/^\[.*\]=/.test(arg.value))
    if (isPlain) context.scope.assignList(node.name, node, args)
    else context.scope.forgetList(node.name)
    return
  }
  const { value } = expandSingle(node.value, context.scope)
  if (node.index !== undefined) context.scope.forgetList(node.name)
  if (node.value.text.includes('$')) context.onIndirect()
  // What is decoded may be a subscript as well as code.
  if (DECODES.test(node.value.text)) {
    context.traits.hasDormantSubscript = true
    context.traits.hasDormantCode = true
  }
  if (node.append === true) {
    const before = context.scope.soleTextOf(node.name)
    context.scope.assign(node.name, /-|\s|\uE000/.test(value) ? UNKNOWN : OPAQUE)
    if (before !== null) context.scope.assign(node.name, before + value)
  } else context.scope.assign(node.name, value)
}

function assignWord(name: string, word: Word, context: Visit): void {
  if (word.text.includes('$')) context.onIndirect()
  const args = expandWord(word, context.scope)
  for (const arg of args) {
    const value = arg.isGlob ? OPAQUE : arg.value
    context.scope.assign(name, value)
  }
  if (args.length === 0) context.scope.assign(name, '')
}

const CHANGES_VARIABLES = new Set([
  ...DECLARING,
  ...names('read mapfile readarray getopts printf set shift eval alias hash enable shopt let exec'),
])

/** `builtin read`, `command -p export`: the builtin behind it acts on this shell all the same. */
const DELEGATES = new Set(['command', 'builtin'])

function visitCommand(node: Command, context: Visit): void {
  const { scope, traits } = context
  if (node.name === undefined) return
  let name = expandSingle(node.name, scope).value
  if (!CHANGES_VARIABLES.has(name) && !DELEGATES.has(name) && !scope.functions.has(name)) return
  let args = node.args.flatMap((arg) => (arg.type === 'Word' ? expandWord(arg, scope) : []))
  while (DELEGATES.has(name)) {
    const at = args.findIndex(({ value }) => !value.startsWith('-'))
    if (at < 0) return
    name = args[at]?.value ?? ''
    args = args.slice(at + 1)
  }
  if (scope.functions.has(name) && args.some((arg) => !isLiteral(arg) || /^-|\s/.test(arg.value))) {
    traits.hasOptionCalls = true
  }
  const values = args.map((arg) => arg.value)
  const operands = values.filter((value) => !value.startsWith('-'))
  switch (name) {
    case 'read':
      assignRead(node, values, operands, context)
      break
    case 'mapfile':
    case 'readarray':
      scope.forgetList(operands.at(-1) ?? 'MAPFILE')
      scope.assign(
        operands.at(-1) ?? 'MAPFILE',
        inputIsNames(node.redirects, context) ? OPAQUE : UNKNOWN,
      )
      break
    case 'getopts':
      scope.assign(operands[1] ?? '', UNKNOWN)
      scope.assign('OPTARG', UNKNOWN)
      break
    case 'printf':
      if (values[0]?.startsWith('-v') === true) {
        scope.assign(values[0] === '-v' ? (values[1] ?? '') : values[0].slice(2), UNKNOWN)
      }
      break
    case 'set':
      if (operands.length > 0 || values.includes('--')) {
        const words = /^[-+]/.test(values[0] ?? '') ? null : args
        const given = values[0] === '--' ? args.slice(1) : words
        const isKnown = given?.every((arg) => isLiteral(arg)) ?? false
        if (!isKnown || !scope.setPositional(node, [literalArg('bash'), ...(given ?? [])])) {
          scope.setPositional({}, [])
          scope.positional = [literalArg('bash'), UNKNOWN_ARG]
        }
        traits.hasOptionCalls = true
      }
      break
    case 'shift':
      scope.setPositional({}, [])
      if (scope.positional !== null) scope.positional = [literalArg('bash'), UNKNOWN_ARG]
      break
    case 'eval':
      scope.isDynamic = true
      break
    case 'alias':
    case 'hash':
    case 'enable':
    case 'shopt':
      traits.hasShadows ||= args.length > 0
      break
    case 'let':
      traits.hasArithmetic = true
      break
    case 'exec':
      if (args.length === 0 && node.redirects.some(({ operator }) => operator.startsWith('<'))) {
        traits.hasRedirectedInput = true
      }
      break
    default:
  }
  if (DECLARING.has(name)) {
    if (values.some((value) => /^-[a-zA-Z]*i/.test(value))) traits.hasArithmetic = true
    if (values.some((value) => /^-[a-zA-Z]*n/.test(value))) scope.isDynamic = true
    if (values.some((value) => /^-[a-zA-Z]*f/.test(value))) traits.hasOptionCalls = true
    // Letters that change the case of all that is assigned.
    if (values.some((value) => /^-[a-zA-Z]*[luc]/.test(value))) {
      for (const { text } of node.args) {
        const [, name = '', value] = /^(\w*)(?:\+?=([\s\S]*))?/.exec(text) ?? []
        scope.assign(name, value === undefined || /[-\s$`\\]/.test(value) ? UNKNOWN : OPAQUE)
      }
    }
    for (const value of values) {
      const match = /^([A-Za-z_]\w*)\+?=([\s\S]*)$/.exec(value)
      if (match !== null) scope.assign(match[1] ?? '', match[2] ?? '')
      else if (value.startsWith(UNKNOWN) || value.startsWith(OPAQUE)) scope.isDynamic = true
    }
  }
}

/** `read` of a line that the text shows; else of names, or of anything. */
function assignRead(
  node: Command,
  values: readonly string[],
  operands: readonly string[],
  context: Visit,
): void {
  const { scope } = context
  const isArray = values.some((value) => /^-[a-zA-Z]*a/.test(value))
  const isPlain = inputIsNames(node.redirects, context)
  const line = lineOf(node.redirects, context)
  const splitsPlainly = node.prefix.length === 0 && !scope.isAssigned('IFS')
  const given = operands.length === 0 ? ['REPLY'] : operands
  if (line === null || !splitsPlainly || values.some((value) => /^-[a-zA-Z]*[dnNu]/.test(value))) {
    for (const name of given) {
      scope.forgetList(name)
      scope.assign(name, isPlain ? OPAQUE : UNKNOWN)
    }
    return
  }
  const words = line.trim().split(/[ \t]+/)
  if (isArray) {
    const [name = 'REPLY'] = given
    scope.assignList(name, node, words.map(literalArg))
    scope.assign(name, words[0] ?? '')
    return
  }
  given.forEach((name, at) => {
    const isLast = at === given.length - 1
    scope.assign(name, isLast ? words.slice(at).join(' ') : (words[at] ?? ''))
  })
}

/** The one line that redirects give; null where it is not to be seen, or not one. */
function lineOf(redirects: readonly Redirection[], context: Visit): string | null {
  let line: string | null | undefined
  for (const redirect of redirects) {
    if (redirect.type === 'HereDoc') line = redirect.body.text.replace(/\n$/, '')
    else if (redirect.type === 'HereString' && redirect.target !== undefined) {
      const text = expandSingle(redirect.target, context.scope)
      line = isLiteral(text) ? text.value : null
    } else if (redirect.operator.startsWith('<')) line = null
  }
  if (line === undefined) return context.inputLine()
  return line === null || /[\n\\$`]/.test(line) ? null : line
}

/** Positional arguments inside a function: what its calls could pass. */
export const functionArguments = (traits: Traits): readonly Arg[] => [
  OPAQUE_ARG,
  traits.hasOptionCalls ? UNKNOWN_ARG : OPAQUE_ARG,
]
