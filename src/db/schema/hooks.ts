/** Generic inbound hooks: `/hooks/{instanceId}/{name}`. */
import { integer, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { AgentId } from '../../domain/ids.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  timeColumn,
  updatedAtColumn,
} from './columns.ts'

export const hooks = sqliteTable(
  'hooks',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    instanceId: text('instance_id').notNull(),
    name: text('name').notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** SHA-256 of the bearer or `X-Webhook-Secret`; null when only signatures count. */
    tokenHash: text('token_hash'),
    sealedHmacSecret: text('sealed_hmac_secret'),
    /** Prefixes of session keys that the caller may choose; an empty list: none. */
    sessionKeyPrefixes: jsonColumn('session_key_prefixes').notNull(),
    callbackUrl: text('callback_url'),
    sealedCallbackSecret: text('sealed_callback_secret'),
    ratePerMinute: integer('rate_per_minute').notNull().default(60),
    enabled: flagColumn('enabled').notNull().default(true),
    lastUsedAt: timeColumn('last_used_at'),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('hooks_name').on(table.tenantId, table.instanceId, table.name),
  ],
)
