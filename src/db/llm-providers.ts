/**
 * Model providers of a tenant. Keys come and go sealed; this file cannot open them. A stored key
 * is bound to its destination: changing where it would be sent erases it.
 */
import { and, asc, eq } from 'drizzle-orm'
import { z } from 'zod'
import { type ProviderRecord, providerRecordSchema } from '../domain/agent-record.ts'
import type { ProviderId, TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { keptKey } from './kept-key.ts'
import { llmProviders } from './schema/llm-providers.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

const providerRowSchema = providerRecordSchema.extend({
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type ProviderRow = Readonly<z.infer<typeof providerRowSchema>>

/** A new `sealedApiKey` belongs to the new destination; without one a changed destination has none. */
export type ProviderPatch = Partial<Omit<ProviderRecord, 'id'>>

/** Statement of a batch, as for agents. */
export const selectProviders = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(llmProviders)
    .where(eq(llmProviders.tenantId, tenantId))
    .orderBy(asc(llmProviders.name))

export const parseProviderRecord = (row: unknown): ProviderRecord => providerRecordSchema.parse(row)

export async function createProvider(
  db: Database,
  tenantId: TenantId,
  provider: ProviderRecord,
  now: number,
): Promise<Result<ProviderRow, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(llmProviders)
        .values({ ...provider, tenantId, createdAt: now, updatedAt: now })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(providerRowSchema.parse(row))
  } catch (error) {
    if (isUniqueViolation(error, 'llm_providers.name')) return err('already_exists')
    throw error
  }
}

export async function updateProvider(
  db: Database,
  tenantId: TenantId,
  id: ProviderId,
  patch: ProviderPatch,
  now: number,
): Promise<Result<ProviderRow, 'not_found' | 'already_exists'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { name, type, apiBase, allowPrivateNetwork, enabled } = patch
  const sealedApiKey =
    patch.sealedApiKey === undefined ? keptKey(llmProviders, patch) : patch.sealedApiKey
  const changed = { name, type, apiBase, allowPrivateNetwork, enabled, sealedApiKey }
  try {
    const [[row]] = await db.batch([
      db
        .update(llmProviders)
        .set({ ...changed, updatedAt: now })
        .where(and(eq(llmProviders.tenantId, tenantId), eq(llmProviders.id, id)))
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return row === undefined ? err('not_found') : ok(providerRowSchema.parse(row))
  } catch (error) {
    if (isUniqueViolation(error, 'llm_providers.name')) return err('already_exists')
    throw error
  }
}

export async function deleteProvider(
  db: Database,
  tenantId: TenantId,
  id: ProviderId,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(llmProviders)
      .where(and(eq(llmProviders.tenantId, tenantId), eq(llmProviders.id, id)))
      .returning({ id: llmProviders.id }),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
