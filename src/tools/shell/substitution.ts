/**
 * What the output of commands can be when it becomes arguments: a text that is known, names and
 * paths that are no options, or anything at all. When in doubt it is anything.
 */

import {
  type Command,
  type CommandNode,
  forEachChild,
  type ParsedScript,
  type Redirection,
  type Statement,
  type SyntaxNode,
  type Word,
} from 'unbash'
import { type Arg, isLiteral, OPAQUE, UNKNOWN } from './arg.ts'
import { names } from './names.ts'
import { isPrinter, printedBy } from './printed.ts'
import type { Scope } from './scope.ts'

type Expand = (word: Word) => readonly Arg[]

/** Programs whose output is names, paths or numbers. */
const NAME_SOURCES = new Set([
  ...names('find fd fdfind ls locate which pwd realpath readlink mktemp'),
  ...names('dirname basename hostname whoami id uname nproc tty date seq'),
  ...names('pidof pgrep lsof git stat wc rg grep nproc jobs getconf'),
])

/** Programs that hand on some of the lines they read, unchanged. */
const LINE_FILTERS = new Set([
  'sort',
  'uniq',
  'head',
  'tail',
  'grep',
  'egrep',
  'fgrep',
  'tac',
  'shuf',
])

/** A plain word, or a plain option: nothing that could print a dash where none is expected. */
const HARMLESS_ARGUMENT = /^-{0,2}(?:[^-]|(?<=[A-Za-z0-9])-)*$/
/** Of git's output only this is names. */
const GIT_NAMES = /^(?:ls-files|rev-parse|--name-only)$/
/** Formats and pieces that the caller chooses. */
const SHAPES_OUTPUT = /^-{1,2}(?:f?printf|format|only-matching|[a-zA-Z]*o[a-zA-Z]*|c|f)$/

/** The text that replaces `$(…)`, with the marks of `arg.ts`. */
export function outputOf(script: ParsedScript, scope: Scope, expand: Expand): string {
  const [statement, more] = script.commands
  if (statement === undefined) return OPAQUE
  if (more !== undefined) return UNKNOWN
  const nodes = stagesOf(statement)
  if (nodes === null) return UNKNOWN
  const stages = nodes.map((node) => stageOf(node, expand))
  const [only, second] = stages
  if (only !== undefined && only !== null && second === undefined) {
    const text = scope.isFunction(only.name) ? null : (echoed(only) ?? located(only))
    if (text !== null) return text
  }
  return printsNames(nodes, stages, scope) ? OPAQUE : UNKNOWN
}

/** Whether commands joined by pipes print nothing but names, paths or numbers. */
export const isNames = (nodes: readonly CommandNode[], scope: Scope, expand: Expand): boolean =>
  nodes.length > 0 &&
  printsNames(
    nodes,
    nodes.map((node) => stageOf(node, expand)),
    scope,
  )

function printsNames(
  nodes: readonly CommandNode[],
  stages: readonly (Stage | null)[],
  scope: Scope,
): boolean {
  if (stages.some((stage) => stage !== null && scope.isFunction(stage.name))) return false
  return areNames(stages) || (!scope.hasOptionFiles && !nodes.some(couldMakeOption))
}

/** Programs that put texts together, as opposed to those that hand on what they find. */
const TEXT_MAKERS = new Set([
  ...names('echo printf cat tee awk sed perl python python3 ruby node jq tr cut rev'),
  ...names('base64 base32 xxd openssl declare typeset set expr seq'),
])

/** The name, and whatever may be one behind wrappers. */
const wordsOf = (node: Command): readonly string[] =>
  [node.name, ...node.args].flatMap((word) => (word?.type === 'Word' ? [word.value] : []))

/** Whether what the command prints could be read back as an option. */
export function couldWriteOption(node: SyntaxNode): boolean {
  if (node.type === 'Command' && wordsOf(node).some((word) => TEXT_MAKERS.has(word))) {
    if (node.redirects.some(({ type }) => type === 'HereDoc' || type === 'HereString')) return true
    return node.args.some(couldMakeOption)
  }
  let found = false
  forEachChild(node, (child) => {
    found ||= couldWriteOption(child)
  })
  return found
}

