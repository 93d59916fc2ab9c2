/** API keys of a tenant: hashes, scopes, expiry. It never sees a key itself. */
import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import {
  type AgentId,
  agentIdSchema,
  type TenantId,
  tenantIdSchema,
  type UserId,
  userIdSchema,
} from '../domain/ids.ts'
import { ROLES, SCOPES, type Scope } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import {
  isSuspendedAbove,
  keysFrom,
  revokeAdmitted,
  revokeIfMakerIs,
  revokeKeys,
} from './key-tree.ts'
import { apiKeys } from './schema/credentials.ts'
import { pairings } from './schema/pairings.ts'
import { MEMBER_STATUSES, memberships, TENANT_STATUSES, tenants } from './schema/tenants.ts'
import { bumpAuthVersion } from './versions.ts'

/** The most that one page holds. */
export const MAX_KEY_PAGE = 200
/** `last_used_at` is written at most this often: a busy key must not write at every request. */
export const LAST_USED_PRECISION_MS = 60_000

const scopesSchema = z.array(z.enum(SCOPES))
/** Null is everywhere; an empty list is nowhere. */
const listsSchema = {
  allowedNetworks: z.array(z.string()).nullable(),
  allowedAgents: z.array(agentIdSchema).nullable(),
}

const apiKeySchema = z.object({
  id: z.string(),
  prefix: z.string(),
  name: z.string(),
  scopes: scopesSchema,
  ownerId: userIdSchema,
  createdBy: userIdSchema,
  createdByKey: z.string().nullable(),
  ...listsSchema,
  rotatedTo: z.string().nullable(),
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
  createdAt: z.number(),
})
export type ApiKeyRow = Readonly<z.infer<typeof apiKeySchema>>

export const parseApiKeyRow = (row: unknown): ApiKeyRow => apiKeySchema.parse(row)

export const apiKeyColumns = {
  id: apiKeys.id,
  prefix: apiKeys.prefix,
  name: apiKeys.name,
  scopes: apiKeys.scopes,
  ownerId: apiKeys.ownerId,
  createdBy: apiKeys.createdBy,
  createdByKey: apiKeys.createdByKey,
  allowedNetworks: apiKeys.allowedNetworks,
  allowedAgents: apiKeys.allowedAgents,
  rotatedTo: apiKeys.rotatedTo,
  expiresAt: apiKeys.expiresAt,
  revokedAt: apiKeys.revokedAt,
  lastUsedAt: apiKeys.lastUsedAt,
  createdAt: apiKeys.createdAt,
}

export interface NewApiKeyRow {
  readonly id: string
  readonly hash: string
  readonly prefix: string
  readonly name: string
  readonly scopes: readonly Scope[]
  readonly ownerId: UserId
  readonly createdBy: UserId
  /** The key that makes it: its revocation is this one's, too. */
  readonly createdByKey?: string | null
  readonly allowedNetworks?: readonly string[] | null
  readonly allowedAgents?: readonly AgentId[] | null
  readonly expiresAt: number | null
}

const apiKeyGrantSchema = z.object({
  tenantId: tenantIdSchema,
  tenantStatus: z.enum(TENANT_STATUSES),
  authVersion: z.number(),
  keyId: z.string(),
  name: z.string(),
  scopes: scopesSchema,
  ownerId: userIdSchema,
  /** The owner's role in the tenant; null while they are no member. */
  ownerRole: z.enum(ROLES).nullable(),
  ownerStatus: z.enum(MEMBER_STATUSES).nullable(),
  /** Of whoever made the key; null while they are no member: the platform's operator, say. */
  makerRole: z.enum(ROLES).nullable(),
  makerStatus: z.enum(MEMBER_STATUSES).nullable(),
  /** Owner or maker of a key that made this one, or that made such a one, is suspended. */
  isSuspendedAbove: z.coerce.boolean(),
  ...listsSchema,
  expiresAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  lastUsedAt: z.number().nullable(),
})
/** Everything that a principal is made of, as of one moment. Judging it is the caller's. */
export type ApiKeyGrant = Readonly<z.infer<typeof apiKeyGrantSchema>>

export const parseApiKeyGrant = (row: unknown): ApiKeyGrant => apiKeyGrantSchema.parse(row)

const makers = alias(memberships, 'makers')

