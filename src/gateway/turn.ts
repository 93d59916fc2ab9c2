/**
 * One turn of a conversation through the layers: inspect was before (nothing uninspected is stored);
 * here think → invoke → confine → release, composed over the session's journal. The tenant's
 * configuration is read anew before every step, so that a change acts on the next call.
 */
import { runLoop } from '../agent/loop.ts'
import type { RunJournal } from '../agent/ports.ts'
import { buildSystemPrompt } from '../agent/prompt.ts'
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { BudgetStop } from '../domain/budget.ts'
import { type ModelSettings, modelSettings } from '../domain/config/effective.ts'
import { describeStop, stopOfRuns } from '../domain/emergency-stop.ts'
import type { UserMessage } from '../domain/message.ts'
import type { Sampling } from '../domain/ports/session.ts'
import { hasRole } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { RunEvent, RunResult } from '../domain/run-event.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import type { SpendingModel } from '../domain/usage.ts'
import type { ExecAssignments } from '../isolation/runner-client.ts'
import { createSecretDictionary } from '../output/secret-dictionary.ts'
import { contextWindowTokens } from '../providers/models.ts'
import type { ToolBudgetPort } from '../tools/budget.ts'
import { type ApprovalSignals, createApprovals } from './approvals.ts'
import { recheckPrincipal } from './authenticate.ts'
import { createCallPorts } from './call-ports.ts'
import { agentFilesOf, askUserFiles, tellUserFiles } from './context-files.ts'
import { createReporter } from './emit.ts'
import { flushMemoryOf } from './flush-memory.ts'
import { freshSnapshot, freshTenant } from './freshness.ts'
import { createInvocationModel } from './invocation.ts'
import { openModel, releasedModel } from './model.ts'
import { createRunRelease, createVerbatimRelease, releasedEvent } from './release.ts'
import { spendingOf } from './spending.ts'
import { createToolPort } from './tool-port.ts'
import type { TurnRequest } from './turn-request.ts'

export interface TurnPorts {
  readonly services: Services
  readonly journal: RunJournal
  readonly budget: ToolBudgetPort
  readonly assignments: ExecAssignments
  readonly provenance: ProvenancePort
  readonly approvalSignals: ApprovalSignals
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
    const { agentKey } = sessionKey
    const run = { runId, startedAt, agentKey, model: budget.model, usage: ports.journal.usage() }
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
    const agent = findAgent(checked.value.snapshot, request.sessionKey.agentKey)
    if (agent?.status !== 'active') return err('the agent of this conversation is not available')
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
  const { acceptPlaintext } = request.settings
  const model =
    request.invocation === null
      ? await openModel({ agent, snapshot, services, dictionary, acceptPlaintext })
      : ok(createInvocationModel(request.invocation, request.runId))
  if (!model.ok) return { kind: 'failed', code: 'MODEL', error: model.error }

  const tools = createToolPort({
    request,
    live: () => live ?? started.value,
    services,
    budget: ports.budget,
    assignments: ports.assignments,
    provenance: ports.provenance,
    openPorts: createCallPorts({ request, services, dictionary, release, report }),
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
  const heads = await userFiles.read(started.value)
  const told = await tellUserFiles(heads, { config: snapshot.config, release, provenance, report })
  const ofModel = modelSettings(snapshot.config, agent.settings)
  const streaming = releasedModel(model.value, release, (attempt, maxAttempts) =>
    ports.emit({ type: 'run.retrying', attempt, maxAttempts }),
  )
  const windowTokens = ofModel.context_window_tokens ?? contextWindowTokens(agent.model)
  const checkBudget = (): Result<null, string> =>
    budget.stop ? err(budget.stop.message) : ok(null)
  const flushMemory = flushMemoryOf({
    request,
    live: () => live ?? started.value,
    model: streaming,
    tools,
    modelName: agent.model,
    windowTokens,
    addUsage: (usage) => ports.journal.addUsage(usage),
    checkRights: async () => {
      const checked = await refresh()
      return checked.ok ? ok(null) : checked
    },
    checkBudget,
    now: services.now,
  })
  const result = await runLoop(
    {
      model: agent.model,
      system: buildSystemPrompt({
        agentName: agent.displayName,
        agentPrompt: agent.systemPrompt,
        agentFiles: agentFilesOf(snapshot, agent),
        userFiles: told,
        callerInstructions: request.callerInstructions,
        hasTools: tools.specs().length > 0,
        isSandboxAvailable: tools.isSandboxAvailable(),
        programs: tools.programs(),
      }),
      windowTokens,
      sampling: samplingOf(ofModel, request.sampling),
      startedAt: request.startedAt,
      signal: request.signal,
    },
    {
      model: streaming,
      tools,
      journal: ports.journal,
      emit: (event) => ports.emit(releasedEvent(event, release)),
      checkRights: async () => {
        if (isProven) {
          isProven = false
          return ok(null)
        }
        const checked = await refresh()
        return checked.ok ? ok(null) : checked
      },
      checkBudget,
      flushMemory,
      // A call by hand answers nobody: what is written meanwhile starts a run of its own after it.
      takeInjected: request.invocation === null ? ports.takeInjected : () => [],
      now: services.now,
    },
  )
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
