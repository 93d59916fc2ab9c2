/** The help texts, made of the table: what a gateway does not offer is not in them. */
import {
  type Action,
  type Command,
  isOperation,
  type Noun,
  type OperationCommand,
  operationsOf,
} from './commands/command.ts'
import { EXIT_CODES } from './exit-codes.ts'
import { describeFlags, type FlagSpec } from './flags.ts'
import { flagsOf, usageOf, wordsOf } from './operation-params.ts'
import { type OperationShape, type OperationShapes, shapeOf } from './operations.ts'
import { type Palette, toRows } from './terminal.ts'

export interface Section {
  readonly title: string
  readonly nouns: readonly Noun[]
}

export const isOffered = (command: Command, shapes: OperationShapes): boolean =>
  operationsOf(command).every((name) => shapeOf(name, shapes) !== undefined)

export const offeredOf = ({ commands }: Noun, shapes: OperationShapes): readonly Command[] =>
  commands.filter((command) => isOffered(command, shapes))

/** @throws Error when it is not offered: that was asked before. */
export function shapeFor(command: OperationCommand, shapes: OperationShapes): OperationShape {
  const shape = shapeOf(command.operation, shapes)
  if (shape === undefined) throw new Error(`no shape of ${command.operation}`)
  return shape
}

export function overview(
  sections: readonly Section[],
  shapes: OperationShapes,
  palette: Palette,
): string {
  const offered = sections
    .map(({ title, nouns }) => ({
      title,
      nouns: nouns.filter((noun) => offeredOf(noun, shapes).length > 0),
    }))
    .filter(({ nouns }) => nouns.length > 0)
  const width = Math.max(...offered.flatMap(({ nouns }) => nouns.map(({ name }) => name.length)))
  const blocks = offered.map(({ title, nouns }) => {
    const rows = nouns.map(
      ({ name, summary }) => `  ${palette.bold(name.padEnd(width))}   ${summary}`,
    )
    return `${palette.dim(title)}\n${rows.join('\n')}`
  })
  return `edgeclaw COMMAND [flags]

${blocks.join('\n\n')}

${palette.dim(`edgeclaw COMMAND --help tells more, edgeclaw help exit-codes what a script gets to know.
The gateway itself is started with npm start.`)}
`
}

export const summaryOf = (command: Command, shapes: OperationShapes): string =>
  isOperation(command) ? (command.summary ?? shapeFor(command, shapes).summary) : command.summary

const usage = (command: Command, shapes: OperationShapes): string =>
  isOperation(command) ? usageOf(command, shapeFor(command, shapes)) : (command.usage ?? '')

/** In a list of commands the flags would push what they do out of sight. */
const shortUsage = (command: Command): string =>
  isOperation(command) ? wordsOf(command).join(' ') : (command.usage ?? '')

const joined = (...words: readonly string[]): string =>
  words.filter((word) => word !== '').join(' ')

export function nounHelp(noun: Noun, shapes: OperationShapes, palette: Palette): string {
  const rows = offeredOf(noun, shapes).map(
    (command) =>
      [
        joined(noun.name, command.verb, usage(command, shapes)),
        summaryOf(command, shapes),
      ] as const,
  )
  const notes = noun.notes === undefined ? '' : `\n${noun.notes}\n`
  return `edgeclaw ${noun.name}: ${noun.summary}

${toRows(rows, { ...palette, dim: palette.bold })}
${notes}
${palette.dim(`edgeclaw ${joined(noun.name, 'COMMAND')} --help lists the flags of one.`)}
`
}

export function commandHelp(
  noun: Noun,
  command: Command,
  flags: readonly FlagSpec[],
  shapes: OperationShapes,
  palette: Palette,
): string {
  const words = joined(noun.name, command.verb, usage(command, shapes))
  const notes = command.verb === '' && noun.notes !== undefined ? `\n${noun.notes}\n` : ''
  const others =
    command.verb === '' ? offeredOf(noun, shapes).filter((each) => each !== command) : []
  const more = others.map(
    (each) => [joined(noun.name, each.verb, shortUsage(each)), summaryOf(each, shapes)] as const,
  )
  return `edgeclaw ${palette.bold(words)} [flags]

${summaryOf(command, shapes)}.

${describeFlags(flags)}
${notes}${more.length === 0 ? '' : `\n${toRows(more, { ...palette, dim: palette.bold })}\n`}`
}

/** Those of an operation are derived, those of a function are its own. */
export async function flagsOfCommand(
  command: Command,
  shapes: OperationShapes,
): Promise<readonly FlagSpec[]> {
  if (isOperation(command)) return flagsOf(command, shapeFor(command, shapes))
  const action: Action = await command.load()
  return action.flags
}

export const exitCodesHelp = (palette: Palette): string =>
  `What edgeclaw ends with:\n\n${toRows(EXIT_CODES, { ...palette, dim: palette.bold })}\n`
