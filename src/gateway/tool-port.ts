/** Tool calls through layers three to five: judge, confine, run, release, cut. */
import type { KeyedCall, ToolPort } from '../agent/ports.ts'
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { ActiveSpan } from '../domain/ports/tracer.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { ActivityPhase } from '../domain/run-event.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import type { ExecAssignments } from '../isolation/runner-client.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import { logError } from '../telemetry/log.ts'
import { NO_SPAN } from '../telemetry/trace.ts'
import type { ApprovalBinding } from '../tools/approval.ts'
import { type ToolBudgetPort, takeToolCall } from '../tools/budget.ts'
import { sendFileTool } from '../tools/builtin/send-file.ts'
import { callablePrograms } from '../tools/credentialed/policy.ts'
import { checkCall, invoke, type PreparedCall, type RefusedCall } from '../tools/invoke.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { Approvals } from './approvals.ts'
import { type ApprovedCall, approveCall } from './approved-call.ts'
import type { OpenCallPorts } from './call-ports.ts'
import { answersInChannel } from './channels/answer-files.ts'
import { createCredentials, releasedRefusal } from './credentials.ts'
import type { Report } from './emit.ts'
import type { RunHooks } from './hooks/tool-hooks.ts'
import type { RunRelease } from './release.ts'
import { createRunRights } from './run-rights.ts'
import { confineRun } from './sandbox.ts'
import { presentResult } from './tool-result.ts'
import type { TurnRequest } from './turn-request.ts'

export interface ToolPortParts {
  readonly request: TurnRequest
  /** The tenant and agent as they are now. */
  readonly live: () => { readonly snapshot: TenantSnapshot; readonly agent: AgentRecord }
  readonly services: Services
  readonly budget: ToolBudgetPort
  readonly assignments: ExecAssignments
  readonly provenance: ProvenancePort
  /** The ways out of a call under this configuration, for one call. */
  readonly openPorts: OpenCallPorts
  /** Of the run: each call is one below it. */
  readonly span: ActiveSpan
  readonly approvals: Approvals
  /** Of the tenant, around every call that the gates let through. */
  readonly hooks: RunHooks
  /** Proves the run's rights anew, and brings `live` up to date. */
  recheck(): Promise<Result<unknown, string>>
  /** Every value that was opened for this run. */
  readonly dictionary: SecretDictionary
  readonly release: RunRelease
  readonly report: Report
  onActivity(phase: ActivityPhase, detail?: Readonly<Record<string, unknown>>): void
}

export interface RunToolPort extends ToolPort {
  isSandboxAvailable(): boolean
  /** Registered programs that a call of this agent can succeed for. */
  programs(): ReturnType<typeof callablePrograms>
}

const INTERRUPTED: ToolOutcome = {
  content: 'The gateway was interrupted during this call; whether it took effect is unknown.',
  isError: true,
}

/** A store that fails is no yes. */
const UNASKABLE: RefusedCall = {
  refusal: { kind: 'approval_denied' },
  message: 'This call needs the approval of a human, who cannot be asked now. Try again later.',
  events: [],
}

