/**
 * The gate of the third layer: known? → arguments valid? → stopped? → tool policy → autonomy → budget → the
 * tool's own guard → approval → run. The first refusal wins. `checkCall` is pure, so a dry run is
 * judged by the very same code; it emits nothing and stores nothing.
 */
import { canonicalJson } from '../crypto/canonical-json.ts'
import type { Autonomy } from '../domain/config/tool-policy.ts'
import { type EmergencyStops, stopOfNetwork, stopOfTool } from '../domain/emergency-stop.ts'
import type { AgentId, RunId, TenantId } from '../domain/ids.ts'
import type { ToolCall } from '../domain/message.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { SecurityEvent } from '../domain/security-event.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import type { WorkspaceAccess } from './access.ts'
import { type ApprovalBinding, decideExecApproval, isSameBinding, strictest } from './approval.ts'
import { decideAutonomy } from './autonomy.ts'
import { type ToolCallWindow, takeToolCall } from './budget.ts'
import type { CredentialedPolicy } from './credentialed/policy.ts'
import { denyingLevel, type EffectiveToolPolicy } from './policy.ts'
import { describeRefusal, eventsOfRefusal, type ToolRefusal } from './refusal.ts'
import { hasAccess, type ToolRegistry } from './registry.ts'
import { isAllowlisted } from './shell/allowlist.ts'
import type { ShellPolicy } from './shell/command.ts'
import type { BoundCall, GuardFindings, Tool, ToolContext } from './tool.ts'

/** On whose behalf, and on which state of policy and files, a call is judged. */
export interface CallIdentity {
  readonly tenantId: TenantId
  readonly agentId: AgentId
  readonly sessionKey: string
  readonly runId: RunId
  /** Unique per run and call, as in `ToolContext`: ids made up by models repeat. */
  readonly callId: string
  readonly policyVersion: number
  /** Root of the workspace's manifest; null when the call cannot see the workspace. */
  readonly workspaceRoot: string | null
}

export interface CallContext {
  readonly registry: ToolRegistry
  readonly policy: EffectiveToolPolicy
  readonly stops: EmergencyStops
  readonly autonomy: Autonomy['level']
  readonly access: WorkspaceAccess
  readonly shell: ShellPolicy
  readonly credentialed: CredentialedPolicy
  readonly budget: {
    readonly limitPerHour: number
    readonly window: ToolCallWindow
    readonly now: number
  }
  readonly identity: CallIdentity
  /** Whether a text holds a value that was opened for this run, in any of its forms. */
  readonly carriesSecret: (text: string) => boolean
  /** The binding of an approval that was just consumed for this call; null when there is none. */
  readonly approval: ApprovalBinding | null
}

/** A call that may run, now. */
export interface PreparedCall {
  readonly call: ToolCall
  readonly tool: Tool
  readonly bound: BoundCall
  /** To be stored before the call runs: the budget is spent even if the tool fails. */
  readonly budget: ToolCallWindow
}

export interface RefusedCall {
  readonly refusal: ToolRefusal
  /** Words for the model. */
  readonly message: string
  readonly events: readonly SecurityEvent[]
}

/**
 * A call that must ask is refused with `approval_required`, so a caller that keeps no approvals
 * denies it. One that does stores the refusal's binding, and after a human agreed and the approval
 * was consumed comes again with that binding as `context.approval`.
 */
export function checkCall(call: ToolCall, context: CallContext): Result<PreparedCall, RefusedCall> {
  const judged = judgeCall(call, context)
  if (judged.ok) return judged
  return err({
    refusal: judged.error,
    message: describeRefusal(call.name, judged.error),
    events: eventsOfRefusal(call.name, judged.error),
  })
}

