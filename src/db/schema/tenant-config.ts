/** The tenant's configuration document, its earlier versions, and who may change which part. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { createdAtColumn, tenantIdColumn, updatedAtColumn } from './columns.ts'

export const tenantConfig = sqliteTable('tenant_config', {
  tenantId: tenantIdColumn().primaryKey(),
  /** JSON of what was set; defaults are filled in when it is read. */
  document: text('document').notNull(),
  /** SHA-256 (hex) of the document's canonical JSON; a writer names the one it started from. */
  hash: text('hash').notNull(),
  updatedBy: text('updated_by').$type<UserId>().notNull(),
  updatedAt: updatedAtColumn(),
})

export const configVersions = sqliteTable(
  'config_versions',
  {
    tenantId: tenantIdColumn(),
    /** Counts from 1 within the tenant. */
    number: integer('number').notNull(),
    document: text('document').notNull(),
    hash: text('hash').notNull(),
    createdBy: text('created_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.number] })],
)

export const configPermissions = sqliteTable(
  'config_permissions',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    /** `*` for every agent: a null would not be equal to itself in the unique index. */
    agentId: text('agent_id').notNull().default('*'),
    scope: text('scope').notNull(),
    configType: text('config_type').notNull(),
    /** A user, or `group:{channel}:{chatId}`. */
    userId: text('user_id').$type<UserId>().notNull(),
    permission: text('permission', { enum: ['allow', 'deny'] }).notNull(),
    grantedBy: text('granted_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('config_permissions_subject').on(
      table.tenantId,
      table.agentId,
      table.scope,
      table.configType,
      table.userId,
    ),
    index('config_permissions_user').on(table.tenantId, table.userId),
  ],
)