export function createToolPort(parts: ToolPortParts): RunToolPort {
  const { request, services, release, report } = parts
  const rights = createRunRights(request)

  const confined = (
    isResumed: boolean,
    workspaceRoot: string | null = null,
    span: ActiveSpan = NO_SPAN,
  ) => {
    const { runnerSignKey: signKey } = request
    const { assignments } = parts
    const live = parts.live()
    return confineRun({
      request,
      ...live,
      levels: rights.sandbox(live),
      sessionKind: rights.sessionKind,
      services,
      signKey,
      assignments,
      isResumed,
      workspaceRoot,
      report,
      span,
    })
  }

  const judge = (
    { call, callKey }: KeyedCall,
    /** Its place in the budget is taken: when it began before a crash, or was asked about. */
    isCounted: boolean,
    workspaceRoot: string | null,
    approval: ApprovalBinding | null,
  ): Result<PreparedCall, RefusedCall> => {
    const live = parts.live()
    const { snapshot, agent } = live
    const settings = rights.settings(live)
    return checkCall(call, {
      registry: rights.registry(live),
      policy: settings.policy,
      stops: snapshot.stops,
      autonomy: settings.autonomy,
      access: settings.access,
      shell: settings.shell,
      credentialed: rights.credentialed(live),
      budget: {
        limitPerHour: isCounted ? 0 : settings.limitPerHour,
        window: parts.budget.readToolCallWindow(),
        now: services.now(),
      },
      identity: {
        tenantId: snapshot.tenantId,
        agentId: agent.id,
        sessionKey: request.sessionKey.text,
        runId: request.runId,
        callId: callKey,
        policyVersion: snapshot.version,
        workspaceRoot,
      },
      carriesSecret: parts.dictionary.contains,
      approval,
    })
  }

  /** A call that needs nobody's approval is judged once, without a look at the workspace. */
  const admit = async (
    keyed: KeyedCall,
    isResumed: boolean,
    signal: AbortSignal,
    span: ActiveSpan,
  ): Promise<Result<ApprovedCall, RefusedCall>> => {
    const judged = judge(keyed, isResumed, null, null)
    if (judged.ok) {
      return ok({ prepared: judged.value, workspaceRoot: null, isResumed, isCounted: false })
    }
    let isCounted = false
    if (judged.error.refusal.kind !== 'approval_required') return judged
    const wait = span.start({ name: 'approval', key: 'approval' })
    const asking = approveCall({
      approvals: parts.approvals,
      isResumed,
      signal,
      live: parts.live,
      recheck: () => parts.recheck(),
      count: () => {
        isCounted = true
        const { limitPerHour } = rights.settings(parts.live())
        const window = parts.budget.readToolCallWindow()
        const taken = takeToolCall(window, limitPerHour, services.now())
        if (taken.isAllowed) parts.budget.writeToolCallWindow(taken.window)
      },
      workspaceRoot: async () => {
        if (rights.settings(parts.live()).access === 'none') return null
        return (await confined(false).workspace.manifest()).root
      },
      judge: (workspaceRoot, approval) =>
        judge(keyed, isResumed || isCounted, workspaceRoot, approval),
    })
    const asked = await asking.catch((error: unknown) => {
      logError('approval.failed', error, { runId: request.runId })
      return err(UNASKABLE)
    })
    wait.set({ 'edgeclaw.approval.outcome': asked.ok ? 'approved' : asked.error.refusal.kind })
    wait.end(asked.ok ? 'ok' : 'error')
    return asked
  }

  const refuse = ({ message, events }: RefusedCall): ToolOutcome => {
    for (const event of events) report(releasedRefusal(event, release))
    return { content: message, isError: true }
  }

  const spanOf = (parent: ActiveSpan, { call, callKey }: KeyedCall): ActiveSpan => {
    // A name that is no tool's is the model's own words.
    const tool = rights.registry(parts.live()).find(call.name)?.name ?? 'unknown'
    return parent.start({
      name: `execute_tool ${tool}`,
      key: callKey,
      attributes: {
        'gen_ai.operation.name': 'execute_tool',
        'gen_ai.tool.name': tool,
        'gen_ai.tool.type': 'function',
        'gen_ai.tool.call.id': callKey,
      },
    })
  }

  /** Its end, however it came about. */
  const within = async (
    span: ActiveSpan,
    work: () => Promise<ToolOutcome>,
  ): Promise<ToolOutcome> => {
    try {
      const outcome = await work()
      if (outcome.isError) span.set({ 'error.type': 'tool_error' })
      span.set({ 'edgeclaw.tool.result.chars': outcome.content.length })
      span.end(outcome.isError ? 'error' : 'ok')
      return outcome
    } finally {
      span.end('error')
    }
  }

  const run: ToolPort['run'] = (keyed, options) => {
    const span = spanOf(parts.span, keyed)
    return within(span, () => runWithin(span, keyed, options))
  }

  const runWithin = async (
    span: ActiveSpan,
    keyed: KeyedCall,
    options: { isResumed: boolean; signal: AbortSignal },
  ): Promise<ToolOutcome> => {
    const { signal } = options
    const admitted = await admit(keyed, options.isResumed, signal, span)
    if (!admitted.ok) {
      span.set({ 'edgeclaw.tool.refusal': admitted.error.refusal.kind })
      return refuse(admitted.error)
    }
    const { prepared, workspaceRoot, isResumed, isCounted } = admitted.value
    if (isResumed && !prepared.tool.isIdempotent) return INTERRUPTED
    if (!isResumed && !isCounted) parts.budget.writeToolCallWindow(prepared.budget)
    parts.onActivity('tool_exec', { tool: keyed.call.name })
    const live = parts.live()
    const { snapshot, agent } = live
    const { access, policy } = rights.settings(live)
    const { workspace, sandbox } = confined(isResumed, workspaceRoot, span)
    const context: ToolContext = {
      callId: keyed.callKey,
      isResumed,
      workspace,
      sandbox,
      ...parts.openPorts({ snapshot, agent }, span.traceparent),
      access,
      policy,
      credentialed: rights.credentialed(live),
      credentials: createCredentials({
        services,
        tenantId: snapshot.tenantId,
        agent,
        dictionary: parts.dictionary,
        acceptPlaintext: request.settings.acceptPlaintext,
        report,
      }),
      hasSeenUntrusted: parts.provenance.hasSeenUntrusted(),
      signal,
      onActivity: parts.onActivity,
      callTool: async (name, args) => {
        const callKey = `${keyed.callKey}.${name}`
        const call = { ...keyed.call, name, arguments: args }
        const judged = judge({ call, callKey }, false, null, null)
        if (!judged.ok) return refuse(judged.error)
        parts.budget.writeToolCallWindow(judged.value.budget)
        const inner = { ...context, callId: callKey, isResumed: false }
        const { outcome, contexts } = await parts.hooks.around({ call, callKey }, inner, () =>
          within(spanOf(span, { call, callKey }), () => invoke(judged.value, inner)),
        )
        return parts.hooks.withContexts(outcome, contexts)
      },
    }
    const { outcome, contexts } = await parts.hooks.around(keyed, { isResumed, signal }, () =>
      invoke(prepared, context),
    )
    if (outcome.untrusted !== undefined) parts.provenance.sawUntrusted()
    const presented = await presentResult(outcome, {
      callKey: keyed.callKey,
      config: snapshot.config,
      release,
      report,
      workspace: access === 'rw' ? workspace : null,
      hasSeenUntrusted: parts.provenance.hasSeenUntrusted(),
    })
    return parts.hooks.withContexts(presented, contexts)
  }

  return {
    specs: () => {
      const live = parts.live()
      const { policy, access } = rights.settings(live)
      const specs = rights.registry(live).specs(policy, access)
      return answersInChannel(request)
        ? specs
        : specs.filter(({ name }) => name !== sendFileTool.name)
    },
    isReadOnly: (name) => rights.registry(parts.live()).find(name)?.isReadOnly ?? false,
    isParallelSafe: (name) => rights.registry(parts.live()).find(name)?.isParallelSafe ?? true,
    isSandboxAvailable: () => confined(false).sandbox !== null,
    programs: () => callablePrograms(rights.credentialed(parts.live())),
    run,
  }
}
