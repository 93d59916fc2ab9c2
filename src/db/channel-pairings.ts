/**
 * Senders of channels that ask to be let in, and those that an admin let in. Every change of state is
 * one conditional statement or one batch. Letting in or out changes what a sender's run may do: the
 * tenant's `authVersion` rises with it.
 */
import { and, count, desc, eq, gt, inArray, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import { type TenantId, type UserId, userIdSchema } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { pairings } from './schema/pairings.ts'
import { bumpAuthVersion } from './versions.ts'

const MAX_LISTED = 200
/** Who was let in stays so until an admin says otherwise: the last millisecond a date can have. */
const FOREVER = 8_640_000_000_000_000

const channelPairingSchema = z.object({
  id: z.string(),
  /** Type of the platform. */
  channel: z.string(),
  instanceId: z.string(),
  senderId: z.string(),
  code: z.string().nullable(),
  status: z.enum(['pending', 'approved', 'denied', 'revoked', 'approved_viewer']),
  /** As the platform shows the sender; chosen by themselves. */
  displayName: z.string(),
  /** Where to tell the sender of the answer; null for nowhere. */
  address: z.string().transform((text): unknown => (text === '' ? null : JSON.parse(text))),
  decidedBy: userIdSchema.nullable(),
  decidedAt: z.number().nullable(),
  createdAt: z.number(),
  expiresAt: z.number(),
})
export type ChannelPairing = Readonly<z.infer<typeof channelPairingSchema>>

const columns = {
  id: pairings.id,
  channel: pairings.channel,
  instanceId: pairings.instanceId,
  senderId: pairings.senderId,
  code: pairings.code,
  status: pairings.status,
  displayName: pairings.userAgent,
  address: pairings.address,
  decidedBy: pairings.decidedBy,
  decidedAt: pairings.decidedAt,
  createdAt: pairings.createdAt,
  expiresAt: pairings.expiresAt,
}

const parse = (row: unknown): ChannelPairing => channelPairingSchema.parse(row)

const isChannel = eq(pairings.kind, 'channel')

const ofSender = (tenantId: TenantId, channel: string, instanceId: string, senderId: string) =>
  and(
    eq(pairings.tenantId, tenantId),
    eq(pairings.channel, channel),
    eq(pairings.instanceId, instanceId),
    eq(pairings.senderId, senderId),
    isChannel,
  )

export interface PairingSender {
  readonly channel: string
  readonly instanceId: string
  readonly senderId: string
}

/** Whether an admin has let this sender in. */
export async function isSenderPaired(
  db: Database,
  tenantId: TenantId,
  { channel, instanceId, senderId }: PairingSender,
): Promise<boolean> {
  const row = await db
    .select({ id: pairings.id })
    .from(pairings)
    .where(and(ofSender(tenantId, channel, instanceId, senderId), eq(pairings.status, 'approved')))
    .limit(1)
    .get()
  return row !== undefined
}

export interface ChannelPairingRequest extends PairingSender {
  readonly id: string
  readonly code: string
  readonly displayName: string
  /** JSON, for when it is decided. */
  readonly address: string
  readonly createdAt: number
  readonly expiresAt: number
}

/**
 * What has expired is swept first. The row is entered and taken back in one batch when it was one too
 * many, or when the sender has asked already: of requests at once none slips past the other's count.
 *
 * @returns whether it was entered; if not, the sender is told nothing
 */
export async function createChannelPairing(
  db: Database,
  tenantId: TenantId,
  request: ChannelPairingRequest,
  maxPending: number,
): Promise<boolean> {
  const { displayName, ...values } = request
  const { id, channel, instanceId, senderId, createdAt } = values
  const isNew = and(eq(pairings.tenantId, tenantId), eq(pairings.id, id))
  const ofInstance = and(
    eq(pairings.tenantId, tenantId),
    eq(pairings.channel, channel),
    eq(pairings.instanceId, instanceId),
    isChannel,
  )
  const pending = db
    .select({ n: count() })
    .from(pairings)
    .where(and(ofInstance, eq(pairings.status, 'pending')))
  // A refused stranger counts as long as the code would have lived: asking again is no way around.
  const earlier = db
    .select({ n: count() })
    .from(pairings)
    .where(
      and(
        ofSender(tenantId, channel, instanceId, senderId),
        inArray(pairings.status, ['pending', 'denied', 'revoked', 'approved']),
      ),
    )
  const [, , , kept] = await db.batch([
    db
      .delete(pairings)
      .where(
        and(
          ofInstance,
          inArray(pairings.status, ['pending', 'denied', 'revoked']),
          lte(pairings.expiresAt, createdAt),
        ),
      ),
    db.insert(pairings).values({
      ...values,
      tenantId,
      kind: 'channel',
      userAgent: displayName,
      status: 'pending',
    }),
    db.delete(pairings).where(and(isNew, sql`((${pending}) > ${maxPending} or (${earlier}) > 1)`)),
    db.select({ id: pairings.id }).from(pairings).where(isNew),
  ])
  return kept.length > 0
}

/** Those who wait before those who were let in, the newest of each first. */
export async function listChannelPairings(
  db: Database,
  tenantId: TenantId,
  now: number,
): Promise<readonly ChannelPairing[]> {
  const inState = (status: 'pending' | 'approved') =>
    db
      .select(columns)
      .from(pairings)
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          eq(pairings.status, status),
          isChannel,
          gt(pairings.expiresAt, now),
        ),
      )
      .orderBy(desc(pairings.createdAt))
      .limit(MAX_LISTED)
  const [pending, approved] = await db.batch([inState('pending'), inState('approved')])
  return [...pending, ...approved].map(parse)
}

