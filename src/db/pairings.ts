/**
 * Requests of browsers to be let in, from the first to an admin's answer. Every change of state is
 * one conditional statement or one batch, so that of two who come at once only one passes. It sees
 * hashes of secrets only, and judges nobody.
 */
import { and, count, desc, eq, exists, gt, inArray, lte, not, or, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import { BROWSER_CHANNEL, type DeviceRole, type PairingAccount } from '../domain/pairing.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { PAIRING_STATES, pairings } from './schema/pairings.ts'

/** One page: more than any admin reads, and more than may be open. */
export const MAX_LISTED_PAIRINGS = 200

export const APPROVED_STATES = ['approved', 'approved_viewer'] as const

const pairingSchema = z.object({
  id: z.string(),
  channel: z.string(),
  senderId: z.string(),
  code: z.string().nullable(),
  status: z.enum(PAIRING_STATES),
  address: z.string(),
  userAgent: z.string(),
  userId: userIdSchema.nullable(),
  decidedBy: userIdSchema.nullable(),
  decidedAt: z.number().nullable(),
  tokenDeliveredAt: z.number().nullable(),
  tokenExpiresAt: z.number().nullable(),
  createdAt: z.number(),
  /** From then on the row means nothing and may go. */
  expiresAt: z.number(),
})
export type Pairing = Readonly<z.infer<typeof pairingSchema>>

export const parsePairing = (row: unknown): Pairing => pairingSchema.parse(row)

export const pairingColumns = {
  id: pairings.id,
  channel: pairings.channel,
  senderId: pairings.senderId,
  code: pairings.code,
  status: pairings.status,
  address: pairings.address,
  userAgent: pairings.userAgent,
  userId: pairings.userId,
  decidedBy: pairings.decidedBy,
  decidedAt: pairings.decidedAt,
  tokenDeliveredAt: pairings.tokenDeliveredAt,
  tokenExpiresAt: pairings.tokenExpiresAt,
  createdAt: pairings.createdAt,
  expiresAt: pairings.expiresAt,
}

/** Of devices alone: senders of channels are in the same table. */
const isDevice = eq(pairings.kind, 'device')

export interface NewPairing {
  readonly id: string
  readonly senderId: string
  readonly code: string
  readonly secretHash: string
  readonly address: string
  readonly userAgent: string
  readonly createdAt: number
  readonly expiresAt: number
}

export interface PairingRoom {
  readonly account: PairingAccount
  readonly perAccount: number
  readonly perTenant: number
}

/**
 * What has expired is swept first. The row is entered and taken back in one batch when it was one too
 * many: of requests at once none slips past the other's count.
 */
export async function createPairing(
  db: Database,
  tenantId: TenantId,
  pairing: NewPairing,
  room: PairingRoom,
): Promise<Result<null, 'too_many'>> {
  const { id, senderId, address, createdAt } = pairing
  const isNew = and(eq(pairings.tenantId, tenantId), eq(pairings.id, id))
  const whose = room.account === 'address' ? eq(pairings.address, address) : sameSender(senderId)
  // A refused stranger counts as long as the code would have lived: asking again is no way around.
  const ofAccount = db
    .select({ n: count() })
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        inArray(pairings.status, ['pending', 'denied']),
        isDevice,
        whose,
        gt(pairings.expiresAt, createdAt),
      ),
    )
  const ofTenant = db
    .select({ n: count() })
    .from(pairings)
    .where(and(eq(pairings.tenantId, tenantId), eq(pairings.status, 'pending'), isDevice))
  const [, , , kept] = await db.batch([
    db
      .delete(pairings)
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          inArray(pairings.status, PAIRING_STATES),
          isDevice,
          lte(pairings.expiresAt, createdAt),
        ),
      ),
    db.insert(pairings).values({
      ...pairing,
      tenantId,
      kind: 'device',
      channel: BROWSER_CHANNEL,
      instanceId: '',
      status: 'pending',
    }),
    db
      .delete(pairings)
      .where(
        and(
          isNew,
          or(sql`(${ofAccount}) > ${room.perAccount}`, sql`(${ofTenant}) > ${room.perTenant}`),
        ),
      ),
    db.select({ id: pairings.id }).from(pairings).where(isNew),
  ])
  return kept.length > 0 ? ok(null) : err('too_many')
}

