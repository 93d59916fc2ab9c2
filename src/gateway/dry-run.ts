/**
 * What the third gate would say to a call, by the very code that says it to a model's: nothing runs,
 * nothing is stored, counted or reported.
 */
import type { JudgedCall } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { RunId } from '../domain/ids.ts'
import type { Invocation } from '../domain/ports/session.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { EMPTY_WINDOW } from '../tools/budget.ts'
import { checkCall } from '../tools/invoke.ts'
import type { ToolCaller } from '../tools/settings.ts'
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
  if (checked.ok) return { decision: 'allow' }
  const { refusal, message } = checked.error
  if (refusal.kind === 'approval_required') {
    return { decision: 'ask', kind: refusal.reason, message }
  }
  const groups = refusal.kind === 'command_denied' ? { groups: refusal.groups } : {}
  return { decision: 'deny', kind: refusal.kind, message, ...groups }
}
