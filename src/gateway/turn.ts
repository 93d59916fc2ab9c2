/**
 * One turn of a conversation through the layers: inspect was before (nothing uninspected is stored);
 * here think → invoke → confine → release, composed over the session's journal. The tenant's
 * configuration is read anew before every step, so that a change acts on the next call.
 */
import { type LoopInput, runCompaction, runLoop } from '../agent/loop.ts'
import type { LoopPorts, RunJournal } from '../agent/ports.ts'
import { buildSystemPrompt } from '../agent/prompt.ts'
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { BudgetStop } from '../domain/budget.ts'
import { type ModelSettings, modelSettings } from '../domain/config/effective.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import { describeStop, stopOfRuns } from '../domain/emergency-stop.ts'
import type { UserMessage } from '../domain/message.ts'
import type { Sampling } from '../domain/ports/session.ts'
import type { RunTracing } from '../domain/ports/tracer.ts'
import { hasRole } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { RunEvent, RunResult } from '../domain/run-event.ts'
import { payingAgentKey } from '../domain/run-origin.ts'
import { agentOfKey, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import type { SpendingModel } from '../domain/usage.ts'
import type { ExecAssignments } from '../isolation/runner-client.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'
import { contextWindowTokens } from '../providers/models.ts'
import { NO_SPAN } from '../telemetry/trace.ts'
import type { ToolBudgetPort } from '../tools/budget.ts'
import { type ApprovalSignals, createApprovals } from './approvals.ts'
import { recheckPrincipal } from './authenticate.ts'
import { createCallPorts } from './call-ports.ts'
import { type ChildrenPort, mayGoOn, READER_PROMPT } from './children.ts'
import { createCondense } from './condense.ts'
import { agentFilesOf, askUserFiles, tellUserFiles } from './context-files.ts'
import { createReporter } from './emit.ts'
import { flushMemoryOf } from './flush-memory.ts'
import { freshSnapshot, freshTenant } from './freshness.ts'
import { createRunHooks, type HookMarks } from './hooks/tool-hooks.ts'
import { createInvocationModel } from './invocation.ts'
import { createMcpConnections } from './mcp/connections.ts'
import { modelsOf, openModel, releasedModel } from './model.ts'
import { pricedResult } from './priced.ts'
import {
  createRunRelease,
  createTraceRelease,
  createVerbatimRelease,
  releasedEvent,
} from './release.ts'
import { ancestorsOf, isReader } from './run-rights.ts'
import { toldSkills } from './skills.ts'
import { spendingOf } from './spending.ts'
import { createToolPort } from './tool-port.ts'
import type { TurnRequest } from './turn-request.ts'

export interface TurnPorts {
  readonly services: Services
  readonly journal: RunJournal
  readonly budget: ToolBudgetPort
  readonly assignments: ExecAssignments
  readonly provenance: ProvenancePort
  readonly hookMarks: HookMarks
  readonly approvalSignals: ApprovalSignals
  /** The sub-agents of this conversation. */
  readonly children: ChildrenPort
  /** Absent: nothing is kept of how it goes. */
  readonly tracing?: RunTracing
  /** A gateway event to the session's own sockets; it has no `seq` and is not replayed. */
  notify(event: string, payload: unknown): void
  emit(event: RunEvent): void
  takeInjected(): readonly UserMessage[]
  /** Called with every proof of rights: whoever listens may have lost theirs. */
  onAuthVersion(authVersion: number): void
}

/** The tenant and agent as they are now; replaced by every check of rights. */
interface Live {
  readonly snapshot: TenantSnapshot
  readonly agent: AgentRecord
}

export async function runTurn(request: TurnRequest, ports: TurnPorts): Promise<RunResult> {
  const { services } = ports
  let live: Live | null = null
  let principal = request.principal
  let isStopped = false

  // What was spent so far goes with every question, and the budgets' answer comes back with it.
  const budget: { stop: BudgetStop | null; model: SpendingModel | null } = {
    stop: null,
    model: null,
  }
  const freshWithBudget: typeof freshSnapshot = async (doors, tenantId) => {
    const { runId, startedAt, sessionKey } = request
    // Who answered last is whose the rest of it was: a fallback is told of, and paid, by its own name.
    const models = ports.journal.models()
    const answered = models.at(-1)
    const model = answered ? { provider: answered.provider, name: answered.name } : budget.model
    const agentKey = payingAgentKey(request.origin, sessionKey.agentKey)
    const run = { runId, startedAt, agentKey, model, usage: ports.journal.usage(), models }
    const ask = { ...spendingOf(principal, run), isReservation: false }
    const fresh = await freshTenant(doors, tenantId, ask)
    budget.stop = fresh?.stop ?? null
    return fresh?.snapshot ?? null
  }
  // A call by hand asks no model.
  const fresh = request.invocation === null ? freshWithBudget : freshSnapshot

  const refresh = async (): Promise<Result<Live, string>> => {
    const checked = await recheckPrincipal(principal, services, request.settings, fresh)
    if (!checked.ok) return err(checked.error.message)
    principal = checked.value.principal
    const stop = stopOfRuns(checked.value.snapshot.stops)
    isStopped = stop !== null
    if (stop !== null) return err(describeStop(stop))
    // Whoever could not begin it any more does not go on with it either.
    if (!hasRole(principal, 'operator')) return err('the right to run agents has ended')
    ports.onAuthVersion(checked.value.snapshot.authVersion)
    const agent = agentOfKey(checked.value.snapshot, request.sessionKey.agentKey)
    if (agent?.status !== 'active') return err('the agent of this conversation is not available')
    if (ancestorsOf(checked.value.snapshot, request.origin) === null)
      return err('an agent that this run acts for is not available')
    if (!(await mayGoOn(request, services, ports.provenance)))
      return err('the run that this one works for has ended')
    live = { snapshot: checked.value.snapshot, agent }
    return ok(live)
  }

  const userFiles = askUserFiles(request, services)
  const started = await refresh()
  // The loop begins with a check of its own, which the one just made answers.
  let isProven = true
  const refused = (): 'STOPPED' | 'ACCESS_REVOKED' => (isStopped ? 'STOPPED' : 'ACCESS_REVOKED')
  if (!started.ok) return { kind: 'failed', code: refused(), error: started.error }
  if (budget.stop) return { kind: 'failed', code: 'LIMIT', error: budget.stop.message }
  const { snapshot, agent } = started.value
  budget.model = { provider: agent.provider, name: agent.model }
  const report = createReporter(services, {
    tenantId: principal.tenantId,
    userId: principal.userId,
    sessionKey: request.sessionKey.text,
    runId: request.runId,
    agentKey: agent.key,
  })
  // Registered before the first use: what is decrypted for this run can leave it nowhere.
  const dictionary = createSecretDictionary()
  const release = createRunRelease(snapshot.config, dictionary, report)
  const { tracing } = ports
  const { traces } = snapshot.config
  tracing?.trace.keep(traces.sample_ratio, traces.retention_days)
  tracing?.trace.protectWith(createTraceRelease(snapshot.config, dictionary))
  const { acceptPlaintext } = request.settings
  const model =
    request.invocation === null
      ? await openModel({
          agent,
          snapshot,
          services,
          dictionary,
          acceptPlaintext,
          ...(tracing ? { span: tracing.run } : {}),
          onFallback: ({ provider, name }) =>
            ports.emit({ type: 'activity', phase: 'fallback', detail: { provider, model: name } }),
        })
      : ok(createInvocationModel(request.invocation, request.runId))
  if (!model.ok) return { kind: 'failed', code: 'MODEL', error: model.error }

  const mcp = createMcpConnections({
    settings: request.settings,
    tenantId: principal.tenantId,
    services,
    dictionary,
    report,
    signal: request.signal,
  })
  const hooks = createRunHooks({
    request,
    live: () => live ?? started.value,
    services,
    dictionary,
    release,
    report,
    provenance: ports.provenance,
    marks: ports.hookMarks,
  })
  const tools = createToolPort({
    request,
    hooks,
    live: () => live ?? started.value,
    services,
    budget: ports.budget,
    assignments: ports.assignments,
    provenance: ports.provenance,
    span: tracing?.run ?? NO_SPAN,
    openPorts: createCallPorts({
      request,
      services,
      dictionary,
      release,
      report,
      mcp,
      children: ports.children,
      provenance: ports.provenance,
      principal: () => principal,
    }),
    approvals: createApprovals({
      services,
      signals: ports.approvalSignals,
      requestedBy: principal.userId,
      sessionOwner: request.workspaceUser,
      report,
      verbatim: createVerbatimRelease(dictionary, report),
      notify: (event, payload) => ports.notify(event, payload),
      onWait: (detail) => ports.emit({ type: 'activity', phase: 'approval_wait', detail }),
    }),
    recheck: refresh,
    dictionary,
    release,
    report,
    onActivity: (phase, detail) =>
      ports.emit(detail ? { type: 'activity', phase, detail } : { type: 'activity', phase }),
  })
  const { provenance } = ports
  const config = (): TenantConfig => (live ?? started.value).snapshot.config
  const condense = createCondense({ config, provenance, report })
  const ofModel = modelSettings(snapshot.config, agent.settings)
  // What is sent must fit whichever of them is asked.
  const windowTokens =
    ofModel.context_window_tokens ??
    Math.min(...modelsOf(agent, snapshot).map(({ name }) => contextWindowTokens(name)))
  const heads = await userFiles.read(started.value)
  const told = await tellUserFiles(heads, { config: snapshot.config, release, provenance, report })
  const input: LoopInput = {
    model: agent.model,
    system: buildSystemPrompt({
      agentName: agent.displayName,
      ...(isReader(request.origin)
        ? { agentPrompt: READER_PROMPT, agentFiles: [], userFiles: [] }
        : {
            agentPrompt: agent.systemPrompt,
            agentFiles: agentFilesOf(snapshot, agent),
            userFiles: told,
          }),
      callerInstructions: request.callerInstructions,
      hasTools: tools.specs().length > 0,
      isSandboxAvailable: tools.isSandboxAvailable(),
      programs: tools.programs(),
      skills: toldSkills(request, started.value, tools.specs()),
    }),
    windowTokens,
    sampling: samplingOf(ofModel, request.sampling),
    startedAt: request.startedAt,
    signal: request.signal,
  }
  const streaming = releasedModel(model.value, release, (attempt, maxAttempts) =>
    ports.emit({ type: 'run.retrying', attempt, maxAttempts }),
  )
  const recheck = async (): Promise<Result<null, string>> => {
    const checked = await refresh()
    return checked.ok ? ok(null) : checked
  }
  const checkBudget = (): Result<null, string> =>
    budget.stop ? err(budget.stop.message) : ok(null)
  // A call by hand asks no model: it answers nobody, and has none that could summarise or note.
  const ofModels =
    request.invocation !== null
      ? { takeInjected: () => [] }
      : {
          takeInjected: ports.takeInjected,
          condense,
          flushMemory: flushMemoryOf({
            request,
            live: () => live ?? started.value,
            model: streaming,
            tools,
            modelName: agent.model,
            windowTokens,
            addUsage: (usage, model) => ports.journal.addUsage(usage, model),
            asData: condense.asData,
            checkRights: recheck,
            checkBudget,
            now: services.now,
          }),
        }
  const loopPorts: LoopPorts = {
    model: streaming,
    tools,
    journal: ports.journal,
    emit: (event) => ports.emit(releasedEvent(event, release)),
    checkRights: async () => {
      if (!isProven) return recheck()
      isProven = false
      return ok(null)
    },
    checkBudget,
    ...ofModels,
    now: services.now,
  }
  const run = request.isCompaction ? runCompaction : runLoop
  const current = (): TenantSnapshot => (live ?? started.value).snapshot
  const ran = await run(input, loopPorts).finally(() => services.inBackground(mcp.close()))
  const result = pricedResult(ran, ports.journal.models(), current())
  if (!request.isCompaction) hooks.ended(result)
  const isRefused = result.kind === 'failed' && result.code === 'ACCESS_REVOKED'
  return isRefused ? { ...result, code: refused() } : result
}

/** The caller's wishes over the agent's defaults; the agent's output limit can only be lowered. */
export function samplingOf(settings: ModelSettings, wished: Sampling): Sampling {
  const { temperature, max_output_tokens: limit } = settings
  const maxOutputTokens =
    limit !== undefined && wished.maxOutputTokens !== undefined
      ? Math.min(limit, wished.maxOutputTokens)
      : (wished.maxOutputTokens ?? limit)
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...wished,
    ...(maxOutputTokens === undefined ? {} : { maxOutputTokens }),
  }
}
