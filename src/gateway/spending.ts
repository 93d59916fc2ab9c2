/** How a run asks its tenant for leave to spend, and tells what it has spent. The tenant judges. */
import type { CallMeter } from '../agent/estimated-usage.ts'
import type { Services } from '../api/context.ts'
import type { BudgetStop } from '../domain/budget.ts'
import type { TenantId } from '../domain/ids.ts'
import { addUsage, NO_USAGE } from '../domain/message.ts'
import type { ModelEvent } from '../domain/model.ts'
import type { Principal } from '../domain/principal.ts'
import { notFound, type Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { RunSpending, SpendingModel, Spent } from '../domain/usage.ts'

/** Whose budgets a run draws on: those of the credential that began it. */
export const spendingOf = (
  { userId, credential }: Pick<Principal, 'userId' | 'credential'>,
  run: Pick<RunSpending, 'runId' | 'startedAt' | 'agentKey' | 'model' | 'usage' | 'models'>,
): RunSpending => ({
  ...run,
  userId,
  keyId: credential.kind === 'api_key' ? credential.id : '',
})

const budgetRefusal = ({ message, resetsAt }: BudgetStop, now: number): Refusal => ({
  code: 'RESOURCE_EXHAUSTED',
  message,
  ...(resetsAt === null ? {} : { retryable: true, retryAfterMs: Math.max(0, resetsAt - now) }),
})

/** Takes a run's request from the budgets before anything of it is stored. */
export async function reserveRun(
  services: Services,
  tenantId: TenantId,
  spending: Omit<RunSpending, 'usage'>,
  epoch: number,
): Promise<Result<null, Refusal>> {
  const ask = { ...spending, usage: NO_USAGE, isReservation: true }
  const state = await services.tenant(tenantId).current(epoch, ask)
  if (!state.found) return err(notFound('tenant'))
  return state.stop ? err(budgetRefusal(state.stop, services.now())) : ok(null)
}

/**
 * What is said, with all that it has cost in its last event. `tell` hears the parts of that before it is
 * passed on, the answer's last, or roughly when whoever reads leaves before it: its first word counts.
 */
export async function* meteredEvents(
  events: AsyncIterable<ModelEvent>,
  meter: CallMeter,
  tell: (spent: readonly Spent[]) => Promise<void>,
): AsyncGenerator<ModelEvent> {
  const waste: Spent[] = []
  let asked: SpendingModel | null = null
  try {
    for await (const event of meter.metered(events)) {
      if (event.type === 'asked') asked = event.model
      else if (event.type === 'in_vain') waste.push(event)
      else if (event.type === 'finish' || event.type === 'error') {
        const { usage = NO_USAGE, model = asked } = event
        await tell([...waste, { usage, model }])
        yield { ...event, usage: waste.reduce((sum, one) => addUsage(sum, one.usage), usage) }
      } else yield event
    }
  } finally {
    await tell([...waste, { usage: meter.estimate(), model: asked }])
  }
}
