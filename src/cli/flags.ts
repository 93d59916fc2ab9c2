/**
 * Command-line flags: `--name value`, `--name=value`, `--switch`, and `--` before plain arguments.
 * An unknown flag is refused with the nearest known one, never ignored: a misspelt `--no-runner`
 * must not start a runner.
 */
import { nearestKey } from '../domain/config/nearest-key.ts'
import { type CliFailure, usageFailure } from './failure.ts'

export interface FlagSpec {
  readonly name: string
  /** Placeholder of the value in the help text; absent for a switch. */
  readonly value?: string
  readonly help: string
  /** A switch that can be said both ways: --name and --no-name. */
  readonly isNegatable?: true
  /** Several values: separated by commas, or the flag repeated. */
  readonly isList?: true
  /** The values there are, for help and completion; whoever uses the flag refuses others. */
  readonly choices?: readonly string[]
  /** Works, but is left out of the help text: for tests and benches. */
  readonly isInternal?: boolean
}

export interface ParsedFlags {
  /** A switch that was given holds 'true', one that was taken back 'false'. */
  readonly values: ReadonlyMap<string, string>
  readonly positionals: readonly string[]
}

export const HELP_FLAG: FlagSpec = { name: 'help', help: 'show this text' }

/** Every user of the machine can read the arguments of a process. */
const NO_TOKEN = 'a token is never an argument: log in with edgeclaw login, or set EDGECLAW_TOKEN'

function unknownFlag(name: string, specs: readonly FlagSpec[]): CliFailure {
  if (name === 'token') return usageFailure(NO_TOKEN)
  const near = nearestKey(
    name,
    specs.filter((spec) => !spec.isInternal).map((spec) => spec.name),
  )
  const hint = near === null ? '--help lists the known ones.' : `Did you mean --${near}?`
  return usageFailure(`unknown flag --${name}. ${hint}`)
}

function specOf(name: string, specs: readonly FlagSpec[]): FlagSpec {
  const known = [...specs, HELP_FLAG]
  const found =
    known.find((spec) => spec.name === name) ??
    known.find((spec) => spec.isNegatable && `no-${spec.name}` === name)
  if (found === undefined) throw unknownFlag(name, specs)
  return found
}

export function parseFlags(args: readonly string[], specs: readonly FlagSpec[]): ParsedFlags {
  const values = new Map<string, string>()
  const positionals: string[] = []
  for (let i = 0; i < args.length; i++) {
    const arg = args[i] ?? ''
    if (arg === '--') {
      positionals.push(...args.slice(i + 1))
      break
    }
    if (arg === '-h') {
      values.set('help', 'true')
      continue
    }
    if (!arg.startsWith('--')) {
      positionals.push(arg)
      continue
    }
    const equals = arg.indexOf('=')
    const name = arg.slice(2, equals === -1 ? undefined : equals)
    const inline = equals === -1 ? null : arg.slice(equals + 1)
    const spec = specOf(name, specs)
    const earlier = values.get(spec.name)
    if (earlier !== undefined && !spec.isList) throw usageFailure(`--${name} is given twice`)
    if (spec.value === undefined) {
      if (inline !== null) throw usageFailure(`--${name} takes no value`)
      values.set(spec.name, String(spec.name === name))
      continue
    }
    const value = inline ?? args[++i]
    if (value === undefined || (inline === null && value.startsWith('--'))) {
      throw usageFailure(`--${name} needs a value: --${name} ${spec.value}`)
    }
    values.set(name, earlier === undefined ? value : `${earlier},${value}`)
  }
  return { values, positionals }
}

const flagText = ({ name, value, isNegatable }: FlagSpec): string =>
  `--${isNegatable ? '[no-]' : ''}${name}${value ? ` ${value}` : ''}`

/** The help text's list of flags, aligned. */
export function describeFlags(specs: readonly FlagSpec[]): string {
  const rows = [...specs, HELP_FLAG]
    .filter((spec) => !spec.isInternal)
    .map((spec) => [flagText(spec), spec.help] as const)
  const width = Math.max(...rows.map(([flag]) => flag.length))
  return rows.map(([flag, help]) => `  ${flag.padEnd(width)}   ${help}`).join('\n')
}
