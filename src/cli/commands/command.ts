/**
 * What a command is. Most are the words for one operation and how its answer looks: data, without a
 * line of code. Flags, types and choices are the operation's own; what is none is a function that is
 * loaded when it is called.
 */
import type { FlagSpec } from '../flags.ts'
import type { Environment } from '../start/options.ts'
import type { Output } from '../transcript.ts'

export interface CommandIo {
  readonly stdout: Output
  readonly stderr: Output
  readonly stdin: Input
  readonly env: Environment
  /** The table itself, for what is made of it. */
  readonly nouns: readonly Noun[]
}

export interface Input extends AsyncIterable<Uint8Array | string> {
  readonly isTTY?: boolean
  setRawMode?(isRaw: boolean): unknown
}

/**
 * Where the value lies (a path with dots), and how it is shown; a column that no row has is left out. With
 * `!` before the path it is the opposite of a switch: `['!missing', 'present']`.
 */
export type Column = string | readonly [path: string, title: string]

interface Words {
  /** What follows the noun: '' for the noun alone, words with spaces for more than one. */
  readonly verb: string
}

export interface OperationCommand extends Words {
  readonly operation: string
  /** Instead of the operation's own summary. */
  readonly summary?: string
  /** Parameters that are plain words of the command line, in this order. */
  readonly positional?: readonly string[]
  /** Parameters that may be left out though the words name them. */
  readonly optional?: readonly string[]
  /** Parameters that are set by the command and not offered. */
  readonly fixed?: Readonly<Record<string, unknown>>
  /** Other names of what is offered already, or nothing for a person. */
  readonly hidden?: readonly string[]
  /** Never on the command line: asked for without echo, or read from standard input. */
  readonly secrets?: readonly string[]
  readonly help?: Readonly<Record<string, string>>
  /** Where in the answer the rows lie; absent: the answer is one thing. */
  readonly rows?: string
  readonly columns?: readonly Column[]
  /** Where in the answer the one thing lies, when it is wrapped. */
  readonly part?: string
  /** Said instead of an empty table. */
  readonly none?: string
  /** Said instead of an answer that only repeats what was asked; {name} is a parameter. */
  readonly done?: string
  /** What goes, asked before it goes; {name} is a parameter. */
  readonly confirm?: string
  /**
   * Members of the answer that are shown this once: the first that is there is printed alone, ready to
   * be copied or piped.
   */
  readonly shownOnce?: readonly string[]
}

export interface Action {
  readonly flags: readonly FlagSpec[]
  /** `args` is what follows the words. @returns the exit code. */
  run(args: readonly string[], io: CommandIo, verb: string): Promise<number>
}

export interface ActionCommand extends Words {
  readonly summary: string
  /** What follows the words, as the help shows it. */
  readonly usage?: string
  /** Operations without which there is no such command. */
  readonly needs?: readonly string[]
  load(): Promise<Action>
}

export type Command = OperationCommand | ActionCommand

export interface Noun {
  readonly name: string
  readonly summary: string
  readonly commands: readonly Command[]
  /** Shown below the help of the noun. */
  readonly notes?: string
}

export const isOperation = (command: Command): command is OperationCommand => 'operation' in command

export const operationsOf = (command: Command): readonly string[] =>
  isOperation(command) ? [command.operation] : (command.needs ?? [])
