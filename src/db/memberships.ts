/** Who belongs to a tenant, with which role. A tenant's last owner stays. */
import { and, count, eq, exists, ne, not, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import { ROLES, type Role } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { apiKeys } from './schema/credentials.ts'
import { memberships } from './schema/tenants.ts'
import { bumpAuthVersion } from './versions.ts'

/** A list answers at most this many; more than any console shows at once. */
const MAX_LISTED = 500

const membershipSchema = z.object({
  userId: userIdSchema,
  role: z.enum(ROLES),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type Membership = Readonly<z.infer<typeof membershipSchema>>

const columns = {
  userId: memberships.userId,
  role: memberships.role,
  createdAt: memberships.createdAt,
  updatedAt: memberships.updatedAt,
}

/** Judged inside the writing statement: two removals at once cannot both see another owner left. */
const hasAnotherOwner = (db: Database, tenantId: TenantId) => {
  const owners = db
    .select({ owners: count() })
    .from(memberships)
    .where(and(eq(memberships.tenantId, tenantId), eq(memberships.role, 'owner')))
  return sql`(${owners}) > 1`
}

export async function listMemberships(
  db: Database,
  tenantId: TenantId,
): Promise<readonly Membership[]> {
  const rows = await db
    .select(columns)
    .from(memberships)
    .where(eq(memberships.tenantId, tenantId))
    .orderBy(memberships.userId)
    .limit(MAX_LISTED)
  return rows.map((row) => membershipSchema.parse(row))
}

export async function findMembership(
  db: Database,
  tenantId: TenantId,
  userId: UserId,
): Promise<Membership | null> {
  const row = await db
    .select(columns)
    .from(memberships)
    .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId)))
    .get()
  return row === undefined ? null : membershipSchema.parse(row)
}

/** Adds the user or changes the role. */
export async function setMembership(
  db: Database,
  tenantId: TenantId,
  member: { readonly userId: UserId; readonly role: Role },
  now: number,
): Promise<Result<Membership, 'last_owner'>> {
  const [written] = await db.batch([
    db
      .insert(memberships)
      .values({ ...member, tenantId, createdAt: now, updatedAt: now })
      .onConflictDoUpdate({
        target: [memberships.tenantId, memberships.userId],
        set: { role: member.role, updatedAt: now },
        setWhere: sql`${memberships.role} <> 'owner' or ${member.role} = 'owner'
          or ${hasAnotherOwner(db, tenantId)}`,
      })
      .returning(columns),
    bumpAuthVersion(db, tenantId),
  ])
  const [row] = written
  return row === undefined ? err('last_owner') : ok(membershipSchema.parse(row))
}

/**
 * The member's keys go with them, in the same step: a key of somebody who is no member yet is bounded
 * by its scopes alone, so a key that outlived its owner would reach further than they did. So do keys
 * that they made for people who are no members: nobody else vouches for those.
 */
export async function removeMembership(
  db: Database,
  tenantId: TenantId,
  userId: UserId,
  now: number,
): Promise<Result<null, 'not_found' | 'last_owner'>> {
  const isMember = and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId))
  const isStillMember = exists(
    db.select({ userId: memberships.userId }).from(memberships).where(isMember),
  )
  const isOwnerMember = exists(
    db
      .select({ userId: memberships.userId })
      .from(memberships)
      .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, apiKeys.ownerId))),
  )
  const [removed, , , left] = await db.batch([
    db
      .delete(memberships)
      .where(and(isMember, or(ne(memberships.role, 'owner'), hasAnotherOwner(db, tenantId))))
      .returning({ userId: memberships.userId }),
    db
      .update(apiKeys)
      .set({ revokedAt: sql`coalesce(${apiKeys.revokedAt}, ${now})` })
      .where(
        and(
          eq(apiKeys.tenantId, tenantId),
          or(eq(apiKeys.ownerId, userId), and(eq(apiKeys.createdBy, userId), not(isOwnerMember))),
          not(isStillMember),
        ),
      ),
    bumpAuthVersion(db, tenantId),
    db.select({ userId: memberships.userId }).from(memberships).where(isMember),
  ])
  if (removed.length > 0) return ok(null)
  return err(left.length > 0 ? 'last_owner' : 'not_found')
}
