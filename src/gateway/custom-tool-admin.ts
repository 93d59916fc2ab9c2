/** An admin's look at a tool of the tenant's own: whether it may be one, and what a call comes to. */
import { CUSTOM_HTTP_GROUPS, type CustomTool } from '../domain/custom-tool.ts'
import { stopOfNetwork } from '../domain/emergency-stop.ts'
import type { TenantId } from '../domain/ids.ts'
import type { CustomToolAdminPort } from '../domain/ports/custom-tools.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { checkUrl } from '../egress/url.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'
import { BUILTIN_TOOLS } from '../tools/builtin/tools.ts'
import { checkEnvironment } from '../tools/credentialed/registration.ts'
import { checkRequest, fillRequest } from '../tools/custom/request.ts'
import { isArgumentName, isArgumentVariable } from '../tools/custom/script.ts'
import { checkSchema, createArgumentCheck } from '../tools/mcp/schema.ts'
import { effectiveDenyGroups } from '../tools/shell/deny-groups.ts'
import { judgeCommand, MAX_COMMAND_CHARS } from '../tools/shell/judge.ts'
import { type CustomToolParts, openValues, sendRequest } from './custom-tools.ts'
import { createRunRelease } from './release.ts'
import { presentResult } from './tool-result.ts'

export interface CustomToolAdminParts
  extends Pick<CustomToolParts, 'settings' | 'services' | 'report'> {
  readonly tenantId: TenantId
  readonly snapshot: TenantSnapshot
}

const BUILTIN_NAMES: ReadonlySet<string> = new Set(BUILTIN_TOOLS.map(({ name }) => name))
/** No registered program has this path: the rules for any program's variables apply. */
const ANY_PROGRAM = '/bin/bash'

function argumentNames({ parameters }: CustomTool): readonly string[] {
  const { properties } = parameters
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : []
}

function checkHttp(tool: CustomTool): Result<null, string> {
  const { origin, request, allowPrivateNetwork, command, group } = tool
  if (origin === null || request === null) return err('a tool of this kind needs an address')
  if (command !== '') return err('a tool of this kind has no command')
  if (!CUSTOM_HTTP_GROUPS.some((name) => name === group)) {
    return err(`a request can stand in one of the groups ${CUSTOM_HTTP_GROUPS.join(', ')}`)
  }
  const checked = checkUrl(origin, { allowPrivateNetwork, requireHttps: true })
  if (!checked.ok) return err(`the URL is refused: ${checked.error.message}`)
  if (checked.value.origin !== origin || /[{}]/.test(origin))
    return err('origin must be scheme, host and port alone')
  return checkRequest(request, new Set(argumentNames(tool)))
}

function checkScript(tool: CustomTool): Result<null, string> {
  const { command, origin, request, group, allowPrivateNetwork } = tool
  if (origin !== null || request !== null || allowPrivateNetwork) {
    return err('a tool of this kind has no address')
  }
  if (group !== 'runtime') return err('a command is of the group runtime')
  if (command.trim() === '') return err('a tool of this kind needs a command')
  if (command.length > MAX_COMMAND_CHARS) return err('the command is too long')
  const unfit = argumentNames(tool).find((name) => !isArgumentName(name))
  if (unfit !== undefined) return err('arguments of a command are named with letters, digits and _')
  return ok(null)
}

export function createCustomToolAdmin(parts: CustomToolAdminParts): CustomToolAdminPort {
  const { services, settings, tenantId, snapshot, report } = parts

  const judge = (command: string): Result<string, string> => {
    const denyGroups = effectiveDenyGroups([snapshot.config.tools.shellDenyGroups])
    const judgement = judgeCommand(command, { denyGroups })
    return judgement.decision === 'deny'
      ? err(`the shell's gate denies this command: ${judgement.reason}`)
      : ok('The shell’s gate would let this command run for an agent that may run it.')
  }

  const send = async (tool: CustomTool, args: unknown) => {
    if (stopOfNetwork(snapshot.stops) !== null) {
      return err('an emergency stop is in force: nothing outside is reached until it is released')
    }
    const checked = createArgumentCheck(tool.parameters)(args)
    if (!checked.ok) return checked
    if (tool.origin === null || tool.request === null) return err('the tool has no address')
    const filled = fillRequest(tool.origin, tool.request, checked.value)
    if (!filled.ok) return filled
    const dictionary = createSecretDictionary()
    const opened = { services, settings, dictionary }
    const headers = await openValues(opened, tenantId, tool, 'sealed_headers')
    if (headers === null) return err('its headers cannot be read; set them again')
    const signal = AbortSignal.timeout(tool.timeoutSeconds * 1_000)
    const { now } = services
    const sent = { settings, tenantId, now, report, signal }
    const outcome = await sendRequest(tool, filled.value, headers, sent)
    const { config } = snapshot
    const release = createRunRelease(config, dictionary, report)
    const callKey = 'test'
    return ok(
      await presentResult(outcome, {
        callKey,
        config,
        release,
        report,
        workspace: null,
        hasSeenUntrusted: false,
      }),
    )
  }

  return {
    check: (tool) => {
      if (BUILTIN_NAMES.has(tool.name)) return err('there is a built-in tool of this name')
      const schema = checkSchema(tool.parameters)
      if (!schema.ok) return err(`parameters: ${schema.error}`)
      return tool.kind === 'http' ? checkHttp(tool) : checkScript(tool)
    },
    checkEnvironment: (env) => {
      const taken = Object.keys(env).find(isArgumentVariable)
      if (taken !== undefined) return err(`env.${taken} is the name of an argument`)
      return checkEnvironment(ANY_PROGRAM, env)
    },
    test: async (tool, args) => {
      if (tool.kind === 'http') return send(tool, args)
      const checked = createArgumentCheck(tool.parameters)(args)
      if (!checked.ok) return checked
      const judged = judge(tool.command)
      return judged.ok ? ok({ content: judged.value, isError: false }) : judged
    },
  }
}
