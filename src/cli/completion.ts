/**
 * `edgeclaw completion`: a script for bash, zsh or fish, made of the table. It is whole and static:
 * pressing the tab key starts no process and asks no gateway.
 */
import type { Action, CommandIo, Noun } from './commands/command.ts'
import { usageFailure } from './failure.ts'
import { type FlagSpec, HELP_FLAG, parseFlags } from './flags.ts'
import { flagsOfCommand, offeredOf } from './help.ts'
import { type OperationShapes, operationShapes } from './operations.ts'

/** One command, as a shell has to know it. */
export interface Completed {
  /** `keys create`: the words that lead here. */
  readonly words: string
  readonly flags: readonly FlagSpec[]
}

const SHELLS = { bash: bashScript, zsh: zshScript, fish: fishScript } as const
type Shell = keyof typeof SHELLS

export const COMPLETION: Action = {
  flags: [],
  async run(args, io: CommandIo) {
    const [shell, ...more] = parseFlags(args, []).positionals
    if (shell === undefined || !Object.hasOwn(SHELLS, shell) || more.length > 0)
      throw usageFailure('usage: completion bash|zsh|fish')
    const completed = await completedOf(io.nouns, operationShapes())
    io.stdout.write(SHELLS[shell as Shell](completed))
    return 0
  },
}

export async function completedOf(
  nouns: readonly Noun[],
  shapes: OperationShapes,
): Promise<readonly Completed[]> {
  const commands = nouns.flatMap((noun) =>
    offeredOf(noun, shapes).map((command) => ({
      words: `${noun.name} ${command.verb}`.trim(),
      command,
    })),
  )
  return Promise.all(
    commands.map(async ({ words, command }) => ({
      words,
      flags: [...(await flagsOfCommand(command, shapes)), HELP_FLAG],
    })),
  )
}

const flagWords = ({ name, isNegatable }: FlagSpec): readonly string[] =>
  isNegatable ? [`--${name}`, `--no-${name}`] : [`--${name}`]

/** Which words may follow which: `keys` → `create list …`. */
function followers(completed: readonly Completed[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, Set<string>>()
  for (const { words } of [...completed, { words: 'help exit-codes' }]) {
    const all = words.split(' ')
    for (const [i, word] of all.entries()) {
      const before = all.slice(0, i).join(' ')
      next.set(before, (next.get(before) ?? new Set()).add(word))
    }
  }
  return new Map([...next].map(([words, after]) => [words, [...after].sort()]))
}

const withChoices = (completed: readonly Completed[]) =>
  completed.flatMap(({ words, flags }) =>
    flags.flatMap(({ name, choices, value }) =>
      value === undefined ? [] : [{ words, flag: `--${name}`, choices: choices ?? [] }],
    ),
  )

/** Words of the table are plain; quoting keeps it so should one ever not be. */
const quoted = (text: string): string => `'${text.replaceAll("'", `'\\''`)}'`

/**
 * The words so far without flags, cut back until they name something: shared by bash and zsh, where
 * `at` is what they name. It is not called `path`, which zsh keeps for itself.
 */
function posixBody(completed: readonly Completed[]): string {
  const values = withChoices(completed).map(
    ({ words, flag, choices }) =>
      `    ${quoted(`${words}:${flag}`)}) offer=${quoted(choices.join(' '))}; return ;;`,
  )
  const next = [...followers(completed)].map(
    ([words, after]) => `    ${quoted(words)}) offer=${quoted(after.join(' '))} ;;`,
  )
  const flags = completed.map(
    (each) =>
      `    ${quoted(each.words)}) flags=${quoted(each.flags.flatMap(flagWords).join(' '))} ;;`,
  )
  return `_edgeclaw_offer() {
  local at="$1" prev="$2" cur="$3" flags=''
  offer=''
  case "$at:$prev" in
${values.join('\n')}
  esac
  case "$at" in
${flags.join('\n')}
  esac
  case "$cur" in
    -*) offer="$flags"; return ;;
  esac
  case "$at" in
${next.join('\n')}
  esac
}
_edgeclaw_path() {
  local word
  at=''
  for word in "$@"; do
    case "$word" in -*) break ;; esac
    case " ${[...followers(completed).keys()].map((words) => words.replaceAll(' ', '_')).join(' ')} ${completed.map(({ words }) => words.replaceAll(' ', '_')).join(' ')} " in
      *" \${at:+\${at// /_}_}$word "*) at="\${at:+$at }$word" ;;
      *) break ;;
    esac
  done
}
`
}

export function bashScript(completed: readonly Completed[]): string {
  return `# edgeclaw for bash: source <(edgeclaw completion bash)
${posixBody(completed)}_edgeclaw() {
  local at offer cur="\${COMP_WORDS[COMP_CWORD]}" prev="\${COMP_WORDS[COMP_CWORD-1]}"
  _edgeclaw_path "\${COMP_WORDS[@]:1:COMP_CWORD-1}"
  _edgeclaw_offer "$at" "$prev" "$cur"
  COMPREPLY=( $(compgen -W "$offer" -- "$cur") )
}
complete -o default -F _edgeclaw edgeclaw
`
}

export function zshScript(completed: readonly Completed[]): string {
  return `#compdef edgeclaw
# edgeclaw for zsh: source <(edgeclaw completion zsh)
${posixBody(completed)}_edgeclaw() {
  local at offer
  _edgeclaw_path "\${(@)words[2,CURRENT-1]}"
  _edgeclaw_offer "$at" "\${words[CURRENT-1]}" "\${words[CURRENT]}"
  compadd -- \${=offer}
}
compdef _edgeclaw edgeclaw
`
}

export function fishScript(completed: readonly Completed[]): string {
  const seen = (words: string): string =>
    words === ''
      ? '__fish_use_subcommand'
      : words
          .split(' ')
          .map((word) => `__fish_seen_subcommand_from ${word}`)
          .join('; and ')
  const next = [...followers(completed)].map(
    ([words, after]) =>
      `complete -c edgeclaw -f -n ${quoted(seen(words))} -a ${quoted(after.join(' '))}`,
  )
  const flags = completed.flatMap(({ words, flags: own }) =>
    own.flatMap((flag) =>
      flagWords(flag).map((word) => {
        const value = flag.value === undefined ? '' : ' -x'
        const choices = flag.choices === undefined ? '' : ` -a ${quoted(flag.choices.join(' '))}`
        return `complete -c edgeclaw -n ${quoted(seen(words))} -l ${word.slice(2)}${value}${choices} -d ${quoted(flag.help)}`
      }),
    ),
  )
  return `# edgeclaw for fish: edgeclaw completion fish | source
${[...next, ...flags].join('\n')}
`
}
