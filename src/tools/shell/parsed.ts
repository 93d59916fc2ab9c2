/**
 * A command line as the judge reads it, for people who decide about it: every simple command with what
 * the lists make of it. It judges nothing: a line that is denied is shown as well.
 */
import { isAllowlisted, isReadOnlyCommand } from './allowlist.ts'
import type { SimpleCommand } from './command.ts'
import { readCommands } from './judge.ts'

/** A person reads no more of them; a list of approvals holds many lines. */
const MAX_SHOWN = 100

export interface ParsedCommand extends SimpleCommand {
  /** Changes nothing, as far as its words tell. */
  readonly isReadOnly: boolean
  readonly isAllowlisted: boolean
}

export interface ParsedLine {
  readonly commands: readonly ParsedCommand[]
  /** A redirect writes a file. */
  readonly writesFile: boolean
  /** There are more commands than are shown. */
  readonly isCut: boolean
}

/** Null for a text that cannot be read as bash. */
export function parseLine(text: string, allowlist: readonly string[]): ParsedLine | null {
  const read = readCommands(text)
  if (read === null) return null
  return {
    commands: read.commands.slice(0, MAX_SHOWN).map((command) => ({
      ...command,
      isReadOnly: isReadOnlyCommand({ commands: [command], writesFile: false }),
      isAllowlisted: isAllowlisted([command], allowlist),
    })),
    writesFile: read.writesFile,
    isCut: read.commands.length > MAX_SHOWN,
  }
}
