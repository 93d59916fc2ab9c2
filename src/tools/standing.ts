/**
 * Which commands an `allow-always` can be given for: one plain command whose words are all known.
 * Never for a program that runs code from elsewhere: approving its words approves whatever the
 * workspace holds by then.
 */
import type { StandingMatch } from '../domain/approval.ts'
import type { SimpleCommand } from './shell/command.ts'
import { isInterpreter } from './shell/interpreters.ts'
import { withoutVersion } from './shell/names.ts'

/** Take their orders from files of the workspace: recipes, hooks, plugins, scripts. */
const RUNS_FILES: ReadonlySet<string> = new Set(
  'sh bash dash zsh ksh source . eval exec env xargs find awk gawk mawk sed git make gmake cmake ninja npm npx yarn pnpm cargo go mvn gradle ant rake tox nox pytest jest vitest tsc ruff mypy vim vi nano ed less man ssh rsync tar docker kubectl terraform ansible'.split(
    ' ',
  ),
)

export function standingMatchOf(
  judged: { readonly commands: readonly SimpleCommand[]; readonly writesFile: boolean },
  cwd: string,
): StandingMatch | null {
  const [command, ...others] = judged.commands
  if (command === undefined || others.length > 0 || judged.writesFile) return null
  const { name, args, isTrusted } = command
  if (!isTrusted || name.includes('/')) return null
  const bare = withoutVersion(name)
  if (RUNS_FILES.has(name) || RUNS_FILES.has(bare)) return null
  if (isInterpreter(name) || isInterpreter(bare)) return null
  const words = args.filter((arg) => arg !== null)
  return words.length === args.length ? { argv: [name, ...words], cwd } : null
}
