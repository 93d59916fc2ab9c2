/**
 * Which programs a judged command reaches behind `sh -c`, `env`, `timeout` and the like, and through
 * how many of them. For gates that care for single programs by name; it judges nothing itself.
 */
import type { SimpleCommand } from './command.ts'
import { baseOf } from './path-pattern.ts'

/** Honest command lines wrap once or twice; who goes deeper means to hide something. */
export const MAX_WRAPPERS = 3

export interface WrappedCommand {
  readonly command: SimpleCommand
  /** Base names from the outermost wrapper to the program itself, which is the last. */
  readonly chain: readonly string[]
  /** How many wrappers stand around it: 0 where the shell runs it itself. */
  readonly depth: number
  /** More wrappers than `maxDepth`. */
  readonly isTooDeep: boolean
}

/**
 * One entry for each simple command, wrappers included, in the order of the judgement: for
 * `bash -c "env timeout 5 gh pr list"` they are `bash` at depth 0, `env` at 1, `timeout` at 2 and
 * `gh` at 3. Takes the commands of one allowed judgement, all of them.
 */
export function commandsBehindWrappers(
  commands: readonly SimpleCommand[],
  maxDepth = MAX_WRAPPERS,
): readonly WrappedCommand[] {
  const wrapped: WrappedCommand[] = []
  for (const command of commands) {
    // A wrapper is always noted before what it runs.
    const outer = command.wrapper === null ? undefined : wrapped[command.wrapper]
    const chain = [...(outer?.chain ?? []), baseOf(command.name)]
    const depth = chain.length - 1
    wrapped.push({ command, chain, depth, isTooDeep: depth > maxDepth })
  }
  return wrapped
}
