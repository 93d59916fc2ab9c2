/** Tenants and their members. The platform's operator stands apart from every tenant. */
import { z } from 'zod'
import { newId, newTenantId } from '../crypto/random.ts'
import {
  findTenant,
  listTenants,
  listTenantsOfUser,
  MAX_TENANT_PAGE,
  type TenantRow,
} from '../db/directory.ts'
import { listMemberships, removeMembership, setMembership } from '../db/memberships.ts'
import { createTenant, updateTenant } from '../db/tenants.ts'
import { memberIdSchema } from '../domain/channel-user.ts'
import {
  agentIdSchema,
  providerIdSchema,
  type TenantId,
  tenantIdSchema,
  userIdSchema,
} from '../domain/ids.ts'
import { ROLES } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { OWNER, PLATFORM, VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { changeTenant } from './tenant-change.ts'

const tenantRow = z.object({
  id: z.string(),
  name: z.string(),
  slug: z.string(),
  status: z.string(),
})
const toRow = ({ id, name, slug, status }: TenantRow): z.infer<typeof tenantRow> => ({
  id,
  name,
  slug,
  status,
})

const slugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must be lower-case letters, digits and -')

export const tenantsMine = operation({
  name: 'tenants.mine',
  summary: 'The tenants that the caller belongs to',
  access: VIEWER,
  params: z.object({}),
  result: z.object({
    is_owner: z.boolean(),
    tenants: z.array(tenantRow.extend({ role: z.enum(ROLES) })),
  }),
  run: async ({ principal, services, snapshot }) => {
    // A key or an issuer speaks for one tenant; what else the person belongs to is none of its business.
    const { kind } = principal.credential
    const seesAll = kind === 'gateway_token' || kind === 'development'
    const tenants = seesAll ? await listTenantsOfUser(services.directory(), principal.userId) : []
    const { tenantId: id, name, slug, status } = snapshot
    const others = tenants.filter((tenant) => tenant.id !== id)
    return ok({
      is_owner: principal.role === 'owner',
      tenants: [{ id, name, slug, status, role: principal.role }, ...others],
    })
  },
})

export const tenantsList = operation({
  name: 'tenants.list',
  summary: 'All tenants of the gateway, by slug',
  access: PLATFORM,
  params: z.object({
    limit: z.coerce.number().int().min(1).max(MAX_TENANT_PAGE).default(100),
    after: z.string().max(100).optional(),
  }),
  result: z.object({ tenants: z.array(tenantRow) }),
  http: { method: 'GET', path: '/v1/tenants' },
  run: async ({ services }, { limit, after }) => {
    const page = after === undefined ? { limit } : { limit, afterSlug: after }
    return ok({ tenants: (await listTenants(services.directory(), page)).map(toRow) })
  },
})

const tenantReference = {
  tenant_id: z.string().max(100).optional(),
  id: z.string().max(100).optional(),
}

export const tenantsGet = operation({
  name: 'tenants.get',
  summary: 'One tenant',
  access: PLATFORM,
  params: z.object(tenantReference),
  result: tenantRow,
  http: { method: 'GET', path: '/v1/tenants/{id}' },
  run: async ({ services }, params) => {
    const id = tenantIdSchema.safeParse(params.tenant_id ?? params.id)
    const tenant = id.success ? await findTenant(services.directory(), id.data) : null
    return tenant ? ok(toRow(tenant)) : err(notFound('tenant'))
  },
})

export const tenantsCreate = operation({
  name: 'tenants.create',
  summary: 'Creates a tenant with an agent and the demo provider',
  access: PLATFORM,
  params: z.object({ name: z.string().min(1).max(200), slug: slugSchema }),
  result: tenantRow,
  http: { method: 'POST', path: '/v1/tenants', status: 201 },
  audit: (_, { id, slug }) => ({ tenant: id, slug }),
  run: async ({ services, principal }, { name, slug }) => {
    const created = await createTenant(
      services.directory(),
      newTenantId(),
      {
        name,
        slug,
        agentId: agentIdSchema.parse(newId('agt')),
        providerId: providerIdSchema.parse(newId('prv')),
        createdBy: principal.userId,
      },
      services.now(),
    )
    return created.ok
      ? ok(toRow(created.value))
      : err(refusal('ALREADY_EXISTS', `the slug ${JSON.stringify(slug)} is taken`))
  },
})

export const tenantsUpdate = operation({
  name: 'tenants.update',
  summary: 'Renames, suspends or reinstates a tenant',
  access: PLATFORM,
  params: z.object({
    ...tenantReference,
    name: z.string().min(1).max(200).optional(),
    status: z.enum(['active', 'suspended']).optional(),
  }),
  result: tenantRow,
  http: { method: 'PATCH', path: '/v1/tenants/{id}' },
  audit: ({ status }, { id }) => ({ tenant: id, ...(status === undefined ? {} : { status }) }),
  run: async ({ services }, { tenant_id, id, name, status }) => {
    const tenantId = tenantIdSchema.safeParse(tenant_id ?? id)
    if (!tenantId.success) return err(notFound('tenant'))
    const patch = {
      ...(name === undefined ? {} : { name }),
      ...(status === undefined ? {} : { status }),
    }
    const updated = await changeTenant(services, tenantId.data, () =>
      updateTenant(services.directory(), tenantId.data, patch, services.now()),
    )
    return updated.ok ? ok(toRow(updated.value)) : err(notFound('tenant'))
  },
})

/** Its own tenant for an owner, any for the platform's operator; to others the rest do not exist. */
export async function reachableTenant(
  { principal, services }: OperationContext,
  asked: string | null | undefined,
): Promise<Result<TenantId, Refusal>> {
  if (!asked || asked === principal.tenantId) return ok(principal.tenantId)
  const id = tenantIdSchema.safeParse(asked)
  if (!principal.isMasterScope || !id.success) return err(notFound('tenant'))
  return (await findTenant(services.directory(), id.data)) ? ok(id.data) : err(notFound('tenant'))
}

const memberRow = z.object({
  user_id: z.string(),
  role: z.enum(ROLES),
  status: z.enum(['active', 'suspended']),
  created_at: z.string(),
})

export const tenantUsersList = operation({
  name: 'tenants.users.list',
  summary: 'The members of a tenant',
  access: OWNER,
  params: z.object({ tenant_id: z.string().max(100).nullish() }),
  result: z.object({ users: z.array(memberRow) }),
  http: { method: 'GET', path: '/v1/tenants/{tenant_id}/users' },
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const members = await listMemberships(context.services.database(tenantId.value), tenantId.value)
    return ok({
      users: members.map(({ userId, role, status, createdAt }) => ({
        user_id: userId,
        role,
        status,
        created_at: new Date(createdAt).toISOString(),
      })),
    })
  },
})

