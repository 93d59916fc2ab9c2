/** What a run has cost, by the models that answered in it and what is known of their prices. */

import { costMicroUsd, priceOf } from '../domain/prices.ts'
import type { RunResult } from '../domain/run-event.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ModelUsage, PricedUsage } from '../domain/usage.ts'

function pricedUsage(
  { provider, name, usage }: ModelUsage,
  { config, providers }: Pick<TenantSnapshot, 'config' | 'providers'>,
): PricedUsage {
  const type = providers.find((row) => row.name === provider)?.type ?? null
  const price = priceOf(config.budgets.prices, { name: provider, type }, name)
  return { provider, name, usage, costMicroUsd: price === null ? null : costMicroUsd(usage, price) }
}

/** An answer says who gave it; a run that asked no model says nothing of the kind. */
export const pricedResult = (
  result: RunResult,
  models: readonly ModelUsage[],
  snapshot: Pick<TenantSnapshot, 'config' | 'providers'>,
): RunResult =>
  result.kind !== 'completed' || models.length === 0
    ? result
    : { ...result, models: models.map((model) => pricedUsage(model, snapshot)) }
