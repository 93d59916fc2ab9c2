/** What the security audit reads beside the snapshot, the little that its fixes write, and who answers for what. */
import { and, asc, eq, isNull } from 'drizzle-orm'
import { z } from 'zod'
import { type ProviderId, type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import type { Suppression } from '../domain/security-finding.ts'
import type { Database } from './database.ts'
import { apiKeys, jwtIssuers } from './schema/credentials.ts'
import { llmProviders } from './schema/llm-providers.ts'
import { searchProviders } from './schema/search-providers.ts'
import { secureCliBinaries } from './schema/secure-cli.ts'
import { auditSuppressions } from './schema/security.ts'
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
  readonly table: 'llm_providers' | 'search_providers' | 'secure_cli_binaries' | 'jwt_issuers'
  readonly column: string
  readonly row: string
  readonly value: string
}

export async function listStoredSecrets(
  db: Database,
  tenantId: TenantId,
): Promise<readonly StoredSecret[]> {
  const [models, engines, binaries, issuers] = await db.batch([
    db
      .select({ row: llmProviders.id, value: llmProviders.sealedApiKey })
      .from(llmProviders)
      .where(eq(llmProviders.tenantId, tenantId))
      .limit(MAX_ROWS),
    db
      .select({ row: searchProviders.id, value: searchProviders.sealedApiKey })
      .from(searchProviders)
      .where(eq(searchProviders.tenantId, tenantId))
      .limit(MAX_ROWS),
    db
      .select({ row: secureCliBinaries.id, value: secureCliBinaries.sealedEnv })
      .from(secureCliBinaries)
      .where(eq(secureCliBinaries.tenantId, tenantId))
      .limit(MAX_ROWS),
    db
      .select({ row: jwtIssuers.id, value: jwtIssuers.sealedClientSecret })
      .from(jwtIssuers)
      .where(eq(jwtIssuers.tenantId, tenantId))
      .limit(MAX_ROWS),
  ])
  const of = (
    table: StoredSecret['table'],
    column: string,
    rows: readonly { readonly row: string; readonly value: string | null }[],
  ): StoredSecret[] =>
    rows.flatMap(({ row, value }) => (value === null ? [] : [{ table, column, row, value }]))
  return [
    ...of('llm_providers', 'sealed_api_key', models),
    ...of('search_providers', 'sealed_api_key', engines),
    ...of('secure_cli_binaries', 'sealed_env', binaries),
    ...of('jwt_issuers', 'sealed_client_secret', issuers),
  ]
}

/** Only while the row holds what was sealed: a secret that was set anew meanwhile stays. */
export async function sealStoredSecret(
  db: Database,
  tenantId: TenantId,
  { table, row, value }: StoredSecret,
  sealed: string,
): Promise<void> {
  const bump = bumpVersion(db, tenantId)
  switch (table) {
    case 'llm_providers':
      await db.batch([
        db
          .update(llmProviders)
          .set({ sealedApiKey: sealed })
          .where(
            and(
              eq(llmProviders.tenantId, tenantId),
              eq(llmProviders.id, row as ProviderId),
              eq(llmProviders.sealedApiKey, value),
            ),
          ),
        bump,
      ])
      return
    case 'search_providers':
      await db.batch([
        db
          .update(searchProviders)
          .set({ sealedApiKey: sealed })
          .where(
            and(
              eq(searchProviders.tenantId, tenantId),
              eq(searchProviders.id, row),
              eq(searchProviders.sealedApiKey, value),
            ),
          ),
        bump,
      ])
      return
    case 'secure_cli_binaries':
      await db.batch([
        db
          .update(secureCliBinaries)
          .set({ sealedEnv: sealed })
          .where(
            and(
              eq(secureCliBinaries.tenantId, tenantId),
              eq(secureCliBinaries.id, row),
              eq(secureCliBinaries.sealedEnv, value),
            ),
          ),
        bump,
      ])
      return
    case 'jwt_issuers':
      await db.batch([
        db
          .update(jwtIssuers)
          .set({ sealedClientSecret: sealed })
          .where(
            and(
              eq(jwtIssuers.tenantId, tenantId),
              eq(jwtIssuers.id, row),
              eq(jwtIssuers.sealedClientSecret, value),
            ),
          ),
        bump,
      ])
  }
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
