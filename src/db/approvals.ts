/**
 * Approvals: questions to humans, their answers, and the standing ones that an admin gave. Every
 * change of state is one conditional statement, so that of two who answer or start at once only one
 * does. It knows no policy: who may answer is judged before.
 */
import { and, count, desc, eq, gt, inArray, lt, or, type SQL, sql } from 'drizzle-orm'
import {
  APPROVAL_STATES,
  type Approval,
  approvalSchema,
  type StandingApproval,
  standingApprovalSchema,
} from '../domain/approval.ts'
import type { RunId, TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { Database } from './database.ts'
import { approvals, standingApprovals } from './schema/approvals.ts'

/** One page: whoever lets more than these pile up reads none of them. */
export const MAX_LISTED_APPROVALS = 200

/** Who answered what is in the security events; the calls themselves are not kept for ever. */
export const APPROVAL_RETENTION_MS = 30 * 86_400_000

export type NewApproval = Omit<Approval, 'status' | 'decidedBy' | 'decidedAt' | 'consumedAt'>

/** @param maxPending open questions of one session and of one person; more than that are refused */
export async function createApproval(
  db: Database,
  tenantId: TenantId,
  approval: NewApproval,
  maxPending: { readonly perSession: number; readonly perRequester: number },
): Promise<Result<null, 'too_many'>> {
  const { sessionKey, requestedBy, createdAt } = approval
  const isFull = async (whose: SQL, max: number): Promise<boolean> => {
    const open = await db
      .select({ id: approvals.id })
      .from(approvals)
      .where(
        and(
          eq(approvals.tenantId, tenantId),
          whose,
          eq(approvals.status, 'pending'),
          gt(approvals.expiresAt, createdAt),
        ),
      )
      .limit(max)
    return open.length >= max
  }
  const full = await Promise.all([
    isFull(eq(approvals.sessionKey, sessionKey), maxPending.perSession),
    isFull(eq(approvals.requestedBy, requestedBy), maxPending.perRequester),
  ])
  if (full.includes(true)) return err('too_many')
  await db
    .delete(approvals)
    .where(
      and(
        eq(approvals.tenantId, tenantId),
        inArray(approvals.status, APPROVAL_STATES),
        lt(approvals.createdAt, createdAt - APPROVAL_RETENTION_MS),
      ),
    )
  await db.insert(approvals).values({ ...approval, tenantId, status: 'pending' })
  return ok(null)
}

export async function findApproval(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<Approval | null> {
  const row = await db
    .select()
    .from(approvals)
    .where(and(eq(approvals.tenantId, tenantId), eq(approvals.id, id)))
    .get()
  return row === undefined ? null : approvalSchema.parse(row)
}

/** The newest question about one call: a call that changed while it waited asks again. */
export async function findApprovalOfCall(
  db: Database,
  tenantId: TenantId,
  runId: RunId,
  callId: string,
): Promise<Approval | null> {
  const row = await db
    .select()
    .from(approvals)
    .where(
      and(
        eq(approvals.tenantId, tenantId),
        eq(approvals.runId, runId),
        eq(approvals.callId, callId),
      ),
    )
    .orderBy(desc(approvals.createdAt))
    .limit(1)
    .get()
  return row === undefined ? null : approvalSchema.parse(row)
}

export interface PendingFilter {
  /** Of this person's own runs and conversations alone. */
  readonly ofUser?: UserId
  /** Only those of these agents. */
  readonly agentKeys?: readonly string[]
  readonly sessionKey?: string
}

const isPending = (
  tenantId: TenantId,
  { ofUser, agentKeys, sessionKey }: PendingFilter,
  now: number,
) =>
  and(
    eq(approvals.tenantId, tenantId),
    eq(approvals.status, 'pending'),
    gt(approvals.expiresAt, now),
    sessionKey === undefined ? undefined : eq(approvals.sessionKey, sessionKey),
    ofUser === undefined
      ? undefined
      : or(eq(approvals.requestedBy, ofUser), eq(approvals.sessionOwner, ofUser)),
    agentKeys === undefined
      ? undefined
      : sql`${approvals.agentKey} in (select value from json_each(${JSON.stringify(agentKeys)}))`,
  )

export interface PendingPage extends PendingFilter {
  readonly limit?: number
  /** The last row of the page before. */
  readonly before?: { readonly createdAt: number; readonly id: string }
}

/** Open questions, newest first. */
export async function listPendingApprovals(
  db: Database,
  tenantId: TenantId,
  page: PendingPage,
  now: number,
): Promise<readonly Approval[]> {
  const { before, limit = MAX_LISTED_APPROVALS } = page
  const rows = await db
    .select()
    .from(approvals)
    .where(
      and(
        isPending(tenantId, page, now),
        before === undefined
          ? undefined
          : sql`(${approvals.createdAt}, ${approvals.id}) < (${before.createdAt}, ${before.id})`,
      ),
    )
    .orderBy(desc(approvals.createdAt), desc(approvals.id))
    .limit(Math.min(limit, MAX_LISTED_APPROVALS))
  return rows.map((row) => approvalSchema.parse(row))
}

/** How many of them wait; of one person's own, or of these agents, where that is all that is seen. */
export async function countPendingApprovals(
  db: Database,
  tenantId: TenantId,
  filter: PendingFilter,
  now: number,
): Promise<number> {
  const [counted] = await db
    .select({ waiting: count() })
    .from(approvals)
    .where(isPending(tenantId, filter, now))
  return counted?.waiting ?? 0
}

/** @returns whether the question was still open; an answer that comes too late changes nothing */
export async function decideApproval(
  db: Database,
  tenantId: TenantId,
  id: string,
  { status, decidedBy }: { readonly status: 'approved' | 'denied'; readonly decidedBy: UserId },
  now: number,
): Promise<boolean> {
  const decided = await db
    .update(approvals)
    .set({ status, decidedBy, decidedAt: now })
    .where(
      and(
        eq(approvals.tenantId, tenantId),
        eq(approvals.id, id),
        eq(approvals.status, 'pending'),
        gt(approvals.expiresAt, now),
      ),
    )
    .returning({ id: approvals.id })
  return decided.length > 0
}

/** Nobody answered, or whoever asked has gone. */
export async function expireApproval(
  db: Database,
  tenantId: TenantId,
  id: string,
  now: number,
): Promise<boolean> {
  const expired = await db
    .update(approvals)
    .set({ status: 'expired', decidedAt: now })
    .where(
      and(eq(approvals.tenantId, tenantId), eq(approvals.id, id), eq(approvals.status, 'pending')),
    )
    .returning({ id: approvals.id })
  return expired.length > 0
}

/** An answer in the last moment is still one; a run that comes back later asks anew. */
const START_GRACE_MS = 60_000

/** Once, and only for exactly what was approved: true for one caller at most. */
export async function consumeApproval(
  db: Database,
  tenantId: TenantId,
  id: string,
  bindingHash: string,
  now: number,
): Promise<boolean> {
  const consumed = await db
    .update(approvals)
    .set({ status: 'consumed', consumedAt: now })
    .where(
      and(
        eq(approvals.tenantId, tenantId),
        eq(approvals.id, id),
        eq(approvals.status, 'approved'),
        eq(approvals.bindingHash, bindingHash),
        gt(approvals.expiresAt, now - START_GRACE_MS),
      ),
    )
    .returning({ id: approvals.id })
  return consumed.length > 0
}

export async function createStandingApproval(
  db: Database,
  tenantId: TenantId,
  approval: Omit<StandingApproval, 'isRevoked'>,
): Promise<void> {
  await db.insert(standingApprovals).values({ ...approval, tenantId })
}

/** One that is in force for exactly this match, or null. */
export async function findStandingApproval(
  db: Database,
  tenantId: TenantId,
  matchHash: string,
  now: number,
): Promise<StandingApproval | null> {
  const row = await db
    .select()
    .from(standingApprovals)
    .where(
      and(
        eq(standingApprovals.tenantId, tenantId),
        eq(standingApprovals.matchHash, matchHash),
        eq(standingApprovals.isRevoked, false),
        gt(standingApprovals.expiresAt, now),
      ),
    )
    .limit(1)
    .get()
  return row === undefined ? null : standingApprovalSchema.parse(row)
}

/** Those in force, newest first. */
export async function listStandingApprovals(
  db: Database,
  tenantId: TenantId,
  now: number,
): Promise<readonly StandingApproval[]> {
  const rows = await db
    .select()
    .from(standingApprovals)
    .where(
      and(
        eq(standingApprovals.tenantId, tenantId),
        eq(standingApprovals.isRevoked, false),
        gt(standingApprovals.expiresAt, now),
      ),
    )
    .orderBy(desc(standingApprovals.createdAt))
    .limit(MAX_LISTED_APPROVALS)
  return rows.map((row) => standingApprovalSchema.parse(row))
}

/** @returns whether there was one in force */
export async function revokeStandingApproval(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<boolean> {
  const revoked = await db
    .update(standingApprovals)
    .set({ isRevoked: true })
    .where(
      and(
        eq(standingApprovals.tenantId, tenantId),
        eq(standingApprovals.id, id),
        eq(standingApprovals.isRevoked, false),
      ),
    )
    .returning({ id: standingApprovals.id })
  return revoked.length > 0
}
