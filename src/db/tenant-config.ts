/**
 * The tenant's configuration document. Writers name the hash they started from, so that two admins
 * cannot overwrite each other unseen; every accepted document is kept as a version.
 */
import { and, desc, eq, lt, lte, max, sql } from 'drizzle-orm'
import { canonicalHash, canonicalJson } from '../crypto/canonical-json.ts'
import { withLeastAuditDays } from '../domain/config/retention.ts'
import {
  type TenantConfig,
  type TenantConfigDocument,
  tenantConfigSchema,
} from '../domain/config/tenant-config.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { configVersions, tenantConfig } from './schema/tenant-config.ts'
import { bumpVersion } from './versions.ts'

/** Earlier documents kept per tenant: enough to go back, little enough to stay small. */
export const KEPT_CONFIG_VERSIONS = 200

export interface StoredConfig {
  /** Only what was set. */
  readonly document: TenantConfigDocument
  /** With the defaults filled in. */
  readonly config: TenantConfig
  readonly hash: string
  readonly updatedBy: UserId
  readonly updatedAt: number
}

export interface ConfigVersion {
  readonly number: number
  readonly hash: string
  readonly createdBy: UserId
  readonly createdAt: number
}

export const configHash = (document: TenantConfigDocument): Promise<string> =>
  canonicalHash(document)

/** Statement of a batch, as for agents. */
export const selectConfig = (db: Database, tenantId: TenantId) =>
  db.select().from(tenantConfig).where(eq(tenantConfig.tenantId, tenantId))

/** Throws on a document that the schema refuses: what is stored was accepted once. */
export function parseStoredDocument(text: string): {
  readonly document: TenantConfigDocument
  readonly config: TenantConfig
} {
  const document = withLeastAuditDays(JSON.parse(text))
  return { document: document as TenantConfigDocument, config: tenantConfigSchema.parse(document) }
}

export async function loadConfig(db: Database, tenantId: TenantId): Promise<StoredConfig | null> {
  const row = await selectConfig(db, tenantId).get()
  if (row === undefined) return null
  const { hash, updatedBy, updatedAt } = row
  return { ...parseStoredDocument(row.document), hash, updatedBy, updatedAt }
}

export interface ConfigChange {
  readonly document: TenantConfigDocument
  /** Hash of the document that the change was made on. */
  readonly baseHash: string
  readonly userId: UserId
}

export async function writeConfig(
  db: Database,
  tenantId: TenantId,
  change: ConfigChange,
  now: number,
): Promise<Result<{ readonly hash: string }, 'stale'>> {
  // What the schema refuses is never stored, whoever calls.
  tenantConfigSchema.parse(change.document)
  const document = canonicalJson(change.document)
  const hash = await configHash(change.document)
  const isBase = and(eq(tenantConfig.tenantId, tenantId), eq(tenantConfig.hash, change.baseHash))
  const newest = db
    .select({ number: max(configVersions.number) })
    .from(configVersions)
    .where(eq(configVersions.tenantId, tenantId))
  const [, , [written]] = await db.batch([
    // Reads its condition from the row that the third statement changes: both happen, or neither.
    db.insert(configVersions).select(
      db
        .select({
          tenantId: tenantConfig.tenantId,
          number: sql<number>`coalesce((${newest}), 0) + 1`.as('number'),
          document: sql<string>`${document}`.as('document'),
          hash: sql<string>`${hash}`.as('hash'),
          createdBy: sql<UserId>`${change.userId}`.as('created_by'),
          createdAt: sql<number>`${now}`.as('created_at'),
        })
        .from(tenantConfig)
        .where(isBase),
    ),
    db
      .delete(configVersions)
      .where(
        and(
          eq(configVersions.tenantId, tenantId),
          lte(configVersions.number, sql`(${newest}) - ${KEPT_CONFIG_VERSIONS}`),
        ),
      ),
    db
      .update(tenantConfig)
      .set({ document, hash, updatedBy: change.userId, updatedAt: now })
      .where(isBase)
      .returning({ hash: tenantConfig.hash }),
    bumpVersion(db, tenantId),
  ])
  return written === undefined ? err('stale') : ok({ hash: written.hash })
}

export interface ConfigVersionPage {
  readonly limit: number
  /** Older than this number. */
  readonly before?: number | undefined
}

/** Newest first, without the documents. */
export const listConfigVersions = (
  db: Database,
  tenantId: TenantId,
  { limit, before }: ConfigVersionPage = { limit: KEPT_CONFIG_VERSIONS },
): Promise<readonly ConfigVersion[]> =>
  db
    .select({
      number: configVersions.number,
      hash: configVersions.hash,
      createdBy: configVersions.createdBy,
      createdAt: configVersions.createdAt,
    })
    .from(configVersions)
    .where(
      and(
        eq(configVersions.tenantId, tenantId),
        before === undefined ? undefined : lt(configVersions.number, before),
      ),
    )
    .orderBy(desc(configVersions.number))
    .limit(limit)

export interface FoundConfigVersion extends ConfigVersion {
  /** As it was, not parsed: the schema may have become stricter since. */
  readonly document: unknown
}

export async function findConfigVersion(
  db: Database,
  tenantId: TenantId,
  number: number,
): Promise<FoundConfigVersion | null> {
  const row = await db
    .select()
    .from(configVersions)
    .where(and(eq(configVersions.tenantId, tenantId), eq(configVersions.number, number)))
    .get()
  if (row === undefined) return null
  const { hash, createdBy, createdAt } = row
  return { number, hash, createdBy, createdAt, document: JSON.parse(row.document) as unknown }
}
