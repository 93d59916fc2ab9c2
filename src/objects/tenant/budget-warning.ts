/** How admins are told that a budget runs out: once live, and once in the log of security events. */
import type { TenantPort } from '../../domain/ports/tenant.ts'
import { securityEvent } from '../../domain/security-event.ts'
import type { NewWarning } from './budgets.ts'

export async function warnOfBudgets(
  tenant: Pick<TenantPort, 'record' | 'publish'>,
  warnings: readonly NewWarning[],
): Promise<void> {
  for (const { scope, name, measure, period, limit, used, resetsAt } of warnings) {
    const fields = {
      scope,
      ...(scope === 'tenant' ? {} : { subject: name }),
      measure: measure === 'usd' ? 'micro_usd' : measure,
      period,
      limit,
      used,
      resets_at: new Date(resetsAt).toISOString(),
    }
    await tenant.record([securityEvent('budget_warning', fields)], {})
    await tenant.publish('budget.warning', fields, { kind: 'admins' })
  }
}
