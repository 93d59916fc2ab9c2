/**
 * Sessions of people who signed in through an issuer. Only the hash of a token stands here. A session
 * is bounded by its issuer's row and the person's membership, both read with it, of one moment.
 */
import { and, desc, eq, gt, isNull, lt, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import { ROLES, type Role } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { jwtIssuers, loginSessions } from './schema/credentials.ts'
import { formerMembers, MEMBER_STATUSES, memberships, tenants } from './schema/tenants.ts'
import { bumpAuthVersion } from './versions.ts'

const MAX_LISTED = 200

const loginSessionSchema = z.object({
  id: z.string(),
  issuerId: z.string(),
  userId: userIdSchema,
  role: z.enum(ROLES),
  address: z.string(),
  userAgent: z.string(),
  expiresAt: z.number(),
  createdAt: z.number(),
})
export type LoginSessionRow = Readonly<z.infer<typeof loginSessionSchema>>

const columns = {
  id: loginSessions.id,
  issuerId: loginSessions.issuerId,
  userId: loginSessions.userId,
  role: loginSessions.role,
  address: loginSessions.address,
  userAgent: loginSessions.userAgent,
  expiresAt: loginSessions.expiresAt,
  createdAt: loginSessions.createdAt,
}

const loginGrantSchema = z.object({
  authVersion: z.number(),
  sessionId: z.string(),
  issuerId: z.string(),
  userId: userIdSchema,
  /** What the claims came to at the sign-in. */
  role: z.enum(ROLES),
  expiresAt: z.number(),
  revokedAt: z.number().nullable(),
  createdAt: z.number(),
  issuerEnabled: z.boolean(),
  issuerUpdatedAt: z.number(),
  provisionRole: z.enum(ROLES).nullable(),
  provesOwners: z.boolean(),
  /** Null, both, for somebody who is no member. */
  memberRole: z.enum(ROLES).nullable(),
  memberStatus: z.enum(MEMBER_STATUSES).nullable(),
  /** Of somebody who was a member. */
  removedAt: z.number().nullable(),
})
export type LoginGrant = Readonly<z.infer<typeof loginGrantSchema>>

const selectLoginGrant = (db: Database) =>
  db
    .select({
      authVersion: tenants.authVersion,
      sessionId: loginSessions.id,
      issuerId: loginSessions.issuerId,
      userId: loginSessions.userId,
      role: loginSessions.role,
      expiresAt: loginSessions.expiresAt,
      revokedAt: loginSessions.revokedAt,
      createdAt: loginSessions.createdAt,
      issuerEnabled: jwtIssuers.enabled,
      issuerUpdatedAt: jwtIssuers.updatedAt,
      provisionRole: jwtIssuers.provisionRole,
      provesOwners: jwtIssuers.provesOwners,
      memberRole: memberships.role,
      memberStatus: memberships.status,
      removedAt: formerMembers.removedAt,
    })
    .from(loginSessions)
    .innerJoin(tenants, eq(tenants.id, loginSessions.tenantId))
    .innerJoin(
      jwtIssuers,
      and(
        eq(jwtIssuers.tenantId, loginSessions.tenantId),
        eq(jwtIssuers.id, loginSessions.issuerId),
      ),
    )
    .leftJoin(
      memberships,
      and(
        eq(memberships.tenantId, loginSessions.tenantId),
        eq(memberships.userId, loginSessions.userId),
      ),
    )
    .leftJoin(
      formerMembers,
      and(
        eq(formerMembers.tenantId, loginSessions.tenantId),
        eq(formerMembers.userId, loginSessions.userId),
      ),
    )

export async function findLoginByHash(
  db: Database,
  tenantId: TenantId,
  tokenHash: string,
): Promise<LoginGrant | null> {
  const row = await selectLoginGrant(db)
    .where(and(eq(loginSessions.tenantId, tenantId), eq(loginSessions.tokenHash, tokenHash)))
    .get()
  return row === undefined ? null : loginGrantSchema.parse(row)
}

/** For what goes on after its request: is the session behind it still good? */
export async function findLogin(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<LoginGrant | null> {
  const row = await selectLoginGrant(db)
    .where(and(eq(loginSessions.tenantId, tenantId), eq(loginSessions.id, id)))
    .get()
  return row === undefined ? null : loginGrantSchema.parse(row)
}

export interface NewLoginSession {
  readonly id: string
  readonly tokenHash: string
  readonly issuerId: string
  readonly userId: UserId
  readonly role: Role
  readonly address: string
  readonly userAgent: string
  readonly expiresAt: number
}

/** Takes nothing from anybody, so it raises no version. What is over is swept on the way. */
export async function createLoginSession(
  db: Database,
  tenantId: TenantId,
  session: NewLoginSession,
  now: number,
): Promise<LoginSessionRow> {
  const { id, tokenHash, issuerId, userId, role, address, userAgent, expiresAt } = session
  const values = { id, tokenHash, issuerId, userId, role, address, userAgent, expiresAt }
  const [[row]] = await db.batch([
    db
      .insert(loginSessions)
      .values({ ...values, tenantId, createdAt: now })
      .returning(columns),
    db
      .delete(loginSessions)
      .where(and(eq(loginSessions.tenantId, tenantId), lt(loginSessions.expiresAt, now))),
  ])
  return loginSessionSchema.parse(row)
}

/** One that is still good lasts until then. It gives nobody a right they have not, so it raises no version. */
export async function extendLoginSession(
  db: Database,
  tenantId: TenantId,
  id: string,
  until: number,
  now: number,
): Promise<void> {
  await db
    .update(loginSessions)
    .set({ expiresAt: until })
    .where(
      and(
        eq(loginSessions.tenantId, tenantId),
        eq(loginSessions.id, id),
        gt(loginSessions.expiresAt, now),
        isNull(loginSessions.revokedAt),
      ),
    )
}

/** Those that are good now; of one person, or everybody's. */
export async function listLoginSessions(
  db: Database,
  tenantId: TenantId,
  userId: UserId | null,
  now: number,
): Promise<readonly LoginSessionRow[]> {
  const isGood = and(
    eq(loginSessions.tenantId, tenantId),
    gt(loginSessions.expiresAt, now),
    isNull(loginSessions.revokedAt),
  )
  const rows = await db
    .select(columns)
    .from(loginSessions)
    .where(userId === null ? isGood : and(isGood, eq(loginSessions.userId, userId)))
    .orderBy(desc(loginSessions.expiresAt))
    .limit(MAX_LISTED)
  return rows.map((row) => loginSessionSchema.parse(row))
}

/** @param onlyOf the person whose own it must be; null for an admin */
export async function revokeLoginSession(
  db: Database,
  tenantId: TenantId,
  id: string,
  onlyOf: UserId | null,
  now: number,
): Promise<Result<LoginSessionRow, 'not_found'>> {
  const isIt = and(eq(loginSessions.tenantId, tenantId), eq(loginSessions.id, id))
  const [[row]] = await db.batch([
    db
      .update(loginSessions)
      .set({ revokedAt: sql`coalesce(${loginSessions.revokedAt}, ${now})` })
      .where(onlyOf === null ? isIt : and(isIt, eq(loginSessions.userId, onlyOf)))
      .returning(columns),
    bumpAuthVersion(db, tenantId),
  ])
  return row === undefined ? err('not_found') : ok(loginSessionSchema.parse(row))
}
