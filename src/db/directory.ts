/**
 * The only queries that are asked before a tenant is known: which tenant does this credential, slug
 * or user lead to? Its answers name tenants; whatever belongs to one is read through the others.
 */
import { and, asc, eq, gt, inArray } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, tenantIdSchema, type UserId } from '../domain/ids.ts'
import { ROLES } from '../domain/principal.ts'
import { type ApiKeyGrant, parseApiKeyGrant, selectApiKeyGrant } from './api-keys.ts'
import type { Database } from './database.ts'
import { type Invitation, parseInvitation } from './invitations.ts'
import { type IssuerGrant, parseIssuerGrant, selectIssuerGrant } from './jwt-issuers.ts'
import { channelInstances } from './schema/channel-instances.ts'
import { apiKeys, invitations, jwtIssuers } from './schema/credentials.ts'
import { memberships, TENANT_STATUSES, tenants } from './schema/tenants.ts'

/** One page of tenants, and the most tenants that one user's list names. */
export const MAX_TENANT_PAGE = 200

const tenantRowSchema = z.object({
  id: tenantIdSchema,
  slug: z.string(),
  name: z.string(),
  status: z.enum(TENANT_STATUSES),
  version: z.number(),
  authVersion: z.number(),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type TenantRow = Readonly<z.infer<typeof tenantRowSchema>>

export const parseTenantRow = (row: unknown): TenantRow => tenantRowSchema.parse(row)

const tenantOfUserSchema = z.object({
  id: tenantIdSchema,
  slug: z.string(),
  name: z.string(),
  status: z.enum(TENANT_STATUSES),
  role: z.enum(ROLES),
})
export type TenantOfUser = Readonly<z.infer<typeof tenantOfUserSchema>>

export async function findTenant(db: Database, tenantId: TenantId): Promise<TenantRow | null> {
  const row = await db.select().from(tenants).where(eq(tenants.id, tenantId)).get()
  return row === undefined ? null : parseTenantRow(row)
}

export async function findTenantBySlug(db: Database, slug: string): Promise<TenantRow | null> {
  const row = await db.select().from(tenants).where(eq(tenants.slug, slug)).get()
  return row === undefined ? null : parseTenantRow(row)
}

/** For the platform operator, by slug; `afterSlug` is the last one of the page before. */
export async function listTenants(
  db: Database,
  page: { readonly limit: number; readonly afterSlug?: string },
): Promise<readonly TenantRow[]> {
  const rows = await db
    .select()
    .from(tenants)
    .where(gt(tenants.slug, page.afterSlug ?? ''))
    .orderBy(asc(tenants.slug))
    .limit(Math.min(page.limit, MAX_TENANT_PAGE))
  return rows.map(parseTenantRow)
}

/** The tenants that a user belongs to and is not suspended in, with the role in each. */
export async function listTenantsOfUser(
  db: Database,
  userId: UserId,
): Promise<readonly TenantOfUser[]> {
  const rows = await db
    .select({
      id: tenants.id,
      slug: tenants.slug,
      name: tenants.name,
      status: tenants.status,
      role: memberships.role,
    })
    .from(memberships)
    .innerJoin(tenants, eq(tenants.id, memberships.tenantId))
    .where(and(eq(memberships.userId, userId), eq(memberships.status, 'active')))
    .orderBy(asc(memberships.tenantId))
    .limit(MAX_TENANT_PAGE)
  return rows.map((row) => tenantOfUserSchema.parse(row))
}

/** By SHA-256 of the presented key, whatever tenant its locator claims: the row is the truth. */
export async function findApiKey(db: Database, hash: string): Promise<ApiKeyGrant | null> {
  const row = await selectApiKeyGrant(db).where(eq(apiKeys.hash, hash)).get()
  return row === undefined ? null : parseApiKeyGrant(row)
}

export interface FoundInvitation extends Invitation {
  readonly tenantId: TenantId
}

/** By SHA-256 of the link's secret: the tenant is the invitation's, whatever the caller's is. */
export async function findInvitation(db: Database, hash: string): Promise<FoundInvitation | null> {
  const row = await db.select().from(invitations).where(eq(invitations.tokenHash, hash)).get()
  return row === undefined ? null : { ...parseInvitation(row), tenantId: row.tenantId }
}

/** Of all tenants, those that trust this issuer for one of these audiences; at most one an audience. */
export async function findIssuers(
  db: Database,
  issuer: string,
  audiences: readonly string[],
): Promise<readonly IssuerGrant[]> {
  const rows = await selectIssuerGrant(db).where(
    and(eq(jwtIssuers.issuer, issuer), inArray(jwtIssuers.audience, [...audiences])),
  )
  return rows.map(parseIssuerGrant)
}

/** Whose channel instance a webhook's address names: ids are never used twice, so it stays so. */
export async function findChannelTenant(
  db: Database,
  instanceId: string,
): Promise<TenantId | null> {
  const row = await db
    .select({ tenantId: channelInstances.tenantId })
    .from(channelInstances)
    .where(eq(channelInstances.id, instanceId))
    .get()
  return row?.tenantId ?? null
}
