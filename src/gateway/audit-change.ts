/**
 * What an operation changed, in the trail: that it begins is written down before it may change anything,
 * what it changed before the caller is answered. It judges nothing, and holds no value that was set.
 */
import type { Services } from '../api/context.ts'
import { type AnyOperation, DEFERRED } from '../api/operation.ts'
import { newId } from '../crypto/random.ts'
import { findTenant } from '../db/directory.ts'
import { type AuditActor, PLATFORM_CHAIN } from '../domain/audit-record.ts'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import type { Principal } from '../domain/principal.ts'
import type { Refusal } from '../domain/refusal.ts'
import type { Result } from '../domain/result.ts'

/**
 * Runs an operation between the two. One that throws may have changed something: then the trail says
 * that its outcome is unknown. A trail that cannot be written lets nothing be changed.
 */
export async function withRecord(
  operation: AnyOperation,
  params: unknown,
  { principal, services }: { readonly principal: Principal; readonly services: Services },
  run: () => Promise<Result<unknown, Refusal>>,
): Promise<Result<unknown, Refusal>> {
  const { audit } = operation
  if (audit === undefined) return run()
  const begun = await chainOf(operation, params, principal, services)
  const id = newId('chg')
  const entry = { kind: 'change', name: operation.name, actor: actorOf(principal) } as const
  await services.tenant(begun).beginChange(id, { ...entry, fields: targetsOf(params) })
  const result = await run()
  const fields = result.ok && result.value !== DEFERRED ? await audit(params, result.value) : null
  const ended = fields === null ? null : { ...entry, fields }
  const chain = (result.ok && operation.auditTenant?.(result.value)) || begun
  if (chain !== begun && ended !== null) await services.tenant(chain).appendAudit([ended])
  await services.tenant(begun).endChange(id, chain === begun ? ended : null)
  return result
}

/** The operator's credential is named by its kind: what its token hashes to is no tenant's business. */
function actorOf({ userId, credential }: Principal): AuditActor {
  const isOperators = credential.kind === 'gateway_token' || credential.kind === 'development'
  return { userId, credential: isOperators ? credential.kind : credential.id }
}

/** Names and ids of what an operation is about; what is set is no part of it. */
const TARGETS: ReadonlySet<string> = new Set([
  'id',
  'agentId',
  'agent_id',
  'agent_key',
  'channel',
  'checkId',
  'jobId',
  'key',
  'key_id',
  'name',
  'number',
  'owner_id',
  'providerId',
  'sender_id',
  'senderId',
  'sessionKey',
  'slug',
  'tenant_id',
  'user_id',
  'userId',
  'version',
])
const MAX_TARGET_CHARS = 200

/** For a change whose outcome nobody gets to tell: what it was about, as far as was asked. */
const targetsOf = (params: unknown): Readonly<Record<string, string>> =>
  Object.fromEntries(
    Object.entries(typeof params === 'object' && params !== null ? params : {}).flatMap(
      ([name, value]: [string, unknown]) => {
        const isName = typeof value === 'string' && value.length <= MAX_TARGET_CHARS
        const isTold = TARGETS.has(name) && (isName || typeof value === 'number')
        return isTold ? [[name, String(value)]] : []
      },
    ),
  )

/**
 * Whose trail it is: of the tenant that was changed, or of the platform. A tenant that there is not has
 * no trail, and gets no state by being named.
 */
async function chainOf(
  { access, auditIn }: AnyOperation,
  params: unknown,
  { tenantId, isMasterScope }: Principal,
  services: Pick<Services, 'directory'>,
): Promise<TenantId> {
  if (access.role === 'platform' || auditIn === 'platform') return PLATFORM_CHAIN
  if (!isMasterScope || typeof params !== 'object' || params === null) return tenantId
  const { tenant_id: named, all } = params as {
    readonly tenant_id?: unknown
    readonly all?: unknown
  }
  if (all === true) return PLATFORM_CHAIN
  const other = tenantIdSchema.safeParse(named)
  if (!other.success || other.data === tenantId) return tenantId
  return (await findTenant(services.directory(), other.data)) === null ? PLATFORM_CHAIN : other.data
}
