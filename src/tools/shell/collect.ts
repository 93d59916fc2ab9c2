/**
 * First pass over a script: which variables it sets to what, which functions it defines, and which
 * constructs it uses that change how everything else must be judged.
 */
import {
  type Assignment,
  type Command,
  type CommandNode,
  forEachChild,
  type SyntaxNode,
  type Word,
} from 'unbash'
import { isLiteral, literalArg, OPAQUE, OPAQUE_ARG, UNKNOWN, UNKNOWN_ARG } from './arg.ts'
import type { Scope } from './scope.ts'
import { isNames } from './substitution.ts'
import { expandSingle, expandWord } from './word.ts'

/** What holds for the text as a whole. */
export interface Traits {
  /** A variable is evaluated as an arithmetic expression, which runs `a[$(…)]`. */
  hasArithmetic: boolean
  /** Some quoted text holds a substitution that arithmetic would run. */
  hasDormantCode: boolean
  /** `PATH`, functions, aliases or the like make a bare name mean something else. */
  hasShadows: boolean
  /** `exec < file` or the like: the shell's own input is not what it was. */
  hasRedirectedInput: boolean
  /** A function is called with an argument that could be an option. */
  hasOptionCalls: boolean
}

/** A variable's value may itself be made of variables: so many steps are followed. */
const MAX_PASSES = 4
const DORMANT = /\$\(|`|\$\{[^}]{0,64}@P|\[[^\]]{0,64}\\(?:0?44|x24|u0024|0?140|x60)/

const DECLARING = new Set(['declare', 'typeset', 'local', 'export', 'readonly'])

export function collect(script: SyntaxNode, scope: Scope): Traits {
  const traits: Traits = {
    hasArithmetic: false,
    hasDormantCode: false,
    hasShadows: false,
    hasRedirectedInput: false,
    hasOptionCalls: false,
  }
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = scope.size
    let isIndirect = false
    const onIndirect = (): void => {
      isIndirect = true
    }
    visit(script, { scope, traits, onIndirect, inputIsNames: false })
    if (!isIndirect || (pass > 0 && scope.size === before)) return traits
  }
  scope.isDynamic = true
  return traits
}

interface Visit {
  readonly scope: Scope
  readonly traits: Traits
  /** Some value depends on another variable's. */
  readonly onIndirect: () => void
  /** Whether what `read` will get are names. */
  readonly inputIsNames: boolean
}

function visit(node: SyntaxNode, context: Visit): void {
  const { scope, traits } = context
  switch (node.type) {
    case 'Pipeline': {
      const expand = (word: Word) => expandWord(word, scope)
      node.commands.forEach((command, index) => {
        const before: readonly CommandNode[] = node.commands.slice(Math.max(0, index - 8), index)
        const inputIsNames = index > 0 && index <= 8 && isNames(before, expand)
        visit(command, { ...context, inputIsNames })
      })
      return
    }
    case 'Assignment':
      assign(node, context)
      break
    case 'For':
    case 'Select':
      for (const word of node.wordlist ?? []) assignWord(node.name.value, word, context)
      if (node.wordlist === undefined) {
        scope.assign(node.name.value, scope.positional === null ? OPAQUE : UNKNOWN)
      }
      break
    case 'Function':
      scope.functions.add(node.name.value)
      traits.hasShadows = true
      break
    case 'Command':
      visitCommand(node, context)
      break
    case 'ParameterExpansion':
      if (node.operation?.type === 'Default' && node.operation.operator.endsWith('=')) {
        assignWord(node.parameter, node.operation.operand, context)
      }
      break
    case 'ArithmeticExpansion':
    case 'ArithmeticCommand':
    case 'ArithmeticFor':
      if (holdsVariable(node)) traits.hasArithmetic = true
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
      if (DORMANT.test(node.value)) traits.hasDormantCode = true
      break
    case 'Word':
      if (node.parts === undefined && DORMANT.test(node.value)) traits.hasDormantCode = true
      break
    case 'HereDoc':
      if (DORMANT.test(node.body.text)) traits.hasDormantCode = true
      break
    default:
  }
  forEachChild(node, (child) => visit(child, context))
}

/** `$((1+2))` evaluates no variable. */
const holdsVariable = (node: SyntaxNode): boolean => {
  let found = node.type === 'ArithmeticWord' && !/^[0-9#xXa-fA-F]*$/.test(node.value)
  if (node.type === 'ArithmeticCommandExpansion') found = true
  forEachChild(node, (child) => {
    found ||= child.type !== 'CompoundList' && holdsVariable(child)
  })
  return found
}

function assign(node: Assignment, context: Visit): void {
  if (node.name === 'PATH' || node.name === 'BASH_ENV') context.traits.hasShadows = true
  if (node.value.type === 'ArrayValue') {
    for (const element of node.value.elements) {
      // `[key]=value` elements come as one word.
      assignWord(node.name, element, context)
    }
    if (node.value.elements.length === 0) context.scope.assign(node.name, '')
    return
  }
  const { value } = expandSingle(node.value, context.scope)
  if (node.value.parts !== undefined) context.onIndirect()
  if (node.append === true)
    context.scope.assign(node.name, /-|\s|\uE000/.test(value) ? UNKNOWN : OPAQUE)
  else context.scope.assign(node.name, value)
}

function assignWord(name: string, word: Word, context: Visit): void {
  if (word.parts !== undefined) context.onIndirect()
  const args = expandWord(word, context.scope)
  for (const arg of args) {
    const value = arg.isGlob ? OPAQUE : arg.value
    context.scope.assign(name, value)
  }
  if (args.length === 0) context.scope.assign(name, '')
}

function visitCommand(node: Command, context: Visit): void {
  const { scope, traits } = context
  if (node.name === undefined) return
  const name = expandSingle(node.name, scope).value
  const args = node.args.flatMap((arg) => (arg.type === 'Word' ? expandWord(arg, scope) : []))
  if (
    scope.functions.has(name) &&
    args.some((arg) => !isLiteral(arg) || arg.value.startsWith('-'))
  ) {
    traits.hasOptionCalls = true
  }
  const values = args.map((arg) => arg.value)
  const operands = values.filter((value) => !value.startsWith('-'))
  switch (name) {
    case 'read':
      for (const operand of operands.length === 0 ? ['REPLY'] : operands) {
        scope.assign(operand, context.inputIsNames ? OPAQUE : UNKNOWN)
      }
      break
    case 'mapfile':
    case 'readarray':
      scope.assign(operands.at(-1) ?? 'MAPFILE', context.inputIsNames ? OPAQUE : UNKNOWN)
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
      if (operands.length > 0 || values.includes('--'))
        scope.positional = [literalArg('bash'), UNKNOWN_ARG]
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
    for (const value of values) {
      const match = /^([A-Za-z_]\w*)\+?=([\s\S]*)$/.exec(value)
      if (match !== null) scope.assign(match[1] ?? '', match[2] ?? '')
      else if (value.startsWith(UNKNOWN) || value.startsWith(OPAQUE)) scope.isDynamic = true
    }
  }
}

/** Positional arguments inside a function: what its calls could pass. */
export const functionArguments = (traits: Traits) =>
  [OPAQUE_ARG, traits.hasOptionCalls ? UNKNOWN_ARG : OPAQUE_ARG] as const
