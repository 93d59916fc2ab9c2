/** Who belongs to a tenant, with which role. A tenant's last owner stays. */
import { and, count, eq, exists, isNull, ne, not, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import { ROLES, type Role } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { keysFrom, revokeAdmitted, revokeKeys } from './key-tree.ts'
import { apiKeys, invitations, loginSessions } from './schema/credentials.ts'
import { pairings } from './schema/pairings.ts'
import { formerMembers, MEMBER_STATUSES, memberships } from './schema/tenants.ts'
import { bumpAuthVersion } from './versions.ts'

/** A list answers at most this many; more than any console shows at once. */
const MAX_LISTED = 500

const membershipSchema = z.object({
  userId: userIdSchema,
  role: z.enum(ROLES),
  status: z.enum(MEMBER_STATUSES),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type Membership = Readonly<z.infer<typeof membershipSchema>>
export type MemberStatus = Membership['status']

const columns = {
  userId: memberships.userId,
  role: memberships.role,
  status: memberships.status,
  createdAt: memberships.createdAt,
  updatedAt: memberships.updatedAt,
}

/**
 * An owner who is suspended owns nothing for the time. Judged inside the writing statement: two
 * removals at once cannot both see another owner left.
 */
const hasAnotherOwner = (db: Database, tenantId: TenantId, userId: UserId) => {
  const others = db
    .select({ owners: count() })
    .from(memberships)
    .where(
      and(
        eq(memberships.tenantId, tenantId),
        eq(memberships.role, 'owner'),
        eq(memberships.status, 'active'),
        ne(memberships.userId, userId),
      ),
    )
  return sql`(${others}) > 0`
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

/** Once they are a member again, that they were removed means nothing. */
export const forgetRemoval = (db: Database, tenantId: TenantId, userId: UserId) =>
  db.delete(formerMembers).where(
    and(
      eq(formerMembers.tenantId, tenantId),
      eq(formerMembers.userId, userId),
      exists(
        db
          .select({ userId: memberships.userId })
          .from(memberships)
          .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId))),
      ),
    ),
  )

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
          or ${hasAnotherOwner(db, tenantId, member.userId)}`,
      })
      .returning(columns),
    forgetRemoval(db, tenantId, member.userId),
    bumpAuthVersion(db, tenantId),
  ])
  const [row] = written
  return row === undefined ? err('last_owner') : ok(membershipSchema.parse(row))
}

/** A suspended member keeps role and keys, which are worth nothing until the member is reinstated. */
export async function setMembershipStatus(
  db: Database,
  tenantId: TenantId,
  { userId, status }: { readonly userId: UserId; readonly status: MemberStatus },
  now: number,
): Promise<Result<Membership, 'not_found' | 'last_owner'>> {
  const isMember = and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId))
  const mayBe =
    status === 'active'
      ? undefined
      : or(ne(memberships.role, 'owner'), hasAnotherOwner(db, tenantId, userId))
  const [[written], , left] = await db.batch([
    db
      .update(memberships)
      .set({ status, updatedAt: now })
      .where(and(isMember, mayBe))
      .returning(columns),
    bumpAuthVersion(db, tenantId),
    db.select({ userId: memberships.userId }).from(memberships).where(isMember),
  ])
  if (written !== undefined) return ok(membershipSchema.parse(written))
  return err(left.length > 0 ? 'last_owner' : 'not_found')
}

/**
 * The member's keys go with them, in the same step: a key of somebody who is no member yet is bounded
 * by its scopes alone, so a key that outlived its owner would reach further than they did. So do keys
 * that they made or rotated, for whomever: whoever makes a key has seen it; what any of these keys
 * made; browsers that they or these keys let in, or that act as them; their sign-ins; and their open
 * invitations, by which they could come back. That they were here stays written down: an issuer that
 * lets strangers in must not let in whom the tenant has just removed.
 */
export async function removeMembership(
  db: Database,
  tenantId: TenantId,
  userId: UserId,
  now: number,
): Promise<Result<null, 'not_found' | 'last_owner'>> {
  const isMember = and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId))
  const mayGo = and(
    isMember,
    or(ne(memberships.role, 'owner'), hasAnotherOwner(db, tenantId, userId)),
  )
  const isStillMember = exists(
    db.select({ userId: memberships.userId }).from(memberships).where(isMember),
  )
  const theirs = db
    .select({ id: apiKeys.id })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.tenantId, tenantId),
        or(eq(apiKeys.ownerId, userId), eq(apiKeys.createdBy, userId)),
      ),
    )
  const tree = keysFrom(tenantId, theirs.getSQL())
  const [, removed, , , , , , left] = await db.batch([
    db
      .insert(formerMembers)
      .select(
        db
          .select({
            tenantId: memberships.tenantId,
            userId: memberships.userId,
            removedAt: sql<number>`${now}`.as('removed_at'),
          })
          .from(memberships)
          .where(mayGo),
      )
      .onConflictDoUpdate({
        target: [formerMembers.tenantId, formerMembers.userId],
        set: { removedAt: now },
      }),
    db.delete(memberships).where(mayGo).returning({ userId: memberships.userId }),
    revokeAdmitted(
      db,
      tenantId,
      sql`(${pairings.decidedBy} = ${userId} or ${pairings.userId} = ${userId}
        or ${pairings.decidedByKey} in ${tree}) and ${not(isStillMember)}`,
      now,
    ),
    revokeKeys(db, tenantId, sql`${apiKeys.id} in ${tree} and ${not(isStillMember)}`, now),
    db
      .update(loginSessions)
      .set({ revokedAt: sql`coalesce(${loginSessions.revokedAt}, ${now})` })
      .where(
        and(
          eq(loginSessions.tenantId, tenantId),
          eq(loginSessions.userId, userId),
          not(isStillMember),
        ),
      ),
    db
      .update(invitations)
      .set({ revokedAt: sql`coalesce(${invitations.revokedAt}, ${now})` })
      .where(
        and(
          eq(invitations.tenantId, tenantId),
          eq(invitations.createdBy, userId),
          isNull(invitations.acceptedAt),
          not(isStillMember),
        ),
      ),
    bumpAuthVersion(db, tenantId),
    db.select({ userId: memberships.userId }).from(memberships).where(isMember),
  ])
  if (removed.length > 0) return ok(null)
  return err(left.length > 0 ? 'last_owner' : 'not_found')
}
