/**
 * Permissions to change a part of the configuration without being an admin. Admins alone give and
 * take them, since they hold every part themselves: nobody passes on what was passed to them.
 */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import {
  type ConfigPermission,
  listConfigPermissions,
  permissionsOfSubjects,
  removeConfigPermission,
  removeConfigPermissionOf,
  setConfigPermission,
} from '../db/config-permissions.ts'
import { findMembership } from '../db/memberships.ts'
import {
  AGENT_SETTINGS,
  ANY,
  CONFIG_TYPES,
  judgePermission,
  PERMISSION_RULES,
  PERMISSIONS,
  subjectsOf,
} from '../domain/config/permissions.ts'
import { choice } from '../domain/config/settings-object.ts'
import { userIdSchema } from '../domain/ids.ts'
import { isHigher } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { ADMIN, VIEWER } from './access.ts'
import { actsAsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'

/** They are read whole, by whoever lists them. */
const MAX_PERMISSIONS = 1_000

const subject = {
  /** Key or id, for `agent_settings`; absent or `*`: every agent. */
  agentId: z.string().max(100).nullish(),
  /** `*`, or the group in which it holds. */
  scope: z
    .string()
    .max(300)
    .regex(/^(?:\*|group:.+)$/, 'is * or group:{channel}:{chatId}')
    .default(ANY),
  configType: choice(CONFIG_TYPES),
}
interface NamedSubject {
  readonly agentId?: string | null | undefined
  readonly scope: string
  readonly configType: (typeof CONFIG_TYPES)[number]
}

const permissionRow = z.object({
  id: z.string(),
  agentId: z.string(),
  scope: z.string(),
  configType: z.string(),
  userId: z.string(),
  permission: z.enum(PERMISSIONS),
  grantedBy: z.string(),
  createdAt: z.string(),
})

const toRow = (row: ConfigPermission): z.infer<typeof permissionRow> => ({
  ...row,
  createdAt: new Date(row.createdAt).toISOString(),
})

/** `*`, or the id of an agent of this tenant; a section is the tenant's and no single agent's. */
function namedAgentId(
  snapshot: TenantSnapshot,
  { agentId, configType }: NamedSubject,
): Result<string, Refusal> {
  if (agentId === undefined || agentId === null || agentId === ANY) return ok(ANY)
  const agent = findAgent(snapshot, agentId)
  if (!agent) return err(notFound('agent'))
  if (configType === AGENT_SETTINGS) return ok(agent.id)
  const sentence = `${configType} is the whole tenant's: a permission for it names no agent`
  return err(refusal('INVALID_REQUEST', sentence))
}

export const configPermissionsList = operation({
  name: 'config.permissions.list',
  summary: 'Who may change which part of the configuration, beside the admins',
  access: ADMIN,
  params: z.object({
    userId: userIdSchema.nullish(),
    configType: choice(CONFIG_TYPES).nullish(),
  }),
  result: z.object({ permissions: z.array(permissionRow) }),
  http: { method: 'GET', path: '/v1/config/permissions' },
  run: async ({ services, principal: { tenantId } }, { userId, configType }) => {
    const rows = await listConfigPermissions(services.database(tenantId), tenantId, MAX_PERMISSIONS)
    const wanted = rows.filter(
      (row) =>
        (userId == null || row.userId === userId) &&
        (configType == null || row.configType === configType),
    )
    return ok({ permissions: wanted.map(toRow) })
  },
})

export const configPermissionsCheck = operation({
  name: 'config.permissions.check',
  summary: 'Whether the caller may change a part of the configuration; admins ask for anybody',
  access: VIEWER,
  params: z.object({ ...subject, userId: userIdSchema.nullish() }),
  result: z.object({
    allowed: z.boolean(),
    /** What decided: a rule of the permissions, or the role alone. */
    rule: z.enum([...PERMISSION_RULES, 'role']),
  }),
  http: { method: 'GET', path: '/v1/config/permissions/check' },
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const userId = params.userId ?? principal.userId
    const isSelf = userId === principal.userId
    if (!isSelf && !actsAsAdmin(principal)) {
      return err(refusal('UNAUTHORIZED', 'asking for somebody else needs the role admin'))
    }
    const agentId = namedAgentId(snapshot, params)
    if (!agentId.ok) return agentId
    const byRole = isSelf ? roleVerdict(context) : await memberVerdict(context, userId)
    if (byRole !== null) return ok({ allowed: byRole, rule: 'role' as const })
    const { tenantId } = principal
    const rows = await permissionsOfSubjects(
      services.database(tenantId),
      tenantId,
      subjectsOf(userId, []),
    )
    const { isAllowed, rule } = judgePermission(rows, {
      agentId: agentId.value === ANY ? null : agentId.value,
      scope: params.scope,
      configType: params.configType,
      userId,
      groups: [],
    })
    return ok({ allowed: isAllowed, rule })
  },
})

