/**
 * Who may change which part of the configuration without being an admin. Rows only; what they come
 * to is judged in `domain/config/permissions.ts`. Nothing of them is in the snapshot: whoever asks
 * reads them, so that a revocation needs no version to act.
 */
import { and, asc, eq, inArray } from 'drizzle-orm'
import type { Permission } from '../domain/config/permissions.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { configPermissions } from './schema/tenant-config.ts'

export interface PermissionSubject {
  readonly agentId: string
  readonly scope: string
  readonly configType: string
  readonly userId: UserId
}

export interface ConfigPermission extends PermissionSubject {
  readonly id: string
  readonly permission: Permission
  readonly grantedBy: UserId
  readonly createdAt: number
}

const columns = {
  id: configPermissions.id,
  agentId: configPermissions.agentId,
  scope: configPermissions.scope,
  configType: configPermissions.configType,
  userId: configPermissions.userId,
  permission: configPermissions.permission,
  grantedBy: configPermissions.grantedBy,
  createdAt: configPermissions.createdAt,
}

export const listConfigPermissions = (
  db: Database,
  tenantId: TenantId,
  limit: number,
): Promise<readonly ConfigPermission[]> =>
  db
    .select(columns)
    .from(configPermissions)
    .where(eq(configPermissions.tenantId, tenantId))
    .orderBy(asc(configPermissions.id))
    .limit(limit)

/** Of a person, the groups they speak in, and everybody. */
export const permissionsOfSubjects = (
  db: Database,
  tenantId: TenantId,
  subjects: readonly string[],
): Promise<readonly ConfigPermission[]> =>
  db
    .select(columns)
    .from(configPermissions)
    .where(
      and(
        eq(configPermissions.tenantId, tenantId),
        inArray(configPermissions.userId, subjects as readonly UserId[] as UserId[]),
      ),
    )

/** Says something of a subject; what was said of it before is replaced, and keeps its id. */
export async function setConfigPermission(
  db: Database,
  tenantId: TenantId,
  row: Omit<ConfigPermission, 'createdAt'>,
  now: number,
): Promise<ConfigPermission> {
  const { id, agentId, scope, configType, userId, permission, grantedBy } = row
  const said = { permission, grantedBy, createdAt: now }
  return db
    .insert(configPermissions)
    .values({ id, tenantId, agentId, scope, configType, userId, ...said })
    .onConflictDoUpdate({
      target: [
        configPermissions.tenantId,
        configPermissions.agentId,
        configPermissions.scope,
        configPermissions.configType,
        configPermissions.userId,
      ],
      set: said,
    })
    .returning(columns)
    .get()
}

/** @returns whether there was such a row */
export async function removeConfigPermission(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<boolean> {
  const rows = await db
    .delete(configPermissions)
    .where(and(eq(configPermissions.tenantId, tenantId), eq(configPermissions.id, id)))
    .returning({ id: configPermissions.id })
  return rows.length > 0
}

export async function removeConfigPermissionOf(
  db: Database,
  tenantId: TenantId,
  { agentId, scope, configType, userId }: PermissionSubject,
): Promise<boolean> {
  const rows = await db
    .delete(configPermissions)
    .where(
      and(
        eq(configPermissions.tenantId, tenantId),
        eq(configPermissions.agentId, agentId),
        eq(configPermissions.scope, scope),
        eq(configPermissions.configType, configType),
        eq(configPermissions.userId, userId),
      ),
    )
    .returning({ id: configPermissions.id })
  return rows.length > 0
}
