/**
 * From the words of the command line to the command that they name. What nobody offers is said so, and
 * a word that is near another is asked about; nothing is guessed.
 */
import { nearestKey } from '../domain/config/nearest-key.ts'
import {
  type Command,
  type CommandIo,
  isOperation,
  type Noun,
  operationsOf,
} from './commands/command.ts'
import { EXIT } from './exit-codes.ts'
import { CliFailure, usageFailure } from './failure.ts'
import {
  commandHelp,
  exitCodesHelp,
  flagsOfCommand,
  isOffered,
  nounHelp,
  offeredOf,
  overview,
  type Section,
  shapeFor,
} from './help.ts'
import { type OperationShapes, operationShapes } from './operations.ts'
import { runOperation } from './run-operation.ts'
import { paletteFor } from './terminal.ts'

export async function dispatch(
  argv: readonly string[],
  io: CommandIo,
  sections: readonly Section[],
  shapes: OperationShapes = operationShapes(),
): Promise<number> {
  const palette = paletteFor(io.stdout, io.env)
  const [name, ...args] = argv
  if (name === undefined) {
    io.stderr.write(overview(sections, shapes, paletteFor(io.stderr, io.env)))
    return EXIT.usage
  }
  if (name === 'help' && args[0] === 'exit-codes') {
    io.stdout.write(exitCodesHelp(palette))
    return EXIT.ok
  }
  if (['help', '--help', '-h'].includes(name)) {
    if (args[0] !== undefined) return dispatch([...args, '--help'], io, sections, shapes)
    io.stdout.write(overview(sections, shapes, palette))
    return EXIT.ok
  }
  const noun = nounNamed(name, io.nouns, shapes)
  const isHelp = wantsHelp(args)
  // `agents files --help` names no command, and asks what there are.
  const found = isHelp && isBeginning(noun, args) ? null : commandIn(noun, args)
  if (isHelp) {
    const command = found?.command
    // `login --help` speaks of logging in, `keys --help` of all that can be done with keys.
    if (found === null || command === undefined || (found.isDefault && command.verb !== ''))
      io.stdout.write(nounHelp(noun, shapes, palette))
    else {
      checkOffered(noun, command, shapes)
      const flags = await flagsOfCommand(command, shapes)
      io.stdout.write(commandHelp(noun, command, flags, shapes, palette))
    }
    return EXIT.ok
  }
  if (found === null) {
    io.stderr.write(nounHelp(noun, shapes, paletteFor(io.stderr, io.env)))
    return EXIT.usage
  }
  const { command, rest } = found
  checkOffered(noun, command, shapes)
  if (isOperation(command)) return runOperation(command, shapeFor(command, shapes), rest, io)
  return (await command.load()).run(rest, io, command.verb)
}

function nounNamed(name: string, nouns: readonly Noun[], shapes: OperationShapes): Noun {
  const noun = nouns.find((each) => each.name === name)
  if (noun !== undefined) return noun
  const offered = nouns.filter((each) => offeredOf(each, shapes).length > 0)
  const near = nearestKey(
    name,
    offered.map((each) => each.name),
  )
  const hint = near === null ? 'See edgeclaw help.' : `Did you mean ${near}?`
  throw usageFailure(`unknown command ${JSON.stringify(name)}. ${hint}`)
}

function checkOffered(noun: Noun, command: Command, shapes: OperationShapes): void {
  if (isOffered(command, shapes)) return
  const words = [noun.name, command.verb].join(' ').trim()
  throw new CliFailure(
    `this gateway does not offer it: ${words} needs ${operationsOf(command).join(', ')}`,
  )
}

const wantsHelp = (args: readonly string[]): boolean => {
  const end = args.indexOf('--')
  const before = end === -1 ? args : args.slice(0, end)
  return before.includes('--help') || before.includes('-h')
}

const wordsOf = (args: readonly string[]): readonly string[] => {
  const flagAt = args.findIndex((arg) => arg.startsWith('-'))
  return flagAt === -1 ? args : args.slice(0, flagAt)
}

/** Whether the words are what longer verbs begin with, and none by themselves. */
function isBeginning({ commands }: Noun, args: readonly string[]): boolean {
  const said = wordsOf(args).join(' ')
  return (
    said !== '' &&
    commands.some(({ verb }) => verb.startsWith(`${said} `)) &&
    !commands.some(({ verb }) => verb === said)
  )
}

interface Found {
  readonly command: Command
  readonly rest: readonly string[]
  /** No verb was said. */
  readonly isDefault: boolean
}

/** The longest verb that the words begin with; without one the noun's own command, or its list. */
export function commandIn({ name, commands }: Noun, args: readonly string[]): Found | null {
  const words = wordsOf(args)
  for (let count = words.length; count > 0; count--) {
    const verb = words.slice(0, count).join(' ')
    const command = commands.find((each) => each.verb === verb)
    if (command !== undefined) return { command, rest: args.slice(count), isDefault: false }
  }
  const [word] = words
  const own = commands.find(({ verb }) => verb === '')
  const fallback =
    own ?? (word === undefined ? commands.find(({ verb }) => verb === 'list') : undefined)
  if (fallback !== undefined) return { command: fallback, rest: args, isDefault: true }
  if (word === undefined) return null
  const verbs = commands.map(({ verb }) => verb)
  const more = verbs.filter((verb) => verb.startsWith(`${word} `))
  if (more.length > 0) {
    const next = more.map((verb) => verb.slice(word.length + 1)).join(', ')
    throw usageFailure(`${name} ${word} what? There are: ${next}.`)
  }
  const near = nearestKey(word, verbs)
  const hint = near === null ? `See edgeclaw ${name} --help.` : `Did you mean ${near}?`
  throw usageFailure(`there is no ${name} ${word}. ${hint}`)
}
