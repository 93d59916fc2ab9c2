/**
 * Parties that vouch for people of a tenant. (issuer, audience) is one tenant's alone, over all of
 * them. The client secret comes and goes sealed, and is bound to where it is sent: another issuer or
 * key set erases it. Every change ends what was admitted before it (`updatedAt`, `authVersion`).
 */
import { and, asc, count, eq, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import { type IssuerRecord, issuerRecordSchema } from '../domain/issuer.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { jwtIssuers, loginSessions } from './schema/credentials.ts'
import { TENANT_STATUSES, tenants } from './schema/tenants.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpAuthVersion } from './versions.ts'

/** Held whole by lists, and looked through at every sign-in. */
export const MAX_ISSUERS = 20

export type NewIssuer = Omit<IssuerRecord, 'createdAt' | 'updatedAt'>
/** `sealedClientSecret` undefined keeps the stored one, unless its destination changes. */
export type IssuerPatch = Partial<Omit<NewIssuer, 'id' | 'kind'>>

const columns = {
  id: jwtIssuers.id,
  name: jwtIssuers.name,
  kind: jwtIssuers.kind,
  issuer: jwtIssuers.issuer,
  audience: jwtIssuers.audience,
  jwksUrl: jwtIssuers.jwksUrl,
  algorithms: jwtIssuers.algorithms,
  provisionRole: jwtIssuers.provisionRole,
  roleMapping: jwtIssuers.roleMapping,
  provesOwners: jwtIssuers.provesOwners,
  clientId: jwtIssuers.clientId,
  signInOrigin: jwtIssuers.signInOrigin,
  sealedClientSecret: jwtIssuers.sealedClientSecret,
  allowPrivateNetwork: jwtIssuers.allowPrivateNetwork,
  enabled: jwtIssuers.enabled,
  createdAt: jwtIssuers.createdAt,
  updatedAt: jwtIssuers.updatedAt,
}

const issuerGrantSchema = z.object({
  tenantId: tenantIdSchema,
  tenantStatus: z.enum(TENANT_STATUSES),
  authVersion: z.number(),
  issuer: issuerRecordSchema,
})
/** The row and its tenant's standing, of one moment. Judging it is the caller's. */
export type IssuerGrant = Readonly<z.infer<typeof issuerGrantSchema>>

export const parseIssuerGrant = (row: unknown): IssuerGrant => issuerGrantSchema.parse(row)

export const selectIssuerGrant = (db: Database) =>
  db
    .select({
      tenantId: jwtIssuers.tenantId,
      tenantStatus: tenants.status,
      authVersion: tenants.authVersion,
      issuer: columns,
    })
    .from(jwtIssuers)
    .innerJoin(tenants, eq(tenants.id, jwtIssuers.tenantId))

export async function findIssuerGrant(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<IssuerGrant | null> {
  const row = await selectIssuerGrant(db)
    .where(and(eq(jwtIssuers.tenantId, tenantId), eq(jwtIssuers.id, id)))
    .get()
  return row === undefined ? null : parseIssuerGrant(row)
}

export async function listIssuers(
  db: Database,
  tenantId: TenantId,
): Promise<readonly IssuerRecord[]> {
  const rows = await db
    .select(columns)
    .from(jwtIssuers)
    .where(eq(jwtIssuers.tenantId, tenantId))
    .orderBy(asc(jwtIssuers.id))
    .limit(MAX_ISSUERS)
  return rows.map((row) => issuerRecordSchema.parse(row))
}

export async function countIssuers(db: Database, tenantId: TenantId): Promise<number> {
  const row = await db
    .select({ n: count() })
    .from(jwtIssuers)
    .where(eq(jwtIssuers.tenantId, tenantId))
    .get()
  return row?.n ?? 0
}

/** SQLite names the columns of the index in its order. */
const isTaken = (error: unknown): boolean => isUniqueViolation(error, 'jwt_issuers.audience')

export async function createIssuer(
  db: Database,
  tenantId: TenantId,
  issuer: NewIssuer,
  now: number,
): Promise<Result<IssuerRecord, 'taken'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(jwtIssuers)
        .values({
          ...issuer,
          roleMapping: issuer.roleMapping ?? {},
          tenantId,
          createdAt: now,
          updatedAt: now,
        })
        .returning(columns),
      bumpAuthVersion(db, tenantId),
    ])
    return ok(issuerRecordSchema.parse(row))
  } catch (error) {
    if (isTaken(error)) return err('taken')
    throw error
  }
}

/** The stored secret, or null once it would be sent elsewhere; decided against the row as it is then. */
function keptSecret({ issuer, jwksUrl }: IssuerPatch) {
  const sameIssuer = issuer === undefined ? sql`1` : sql`${jwtIssuers.issuer} is ${issuer}`
  const sameKeys = jwksUrl === undefined ? sql`1` : sql`${jwtIssuers.jwksUrl} is ${jwksUrl}`
  return sql`case when ${sameIssuer} and ${sameKeys} then ${jwtIssuers.sealedClientSecret} end`
}

export async function updateIssuer(
  db: Database,
  tenantId: TenantId,
  id: string,
  patch: IssuerPatch,
  now: number,
): Promise<Result<IssuerRecord, 'not_found' | 'taken'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { name, issuer, audience, jwksUrl, algorithms, provisionRole, clientId } = patch
  const { provesOwners, signInOrigin, allowPrivateNetwork, enabled } = patch
  const mapping = patch.roleMapping === undefined ? {} : { roleMapping: patch.roleMapping ?? {} }
  const sealedClientSecret =
    patch.sealedClientSecret === undefined ? keptSecret(patch) : patch.sealedClientSecret
  const changed = { name, issuer, audience, jwksUrl, algorithms, provisionRole, clientId }
  try {
    const [[row]] = await db.batch([
      db
        .update(jwtIssuers)
        .set({
          ...changed,
          ...mapping,
          provesOwners,
          signInOrigin,
          allowPrivateNetwork,
          enabled,
          sealedClientSecret,
          // Two changes of one millisecond are two.
          updatedAt: sql`max(${now}, ${jwtIssuers.updatedAt} + 1)`,
        })
        .where(and(eq(jwtIssuers.tenantId, tenantId), eq(jwtIssuers.id, id)))
        .returning(columns),
      bumpAuthVersion(db, tenantId),
    ])
    return row === undefined ? err('not_found') : ok(issuerRecordSchema.parse(row))
  } catch (error) {
    if (isTaken(error)) return err('taken')
    throw error
  }
}

/** Sessions of people who signed in through it go with it. */
export async function deleteIssuer(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(jwtIssuers)
      .where(and(eq(jwtIssuers.tenantId, tenantId), eq(jwtIssuers.id, id)))
      .returning({ id: jwtIssuers.id }),
    db
      .delete(loginSessions)
      .where(and(eq(loginSessions.tenantId, tenantId), eq(loginSessions.issuerId, id))),
    bumpAuthVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
