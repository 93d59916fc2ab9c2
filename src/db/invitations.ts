/**
 * Links that make whoever opens them a member, once. Only hashes of their secrets stand here; that a
 * link is used once, and by nobody it is not for, is judged inside the statements that use it.
 */
import { and, count, desc, eq, gt, isNull, ne, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import { ROLES, type Role } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { forgetRemoval } from './memberships.ts'
import { invitations } from './schema/credentials.ts'
import { memberships } from './schema/tenants.ts'
import { bumpAuthVersion } from './versions.ts'

/** The most that one page holds. */
export const MAX_INVITATION_PAGE = 200

const invitationSchema = z.object({
  id: z.string(),
  role: z.enum(ROLES),
  note: z.string(),
  createdBy: userIdSchema,
  acceptedBy: userIdSchema.nullable(),
  acceptedAt: z.number().nullable(),
  revokedAt: z.number().nullable(),
  expiresAt: z.number(),
  createdAt: z.number(),
})
export type Invitation = Readonly<z.infer<typeof invitationSchema>>

export const parseInvitation = (row: unknown): Invitation => invitationSchema.parse(row)

const columns = {
  id: invitations.id,
  role: invitations.role,
  note: invitations.note,
  createdBy: invitations.createdBy,
  acceptedBy: invitations.acceptedBy,
  acceptedAt: invitations.acceptedAt,
  revokedAt: invitations.revokedAt,
  expiresAt: invitations.expiresAt,
  createdAt: invitations.createdAt,
}

export interface NewInvitation {
  readonly id: string
  readonly tokenHash: string
  readonly role: Exclude<Role, 'owner'>
  readonly note: string
  readonly createdBy: UserId
  readonly expiresAt: number
}

export async function createInvitation(
  db: Database,
  tenantId: TenantId,
  invitation: NewInvitation,
  now: number,
): Promise<Invitation> {
  const [row] = await db
    .insert(invitations)
    .values({ ...invitation, tenantId, createdAt: now })
    .returning(columns)
  return parseInvitation(row)
}

/** How many still wait for somebody. */
export async function countOpenInvitations(
  db: Database,
  tenantId: TenantId,
  now: number,
): Promise<number> {
  const row = await db
    .select({ open: count() })
    .from(invitations)
    .where(
      and(
        eq(invitations.tenantId, tenantId),
        isNull(invitations.acceptedAt),
        isNull(invitations.revokedAt),
        gt(invitations.expiresAt, now),
      ),
    )
    .get()
  return row?.open ?? 0
}

/** Newest first; `after` is the id of the last one of the page before. */
export async function listInvitations(
  db: Database,
  tenantId: TenantId,
  page: { readonly limit: number; readonly after?: string },
): Promise<readonly Invitation[]> {
  const last = db
    .select({ createdAt: invitations.createdAt, id: invitations.id })
    .from(invitations)
    .where(and(eq(invitations.tenantId, tenantId), eq(invitations.id, page.after ?? '')))
  const rows = await db
    .select(columns)
    .from(invitations)
    .where(
      and(
        eq(invitations.tenantId, tenantId),
        page.after === undefined
          ? undefined
          : sql`(${invitations.createdAt}, ${invitations.id}) < (${last})`,
      ),
    )
    .orderBy(desc(invitations.createdAt), desc(invitations.id))
    .limit(Math.min(page.limit, MAX_INVITATION_PAGE))
  return rows.map(parseInvitation)
}

/** Revoking again keeps the first time; whoever accepted stays a member. */
export async function revokeInvitation(
  db: Database,
  tenantId: TenantId,
  id: string,
  now: number,
): Promise<Result<Invitation, 'not_found'>> {
  const [row] = await db
    .update(invitations)
    .set({ revokedAt: sql`coalesce(${invitations.revokedAt}, ${now})` })
    .where(and(eq(invitations.tenantId, tenantId), eq(invitations.id, id)))
    .returning(columns)
  return row === undefined ? err('not_found') : ok(parseInvitation(row))
}

/** `viewer` < `operator` < `admin` < `owner`, in SQL. */
const rankOf = (role: unknown) =>
  sql`case ${role} ${sql.join(
    ROLES.map((name, rank) => sql`when ${name} then ${rank}`),
    sql` `,
  )} end`

/**
 * The membership comes first and asks whether the invitation is open; using the invitation up asks
 * the same in the same transaction, so that both happen or neither. A member keeps a role that is
 * higher, nobody becomes an owner, and who is suspended stays so and uses nothing up. An
 * inviter who is suspended, or a member below owner by now, invites nobody.
 */
export async function acceptInvitation(
  db: Database,
  tenantId: TenantId,
  { id, userId }: { readonly id: string; readonly userId: UserId },
  now: number,
): Promise<Result<Role, 'not_found'>> {
  const isMember = and(eq(memberships.tenantId, tenantId), eq(memberships.userId, userId))
  const suspended = db
    .select({ suspended: count() })
    .from(memberships)
    .where(and(isMember, eq(memberships.status, 'suspended')))
  const lowered = db
    .select({ lowered: count() })
    .from(memberships)
    .where(
      and(
        eq(memberships.tenantId, tenantId),
        eq(memberships.userId, invitations.createdBy),
        or(ne(memberships.status, 'active'), ne(memberships.role, 'owner')),
      ),
    )
  const isOpen = and(
    eq(invitations.tenantId, tenantId),
    eq(invitations.id, id),
    isNull(invitations.acceptedAt),
    isNull(invitations.revokedAt),
    gt(invitations.expiresAt, now),
    sql`${invitations.role} <> 'owner'`,
    sql`(${suspended}) = 0`,
    sql`(${lowered}) = 0`,
  )
  const [, used, , , [member]] = await db.batch([
    db
      .insert(memberships)
      .select(
        db
          .select({
            tenantId: invitations.tenantId,
            userId: sql<UserId>`${userId}`.as('user_id'),
            role: invitations.role,
            status: sql<'active'>`'active'`.as('status'),
            createdAt: sql<number>`${now}`.as('created_at'),
            updatedAt: sql<number>`${now}`.as('updated_at'),
          })
          .from(invitations)
          .where(isOpen),
      )
      .onConflictDoUpdate({
        target: [memberships.tenantId, memberships.userId],
        set: { role: sql`excluded.role`, updatedAt: now },
        setWhere: sql`${rankOf(sql`excluded.role`)} > ${rankOf(memberships.role)}`,
      }),
    db
      .update(invitations)
      .set({ acceptedBy: userId, acceptedAt: now })
      .where(isOpen)
      .returning({ id: invitations.id }),
    forgetRemoval(db, tenantId, userId),
    bumpAuthVersion(db, tenantId),
    db.select({ role: memberships.role }).from(memberships).where(isMember),
  ])
  return used.length > 0 && member !== undefined ? ok(member.role) : err('not_found')
}