export async function findPendingChannelPairing(
  db: Database,
  tenantId: TenantId,
  { channel, instanceId }: Pick<PairingSender, 'channel' | 'instanceId'>,
  code: string,
  now: number,
): Promise<ChannelPairing | null> {
  const row = await db
    .select(columns)
    .from(pairings)
    .where(
      and(
        eq(pairings.tenantId, tenantId),
        eq(pairings.channel, channel),
        eq(pairings.instanceId, instanceId),
        eq(pairings.code, code),
        isChannel,
        eq(pairings.status, 'pending'),
        gt(pairings.expiresAt, now),
      ),
    )
    .get()
  return row === undefined ? null : parse(row)
}

/** @returns whether it was still open; an answer that comes too late changes nothing */
export async function decideChannelPairing(
  db: Database,
  tenantId: TenantId,
  id: string,
  decision: {
    readonly status: 'approved' | 'denied'
    readonly decidedBy: UserId
    readonly decidedByKey: string | null
  },
  now: number,
): Promise<boolean> {
  const { status, decidedBy, decidedByKey } = decision
  const [decided] = await db.batch([
    db
      .update(pairings)
      .set({
        status,
        decidedBy,
        decidedByKey,
        decidedAt: now,
        code: null,
        ...(status === 'approved' ? { expiresAt: FOREVER } : {}),
      })
      .where(
        and(
          eq(pairings.tenantId, tenantId),
          eq(pairings.id, id),
          isChannel,
          eq(pairings.status, 'pending'),
          gt(pairings.expiresAt, now),
        ),
      )
      .returning({ id: pairings.id }),
    bumpAuthVersion(db, tenantId),
  ])
  return decided.length > 0
}

/** Lets a sender out again; what they are in the middle of ends at its next step. */
export async function revokeChannelPairing(
  db: Database,
  tenantId: TenantId,
  { channel, instanceId, senderId }: PairingSender,
): Promise<boolean> {
  const [removed] = await db.batch([
    db
      .delete(pairings)
      .where(
        and(ofSender(tenantId, channel, instanceId, senderId), eq(pairings.status, 'approved')),
      )
      .returning({ id: pairings.id }),
    bumpAuthVersion(db, tenantId),
  ])
  return removed.length > 0
}

/** With the instance goes whoever was let in through it. */
export const deletePairingsOfInstance = (db: Database, tenantId: TenantId, instanceId: string) =>
  db
    .delete(pairings)
    .where(and(eq(pairings.tenantId, tenantId), eq(pairings.instanceId, instanceId), isChannel))
