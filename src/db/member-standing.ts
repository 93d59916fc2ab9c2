/** Whether somebody for whom another party vouches is a member here, as what, and whether they may act. */
import { and, eq } from 'drizzle-orm'
import { z } from 'zod'
import type { TenantId, UserId } from '../domain/ids.ts'
import { ROLES } from '../domain/principal.ts'
import type { Database } from './database.ts'
import { MEMBER_STATUSES, memberships } from './schema/tenants.ts'

const standingSchema = z.object({ role: z.enum(ROLES), status: z.enum(MEMBER_STATUSES) })
export type MemberStanding = Readonly<z.infer<typeof standingSchema>>

/** Null for somebody who is no member. */
export async function findStanding(
  db: Database,
  tenantId: TenantId,
  userId: UserId,
): Promise<MemberStanding | null> {
  const row = await db
    .select({ role: memberships.role, status: memberships.status })
    .from(memberships)
    .where(and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId)))
    .get()
  return row === undefined ? null : standingSchema.parse(row)
}
