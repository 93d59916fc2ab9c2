/** Scheduled runs. The tenant's object keeps the timer; these rows are the truth behind it. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { JOB_STATUSES, RUN_STATES } from '../../domain/cron-job.ts'
import type { AgentId, RunId, UserId } from '../../domain/ids.ts'
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
    ownerId: text('owner_id').$type<UserId>().notNull(),
    scheduleKind: text('schedule_kind', { enum: ['at', 'every', 'cron'] }).notNull(),
    /** A time in ms, a period in ms, or a cron expression. */
    schedule: text('schedule').notNull(),
    timezone: text('timezone').notNull().default('UTC'),
    /** From which periods are counted; null for the other kinds. */
    anchorAt: timeColumn('anchor_at'),
    message: text('message').notNull(),
    /** Where the answer goes; null keeps it in the session. */
    delivery: jsonColumn('delivery'),
    deleteAfterRun: flagColumn('delete_after_run').notNull().default(false),
    isHeartbeat: flagColumn('is_heartbeat').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    /** With whose rights it acts; what they are worth is looked up anew at every firing. */
    principal: jsonColumn('principal').notNull().default({}),
    credentialId: text('credential_id').notNull().default(''),
    nextRunAt: timeColumn('next_run_at'),
    lastRunAt: timeColumn('last_run_at'),
    lastStatus: text('last_status', { enum: JOB_STATUSES }),
    lastError: text('last_error'),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('cron_jobs_next').on(table.tenantId, table.nextRunAt),
    index('cron_jobs_owner').on(table.tenantId, table.ownerId, table.createdAt, table.id),
    index('cron_jobs_created').on(table.tenantId, table.createdAt, table.id),
    index('cron_jobs_credential').on(table.tenantId, table.credentialId),
  ],
)

/** Each time that a job came due: what is open of it, and what came of it. */
export const cronRuns = sqliteTable(
  'cron_runs',
  {
    tenantId: tenantIdColumn(),
    jobId: text('job_id').notNull(),
    scheduledAt: timeColumn('scheduled_at').notNull(),
    trigger: text('trigger', { enum: ['schedule', 'manual'] }).notNull(),
    state: text('state', { enum: RUN_STATES }).notNull(),
    attempt: integer('attempt').notNull().default(1),
    /** When it is looked at next; null once it is over. */
    dueAt: timeColumn('due_at'),
    waitingSince: timeColumn('waiting_since').notNull(),
    message: text('message'),
    runId: text('run_id').$type<RunId>(),
    error: text('error'),
    createdAt: createdAtColumn(),
    endedAt: timeColumn('ended_at'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.jobId, table.scheduledAt] }),
    index('cron_runs_due').on(table.tenantId, table.dueAt),
  ],
)
