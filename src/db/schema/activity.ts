/** What happened in each quarter of an hour, counted as it is written: overviews read no single rows. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { tenantIdColumn, timeColumn } from './columns.ts'

export const activity = sqliteTable(
  'activity',
  {
    tenantId: tenantIdColumn(),
    measure: text('measure', { enum: ['run', 'event'] }).notNull(),
    /** Whose; empty for the tenant as a whole. */
    userId: text('user_id').$type<UserId | ''>().notNull(),
    /** Beginning of the quarter. */
    at: timeColumn('at').notNull(),
    /** Of a run the class of its duration, of an event its name. */
    name: text('name').notNull(),
    count: integer('count').notNull(),
    failed: integer('failed').notNull(),
    inputTokens: integer('input_tokens').notNull(),
    outputTokens: integer('output_tokens').notNull(),
    costMicroUsd: integer('cost_micro_usd').notNull(),
  },
  (table) => [
    primaryKey({
      columns: [table.tenantId, table.measure, table.userId, table.at, table.name],
    }),
    index('activity_at').on(table.tenantId, table.at),
  ],
)
