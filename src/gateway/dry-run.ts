/**
 * What the third gate would say to a call, by the very code that says it to a model's: nothing runs,
 * nothing is stored, counted or reported.
 */
import type { CallDecision, JudgedCall, ParsedCall } from '../api/tool-judgement.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { RunId } from '../domain/ids.ts'
import type { Invocation } from '../domain/ports/session.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { EMPTY_WINDOW } from '../tools/budget.ts'
import { checkCall } from '../tools/invoke.ts'
import { decidingRule } from '../tools/policy.ts'
import type { ToolRefusal } from '../tools/refusal.ts'
import type { ToolCaller, ToolSettings } from '../tools/settings.ts'
import { parseLine } from '../tools/shell/parsed.ts'
import { ofRule } from './tool-policy.ts'
import { credentialedPolicyOf, toolSettingsOf, toolsOf } from './tool-settings.ts'

export function judgeCall(
  { tool, args }: Invocation,
  snapshot: TenantSnapshot,
  agent: AgentRecord,
  caller: ToolCaller,
): JudgedCall {
  const settings = toolSettingsOf(snapshot, agent, caller)
  const checked = checkCall(
    { id: 'dry-run', name: tool, arguments: args },
    {
      registry: toolsOf(snapshot, agent),
      ...settings,
      stops: snapshot.stops,
      credentialed: credentialedPolicyOf(snapshot, agent),
      budget: { limitPerHour: 0, window: EMPTY_WINDOW, now: 0 },
      identity: {
        tenantId: snapshot.tenantId,
        agentId: agent.id,
        sessionKey: '',
        runId: 'run_dry' as RunId,
        callId: 'dry-run',
        policyVersion: snapshot.version,
        workspaceRoot: null,
      },
      carriesSecret: () => false,
      approval: null,
    },
  )
  const found = toolsOf(snapshot, agent).find(tool)
  const decided = found === undefined ? null : decidingRule(found, settings.policy)
  const parsed = parsedCall(tool, args, settings)
  if (checked.ok) {
    const decidedBy =
      decided && ({ layer: 'policy', rule: decided.rule, detail: ofRule(decided) } as const)
    return { decision: 'allow', decidedBy, parsed }
  }
  const { refusal, message } = checked.error
  const decidedBy = decisionOf(refusal, settings, decided)
  if (refusal.kind === 'approval_required') {
    return { decision: 'ask', kind: refusal.reason, message, decidedBy, parsed }
  }
  const groups = refusal.kind === 'command_denied' ? { groups: refusal.groups } : {}
  return { decision: 'deny', kind: refusal.kind, message, ...groups, decidedBy, parsed }
}

const argumentOf = (args: unknown, name: string): string | null => {
  const value =
    typeof args === 'object' && args !== null && Object.hasOwn(args, name)
      ? (args as Record<string, unknown>)[name]
      : null
  return typeof value === 'string' ? value : null
}

/** As the gate read it: a line in its simple commands, an address in its parts. */
function parsedCall(tool: string, args: unknown, { shell }: ToolSettings): ParsedCall {
  const command = tool === 'exec' ? argumentOf(args, 'command') : null
  if (command !== null) return { line: parseLine(command, shell.approval.allowlist) }
  const text = tool === 'web_fetch' ? argumentOf(args, 'url') : null
  if (text === null) return {}
  const url = URL.parse(text.trim())
  return {
    url: url && { scheme: url.protocol.slice(0, -1), host: url.host, path: url.pathname },
  }
}

/** With what the sentence for the model leaves out: whoever may ask reads the settings as well. */
function decisionOf(
  refusal: ToolRefusal,
  { autonomy, access, shell }: ToolSettings,
  decided: ReturnType<typeof decidingRule>,
): CallDecision {
  const decision = (
    layer: CallDecision['layer'],
    rule: string,
    detail: CallDecision['detail'] = {},
  ): CallDecision => ({ layer, rule, detail })
  const { security, ask } = shell.approval
  switch (refusal.kind) {
    case 'unknown_tool':
    case 'invalid_arguments':
      return decision('arguments', refusal.kind)
    case 'stopped':
      return decision('estop', refusal.stop.kind, { id: refusal.stop.id })
    case 'policy_denied':
      return decision('policy', decided?.rule ?? 'deny', decided === null ? {} : ofRule(decided))
    case 'workspace_denied':
      return decision('sandbox', 'workspace_access', { access })
    case 'autonomy_denied':
      return decision('autonomy', 'autonomy.level', { level: autonomy })
    case 'budget_exhausted':
      return decision('budget', 'rate_limit_per_hour', { limitPerHour: refusal.limitPerHour })
    case 'command_denied':
      return decision('shell', 'deny_groups', { groups: refusal.groups, reason: refusal.reason })
    case 'command_not_listed':
      return decision('shell', 'allowed_commands', { allowedCommands: shell.allowedCommands ?? [] })
    case 'exec_denied':
      return decision('approval', 'exec_approval', { security, ask })
    case 'credentialed_denied':
      return decision('credential', refusal.kind)
    case 'path_denied':
      return decision('path', refusal.why)
    case 'url_denied':
      return decision('url', refusal.refusal.kind, { scheme: refusal.scheme })
    case 'secret_in_arguments':
      return decision('arguments', refusal.kind)
    case 'approval_required':
      return refusal.reason === 'autonomy'
        ? decision('autonomy', 'autonomy.level', { level: autonomy })
        : decision('approval', 'exec_approval', { security, ask })
    case 'approval_denied':
    case 'approval_mismatch':
      return decision('approval', refusal.kind)
  }
}
