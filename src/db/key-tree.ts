/**
 * What an API key has made ends with it: keys that it made or rotated, theirs in turn, and the browsers
 * that any of them let in. Else whoever had a leaked key for a minute would keep what it makes.
 */
import { and, eq, exists, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { APPROVED_STATES } from './pairings.ts'
import { apiKeys } from './schema/credentials.ts'
import { pairings } from './schema/pairings.ts'

const made = alias(apiKeys, 'made')
const maker = alias(apiKeys, 'maker')

/**
 * Ids of the keys that `roots` picks, and of all below them; for `in`. `union` takes each id once, so a
 * circle ends.
 *
 * @param roots a select of ids
 */
export const keysFrom = (tenantId: TenantId, roots: SQL): SQL =>
  sql`(with recursive key_tree(id) as (
    ${roots}
    union
    select made.id from api_keys made join key_tree on made.created_by_key = key_tree.id
    where ${eq(made.tenantId, tenantId)}
  ) select id from key_tree)`

export const revokeKeys = (db: Database, tenantId: TenantId, which: SQL, now: number) =>
  db
    .update(apiKeys)
    .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${now})` })
    .where(and(eq(apiKeys.tenantId, tenantId), which))

/** Open or fetched: whom a key let in would stay for a month. */
export const revokeAdmitted = (db: Database, tenantId: TenantId, which: SQL, now: number) =>
  db
    .update(pairings)
    .set({ status: 'revoked', decidedAt: now })
    .where(and(eq(pairings.tenantId, tenantId), which, inArray(pairings.status, APPROVED_STATES)))

/** A key that was revoked while it was making another has made none. In the same batch, after the insert. */
export const revokeIfMakerIs = (db: Database, tenantId: TenantId, id: string, now: number) =>
  revokeKeys(
    db,
    tenantId,
    sql`${apiKeys.id} = ${id} and exists (
      select 1 from api_keys maker where ${eq(maker.tenantId, tenantId)}
      and maker.id = ${apiKeys.createdByKey} and maker.revoked_at is not null)`,
    now,
  )

/** Whether the key that decided a pairing, if one did, is still good. */
export const isDeciderGood = (db: Database, tenantId: TenantId, now: number) => {
  const good = db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.tenantId, tenantId),
        eq(apiKeys.id, pairings.decidedByKey),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), sql`${apiKeys.expiresAt} > ${now}`),
      ),
    )
  return or(isNull(pairings.decidedByKey), exists(good))
}
