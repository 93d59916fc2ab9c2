/**
 * What this isolate remembers of its tenants, and the one hop that says whether it is still true.
 * Nothing here is trusted on its own: a cached snapshot or credential acts only together with the
 * versions that the tenant's object has just answered.
 */
import type { Services } from '../api/context.ts'
import type { BudgetStop } from '../domain/budget.ts'
import type { TenantId } from '../domain/ids.ts'
import { epochOf, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { BudgetAsk } from '../domain/usage.ts'

/** An isolate serves many tenants in 128 MB; the least recently used snapshot leaves. */
const MAX_SNAPSHOTS = 500

const snapshots = new Map<TenantId, TenantSnapshot>()

/** Null when there is no such tenant. One object hop; D1 is read only where the object is cold. */
export const freshSnapshot = async (
  services: Services,
  tenantId: TenantId,
): Promise<TenantSnapshot | null> => (await freshTenant(services, tenantId))?.snapshot ?? null

/** As `freshSnapshot`; whether the budgets allow what is asked comes by the same hop. */
export async function freshTenant(
  services: Services,
  tenantId: TenantId,
  ask?: BudgetAsk,
): Promise<{ readonly snapshot: TenantSnapshot; readonly stop: BudgetStop | null } | null> {
  const known = snapshots.get(tenantId) ?? null
  const state = await services.tenant(tenantId).current(known ? epochOf(known) : null, ask)
  if (!state.found) {
    snapshots.delete(tenantId)
    return null
  }
  const snapshot = state.snapshot ?? known
  if (!snapshot) throw new Error('the tenant answered no snapshot to a caller that has none')
  snapshots.delete(tenantId)
  snapshots.set(tenantId, snapshot)
  const oldest = snapshots.keys().next().value
  if (snapshots.size > MAX_SNAPSHOTS && oldest !== undefined) snapshots.delete(oldest)
  return { snapshot, stop: state.stop ?? null }
}

/** As `freshSnapshot`, for whom the caller has asked already while it served the same request. */
export const snapshotOfEpoch = async (
  services: Services,
  tenantId: TenantId,
  epoch: number | undefined,
): Promise<TenantSnapshot | null> => {
  const known = snapshots.get(tenantId)
  return known && epochOf(known) === epoch ? known : freshSnapshot(services, tenantId)
}

/** What this isolate remembers, unproven: for work that may run ahead of the proof. */
export const peekSnapshot = (tenantId: TenantId): TenantSnapshot | null =>
  snapshots.get(tenantId) ?? null
