/** Chat platforms that a tenant has connected. */
import { index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
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
    channelType: text('channel_type').notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** Sealed JSON object; masked for ever after it was set. */
    sealedCredentials: text('sealed_credentials'),
    /** Access policies and platform settings, without secrets. */
    config: jsonColumn('config').notNull(),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('channel_instances_name').on(table.tenantId, table.name),
    index('channel_instances_agent').on(table.tenantId, table.agentId),
  ],
)
