/** What the security audit reads beside the snapshot, the little that its fixes write, and who answers for what. */
import { and, asc, eq, isNotNull, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import type { Suppression } from '../domain/security-finding.ts'
import type { Database } from './database.ts'
import { apiKeys, jwtIssuers } from './schema/credentials.ts'
import { auditSuppressions } from './schema/security.ts'
import { SEALED_COLUMNS } from './schema-walk.ts'
import { bumpAuthVersion, bumpVersion } from './versions.ts'

/** More than any tenant has of one kind. */
const MAX_ROWS = 500

const issuerSchema = z.object({
  name: z.string(),
  audience: z.string(),
  provisionRole: z.string().nullable(),
  roleMapping: z.unknown(),
})
export type AuditedIssuer = Readonly<z.infer<typeof issuerSchema>>

export async function listAuditedIssuers(
  db: Database,
  tenantId: TenantId,
): Promise<readonly AuditedIssuer[]> {
  const rows = await db
    .select({
      name: jwtIssuers.name,
      audience: jwtIssuers.audience,
      provisionRole: jwtIssuers.provisionRole,
      roleMapping: jwtIssuers.roleMapping,
    })
    .from(jwtIssuers)
    .where(and(eq(jwtIssuers.tenantId, tenantId), eq(jwtIssuers.enabled, true)))
    .orderBy(asc(jwtIssuers.id))
    .limit(MAX_ROWS)
  return rows.map((row) => issuerSchema.parse(row))
}

/** One secret as it stands, with the place that its envelope is bound to. */
export interface StoredSecret {
  readonly table: string
  readonly column: string
  readonly row: string
  readonly value: string
}

/** Of every table that holds secrets, those added tomorrow included. */
export async function listStoredSecrets(
  db: Database,
  tenantId: TenantId,
): Promise<readonly StoredSecret[]> {
  const [first, ...rest] = SEALED_COLUMNS.map(({ source, tenantColumn, rowColumn, sealedColumn }) =>
    db
      .select({ row: rowColumn, value: sealedColumn })
      .from(source)
      .where(and(eq(tenantColumn, tenantId), isNotNull(sealedColumn)))
      .limit(MAX_ROWS),
  )
  if (first === undefined) return []
  const read = await db.batch([first, ...rest])
  return SEALED_COLUMNS.flatMap(({ table, column }, index) =>
    (read[index] ?? []).map(({ row, value }) => ({
      table,
      column,
      row: String(row),
      value: String(value),
    })),
  )
}

/** Only while the row holds what was sealed: a secret that was set anew meanwhile stays. */
export async function sealStoredSecret(
  db: Database,
  tenantId: TenantId,
  { table, column, row, value }: StoredSecret,
  sealed: string,
): Promise<void> {
  const place = SEALED_COLUMNS.find((one) => one.table === table && one.column === column)
  if (place === undefined) throw new Error(`${table} has no secrets in ${column}`)
  await db.batch([
    db
      .update(place.source)
      .set({ [place.property]: sealed } as never)
      .where(
        and(
          eq(place.tenantColumn, tenantId),
          eq(place.rowColumn, row),
          eq(place.sealedColumn, value),
        ),
      ),
    bumpVersion(db, tenantId),
  ])
}

/** Gives an end to the keys that have none; answers their ids. */
export async function expireEndlessKeys(
  db: Database,
  tenantId: TenantId,
  expiresAt: number,
): Promise<readonly string[]> {
  const [rows] = await db.batch([
    db
      .update(apiKeys)
      .set({ expiresAt })
      .where(
        and(eq(apiKeys.tenantId, tenantId), isNull(apiKeys.expiresAt), isNull(apiKeys.revokedAt)),
      )
      .returning({ id: apiKeys.id }),
    bumpAuthVersion(db, tenantId),
  ])
  return rows.map(({ id }) => id)
}

const suppressionSchema = z.object({
  checkId: z.string(),
  reason: z.string(),
  createdBy: userIdSchema,
  createdAt: z.number(),
  expiresAt: z.number().nullable(),
})

export async function listSuppressions(
  db: Database,
  tenantId: TenantId,
): Promise<readonly Suppression[]> {
  const rows = await db
    .select()
    .from(auditSuppressions)
    .where(eq(auditSuppressions.tenantId, tenantId))
    .orderBy(asc(auditSuppressions.checkId))
    .limit(MAX_ROWS)
  return rows.map((row) => suppressionSchema.parse(row))
}

/** A second one for the same check takes the place of the first. */
export async function setSuppression(
  db: Database,
  tenantId: TenantId,
  {
    checkId,
    reason,
    createdBy,
    createdAt,
    expiresAt,
  }: Suppression & { readonly createdBy: UserId },
): Promise<void> {
  const said = { reason, createdBy, createdAt, expiresAt }
  await db
    .insert(auditSuppressions)
    .values({ tenantId, checkId, ...said })
    .onConflictDoUpdate({
      target: [auditSuppressions.tenantId, auditSuppressions.checkId],
      set: said,
    })
}

export async function removeSuppression(
  db: Database,
  tenantId: TenantId,
  checkId: string,
): Promise<boolean> {
  const removed = await db
    .delete(auditSuppressions)
    .where(and(eq(auditSuppressions.tenantId, tenantId), eq(auditSuppressions.checkId, checkId)))
    .returning({ checkId: auditSuppressions.checkId })
  return removed.length > 0
}