function judgeCall(call: ToolCall, context: CallContext): Result<PreparedCall, ToolRefusal> {
  const tool = context.registry.find(call.name)
  if (tool === undefined) return err({ kind: 'unknown_tool' })

  const bound = tool.bind(call.arguments)
  if (!bound.ok) return err({ kind: 'invalid_arguments', faults: bound.error })

  const stop = stopOfTool(context.stops, tool)
  if (stop !== null) return err({ kind: 'stopped', stop })
  const level = denyingLevel(tool, context.policy)
  if (level !== null) return err({ kind: 'policy_denied', level })
  if (context.access !== 'rw' && !hasAccess(tool, context.access)) {
    return err({ kind: 'workspace_denied', access: context.access })
  }

  if (context.autonomy === 'readonly' && !tool.isReadOnly) {
    return err({ kind: 'autonomy_denied', level: 'readonly' })
  }

  const { limitPerHour, window, now } = context.budget
  const budget = takeToolCall(window, limitPerHour, now)
  if (!budget.isAllowed) {
    return err({ kind: 'budget_exhausted', limitPerHour, retryAfterMs: budget.retryAfterMs })
  }

  if (tool.sendsOut && context.carriesSecret(canonicalJson(bound.value.arguments))) {
    return err({ kind: 'secret_in_arguments' })
  }

  const { access, shell, credentialed } = context
  const guarded = bound.value.guard({ access, shell, credentialed })
  if (!guarded.ok) return guarded
  // A command with a credential has a network of its own.
  const isOffline = (guarded.value.credential?.network ?? 'none') === 'none'
  const cutOff = isOffline ? null : stopOfNetwork(context.stops)
  if (cutOff !== null) return err({ kind: 'stopped', stop: cutOff })

  const approved = checkApproval(call, tool, bound.value, guarded.value, context)
  if (!approved.ok) return approved

  return ok({ call, tool, bound: bound.value, budget: budget.window })
}

function checkApproval(
  call: ToolCall,
  tool: Tool,
  bound: BoundCall,
  findings: GuardFindings,
  context: CallContext,
): Result<null, ToolRefusal> {
  const { approval, approvalsAbove = [] } = context.shell
  const rules = [approval, ...approvalsAbove]
  const byAutonomy = decideAutonomy(context.autonomy, {
    isReadOnlyTool: tool.isReadOnly,
    isReadOnlyCall: findings.isReadOnly,
  })
  const { commands } = findings
  const byExecApproval =
    commands === null
      ? 'allow'
      : strictest(
          ...rules.map((rule) =>
            decideExecApproval(rule, {
              isAllowlisted: isAllowlisted(commands, rule.allowlist),
              isReadOnly: findings.isReadOnly,
            }),
          ),
        )
  const decision = strictest(byAutonomy, byExecApproval)
  if (decision === 'allow') return ok(null)
  if (decision === 'deny') {
    const isClosed = rules.some(({ security }) => security === 'deny')
    return err({ kind: 'exec_denied', security: isClosed ? 'deny' : 'allowlist' })
  }

  const binding = bindingOf(call, bound, findings, context)
  if (context.approval === null) {
    const reason = byExecApproval === 'ask' ? 'exec_approval' : 'autonomy'
    return err({ kind: 'approval_required', binding, reason, standing: findings.standing })
  }
  return isSameBinding(context.approval, binding) ? ok(null) : err({ kind: 'approval_mismatch' })
}

function bindingOf(
  call: ToolCall,
  bound: BoundCall,
  findings: GuardFindings,
  context: CallContext,
): ApprovalBinding {
  return {
    ...context.identity,
    tool: call.name,
    arguments: canonicalJson(bound.arguments),
    cwd: findings.cwd,
    envNames: findings.credential?.envNames ?? [],
    access: context.access,
    network: findings.credential?.network ?? 'none',
  }
}

/** Runs a call that `checkCall` let through. A bug in a tool throws; everything else is an outcome. */
export async function invoke(prepared: PreparedCall, context: ToolContext): Promise<ToolOutcome> {
  // One that began earlier is taken up: whoever carries it out must be told to stop.
  if (context.signal.aborted && !context.isResumed)
    return { content: 'The call was cancelled.', isError: true }
  return prepared.bound.run(context)
}
