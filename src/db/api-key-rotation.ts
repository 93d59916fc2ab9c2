/** One key takes another's place: both are good for a while, then the new one alone. */
import { and, eq, exists, gt, inArray, isNull, or, sql } from 'drizzle-orm'
import type { TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { type ApiKeyRow, apiKeyColumns, parseApiKeyRow } from './api-keys.ts'
import type { Database } from './database.ts'
import { revokeIfMakerIs } from './key-tree.ts'
import { APPROVED_STATES } from './pairings.ts'
import { apiKeys } from './schema/credentials.ts'
import { pairings } from './schema/pairings.ts'
import { bumpAuthVersion } from './versions.ts'

export interface ApiKeyRotation {
  /** Of the new key; the rest is the old one's. */
  readonly successor: {
    readonly id: string
    readonly hash: string
    readonly prefix: string
    readonly createdBy: UserId
    /** The key that rotates; null for a person, who gives the successor a life of its own. */
    readonly createdByKey: string | null
  }
  /** When the key that rotates ends; null: never, or no key does. */
  readonly notAfter: number | null
  readonly overlapMs: number
}

export interface RotatedApiKey {
  readonly before: ApiKeyRow
  readonly after: ApiKeyRow
}

/**
 * The new key has the old one's name, scopes, owner and lists, and lives as long as that was made to
 * live; one that a key makes ends when the old one did, or with that key: by itself no key outlives its
 * time. Whom the old key let in stays for the overlap. Judged inside the writing statements, by both alike: a key that was revoked, rotated or over by
 * then gets no successor, and is left as it is.
 */
export async function rotateApiKey(
  db: Database,
  tenantId: TenantId,
  id: string,
  { successor, notAfter, overlapMs }: ApiKeyRotation,
  now: number,
): Promise<Result<RotatedApiKey, 'not_found' | 'not_good'>> {
  const isIt = and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id))
  const isGood = and(
    isIt,
    isNull(apiKeys.revokedAt),
    isNull(apiKeys.rotatedTo),
    or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, now)),
  )
  const endsAt = now + overlapMs
  const ownEnd =
    notAfter === null
      ? sql`${apiKeys.expiresAt}`
      : sql`min(coalesce(${apiKeys.expiresAt}, ${notAfter}), ${notAfter})`
  const newEnd =
    successor.createdByKey === null
      ? sql`${apiKeys.expiresAt} - ${apiKeys.createdAt} + ${now}`
      : ownEnd
  const [made, replaced, , , , found] = await db.batch([
    db
      .insert(apiKeys)
      .select(
        db
          .select({
            id: sql<string>`${successor.id}`.as('id'),
            tenantId: apiKeys.tenantId,
            hash: sql<string>`${successor.hash}`.as('hash'),
            prefix: sql<string>`${successor.prefix}`.as('prefix'),
            name: apiKeys.name,
            scopes: apiKeys.scopes,
            ownerId: apiKeys.ownerId,
            createdBy: sql<UserId>`${successor.createdBy}`.as('created_by'),
            createdByKey: sql<string | null>`${successor.createdByKey}`.as('created_by_key'),
            allowedNetworks: apiKeys.allowedNetworks,
            allowedAgents: apiKeys.allowedAgents,
            rotatedTo: sql<null>`null`.as('rotated_to'),
            expiresAt: sql<number>`${newEnd}`.as('expires_at'),
            revokedAt: sql<null>`null`.as('revoked_at'),
            lastUsedAt: sql<null>`null`.as('last_used_at'),
            createdAt: sql<number>`${now}`.as('created_at'),
          })
          .from(apiKeys)
          .where(isGood),
      )
      .returning(apiKeyColumns),
    db
      .update(apiKeys)
      .set({
        rotatedTo: successor.id,
        expiresAt: sql`min(coalesce(${apiKeys.expiresAt}, ${endsAt}), ${endsAt})`,
      })
      .where(isGood)
      .returning(apiKeyColumns),
    db
      .update(pairings)
      .set({
        expiresAt: sql`min(${pairings.expiresAt}, ${endsAt})`,
        tokenExpiresAt: sql`min(${pairings.tokenExpiresAt}, ${endsAt})`,
      })
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          eq(pairings.decidedByKey, id),
          inArray(pairings.status, APPROVED_STATES),
          exists(successorOf(db, tenantId, id, successor.id)),
        ),
      ),
    revokeIfMakerIs(db, tenantId, successor.id, now),
    bumpAuthVersion(db, tenantId),
    db.select({ id: apiKeys.id }).from(apiKeys).where(isIt),
  ])
  const [after] = made
  const [before] = replaced
  if (before === undefined || after === undefined)
    return err(found.length > 0 ? 'not_good' : 'not_found')
  return ok({ before: parseApiKeyRow(before), after: parseApiKeyRow(after) })
}

/** The old key's row, if it is this successor that took its place. */
const successorOf = (db: Database, tenantId: TenantId, id: string, successor: string) =>
  db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(
      and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, id), eq(apiKeys.rotatedTo, successor)),
    )
