/** Scheduled runs. The tenant's object keeps the timers; these rows are the truth behind them. */
import { index, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { AgentId, UserId } from '../../domain/ids.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  timeColumn,
  updatedAtColumn,
} from './columns.ts'

export const cronJobs = sqliteTable(
  'cron_jobs',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull(),
    agentId: text('agent_id').$type<AgentId>().notNull(),
    /** The job acts with this user's rights, looked up anew at every run. */
    ownerId: text('owner_id').$type<UserId>().notNull(),
    scheduleKind: text('schedule_kind', { enum: ['at', 'every', 'cron'] }).notNull(),
    /** A time in ms, a period in ms, or a cron expression. */
    schedule: text('schedule').notNull(),
    timezone: text('timezone').notNull().default('UTC'),
    message: text('message').notNull(),
    /** Where the answer goes: channel, instance and recipient; null keeps it in the session. */
    delivery: jsonColumn('delivery'),
    deleteAfterRun: flagColumn('delete_after_run').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    nextRunAt: timeColumn('next_run_at'),
    lastRunAt: timeColumn('last_run_at'),
    lastStatus: text('last_status', { enum: ['ok', 'failed', 'skipped'] }),
    lastError: text('last_error'),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('cron_jobs_next').on(table.tenantId, table.nextRunAt),
    index('cron_jobs_owner').on(table.tenantId, table.ownerId),
  ],
)
