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
    /** The API key that made it, whose end is its own; null for every other credential. */
    createdByKey: text('created_by_key'),
    /** Addresses or CIDR ranges that it may come from; null: any. */
    allowedNetworks: jsonColumn('allowed_networks'),
    /** Ids of the agents that it may reach; null: every one. */
    allowedAgents: jsonColumn('allowed_agents'),
    /** The key that took its place; until it expires both are good. */
    rotatedTo: text('rotated_to'),
    expiresAt: timeColumn('expires_at'),
    revokedAt: timeColumn('revoked_at'),
    lastUsedAt: timeColumn('last_used_at'),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('api_keys_hash').on(table.hash),
    index('api_keys_created').on(table.tenantId, table.createdAt, table.id),
    index('api_keys_made_by').on(table.tenantId, table.createdByKey),
  ],
)

/** An issuer row belongs to one tenant and yields only it. */
export const jwtIssuers = sqliteTable(
  'jwt_issuers',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    name: text('name').notNull().default(''),
    kind: text('kind', { enum: ['oidc', 'cloudflare_access'] })
      .notNull()
      .default('oidc'),
    issuer: text('issuer').notNull(),
    audience: text('audience').notNull(),
    jwksUrl: text('jwks_url').notNull(),
    algorithms: jsonColumn('algorithms').notNull(),
    /** What a user of this issuer gets at first sight; null admits members only. */
    provisionRole: text('provision_role', { enum: ROLES }),
    /** Which claim's values mean which role; no value ever means owner. */
    roleMapping: jsonColumn('role_mapping').notNull().default({}),
    /** Whether a member who is an owner comes in through it as one; else as an admin. */
    provesOwners: flagColumn('proves_owners').notNull().default(false),
    /** For the login of people at the dashboard; null where tokens are only checked. */
    clientId: text('client_id'),
    /** Where its people sign in, if that is not the issuer's own origin. */
    signInOrigin: text('sign_in_origin'),
    /** Bound to the issuer: changing that erases it. Null for public clients. */
    sealedClientSecret: text('sealed_client_secret'),
    allowPrivateNetwork: flagColumn('allow_private_network').notNull().default(false),
    enabled: flagColumn('enabled').notNull().default(true),
    createdAt: createdAtColumn(),
    updatedAt: updatedAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('jwt_issuers_issuer_audience').on(table.issuer, table.audience),
  ],
)

/** Sessions of people who logged in through an issuer: short-lived, revocable, one a browser. */
export const loginSessions = sqliteTable(
  'login_sessions',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    /** SHA-256 (hex) of the whole token. */
    tokenHash: text('token_hash').notNull(),
    issuerId: text('issuer_id').notNull(),
    userId: text('user_id').$type<UserId>().notNull(),
    /** What the issuer's claims came to; the membership bounds it at every use. */
    role: text('role', { enum: ROLES }).notNull(),
    address: text('address').notNull().default(''),
    userAgent: text('user_agent').notNull().default(''),
    expiresAt: timeColumn('expires_at').notNull(),
    revokedAt: timeColumn('revoked_at'),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('login_sessions_token').on(table.tokenHash),
    index('login_sessions_user').on(table.tenantId, table.userId, table.createdAt),
    index('login_sessions_expiry').on(table.tenantId, table.expiresAt),
  ],
)

/** Links that make whoever opens them a member, once. */
export const invitations = sqliteTable(
  'invitations',
  {
    id: text('id').notNull(),
    tenantId: tenantIdColumn(),
    /** SHA-256 (hex) of the link's secret. */
    tokenHash: text('token_hash').notNull(),
    role: text('role', { enum: ROLES }).notNull(),
    /** For the eyes of those who list them: for whom it was made. */
    note: text('note').notNull().default(''),
    createdBy: text('created_by').$type<UserId>().notNull(),
    acceptedBy: text('accepted_by').$type<UserId>(),
    acceptedAt: timeColumn('accepted_at'),
    revokedAt: timeColumn('revoked_at'),
    expiresAt: timeColumn('expires_at').notNull(),
    createdAt: createdAtColumn(),
  },
  (table) => [
    primaryKey({ columns: [table.tenantId, table.id] }),
    uniqueIndex('invitations_token').on(table.tokenHash),
    index('invitations_created').on(table.tenantId, table.createdAt, table.id),
  ],
)
