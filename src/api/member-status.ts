/**
 * People of a tenant who may do nothing for a while. They keep role and keys; their sockets and runs
 * end at once, and all is as it was when they are reinstated.
 */
import { z } from 'zod'
import { type MemberStatus, setMembershipStatus } from '../db/memberships.ts'
import { userIdSchema } from '../domain/ids.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { OWNER } from './access.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'
import { reachableTenant } from './tenants.ts'

const params = z.object({ tenant_id: z.string().max(100).nullish(), user_id: userIdSchema })
const result = z.object({
  ok: z.literal(true),
  user_id: z.string(),
  status: z.enum(['active', 'suspended']),
})

async function setStatus(
  context: OperationContext,
  { tenant_id, user_id: userId }: z.output<typeof params>,
  status: MemberStatus,
): Promise<Result<z.infer<typeof result>, Refusal>> {
  const tenantId = await reachableTenant(context, tenant_id)
  if (!tenantId.ok) return tenantId
  const { services, principal } = context
  // In the caller's own tenant only: elsewhere the platform's operator is somebody else.
  if (userId === principal.userId && tenantId.value === principal.tenantId)
    return err(refusal('FAILED_PRECONDITION', 'nobody changes their own standing'))
  const changed = await changeTenant(services, tenantId.value, () =>
    setMembershipStatus(
      services.database(tenantId.value),
      tenantId.value,
      { userId, status },
      services.now(),
    ),
  )
  if (changed.ok) return ok({ ok: true as const, user_id: userId, status })
  return changed.error === 'last_owner'
    ? err(refusal('FAILED_PRECONDITION', "a tenant's last active owner stays"))
    : err(notFound('user'))
}

export const tenantUsersSuspend = operation({
  name: 'tenants.users.suspend',
  summary: 'Ends what a member may do, at once and until they are reinstated',
  access: OWNER,
  params,
  result,
  audit: ({ user_id }) => ({ user: user_id }),
  http: { method: 'POST', path: '/v1/tenants/{tenant_id}/users/{user_id}/suspend' },
  run: (context, named) => setStatus(context, named, 'suspended'),
})

export const tenantUsersReinstate = operation({
  name: 'tenants.users.reinstate',
  summary: 'Lets a suspended member do again what their role allows',
  access: OWNER,
  params,
  result,
  audit: ({ user_id }) => ({ user: user_id }),
  http: { method: 'POST', path: '/v1/tenants/{tenant_id}/users/{user_id}/reinstate' },
  run: (context, named) => setStatus(context, named, 'active'),
})
