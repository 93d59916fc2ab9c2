/** Words of the syntax tree to arguments: quotes, braces, known variables and field splitting. */
import { type ParsedScript, parse, type Word, type WordPart } from 'unbash'
import { type Arg, literalArg, OPAQUE, UNKNOWN, UNKNOWN_ARG } from './arg.ts'
import { expandBraces } from './brace.ts'
import type { Scope } from './scope.ts'
import { outputOf } from './substitution.ts'

/** A file name that a process substitution is passed as. */
const DESCRIPTOR_PATH = `/dev/fd/${OPAQUE}`
const FIELD_BREAK = /[ \t\n]+/

/** One piece of a word: text that splits into fields where it came from an unquoted expansion. */
interface Piece {
  readonly text: string
  readonly isSplit: boolean
  readonly isGlob: boolean
}

const plain = (text: string): Piece => ({ text, isSplit: false, isGlob: false })

/** The arguments that a word becomes; none when it is an unquoted expansion to nothing. */
export function expandWord(word: Word, scope: Scope): readonly Arg[] {
  const { parts } = word
  if (parts === undefined) return [literalArg(word.value)]
  if (!parts.some((part) => part.type === 'BraceExpansion')) return expandParts(parts, scope)
  const raws = expandBraces(word.text)
  if (raws === null || (raws.length === 1 && raws[0] === word.text)) return [UNKNOWN_ARG]
  const [statement] = parse(`: ${raws.join(' ')}`).commands
  if (statement?.command.type !== 'Command') return [UNKNOWN_ARG]
  return statement.command.args.flatMap((arg) => {
    if (arg.type !== 'Word') return [literalArg(arg.text)]
    if (arg.parts === undefined) return [literalArg(arg.value)]
    const isOpen = arg.parts.some((part) => part.type === 'BraceExpansion')
    return isOpen ? [UNKNOWN_ARG] : expandParts(arg.parts, scope)
  })
}

/** The one argument of a place that never splits: an assignment's value, a redirect's target. */
export function expandSingle(word: Word, scope: Scope): Arg {
  if (word.parts === undefined) return literalArg(word.value)
  const pieces = piecesOf(word.parts, scope)
  return {
    value: pieces.map((piece) => piece.text).join(''),
    isGlob: pieces.some((piece) => piece.isGlob),
    maySplit: false,
    substitution: substitutionOf(word.parts),
  }
}

