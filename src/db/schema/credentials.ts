/** Credentials and the parties that may vouch for users. Only hashes of secrets stand here. */
import { index, primaryKey, sqliteTable, text, uniqueIndex } from 'drizzle-orm/sqlite-core'
import type { UserId } from '../../domain/ids.ts'
import { ROLES } from '../../domain/principal.ts'
import {
  createdAtColumn,
  flagColumn,
  jsonColumn,
  tenantIdColumn,
  timeColumn,
  updatedAtColumn,
} from './columns.ts'

export const apiKeys = sqliteTable(
  'api_keys',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    /** SHA-256 (hex) of the whole key. */
    hash: text('hash').notNull(),
    /** The key's beginning, to tell keys apart in lists. */
    prefix: text('prefix').notNull(),
    name: text('name').notNull(),
    scopes: jsonColumn('scopes').notNull(),
    /** The user that the key acts as; need not be a member yet. */
    ownerId: text('owner_id').$type<UserId>().notNull(),
    createdBy: text('created_by').$type<UserId>().notNull(),
    expiresAt: timeColumn('expires_at'),
    revokedAt: timeColumn('revoked_at'),
    lastUsedAt: timeColumn('last_used_at'),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('api_keys_hash').on(table.hash),
    index('api_keys_created').on(table.tenantId, table.createdAt, table.id),
  ],
)

/** An issuer row belongs to one tenant and yields only it. */
export const jwtIssuers = sqliteTable(
  'jwt_issuers',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    issuer: text('issuer').notNull(),
    audience: text('audience').notNull(),
    jwksUrl: text('jwks_url').notNull(),
    algorithms: jsonColumn('algorithms').notNull(),
    /** What a user of this issuer gets at first sight; null admits members only. */
    provisionRole: text('provision_role', { enum: ROLES }),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('jwt_issuers_issuer_audience').on(table.issuer, table.audience),
  ],
)
