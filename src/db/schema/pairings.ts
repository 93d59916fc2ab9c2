/** Paired browser devices and channel senders, and those that wait for an admin. */
import { index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { createdAtColumn, tenantIdColumn, timeColumn } from './columns.ts'

/** What a device was let in as stands in its status. */
export const PAIRING_STATES = [
  'pending',
  'approved',
  'approved_viewer',
  'denied',
  'revoked',
] as const

export const pairings = sqliteTable(
  'pairings',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    kind: text('kind', { enum: ['device', 'channel'] }).notNull(),
    channel: text('channel').notNull(),
    /** The channel instance; empty for devices. */
    instanceId: text('instance_id').notNull().default(''),
    senderId: text('sender_id').notNull(),
    /** Shown to the sender, typed by the admin; useless without the approval. Null once decided. */
    code: text('code'),
    /** SHA-256 of the secret that fetches the token, once. */
    secretHash: text('secret_hash'),
    /** SHA-256 of the device token. */
    tokenHash: text('token_hash'),
    tokenExpiresAt: timeColumn('token_expires_at'),
    tokenDeliveredAt: timeColumn('token_delivered_at'),
    status: text('status', { enum: PAIRING_STATES }).notNull(),
    /** What the admin sees of the asking side. */
    address: text('address').notNull().default(''),
    userAgent: text('user_agent').notNull().default(''),
    userId: text('user_id').$type<UserId>(),
    decidedBy: text('decided_by').$type<UserId>(),
    /** The API key that decided; null for every other credential. */
    decidedByKey: text('decided_by_key'),
    decidedAt: timeColumn('decided_at'),
    createdAt: createdAtColumn(),
    expiresAt: timeColumn('expires_at').notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    index('pairings_sender').on(table.tenantId, table.channel, table.instanceId, table.senderId),
    index('pairings_key').on(table.tenantId, table.decidedByKey),
    index('pairings_status').on(table.tenantId, table.status, table.createdAt),
    uniqueIndex('pairings_code').on(table.tenantId, table.channel, table.instanceId, table.code),
    uniqueIndex('pairings_token').on(table.tokenHash),
  ],
)
