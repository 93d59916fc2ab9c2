/** The directory of tenants, and who belongs to them. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId, UserId } from '../../domain/ids.ts'
import { ROLES } from '../../domain/principal.ts'
import { createdAtColumn, tenantIdColumn, updatedAtColumn } from './columns.ts'

export const TENANT_STATUSES = ['active', 'suspended'] as const

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
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.userId] }),
    index('memberships_user').on(table.userId, table.tenantId),
    index('memberships_role').on(table.tenantId, table.role),
  ],
)
