/** Consumption, summed per day: what budgets and reports read. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { tenantIdColumn } from './columns.ts'

export const usage = sqliteTable(
  'usage',
  {
    tenantId: tenantIdColumn(),
    /** UTC day as YYYY-MM-DD. */
    day: text('day').notNull(),
    userId: text('user_id').$type<UserId>().notNull(),
    agentKey: text('agent_key').notNull(),
    provider: text('provider').notNull(),
    model: text('model').notNull(),
    /** The API key that paid for it; empty for every other credential. */
    keyId: text('key_id').notNull().default(''),
    requests: integer('requests').notNull().default(0),
    inputTokens: integer('input_tokens').notNull().default(0),
    outputTokens: integer('output_tokens').notNull().default(0),
    cacheCreationTokens: integer('cache_creation_tokens').notNull().default(0),
    cacheReadTokens: integer('cache_read_tokens').notNull().default(0),
    /** Millionths of a US dollar; 0 where no price is known. */
    costMicroUsd: integer('cost_micro_usd').notNull().default(0),
  },
  (table) => [
    primaryKey({
      columns: [
        table.tenantId,
        table.day,
        table.userId,
        table.agentKey,
        table.provider,
        table.model,
        table.keyId,
      ],
    }),
    index('usage_user').on(table.tenantId, table.userId, table.day),
    index('usage_key').on(table.tenantId, table.keyId, table.day),
    index('usage_agent').on(table.tenantId, table.agentKey, table.day),
  ],
)
