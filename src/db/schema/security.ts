/** Security events for the dashboard, and the copy of the audit chain. Metadata only. */
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import { SECURITY_EVENT_NAMES } from '../../domain/security-event.ts'
import { createdAtColumn, jsonColumn, tenantIdColumn } from './columns.ts'

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
  (table) => [primaryKey({ columns: [table.tenantId, table.sequence] })],
)
