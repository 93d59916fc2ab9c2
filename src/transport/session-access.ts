/** Who may touch a session: its owner, and the admins of its tenant. Nobody of another tenant. */
import type { TenantId, UserId } from '../domain/ids.ts'
import { isTenantAdmin, type Principal } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TransportRefusal } from './refusal.ts'

export interface OwnedSession {
  readonly tenantId: TenantId
  readonly ownerId: UserId
}

/**
 * The tenant is compared although a session's object is named by the principal's own: a mistake in a
 * name shall not open another tenant's conversation.
 */
export function checkSessionAccess(
  principal: Principal,
  session: OwnedSession,
): Result<null, TransportRefusal> {
  if (session.tenantId !== principal.tenantId) return err({ kind: 'foreign_tenant' })
  if (session.ownerId === principal.userId || isTenantAdmin(principal)) return ok(null)
  return err({ kind: 'not_session_owner' })
}