function expandParts(parts: readonly WordPart[], scope: Scope): readonly Arg[] {
  const all = wholePositional(parts, scope)
  if (all !== null) return all
  const args: Arg[] = []
  let value: string | null = null
  let isGlob = false
  let maySplit = false
  const end = (): void => {
    if (value !== null) args.push({ value, isGlob, maySplit, substitution: substitutionOf(parts) })
    value = null
    isGlob = false
    maySplit = false
  }
  for (const piece of piecesOf(parts, scope)) {
    isGlob ||= piece.isGlob
    if (!piece.isSplit) {
      value = (value ?? '') + piece.text
      continue
    }
    maySplit ||= piece.text.includes(UNKNOWN)
    const fields = piece.text.split(FIELD_BREAK)
    fields.forEach((field, index) => {
      if (index > 0) end()
      if (field !== '') value = (value ?? '') + field
      if (/[*?[]/.test(field)) isGlob = true
    })
  }
  end()
  return args
}

/** `"$@"`, `$@` and `$*` alone stand for all the positional arguments. */
function wholePositional(parts: readonly WordPart[], scope: Scope): readonly Arg[] | null {
  const [part, more] = parts
  if (part === undefined || more !== undefined) return null
  const inner =
    part.type === 'DoubleQuoted' && part.parts.length === 1 ? (part.parts[0] ?? part) : part
  const list = /^\$\{(\w+)\[[@*]\]\}$/.exec(inner.text)?.[1]
  if (list === undefined && !/^\$(?:[@*]|\{[@*]\})$/.test(inner.text)) return null
  const args = list === undefined ? (scope.positional?.slice(1) ?? []) : scope.listOf(list)
  // In quotes a star joins them.
  const isJoined = part.type === 'DoubleQuoted' && inner.text.includes('*')
  return args !== null && isJoined ? [joined(args)] : args
}

const joined = (args: readonly Arg[]): Arg => ({
  ...literalArg(args.map(({ value }) => value).join(' ')),
  isGlob: args.some(({ isGlob }) => isGlob),
})

const substitutionOf = (parts: readonly WordPart[]): Arg['substitution'] => {
  const [part] = parts
  return part?.type === 'ProcessSubstitution' && parts.length === 1 ? part.operator : null
}

function piecesOf(parts: readonly WordPart[], scope: Scope): Piece[] {
  const pieces: Piece[] = []
  for (const part of parts) {
    switch (part.type) {
      case 'Literal':
      case 'SingleQuoted':
      case 'AnsiCQuoted':
        pieces.push(plain(part.value))
        break
      case 'Glob':
        pieces.push({ text: part.value, isSplit: false, isGlob: true })
        break
      case 'DoubleQuoted':
      case 'LocaleString':
        // An empty pair of quotes still makes an argument.
        pieces.push(plain(''), ...piecesOf(part.parts, scope).map((piece) => plain(piece.text)))
        break
      case 'SimpleExpansion':
        pieces.push({ text: variableText(part.text.slice(1), scope), isSplit: true, isGlob: false })
        break
      case 'ParameterExpansion':
        pieces.push({
          text: scope.nested(() => parameterText(part, scope)),
          isSplit: true,
          isGlob: false,
        })
        break
      case 'CommandExpansion':
        pieces.push({
          text: outputText(part.script, scope),
          isSplit: true,
          isGlob: false,
        })
        break
      case 'ArithmeticExpansion':
        pieces.push(plain(OPAQUE))
        break
      case 'ProcessSubstitution':
        pieces.push(plain(DESCRIPTOR_PATH))
        break
      case 'ExtendedGlob':
        pieces.push({ text: '*', isSplit: false, isGlob: true })
        break
      case 'BraceExpansion':
        pieces.push(plain(UNKNOWN))
        break
    }
  }
  return pieces
}

function outputText(script: ParsedScript | undefined, scope: Scope): string {
  if (script === undefined) return UNKNOWN
  return scope.outputOf(script, () => outputOf(script, scope, (word) => expandWord(word, scope)))
}

function variableText(name: string, scope: Scope): string {
  if (/^[0-9]+$/.test(name)) return positionalText(Number(name), scope)
  if (name === '@' || name === '*') {
    return scope.positional === null
      ? ''
      : scope.positional
          .slice(1)
          .map((arg) => arg.value)
          .join(' ')
  }
  if (/^[#?$!-]$/.test(name)) return OPAQUE
  return scope.textOf(name)
}

function positionalText(index: number, scope: Scope): string {
  if (scope.positional === null) return OPAQUE
  const last = scope.positional.at(-1)
  // An unknown last argument stands for any number of them.
  return scope.positional[index]?.value ?? (last?.value === UNKNOWN ? UNKNOWN : OPAQUE)
}

function parameterText(
  part: Extract<WordPart, { type: 'ParameterExpansion' }>,
  scope: Scope,
): string {
  const { parameter, operation, prefix, index } = part
  if (prefix === '#') return OPAQUE
  if (prefix === '!') return UNKNOWN
  if (index !== undefined && operation === undefined) {
    const element = /^\d+$/.test(index.text) ? scope.listOf(parameter)?.[Number(index.text)] : null
    return element?.value ?? scope.changedTextOf(parameter)
  }
  if (operation === undefined) return variableText(parameter, scope)
  if (
    operation.type === 'Replace' &&
    /[-\s\uE000]/.test(expandSingle(operation.replacement, scope).value)
  ) {
    return UNKNOWN
  }
  if (operation.type === 'Transform' && /[EP]/.test(operation.operand.value)) {
    // `\x2d` becomes a dash.
    return /^[^\\\uE000]*$/.test(variableText(parameter, scope)) ? OPAQUE : UNKNOWN
  }
  if (operation.type !== 'Default') {
    return /^[A-Za-z_]/.test(parameter) ? scope.changedTextOf(parameter) : UNKNOWN
  }
  const isSet = scope.isAssigned(parameter)
  const operand = expandSingle(operation.operand, scope).value
  if (operation.operator.endsWith('?')) return variableText(parameter, scope)
  // Set or not, an alternative is that or nothing.
  if (operation.operator.endsWith('+')) return operand
  if (!isSet && /^[A-Za-z_]/.test(parameter) && !scope.isSetByShell(parameter)) return operand
  const text = scope.textOf(parameter)
  if (isSet && text === operand) return operand
  const other = isSet ? scope.changedTextOf(parameter) : OPAQUE
  return other === UNKNOWN || /-|\s|\uE000/.test(operand) ? UNKNOWN : OPAQUE
}