/** What the role decides by itself: an admin may, a viewer may not, an operator needs a permission. */
const roleVerdict = ({ principal }: OperationContext): boolean | null => {
  if (actsAsAdmin(principal)) return true
  return principal.role === 'viewer' ? false : null
}

async function memberVerdict(
  { services, principal: { tenantId } }: OperationContext,
  userId: z.infer<typeof userIdSchema>,
): Promise<boolean | null> {
  const member = await findMembership(services.database(tenantId), tenantId, userId)
  // A key's owner need not be a member: there the permissions alone say something.
  if (!member) return null
  if (member.status === 'suspended') return false
  if (!isHigher('admin', member.role)) return true
  return member.role === 'viewer' ? false : null
}

export const configPermissionsGrant = operation({
  name: 'config.permissions.grant',
  summary: 'Lets somebody change a part of the configuration, or forbids it',
  access: ADMIN,
  params: z.object({ ...subject, userId: userIdSchema, permission: choice(PERMISSIONS) }),
  result: permissionRow.extend({ ok: z.literal(true) }),
  http: { method: 'POST', path: '/v1/config/permissions', status: 201 },
  audit: ({ configType, permission, userId }, { id, agentId }) => ({
    permission: id,
    says: permission,
    configType,
    agentId,
    subject: userId,
  }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const agentId = namedAgentId(snapshot, params)
    if (!agentId.ok) return agentId
    const db = services.database(tenantId)
    const known = await listConfigPermissions(db, tenantId, MAX_PERMISSIONS)
    if (known.length >= MAX_PERMISSIONS) {
      const sentence = `a tenant has at most ${MAX_PERMISSIONS} permissions`
      return err(refusal('RESOURCE_EXHAUSTED', sentence))
    }
    const { scope, configType, userId, permission } = params
    const row = await setConfigPermission(
      db,
      tenantId,
      {
        id: newId('cpm'),
        agentId: agentId.value,
        scope,
        configType,
        userId,
        permission,
        grantedBy: principal.userId,
      },
      services.now(),
    )
    context.report(
      securityEvent('config_changed', { permission: row.id, says: permission }, 'info'),
    )
    return ok({ ok: true as const, ...toRow(row) })
  },
})

export const configPermissionsRevoke = operation({
  name: 'config.permissions.revoke',
  summary: 'Takes back what was said of somebody, by its id or by whom it concerns',
  access: ADMIN,
  params: z.object({
    id: z.string().max(100).nullish(),
    ...subject,
    configType: subject.configType.nullish(),
    userId: userIdSchema.nullish(),
  }),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/config/permissions/{id}' },
  audit: ({ id, configType, userId }) => ({
    permission: id ?? '',
    configType: configType ?? '',
    subject: userId ?? '',
  }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const { tenantId } = principal
    const db = services.database(tenantId)
    const { id, scope, configType, userId } = params
    let isRemoved: boolean
    if (id != null) isRemoved = await removeConfigPermission(db, tenantId, id)
    else if (configType == null || userId == null) {
      return err(refusal('INVALID_REQUEST', 'id is missing, or configType and userId are'))
    } else {
      const agentId = namedAgentId(snapshot, { agentId: params.agentId, scope, configType })
      if (!agentId.ok) return agentId
      const subjectRow = { agentId: agentId.value, scope, configType, userId }
      isRemoved = await removeConfigPermissionOf(db, tenantId, subjectRow)
    }
    if (!isRemoved) return err(notFound('permission'))
    context.report(securityEvent('config_changed', { permission: 'revoked' }, 'info'))
    return ok({ ok: true as const })
  },
})
