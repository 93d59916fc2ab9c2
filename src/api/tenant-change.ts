/**
 * Brackets a change of rows that snapshots and credentials are made of, so that every isolate reads
 * the new ones from the moment the change may have happened.
 */
import type { TenantId } from '../domain/ids.ts'
import type { Services } from './context.ts'

export async function changeTenant<Value>(
  services: Services,
  tenantId: TenantId,
  change: () => Promise<Value>,
): Promise<Value> {
  const tenant = services.tenant(tenantId)
  await tenant.changing()
  try {
    return await change()
  } finally {
    await tenant.changed()
  }
}
