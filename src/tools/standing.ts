/**
 * Which commands an `allow-always` can be given for: one plain command whose words are all known.
 * Never for a program that runs code from elsewhere: approving its words approves whatever the
 * workspace holds by then.
 */
import type { StandingMatch } from '../domain/approval.ts'
import type { SimpleCommand } from './shell/command.ts'
import { isInterpreter } from './shell/interpreters.ts'
import { withoutVersion } from './shell/names.ts'
import { parsePlainCall } from './shell/plain-call.ts'

/** Take their orders from files of the workspace: recipes, hooks, plugins, scripts. */
const RUNS_FILES: ReadonlySet<string> = new Set(
  'sh bash dash zsh ksh source . eval exec env xargs find awk gawk mawk sed git make gmake cmake ninja npm npx yarn pnpm cargo go mvn gradle ant rake tox nox pytest jest vitest tsc ruff mypy vim vi nano ed ex view vimdiff emacs pico less more man ssh scp sftp rsync tar docker docker-compose podman kubectl terraform ansible ansible-playbook java javac kotlin dotnet sbt mix gcc cc g++ clang ld rustc zig swift cpp nodejs pypy ts-node tsx ghci clisp racket ocaml octave pwsh ash mksh rbash busybox m4 dc bc jq gdb expect patch sqlite psql mysql run-parts parallel just task uv pip pipx poetry pre-commit bundle gem rspec composer phpunit eslint prettier webpack meson ctest scons bazel tmux screen script watch openssl gpg'.split(
    ' ',
  ),
)

/**
 * @param text must be the words and nothing more: assignments, redirections, here-documents and loops
 *   are no words of it, and what they add is no part of what stands
 */
export function standingMatchOf(
  text: string,
  judged: { readonly commands: readonly SimpleCommand[] },
  cwd: string,
): StandingMatch | null {
  const [command, ...others] = judged.commands
  if (command === undefined || others.length > 0 || !command.isTrusted) return null
  const argv = parsePlainCall(text)
  const name = argv?.[0]
  if (argv === null || name === undefined || name.includes('/')) return null
  const bare = withoutVersion(name)
  if (RUNS_FILES.has(name) || RUNS_FILES.has(bare)) return null
  if (isInterpreter(name) || isInterpreter(bare)) return null
  return { argv, cwd }
}
