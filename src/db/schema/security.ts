/** Security events for the dashboard, and the copy of the audit chain. Metadata only. */
import { sql } from 'drizzle-orm'
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { SECURITY_EVENT_NAMES } from '../../domain/security-event.ts'
import { createdAtColumn, jsonColumn, tenantIdColumn, timeColumn } from './columns.ts'

export const securityEvents = sqliteTable(
  'security_events',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name', { enum: SECURITY_EVENT_NAMES }).notNull(),
    severity: text('severity', { enum: ['info', 'warn'] }).notNull(),
    /** Flat: ids, families, counts, hashes; never text, secret or pattern. */
    fields: jsonColumn('fields').notNull(),
    /** Where it happened: user, session, run, agent, address. */
    context: jsonColumn('context').notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('security_events_created').on(table.tenantId, table.createdAt, table.id),
    index('security_events_name').on(table.tenantId, table.name, table.createdAt, table.id),
    index('security_events_severity').on(table.tenantId, table.severity, table.createdAt, table.id),
  ],
)

/** Appended serially by the tenant's object, copied here in batches; never changed. */
export const auditRecords = sqliteTable(
  'audit_records',
  {
    tenantId: tenantIdColumn(),
    /** Counts from 1 within the tenant; a gap is a broken chain. */
    sequence: integer('sequence').notNull(),
    /** Canonical JSON, as the MAC was computed over it. */
    record: text('record').notNull(),
    previousMac: text('previous_mac').notNull(),
    mac: text('mac').notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.sequence] }),
    index('audit_records_kind').on(
      table.tenantId,
      sql`case when json_valid(record) then record ->> '$.kind' end`,
      table.sequence,
    ),
  ],
)

/** What was pruned from the beginning of a chain ends here: the rest is verified from this on. */
export const auditCheckpoints = sqliteTable(
  'audit_checkpoints',
  {
    tenantId: tenantIdColumn(),
    sequence: integer('sequence').notNull(),
    mac: text('mac').notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.sequence] })],
)

/** Findings of the security audit that somebody answers for. */
export const auditSuppressions = sqliteTable(
  'audit_suppressions',
  {
    tenantId: tenantIdColumn(),
    checkId: text('check_id').notNull(),
    reason: text('reason').notNull(),
    createdBy: text('created_by').$type<UserId>().notNull(),
    createdAt: createdAtColumn(),
    expiresAt: timeColumn('expires_at'),
  },
  (table) => [primaryKey({ columns: [table.tenantId, table.checkId] })],
)
