/** What lists of sessions show. The session itself lives in its object; this is an index of it. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { createdAtColumn, tenantIdColumn, updatedAtColumn } from './columns.ts'

export const sessionIndex = sqliteTable(
  'session_index',
  {
    tenantId: tenantIdColumn(),
    sessionKey: text('session_key').notNull(),
    agentKey: text('agent_key').notNull(),
    channel: text('channel').notNull(),
    userId: text('user_id').$type<UserId>().notNull(),
    label: text('label'),
    model: text('model'),
    provider: text('provider'),
    messageCount: integer('message_count').notNull().default(0),
    inputTokens: integer('input_tokens').notNull().default(0),
    outputTokens: integer('output_tokens').notNull().default(0),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.sessionKey] }),
    index('session_index_updated').on(table.tenantId, table.updatedAt, table.sessionKey),
    index('session_index_user').on(table.tenantId, table.userId, table.updatedAt, table.sessionKey),
    index('session_index_channel').on(
      table.tenantId,
      table.channel,
      table.updatedAt,
      table.sessionKey,
    ),
    index('session_index_agent').on(
      table.tenantId,
      table.agentKey,
      table.updatedAt,
      table.sessionKey,
    ),
  ],
)
