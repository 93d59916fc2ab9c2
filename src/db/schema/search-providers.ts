/** Search engines of a tenant; their keys stand here sealed only. */
import { primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import { SEARCH_PROVIDER_TYPES } from '../../domain/search-provider.ts'
import { createdAtColumn, flagColumn, tenantIdColumn, updatedAtColumn } from './columns.ts'

export const searchProviders = sqliteTable(
  'search_providers',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    type: text('type', { enum: SEARCH_PROVIDER_TYPES }).notNull(),
    /** Null: the vendor's own address. */
    apiBase: text('api_base'),
    sealedApiKey: text('sealed_api_key'),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('search_providers_name').on(table.tenantId, table.name),
  ],
)
