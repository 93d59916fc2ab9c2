/** Chat platforms that a tenant has connected. */
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { CHANNEL_TYPES } from '../../domain/channel.ts'
import type { AgentId } from '../../domain/ids.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  updatedAtColumn,
} from './columns.ts'

export const channelInstances = sqliteTable(
  'channel_instances',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    displayName: text('display_name').notNull().default(''),
    channelType: text('channel_type', { enum: CHANNEL_TYPES }).notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** Sealed JSON object; masked for ever after it was set. */
    sealedCredentials: text('sealed_credentials'),
    /** Access policies and platform settings, without secrets. */
    config: jsonColumn('config').notNull(),
    /** JSON: the account it speaks as, as the platform said when it was asked. */
    bot: jsonColumn('bot'),
    enabled: flagColumn('enabled').notNull().default(true),
    /** Rises with every change: whoever read an older one does not write over it. */
    revision: integer('revision').notNull().default(1),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('channel_instances_name').on(table.tenantId, table.name),
    // Addresses of webhooks name an instance and no tenant.
    uniqueIndex('channel_instances_id').on(table.id),
    index('channel_instances_agent').on(table.tenantId, table.agentId),
  ],
)
