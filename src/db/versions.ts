/**
 * The two numbers that make caches die. A writer puts the matching statement into the same batch as
 * its change: there is no moment at which the row is new and the number old.
 */
import { eq, sql } from 'drizzle-orm'
import type { TenantId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { tenants } from './schema/tenants.ts'

export interface TenantVersions {
  readonly version: number
  readonly authVersion: number
}

/** For changes of what the snapshot holds: configuration, agents, providers, name. */
export const bumpVersion = (db: Database, tenantId: TenantId) =>
  db
    .update(tenants)
    .set({ version: sql`${tenants.version} + 1` })
    .where(eq(tenants.id, tenantId))

/** For changes of keys and memberships. */
export const bumpAuthVersion = (db: Database, tenantId: TenantId) =>
  db
    .update(tenants)
    .set({ authVersion: sql`${tenants.authVersion} + 1` })
    .where(eq(tenants.id, tenantId))

/** Null when the tenant does not exist. */
export async function readVersions(
  db: Database,
  tenantId: TenantId,
): Promise<TenantVersions | null> {
  const row = await db
    .select({ version: tenants.version, authVersion: tenants.authVersion })
    .from(tenants)
    .where(eq(tenants.id, tenantId))
    .get()
  return row ?? null
}
