/**
 * The judge of shell commands: parse, walk, compare with the denied groups. It says what a command
 * would do, not whether this agent may: unparsable or hidden is denied, and nothing found softens
 * what was found before. The sandbox, not the judge, is the boundary.
 */
import type { ShellDenyGroup } from '../../domain/config/tool-policy.ts'
import { isListed } from './allowlist.ts'
import { isLiteral } from './arg.ts'
import type { SimpleCommand } from './command.ts'
import { isUnreadable } from './readable.ts'
import { reasonOf } from './rules/all.ts'
import { Walk } from './walk.ts'

/** Longer scripts belong into a file; the kernel takes no argument above 128 KiB either. */
export const MAX_COMMAND_CHARS = 65_536

export interface JudgePolicy {
  readonly denyGroups: ReadonlySet<ShellDenyGroup>
  /** When set, every simple command's name must be listed. */
  readonly allowedCommands?: readonly string[]
}

export interface Allowed {
  readonly decision: 'allow'
  /** Wrappers and what they run each count as a command. */
  readonly commands: readonly SimpleCommand[]
  /** A redirect writes a file other than `/dev/null`. */
  readonly writesFile: boolean
}

export interface Denied {
  readonly decision: 'deny'
  readonly groups: readonly ShellDenyGroup[]
  /** Plain words, without the pattern. */
  readonly reason: string
  /** Only the list of allowed commands stands against it. */
  readonly isUnlisted: boolean
}

export type Judgement = Allowed | Denied

const RESERVED_ALONE = /^\s*(?:then|else|elif|fi|do|done|esac|in|\}|\{|!)\s*$/

const denied = (groups: readonly ShellDenyGroup[], reason: string): Denied => ({
  decision: 'deny',
  groups,
  reason,
  isUnlisted: false,
})

/** Pure; answers for any text whatever, in time linear in its length. */
export function judgeCommand(text: string, policy: JudgePolicy): Judgement {
  try {
    return judge(text, policy)
  } catch (error) {
    // The parser recurses on its own: a text that exhausts the stack is refused, not a crash.
    if (error instanceof RangeError) return denied(['code_injection'], 'it is nested too deeply')
    throw error
  }
}

/** What a line is made of, whether or not it would be denied; null where it cannot be read. */
export function readCommands(text: string): Pick<Allowed, 'commands' | 'writesFile'> | null {
  if (text.length > MAX_COMMAND_CHARS || text.includes('\0') || isUnreadable(text)) return null
  try {
    return foundIn(walked(text))
  } catch (error) {
    if (error instanceof RangeError) return null
    throw error
  }
}

function walked(text: string): Walk['file'] {
  const walk = new Walk()
  // A reserved word alone is refused by bash as well: there is nothing to run.
  if (!RESERVED_ALONE.test(text)) walk.run(text)
  return walk.file
}

const foundIn = (file: Walk['file']): Pick<Allowed, 'commands' | 'writesFile'> => ({
  commands: file.commands.map(({ name, args, isTrusted, wrapper }) => ({
    name,
    args: args.map((arg) => (isLiteral(arg) ? arg.value : null)),
    isTrusted: isTrusted && file.isTrusted,
    wrapper,
  })),
  writesFile: file.writesFile,
})

function judge(text: string, policy: JudgePolicy): Judgement {
  if (text.length > MAX_COMMAND_CHARS) {
    return denied(['code_injection'], `it is longer than ${MAX_COMMAND_CHARS} characters`)
  }
  if (text.includes('\0')) return denied(['code_injection'], 'it contains a NUL character')
  if (isUnreadable(text)) return denied(['code_injection'], 'it cannot be read as bash')
  const file = walked(text)
  const verdict = file.findings.decide(policy.denyGroups, reasonOf)
  if (verdict !== null) return denied(verdict.groups, verdict.reason)
  const { commands, writesFile } = foundIn(file)
  const { allowedCommands } = policy
  if (allowedCommands !== undefined && !commands.every((each) => isListed(each, allowedCommands))) {
    return {
      decision: 'deny',
      groups: [],
      reason: 'it uses a program that is not on the list of allowed commands',
      isUnlisted: true,
    }
  }
  return { decision: 'allow', commands, writesFile }
}
