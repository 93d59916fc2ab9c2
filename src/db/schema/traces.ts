/** How runs went, one row a run; and where a tenant has them sent. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { flagColumn, jsonColumn, tenantIdColumn, timeColumn, updatedAtColumn } from './columns.ts'

export const traces = sqliteTable(
  'traces',
  {
    tenantId: tenantIdColumn(),
    runId: text('run_id').notNull(),
    traceId: text('trace_id').notNull(),
    userId: text('user_id').$type<UserId>().notNull(),
    agentKey: text('agent_key').notNull(),
    sessionKey: text('session_key').notNull(),
    status: text('status', { enum: ['ok', 'error', 'unset'] }).notNull(),
    startedAt: timeColumn('started_at').notNull(),
    endedAt: timeColumn('ended_at').notNull(),
    expiresAt: timeColumn('expires_at').notNull(),
    spanCount: integer('span_count').notNull(),
    dropped: integer('dropped').notNull().default(0),
    spans: jsonColumn('spans').notNull(),
    /** 1 while it waits to be sent on; null: sent, or nobody wants it. */
    exportDue: integer('export_due'),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.runId] }),
    index('traces_started').on(table.tenantId, table.startedAt, table.runId),
    index('traces_user').on(table.tenantId, table.userId, table.startedAt, table.runId),
    index('traces_agent').on(table.tenantId, table.agentKey, table.startedAt, table.runId),
    index('traces_session').on(table.tenantId, table.sessionKey, table.startedAt, table.runId),
    index('traces_status').on(table.tenantId, table.status, table.startedAt, table.runId),
    index('traces_trace').on(table.tenantId, table.traceId, table.startedAt),
    index('traces_export').on(table.tenantId, table.exportDue, table.startedAt),
    index('traces_expiry').on(table.tenantId, table.expiresAt),
  ],
)

/** One a tenant, of one id: a sealed value is bound to its row’s. The headers are bound to the address: another one erases them. */
export const traceExporters = sqliteTable(
  'trace_exporters',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    /** Where OTLP over HTTP is taken, with its path. */
    endpoint: text('endpoint').notNull(),
    sealedHeaders: text('sealed_headers'),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    /** Of the last attempt; null: it went well, or there was none. */
    lastError: text('last_error'),
    lastSentAt: timeColumn('last_sent_at'),
    updatedAt: updatedAtColumn(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.id] })],
)
