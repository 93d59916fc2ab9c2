/** Agents of a tenant; `src/domain/agent-record.ts` is their shape outside. */
import { sql } from 'drizzle-orm'
import { primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AgentId } from '../../domain/ids.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  updatedAtColumn,
} from './columns.ts'

export const agents = sqliteTable(
  'agents',
  {
    id: text('id').$type<AgentId>().notNull(),
    tenantId: tenantIdColumn(),
    key: text('key').notNull(),
    displayName: text('display_name').notNull(),
    /** Name of the provider row, not its id: a provider can be replaced under its name. */
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    agentType: text('agent_type', { enum: ['open', 'predefined'] })
      .notNull()
      .default('open'),
    status: text('status', { enum: ['active', 'disabled'] })
      .notNull()
      .default('active'),
    isDefault: flagColumn('is_default').notNull().default(false),
    systemPrompt: text('system_prompt').notNull().default(''),
    settings: jsonColumn('settings').notNull(),
    packages: jsonColumn('packages').notNull().default([]),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('agents_key').on(table.tenantId, table.key),
    uniqueIndex('agents_one_default').on(table.tenantId).where(sql`is_default = 1`),
  ],
)