export const tenantUsersAdd = operation({
  name: 'tenants.users.add',
  summary: 'Adds a member to a tenant, or changes their role',
  access: OWNER,
  params: z.object({
    tenant_id: z.string().max(100).nullish(),
    user_id: memberIdSchema,
    role: z.enum(ROLES).default('operator'),
  }),
  result: z.object({ ok: z.literal(true), user_id: z.string(), role: z.enum(ROLES) }),
  http: { method: 'POST', path: '/v1/tenants/{tenant_id}/users', status: 201 },
  audit: (_, { user_id, role }) => ({ user: user_id, role }),
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { services } = context
    const member = { userId: params.user_id, role: params.role }
    const added = await changeTenant(services, tenantId.value, () =>
      setMembership(services.database(tenantId.value), tenantId.value, member, services.now()),
    )
    if (!added.ok)
      return err(refusal('FAILED_PRECONDITION', "a tenant's last owner stays its owner"))
    return ok({ ok: true as const, user_id: added.value.userId, role: added.value.role })
  },
})

export const tenantUsersRemove = operation({
  name: 'tenants.users.remove',
  summary: 'Removes a member from a tenant',
  access: OWNER,
  params: z.object({ tenant_id: z.string().max(100).nullish(), user_id: userIdSchema }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/tenants/{tenant_id}/users/{user_id}' },
  audit: ({ user_id }) => ({ user: user_id }),
  run: async (context, params) => {
    const tenantId = await reachableTenant(context, params.tenant_id)
    if (!tenantId.ok) return tenantId
    const { services } = context
    const removed = await changeTenant(services, tenantId.value, () =>
      removeMembership(
        services.database(tenantId.value),
        tenantId.value,
        params.user_id,
        services.now(),
      ),
    )
    if (removed.ok) return ok({ ok: true as const })
    return removed.error === 'last_owner'
      ? err(refusal('FAILED_PRECONDITION', "a tenant's last owner stays"))
      : err(notFound('user'))
  },
})