/** A simple command of a pipeline; null for anything else, or where the name is not plain. */
interface Stage {
  readonly name: string
  readonly args: readonly Arg[]
  readonly isRedirected: boolean
  /** The text of its here-string, where that is known and all of its input. */
  readonly given: string | null
}

function stageOf(node: CommandNode, expand: Expand): Stage | null {
  if (node.type !== 'Command' || node.name === undefined) return null
  const name = plainNameOf(node.name)
  if (name === null) return null
  const args = node.args.flatMap((arg) => (arg.type === 'Word' ? expand(arg) : []))
  const { redirects } = node
  return { name, args, isRedirected: redirects.length > 0, given: givenBy(redirects, expand) }
}

function givenBy([only, more]: readonly Redirection[], expand: Expand): string | null {
  if (more !== undefined || only?.type !== 'HereString' || only.target === undefined) return null
  const words = expand(only.target)
  return words.every(isLiteral) ? words.map(({ value }) => value).join(' ') : null
}

const areNames = (stages: readonly (Stage | null)[]): boolean =>
  stages.every((stage, index) => stage !== null && isNameStage(stage, index === 0))

/** What an option could be made of: a dash, an escape, or a program that decodes. */
const MAKES_OPTION =
  /[-\\\uE000]|^(?:printf|base64|base32|basenc|xxd|uudecode|openssl|gpg|zcat|gunzip|gzip|bzcat|xzcat|rev|python.*|perl|ruby|node|php|lua|curl|wget|nc|eval|source|\.)$|printf|%c/

/**
 * What stands in files is beyond any judgement of the text. Only what the text itself could put
 * together counts: `$(cat list)` may name files, `$(echo LXJm | base64 -d)` spells an option.
 */
function couldMakeOption(node: SyntaxNode): boolean {
  if (node.type === 'Word') return MAKES_OPTION.test(node.text) || MAKES_OPTION.test(node.value)
  if (node.type === 'Assignment' || node.type === 'HereDoc') return true
  let found = false
  forEachChild(node, (child) => {
    found ||= couldMakeOption(child)
  })
  return found
}

function stagesOf(statement: Statement): readonly CommandNode[] | null {
  const { command } = statement
  if (command.type === 'Pipeline') return command.commands
  return command.type === 'AndOr' ? null : [command]
}

function isNameStage({ name, args }: Stage, isFirst: boolean): boolean {
  if (!(isFirst ? NAME_SOURCES : LINE_FILTERS).has(name)) return false
  if (name === 'git' && !args.some(({ value }) => GIT_NAMES.test(value))) return false
  return args.every(
    ({ value }) =>
      HARMLESS_ARGUMENT.test(value) && !value.includes(UNKNOWN) && !shapes(name, value),
  )
}

/** `ls -lo` and `id -o` shape nothing; of these programs the letters mean a format or a piece. */
const shapes = (name: string, value: string): boolean =>
  /^(?:find|fd|fdfind|stat|seq|grep|egrep|fgrep|rg|git|date|lsof)$/.test(name) &&
  SHAPES_OUTPUT.test(value)

/** What a plain `echo`, `printf` or `cat <<< text` of known words prints, or null. */
function echoed({ name, args, isRedirected, given }: Stage): string | null {
  const text =
    name === 'cat' && args.length === 0
      ? given
      : isPrinter(name) && !isRedirected && args.every(isLiteral)
        ? printedBy(
            name,
            args.map(({ value }) => value),
          )
        : null
  return text?.replace(/\n+$/, '') ?? null
}

/** Where `type -P rm` and `which rm` find a program of the image. */
function located({ name, args, isRedirected }: Stage): string | null {
  const [option, program] = args.length === 1 ? [undefined, args[0]] : args
  const asks =
    (name === 'which' && option === undefined) ||
    (name === 'type' && /^-[pP]$/.test(option?.value ?? '')) ||
    (name === 'command' && option?.value === '-v')
  if (!asks || isRedirected || args.length > 2 || program === undefined) return null
  return isLiteral(program) && /^[\w.+-]+$/.test(program.value) ? `/bin/${program.value}` : null
}

/** Only quoting may stand in the name: anything else would have to be expanded itself. */
function plainNameOf(word: Word): string | null {
  const isPlain = word.parts?.every((part) => /^(?:Literal|SingleQuoted)$/.test(part.type)) ?? true
  return isPlain ? word.value.slice(word.value.lastIndexOf('/') + 1) : null
}
