/**
 * Whether somebody for whom another party vouches is a member here, as what, and whether they may act; or
 * was one, and was removed.
 */
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { TenantId, UserId } from '../domain/ids.ts'
import { ROLES } from '../domain/principal.ts'
import type { Database } from './database.ts'
import { formerMembers, MEMBER_STATUSES, memberships } from './schema/tenants.ts'

const standingSchema = z.object({ role: z.enum(ROLES), status: z.enum(MEMBER_STATUSES) })
export type MemberStanding = Readonly<z.infer<typeof standingSchema>> | 'removed'

/** Null for somebody who never was a member. */
export async function findStanding(
  db: Database,
  tenantId: TenantId,
  userId: UserId,
): Promise<MemberStanding | null> {
  const [[row], [former]] = await db.batch([
    db
      .select({ role: memberships.role, status: memberships.status })
      .from(memberships)
      .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId))),
    db
      .select({ removedAt: formerMembers.removedAt })
      .from(formerMembers)
      .where(and(eq(formerMembers.tenantId, tenantId), eq(formerMembers.userId, userId))),
  ])
  if (row !== undefined) return standingSchema.parse(row)
  return former === undefined ? null : 'removed'
}