/** One query, one moment: key, tenant and the owner's membership cannot be of different times. */
export const selectApiKeyGrant = (db: Database) =>
  db
    .select({
      tenantId: apiKeys.tenantId,
      tenantStatus: tenants.status,
      authVersion: tenants.authVersion,
      keyId: apiKeys.id,
      name: apiKeys.name,
      scopes: apiKeys.scopes,
      ownerId: apiKeys.ownerId,
      ownerRole: memberships.role,
      ownerStatus: memberships.status,
      makerRole: makers.role,
      makerStatus: makers.status,
      isSuspendedAbove: isSuspendedAbove({ tenantId: apiKeys.tenantId, id: apiKeys.createdByKey }),
      allowedNetworks: apiKeys.allowedNetworks,
      allowedAgents: apiKeys.allowedAgents,
      expiresAt: apiKeys.expiresAt,
      revokedAt: apiKeys.revokedAt,
      lastUsedAt: apiKeys.lastUsedAt,
    })
    .from(apiKeys)
    .innerJoin(tenants, eq(tenants.id, apiKeys.tenantId))
    .leftJoin(
      memberships,
      and(eq(memberships.tenantId, apiKeys.tenantId), eq(memberships.userId, apiKeys.ownerId)),
    )
    .leftJoin(
      makers,
      and(eq(makers.tenantId, apiKeys.tenantId), eq(makers.userId, apiKeys.createdBy)),
    )

/** For work that goes on after its request: is the key behind it still good? */
export async function findApiKeyGrant(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<ApiKeyGrant | null> {
  const row = await selectApiKeyGrant(db)
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id)))
    .get()
  return row === undefined ? null : parseApiKeyGrant(row)
}

/** Newest first; `after` is the id of the last one of the page before. */
export async function listApiKeys(
  db: Database,
  tenantId: TenantId,
  page: { readonly limit: number; readonly after?: string } = { limit: MAX_KEY_PAGE },
): Promise<readonly ApiKeyRow[]> {
  const last = db
    .select({ createdAt: apiKeys.createdAt, id: apiKeys.id })
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, page.after ?? '')))
  const rows = await db
    .select(apiKeyColumns)
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.tenantId, tenantId),
        page.after === undefined
          ? undefined
          : sql`(${apiKeys.createdAt}, ${apiKeys.id}) < (${last})`,
      ),
    )
    .orderBy(desc(apiKeys.createdAt), desc(apiKeys.id))
    .limit(Math.min(page.limit, MAX_KEY_PAGE))
  return rows.map(parseApiKeyRow)
}

export async function findApiKeyRow(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<ApiKeyRow | null> {
  const row = await db
    .select(apiKeyColumns)
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id)))
    .get()
  return row === undefined ? null : parseApiKeyRow(row)
}

export async function createApiKeyRow(
  db: Database,
  tenantId: TenantId,
  key: NewApiKeyRow,
  now: number,
): Promise<ApiKeyRow> {
  const [[row]] = await db.batch([
    db
      .insert(apiKeys)
      .values({ ...key, tenantId, createdAt: now })
      .returning(apiKeyColumns),
    revokeIfMakerIs(db, tenantId, key.id, now),
    bumpAuthVersion(db, tenantId),
  ])
  return apiKeySchema.parse(row)
}

/** With it all keys that it made, and whom any of them let in. Revoking again keeps the first time. */
export async function revokeApiKey(
  db: Database,
  tenantId: TenantId,
  id: string,
  now: number,
): Promise<Result<ApiKeyRow, 'not_found'>> {
  const tree = keysFrom(tenantId, sql`select ${id}`)
  const [revoked] = await db.batch([
    revokeKeys(db, tenantId, sql`${apiKeys.id} in ${tree}`, now).returning(apiKeyColumns),
    revokeAdmitted(db, tenantId, sql`${pairings.decidedByKey} in ${tree}`, now),
    bumpAuthVersion(db, tenantId),
  ])
  const row = revoked.find((key) => key.id === id)
  return row === undefined ? err('not_found') : ok(apiKeySchema.parse(row))
}

/** Changes no right, so it raises no version. */
export async function touchApiKey(
  db: Database,
  tenantId: TenantId,
  id: string,
  now: number,
): Promise<void> {
  await db
    .update(apiKeys)
    .set({ lastUsedAt: now })
    .where(
      and(
        eq(apiKeys.tenantId, tenantId),
        eq(apiKeys.id, id),
        isNull(apiKeys.revokedAt),
        sql`coalesce(${apiKeys.lastUsedAt}, 0) <= ${now - LAST_USED_PRECISION_MS}`,
      ),
    )
}
