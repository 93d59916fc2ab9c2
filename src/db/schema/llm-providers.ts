/** Model providers of a tenant; their keys stand here sealed only. */
import { primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { PROVIDER_TYPES } from '../../domain/agent-record.ts'
import type { ProviderId } from '../../domain/ids.ts'
import { createdAtColumn, flagColumn, tenantIdColumn, updatedAtColumn } from './columns.ts'

export const llmProviders = sqliteTable(
  'llm_providers',
  {
    id: text('id').$type<ProviderId>().notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    type: text('type', { enum: PROVIDER_TYPES }).notNull(),
    apiBase: text('api_base'),
    sealedApiKey: text('sealed_api_key'),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('llm_providers_name').on(table.tenantId, table.name),
  ],
)
