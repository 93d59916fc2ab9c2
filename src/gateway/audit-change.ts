/**
 * What an operation changed, appended to the trail before the caller is answered: who waits for the
 * answer of a change knows that it is written down. It judges nothing, and holds no value that was set.
 */
import type { Services } from '../api/context.ts'
import { type AnyOperation, DEFERRED } from '../api/operation.ts'
import { type AuditActor, PLATFORM_CHAIN } from '../domain/audit-record.ts'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import type { Principal } from '../domain/principal.ts'
import type { Result } from '../domain/result.ts'

export async function recordChange(
  operation: AnyOperation,
  params: unknown,
  result: Result<unknown, unknown>,
  { principal, services }: { readonly principal: Principal; readonly services: Services },
): Promise<void> {
  if (operation.audit === undefined || !result.ok || result.value === DEFERRED) return
  const fields = operation.audit(params, result.value)
  if (fields === null) return
  const entry = { kind: 'change', name: operation.name, actor: actorOf(principal), fields } as const
  const chain = operation.auditTenant?.(result.value) ?? chainOf(operation, params, principal)
  await services.tenant(chain).appendAudit([entry])
}

/** The operator's credential is named by its kind: what its token hashes to is no tenant's business. */
export function actorOf({ userId, credential }: Principal): AuditActor {
  const isOperators = credential.kind === 'gateway_token' || credential.kind === 'development'
  return { userId, credential: isOperators ? credential.kind : credential.id }
}

/** Whose trail it is: of the tenant that was changed, or of the platform. */
function chainOf(
  { access, auditIn }: AnyOperation,
  params: unknown,
  { tenantId, isMasterScope }: Principal,
): TenantId {
  if (access.role === 'platform' || auditIn === 'platform') return PLATFORM_CHAIN
  if (!isMasterScope || typeof params !== 'object' || params === null) return tenantId
  const { tenant_id: named, all } = params as {
    readonly tenant_id?: unknown
    readonly all?: unknown
  }
  if (all === true) return PLATFORM_CHAIN
  const other = tenantIdSchema.safeParse(named)
  return other.success ? other.data : tenantId
}