const sameSender = (senderId: string) =>
  and(
    eq(pairings.channel, BROWSER_CHANNEL),
    eq(pairings.instanceId, ''),
    eq(pairings.senderId, senderId),
  )

/** Whatever became of it; null for a sender who does not know the secret of any of its requests. */
export async function findPairingOfSecret(
  db: Database,
  tenantId: TenantId,
  senderId: string,
  secretHash: string,
): Promise<Pairing | null> {
  const row = await db
    .select(pairingColumns)
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        sameSender(senderId),
        isDevice,
        eq(pairings.secretHash, secretHash),
      ),
    )
    .get()
  return row === undefined ? null : parsePairing(row)
}

/** Open requests only: a code that was answered or has expired is as unknown as any other. */
export async function findPendingPairing(
  db: Database,
  tenantId: TenantId,
  code: string,
  now: number,
): Promise<Pairing | null> {
  const row = await db
    .select(pairingColumns)
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        eq(pairings.channel, BROWSER_CHANNEL),
        eq(pairings.instanceId, ''),
        eq(pairings.code, code),
        isDevice,
        eq(pairings.status, 'pending'),
        gt(pairings.expiresAt, now),
      ),
    )
    .get()
  return row === undefined ? null : parsePairing(row)
}

export interface PairingApproval {
  readonly userId: UserId
  readonly role: DeviceRole
  readonly decidedBy: UserId
  /** The API key that said yes: what it let in ends when it is revoked. */
  readonly decidedByKey: string | null
  /** The browser has so long to fetch its token. */
  readonly expiresAt: number
}

/**
 * A sender that is paired already stays the only one of its name: who else asks under it would, as
 * the same user, be handed what is that one's.
 */
export async function approvePairing(
  db: Database,
  tenantId: TenantId,
  { id, senderId }: Pick<Pairing, 'id' | 'senderId'>,
  { userId, role, decidedBy, decidedByKey, expiresAt }: PairingApproval,
  now: number,
): Promise<Result<null, 'not_open' | 'paired_already'>> {
  const twin = db
    .select({ id: pairings.id })
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        sameSender(senderId),
        isDevice,
        inArray(pairings.status, APPROVED_STATES),
        gt(pairings.expiresAt, now),
      ),
    )
  const [approved, twins] = await db.batch([
    db
      .update(pairings)
      .set({
        status: role === 'operator' ? 'approved' : 'approved_viewer',
        userId,
        decidedBy,
        decidedByKey,
        decidedAt: now,
        code: null,
        expiresAt,
      })
      .where(and(isOpen(tenantId, id, now), not(exists(twin))))
      .returning({ id: pairings.id }),
    twin,
  ])
  if (approved.length > 0) return ok(null)
  return err(twins.length > 0 ? 'paired_already' : 'not_open')
}

/** @returns whether it was still open; an answer that comes too late changes nothing */
export async function denyPairing(
  db: Database,
  tenantId: TenantId,
  id: string,
  decidedBy: UserId,
  now: number,
): Promise<boolean> {
  const denied = await db
    .update(pairings)
    .set({ status: 'denied', decidedBy, decidedAt: now, code: null })
    .where(isOpen(tenantId, id, now))
    .returning({ id: pairings.id })
  return denied.length > 0
}

const isOpen = (tenantId: TenantId, id: string, now: number) =>
  and(
    eq(pairings.tenantId, tenantId),
    eq(pairings.id, id),
    isDevice,
    eq(pairings.status, 'pending'),
    gt(pairings.expiresAt, now),
  )

/** Newest first. */
export async function listPendingPairings(
  db: Database,
  tenantId: TenantId,
  now: number,
): Promise<readonly Pairing[]> {
  const rows = await db
    .select(pairingColumns)
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        eq(pairings.status, 'pending'),
        isDevice,
        gt(pairings.expiresAt, now),
      ),
    )
    .orderBy(desc(pairings.createdAt))
    .limit(MAX_LISTED_PAIRINGS)
  return rows.map(parsePairing)
}
