/** The session's side of the budgets: asks before a message may start a run, tells what a run has spent. */
import type { Services } from '../../api/context.ts'
import { newId } from '../../crypto/random.ts'
import type { ScheduledEnd } from '../../domain/cron-job.ts'
import type { RunId } from '../../domain/ids.ts'
import { NO_USAGE } from '../../domain/message.ts'
import type { SendReceipt, SendRequest } from '../../domain/ports/session.ts'
import type { Refusal } from '../../domain/refusal.ts'
import { ok, type Result } from '../../domain/result.ts'
import { payingAgentKey } from '../../domain/run-origin.ts'
import type { RunSpending } from '../../domain/usage.ts'
import type { AdmittedMessage } from '../../gateway/inbound.ts'
import { reserveRun, spendingOf } from '../../gateway/spending.ts'
import type { MetaStore } from './meta-store.ts'
import type { RunStore, StoredRun } from './run-store.ts'

export interface RunBudgetParts {
  readonly services: Services
  readonly meta: MetaStore
  readonly runs: RunStore
}

/** The id of the run that a message may start. */
export interface Reservation {
  readonly runId: RunId
  /** Hands on what became of the message; what was taken for a run that did not start is given back. */
  settle(receipt: Result<SendReceipt, Refusal>): Result<SendReceipt, Refusal>
}

export class RunBudget {
  readonly #parts: RunBudgetParts

  constructor(parts: RunBudgetParts) {
    this.#parts = parts
  }

  /**
   * Where no run is likely to start (a repeat, a message into a running loop, a call by hand) nothing
   * is asked: one that begins after all asks before its first model call.
   */
  async reserve(
    request: SendRequest,
    message: AdmittedMessage,
  ): Promise<Result<Reservation, Refusal>> {
    const { services } = this.#parts
    const { principal, invocation } = request
    const { tenantId } = principal
    const runId = newId('run') as RunId
    const { budgetEpoch, agent } = message
    if (budgetEpoch === null || invocation !== undefined || this.#joins(request))
      return ok({ runId, settle: (receipt) => receipt })
    const spending = spendingOf(principal, {
      runId,
      startedAt: services.now(),
      agentKey: payingAgentKey(request.origin ?? null, agent.key),
      model: { provider: agent.provider, name: agent.model },
      usage: NO_USAGE,
    })
    const reserved = await reserveRun(services, tenantId, spending, budgetEpoch)
    if (!reserved.ok) return reserved
    const settle: Reservation['settle'] = (receipt) => {
      const { kind, runId: ofReceipt } = receipt.ok ? receipt.value : { kind: null, runId: null }
      const isStarted = kind === 'started' && ofReceipt === runId
      if (!isStarted) services.inBackground(services.tenant(tenantId).releaseRun(runId))
      return receipt
    }
    return ok({ runId, settle })
  }

  #joins({ principal, idempotencyKey }: SendRequest): boolean {
    const { meta, runs } = this.#parts
    if (!meta.read()) return false
    if (runs.running()) return true
    return idempotencyKey !== undefined && runs.findSend(principal.userId, idempotencyKey) !== null
  }

  /** May be told again: what counts is what the run has come to. */
  tell(run: StoredRun, scheduled?: ScheduledEnd): Promise<void> {
    const tenant = this.#parts.services.tenant(run.principal.tenantId)
    return tenant.runEnded(run.id, this.spentBy(run), scheduled)
  }

  /** Undefined for a run that asked no model: a call by hand, or one that the budgets stopped. */
  spentBy(run: StoredRun): RunSpending | undefined {
    const { meta, runs } = this.#parts
    const session = meta.read()
    if (!session || run.options.invocation !== undefined) return undefined
    const usage = runs.usageOf(run.id)
    const { result } = runs.find(run.id) ?? run
    const isStopped = result?.kind === 'failed' && result.code === 'LIMIT'
    if (isStopped && usage.promptTokens + usage.completionTokens === 0) return undefined
    const { id: runId, startedAt, principal } = run
    const models = runs.modelsOf(runId)
    const answered = models.at(-1)
    return spendingOf(principal, {
      runId,
      startedAt,
      agentKey: payingAgentKey(run.options.origin ?? null, session.agentKey),
      // Where another agent pays, the model is not to be guessed by that agent's.
      model: answered
        ? { provider: answered.provider, name: answered.name }
        : run.options.origin
          ? { provider: session.provider, name: session.model }
          : null,
      usage,
      models,
    })
  }
}
