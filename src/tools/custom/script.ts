/**
 * The command of a custom tool. It is `exec`'s in all but two things: arguments and variables reach it
 * as its environment, so that no value is ever read by a shell as code, and it runs in a container of
 * its own that nothing else sees.
 */
import type { CustomTool } from '../../domain/custom-tool.ts'
import type { JsonObject } from '../../domain/mcp.ts'
import type { OpenedVariables } from '../../domain/ports/custom-tools.ts'
import type { SandboxPort } from '../../domain/ports/sandbox.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { ToolOutcome } from '../../domain/tool.ts'
import { execTool, withoutHalfWord } from '../builtin/exec.ts'
import { failed } from '../builtin/workspace-failure.ts'
import type { ToolRefusal } from '../refusal.ts'
import type { BoundCall, GuardContext, GuardFindings, ToolContext } from '../tool.ts'

const SHELL = ['/bin/bash', '--noprofile', '--norc', '-c'] as const
export const ARGUMENT_PREFIX = 'ARG_'
/** All arguments in one, for what is no text. */
const ALL_ARGUMENTS = 'ARGS_JSON'
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]{0,63}$/
const MAX_VALUE_CHARS = 32_000

export const isArgumentName = (name: string): boolean => VARIABLE.test(name)

/** Where a variable of the tool's own would be taken for an argument. */
export const isArgumentVariable = (name: string): boolean =>
  name.startsWith(ARGUMENT_PREFIX) || name === ALL_ARGUMENTS

export function argumentVariables(
  args: JsonObject,
): Result<Readonly<Record<string, string>>, string> {
  const variables: Record<string, string> = {}
  for (const [name, value] of Object.entries(args)) {
    if (!isArgumentName(name) || value === null || value === undefined) continue
    variables[`${ARGUMENT_PREFIX}${name}`] =
      typeof value === 'string' ? value : JSON.stringify(value)
  }
  variables[ALL_ARGUMENTS] = JSON.stringify(args)
  const isFit = Object.values(variables).every(
    (value) => value.length <= MAX_VALUE_CHARS && !value.includes('\0') && value.isWellFormed(),
  )
  return isFit ? ok(variables) : err('an argument is too long, or holds what no variable can hold')
}

const boundExec = ({ command, timeoutSeconds }: CustomTool): Result<BoundCall, string> =>
  execTool.bind({ command, timeout_seconds: timeoutSeconds })

/** As the shell's gate finds the command; a program with a credential has none of it here. */
export function guardScript(
  tool: CustomTool,
  context: GuardContext,
): Result<GuardFindings, ToolRefusal> {
  const bound = boundExec(tool)
  if (!bound.ok) return err({ kind: 'invalid_arguments', faults: bound.error })
  const guarded = bound.value.guard(context)
  if (!guarded.ok) return guarded
  if (guarded.value.credential !== undefined) {
    const reason = 'a custom tool cannot run a program that has a credential'
    return err({ kind: 'command_denied', groups: [], reason })
  }
  // What it reads and says depends on arguments that no rule has seen; and an approval is of this tool.
  return ok({ ...guarded.value, isReadOnly: false, standing: null })
}

export async function runScript(
  tool: CustomTool,
  args: JsonObject,
  context: ToolContext,
): Promise<ToolOutcome> {
  const { custom, sandbox } = context
  if (custom === null) return failed('custom tools cannot be run from here.')
  const variables = argumentVariables(args)
  if (!variables.ok) return failed(`${tool.name} was not run: ${variables.error}.`)
  const bound = boundExec(tool)
  if (!bound.ok) return failed(bound.error)
  const opened = await custom.open(tool)
  if (!opened.ok) return failed(opened.error)
  const env = { ...variables.value, ...opened.value.env }
  const confined = sandbox && alone(sandbox, tool, env, opened.value)
  return bound.value.run({ ...context, sandbox: confined })
}

/** The sandbox with this command's environment, and for no other command. */
const alone = (
  sandbox: SandboxPort,
  tool: CustomTool,
  env: Readonly<Record<string, string>>,
  { isIn }: OpenedVariables,
): SandboxPort => ({
  exec: async (request, options) => {
    if (request.credentialed !== undefined) {
      const message = 'a custom tool cannot run a program that has a credential'
      return err({ kind: 'refused', message })
    }
    const credentialed = {
      argv: [...SHELL, request.command, tool.name],
      env,
      hosts: [],
      admit: async () => null,
      isSecretIn: isIn,
    }
    const result = await sandbox.exec({ ...request, credentialed }, options)
    return result.ok ? ok(withoutHalfWord(result.value)) : result
  },
})
