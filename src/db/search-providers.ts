/**
 * Search engines of a tenant. Keys come and go sealed; this file cannot open them. A stored key is
 * bound to its destination: changing where it would be sent erases it.
 */
import { and, asc, eq } from 'drizzle-orm'
import type { TenantId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { type SearchProvider, searchProviderSchema } from '../domain/search-provider.ts'
import type { Database } from './database.ts'
import { keptKey } from './kept-key.ts'
import { searchProviders } from './schema/search-providers.ts'
import { isUniqueViolation } from './unique-violation.ts'
import { bumpVersion } from './versions.ts'

/** A new `sealedApiKey` belongs to the new destination; without one a changed destination has none. */
export type SearchProviderPatch = Partial<Omit<SearchProvider, 'id'>>

/** Statement of a batch, as for agents. The first by name is asked first. */
export const selectSearchProviders = (db: Database, tenantId: TenantId) =>
  db
    .select()
    .from(searchProviders)
    .where(eq(searchProviders.tenantId, tenantId))
    .orderBy(asc(searchProviders.name))

export const parseSearchProvider = (row: unknown): SearchProvider => searchProviderSchema.parse(row)

export async function createSearchProvider(
  db: Database,
  tenantId: TenantId,
  provider: SearchProvider,
  now: number,
): Promise<Result<SearchProvider, 'already_exists'>> {
  try {
    const [[row]] = await db.batch([
      db
        .insert(searchProviders)
        .values({ ...provider, tenantId, createdAt: now, updatedAt: now })
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return ok(parseSearchProvider(row))
  } catch (error) {
    if (isUniqueViolation(error, 'search_providers.name')) return err('already_exists')
    throw error
  }
}

export async function updateSearchProvider(
  db: Database,
  tenantId: TenantId,
  id: string,
  patch: SearchProviderPatch,
  now: number,
): Promise<Result<SearchProvider, 'not_found' | 'already_exists'>> {
  // Named one by one: a patch that carries more cannot move a row to another tenant or id.
  const { name, type, apiBase, allowPrivateNetwork, enabled } = patch
  const sealedApiKey =
    patch.sealedApiKey === undefined ? keptKey(searchProviders, patch) : patch.sealedApiKey
  const changed = { name, type, apiBase, allowPrivateNetwork, enabled, sealedApiKey }
  try {
    const [[row]] = await db.batch([
      db
        .update(searchProviders)
        .set({ ...changed, updatedAt: now })
        .where(and(eq(searchProviders.tenantId, tenantId), eq(searchProviders.id, id)))
        .returning(),
      bumpVersion(db, tenantId),
    ])
    return row === undefined ? err('not_found') : ok(parseSearchProvider(row))
  } catch (error) {
    if (isUniqueViolation(error, 'search_providers.name')) return err('already_exists')
    throw error
  }
}

export async function deleteSearchProvider(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Result<null, 'not_found'>> {
  const [deleted] = await db.batch([
    db
      .delete(searchProviders)
      .where(and(eq(searchProviders.tenantId, tenantId), eq(searchProviders.id, id)))
      .returning({ id: searchProviders.id }),
    bumpVersion(db, tenantId),
  ])
  return deleted.length > 0 ? ok(null) : err('not_found')
}
