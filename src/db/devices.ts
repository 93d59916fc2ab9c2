/** Browsers that an admin let in: the token they are handed once, what it is worth, and its end. */
import { and, count, desc, eq, gt, inArray, isNull, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/sqlite-core'
import { z } from 'zod'
import { type TenantId, tenantIdSchema, type UserId, userIdSchema } from '../domain/ids.ts'
import { ROLES } from '../domain/principal.ts'
import type { Database } from './database.ts'
import { isDeciderGood, isSuspendedAbove } from './key-tree.ts'
import { APPROVED_STATES, type Pairing, pairingColumns, parsePairing } from './pairings.ts'
import { apiKeys } from './schema/credentials.ts'
import { PAIRING_STATES, pairings } from './schema/pairings.ts'
import { MEMBER_STATUSES, memberships, TENANT_STATUSES, tenants } from './schema/tenants.ts'
import { bumpAuthVersion } from './versions.ts'

/** Of each role; a tenant with more has another way to let people in. */
const MAX_LISTED = 500

const isDevice = eq(pairings.kind, 'device')

const deciders = alias(memberships, 'deciders')

const deviceGrantSchema = z.object({
  tenantId: tenantIdSchema,
  tenantStatus: z.enum(TENANT_STATUSES),
  authVersion: z.number(),
  id: z.string(),
  senderId: z.string(),
  status: z.enum(PAIRING_STATES),
  userId: userIdSchema.nullable(),
  /** The user's membership; null while they are no member. */
  memberRole: z.enum(ROLES).nullable(),
  memberStatus: z.enum(MEMBER_STATUSES).nullable(),
  /** Of whoever let it in; null while they are no member: the platform's operator, say. */
  deciderRole: z.enum(ROLES).nullable(),
  deciderStatus: z.enum(MEMBER_STATUSES).nullable(),
  /** Owner or maker of the key that let it in, or of one that this comes from, is suspended. */
  isSuspendedAbove: z.coerce.boolean(),
  tokenExpiresAt: z.number().nullable(),
})
/** Everything that a principal is made of, as of one moment. Judging it is the caller's. */
export type DeviceGrant = Readonly<z.infer<typeof deviceGrantSchema>>

/** By the id of a device, or by the SHA-256 of its token. */
export async function findDeviceGrant(
  db: Database,
  tenantId: TenantId,
  device: { readonly id: string } | { readonly tokenHash: string },
): Promise<DeviceGrant | null> {
  const isIt =
    'id' in device ? eq(pairings.id, device.id) : eq(pairings.tokenHash, device.tokenHash)
  const row = await db
    .select({
      tenantId: pairings.tenantId,
      tenantStatus: tenants.status,
      authVersion: tenants.authVersion,
      id: pairings.id,
      senderId: pairings.senderId,
      status: pairings.status,
      userId: pairings.userId,
      memberRole: memberships.role,
      memberStatus: memberships.status,
      deciderRole: deciders.role,
      deciderStatus: deciders.status,
      isSuspendedAbove: isSuspendedAbove({
        tenantId: pairings.tenantId,
        id: pairings.decidedByKey,
      }),
      tokenExpiresAt: pairings.tokenExpiresAt,
    })
    .from(pairings)
    .innerJoin(tenants, eq(tenants.id, pairings.tenantId))
    .leftJoin(
      memberships,
      and(eq(memberships.tenantId, pairings.tenantId), eq(memberships.userId, pairings.userId)),
    )
    .leftJoin(
      deciders,
      and(eq(deciders.tenantId, pairings.tenantId), eq(deciders.userId, pairings.decidedBy)),
    )
    .where(and(eq(pairings.tenantId, tenantId), isDevice, isIt))
    .get()
  return row === undefined ? null : deviceGrantSchema.parse(row)
}

/**
 * No device outlives the API key that let it in: the token ends with that at the latest.
 *
 * @returns when the token ends; null where it is not this call that may hand it out: a second one never may
 */
export async function deliverDeviceToken(
  db: Database,
  tenantId: TenantId,
  id: string,
  token: { readonly hash: string; readonly expiresAt: number },
  now: number,
): Promise<number | null> {
  const keyEnd = db
    .select({ expiresAt: apiKeys.expiresAt })
    .from(apiKeys)
    .where(and(eq(apiKeys.tenantId, tenantId), eq(apiKeys.id, pairings.decidedByKey)))
  const { expiresAt } = token
  const end = sql`min(${expiresAt}, coalesce((${keyEnd}), ${expiresAt}))`
  const [delivered] = await db.batch([
    db
      .update(pairings)
      .set({
        tokenHash: token.hash,
        tokenExpiresAt: end,
        tokenDeliveredAt: now,
        expiresAt: end,
      })
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          eq(pairings.id, id),
          isDevice,
          inArray(pairings.status, APPROVED_STATES),
          isNull(pairings.tokenDeliveredAt),
          gt(pairings.expiresAt, now),
          isDeciderGood(db, tenantId, now),
        ),
      )
      .returning({ tokenExpiresAt: pairings.tokenExpiresAt }),
    bumpAuthVersion(db, tenantId),
  ])
  return delivered[0]?.tokenExpiresAt ?? null
}

