/** The directory of tenants, who belongs to them, and what stands still in an emergency. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { STOP_KINDS } from '../../domain/emergency-stop.ts'
import type { TenantId, UserId } from '../../domain/ids.ts'
import { ROLES } from '../../domain/principal.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  timeColumn,
  updatedAtColumn,
} from './columns.ts'

/** `deleting`: closed to everybody while what it left is erased. */
export const TENANT_STATUSES = ['active', 'suspended', 'deleting'] as const
export const MEMBER_STATUSES = ['active', 'suspended'] as const

export const tenants = sqliteTable('tenants', {
  id: text('id').$type<TenantId>().primaryKey(),
  slug: text('slug').notNull().unique(),
  name: text('name').notNull(),
  status: text('status', { enum: TENANT_STATUSES }).notNull().default('active'),
  /** Rises with every change of what the snapshot holds. */
  version: integer('version').notNull().default(1),
  /** Rises with every change of keys, memberships or status. */
  authVersion: integer('auth_version').notNull().default(1),
  createdAt: createdAtColumn(),
  updatedAt: updatedAtColumn(),
})

export const memberships = sqliteTable(
  'memberships',
  {
    tenantId: tenantIdColumn(),
    userId: text('user_id').$type<UserId>().notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    /** A suspended person keeps the row and may do nothing. */
    status: text('status', { enum: MEMBER_STATUSES }).notNull().default('active'),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    index('memberships_user').on(table.userId, table.tenantId),
    index('memberships_role').on(table.tenantId, table.role),
  ],
)

/** People who were removed: an issuer that lets strangers in lets none of these in, until they are added again. */
export const formerMembers = sqliteTable(
  'former_members',
  {
    tenantId: tenantIdColumn(),
    userId: text('user_id').$type<UserId>().notNull(),
    removedAt: timeColumn('removed_at').notNull(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.userId] })],
)

/** Emergency stops in force: a row stops, its removal releases. */
export const emergencyStops = sqliteTable(
  'emergency_stops',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    kind: text('kind', { enum: STOP_KINDS }).notNull(),
    /** Names of tools or groups, for `tools`. */
    tools: jsonColumn('tools').notNull().default([]),
    reason: text('reason').notNull().default(''),
    /** Set by the platform's operator for every tenant: only that one releases it. */
    isPlatform: flagColumn('is_platform').notNull().default(false),
    createdBy: text('created_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** Rotations of the encryption key: one row each, the newest is the one that runs. */
export const keyRotations = sqliteTable('key_rotations', {
  id: text('id').primaryKey(),
  /** Where it goes on after an interruption: table and the last row that was done. */
  cursor: jsonColumn('cursor').notNull(),
  rewritten: integer('rewritten').notNull().default(0),
  failed: integer('failed').notNull().default(0),
  startedBy: text('started_by').$type<UserId>().notNull(),
  createdAt: createdAtColumn(),
  updatedAt: updatedAtColumn(),
  finishedAt: timeColumn('finished_at'),
})
