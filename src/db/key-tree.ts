/**
 * What an API key has made ends with it: keys that it made or rotated, theirs in turn, and the browsers
 * that any of them let in. Else whoever had a leaked key for a minute would keep what it makes. It rests
 * while somebody behind a key above it is suspended.
 */
import { type AnyColumn, and, eq, exists, inArray, isNull, or, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { APPROVED_STATES } from './pairings.ts'
import { apiKeys } from './schema/credentials.ts'
import { pairings } from './schema/pairings.ts'
import { memberships } from './schema/tenants.ts'

const made = alias(apiKeys, 'made')
const maker = alias(apiKeys, 'maker')
const above = alias(apiKeys, 'above')
const behind = alias(memberships, 'behind')

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
    select ${made.id} from api_keys made join key_tree on ${made.createdByKey} = key_tree.id
    where ${eq(made.tenantId, tenantId)}
  ) select id from key_tree)`

/**
 * Whether the owner or the maker of this key, or of one that it comes from, is suspended: 0 or 1, for the
 * rows of a select. Nothing is written, so that all of it is worth the same again when they are reinstated.
 *
 * @param key of the row that is selected; null where no key stands behind it
 */
export const isSuspendedAbove = (key: { readonly tenantId: AnyColumn; readonly id: AnyColumn }) =>
  sql<number>`exists (
    with recursive keys_above(id) as (
      select ${key.id}
      union
      select ${maker.createdByKey} from api_keys maker join keys_above on ${maker.id} = keys_above.id
      where ${eq(maker.tenantId, key.tenantId)}
    )
    select 1 from keys_above
    join api_keys above on ${eq(above.tenantId, key.tenantId)} and ${above.id} = keys_above.id
    join memberships behind on ${eq(behind.tenantId, key.tenantId)}
      and ${behind.userId} in (${above.ownerId}, ${above.createdBy})
    where ${behind.status} = 'suspended')`

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
      and ${maker.id} = ${apiKeys.createdByKey} and ${maker.revokedAt} is not null)`,
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