/** Let in and not over yet, whether the token was fetched or not; newest first. */
export async function listDevices(
  db: Database,
  tenantId: TenantId,
  now: number,
): Promise<readonly Pairing[]> {
  const inState = (status: (typeof APPROVED_STATES)[number]) =>
    db
      .select(pairingColumns)
      .from(pairings)
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          eq(pairings.status, status),
          isDevice,
          gt(pairings.expiresAt, now),
        ),
      )
      .orderBy(desc(pairings.createdAt))
      .limit(MAX_LISTED)
  // Each state in the order of its index: together they would have to be sorted there.
  const [operators, viewers] = await db.batch([inState('approved'), inState('approved_viewer')])
  return [...operators, ...viewers].map(parsePairing).sort((a, b) => b.createdAt - a.createdAt)
}

/** Of a sender, fetched by its browser or not; a sender has one at most. */
export async function findDevice(
  db: Database,
  tenantId: TenantId,
  sender: { readonly channel: string; readonly senderId: string },
  now: number,
): Promise<Pairing | null> {
  const row = await db
    .select(pairingColumns)
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        eq(pairings.channel, sender.channel),
        eq(pairings.instanceId, ''),
        eq(pairings.senderId, sender.senderId),
        isDevice,
        inArray(pairings.status, APPROVED_STATES),
        gt(pairings.expiresAt, now),
      ),
    )
    .get()
  return row === undefined ? null : parsePairing(row)
}

/** @returns whether it was still paired */
export async function revokeDevice(
  db: Database,
  tenantId: TenantId,
  id: string,
  by: UserId,
  now: number,
): Promise<boolean> {
  const [revoked] = await db.batch([
    db
      .update(pairings)
      .set({ status: 'revoked', decidedBy: by, decidedAt: now })
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          eq(pairings.id, id),
          isDevice,
          inArray(pairings.status, APPROVED_STATES),
          gt(pairings.expiresAt, now),
        ),
      )
      .returning({ id: pairings.id }),
    bumpAuthVersion(db, tenantId),
  ])
  return revoked.length > 0
}

/** Keys and devices that were ever given out in this tenant: with the first one, its set-up is over. */
export async function countCredentials(db: Database, tenantId: TenantId): Promise<number> {
  const [[keys], [devices]] = await db.batch([
    db.select({ n: count() }).from(apiKeys).where(eq(apiKeys.tenantId, tenantId)),
    db
      .select({ n: count() })
      .from(pairings)
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          inArray(pairings.status, [...APPROVED_STATES, 'revoked']),
          isDevice,
        ),
      ),
  ])
  return (keys?.n ?? 0) + (devices?.n ?? 0)
}
