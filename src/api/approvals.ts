/** Questions about tool calls that wait for a human, and the standing answers that admins gave. */
import { z } from 'zod'
import { newId } from '../crypto/random.ts'
import {
  countPendingApprovals,
  createStandingApproval,
  decideApproval,
  findApproval,
  listPendingApprovals,
  listStandingApprovals,
  revokeStandingApproval,
} from '../db/approvals.ts'
import type { Approval } from '../domain/approval.ts'
import type { UserId } from '../domain/ids.ts'
import { isApprover, isTenantAdmin } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { securityEvent } from '../domain/security-event.ts'
import { mayReach, reachedAgentKeys } from '../domain/tenant-snapshot.ts'
import { toWireStandingApproval } from '../protocol/approval.ts'
import { ADMIN, VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { type Access, operation } from './operation.ts'

const DAY_MS = 86_400_000

/** Which of the operators may answer which question is judged where the question is known. */
const ANSWER: Access = { role: 'operator', scope: 'operator.approvals' }

const shown = z.record(z.string(), z.unknown())
const idParams = { id: z.string().max(100) }

/** Of the longest rows there may be, a third of what one message of a socket may have. */
const MAX_PAGE = 40
const CURSOR = /^(\d{1,15}):(\w{1,100})$/

export const approvalList = operation({
  name: 'exec.approval.list',
  summary:
    'Tool calls that wait for a human: all for whoever may answer them, else the caller’s own',
  access: { ...VIEWER, orScopes: ['operator.approvals'] },
  params: z.object({
    sessionKey: z.string().max(1_000).nullish().describe('Of one conversation alone'),
    cursor: z.string().regex(CURSOR).nullish().describe('`next` of the page before'),
    limit: z.coerce
      .number()
      .int()
      .min(0)
      .max(MAX_PAGE)
      .default(20)
      .describe('Of one page; with 0 there is the total alone'),
  }),
  result: z.object({
    /** Newest first. Of a row with `isCut` the whole is had by `exec.approval.get`. */
    pending: z.array(shown),
    /** On all pages. */
    total: z.number(),
    /** `cursor` of the next page; null at the end. */
    next: z.string().nullable(),
  }),
  http: { method: 'GET', path: '/v1/approvals' },
  run: async ({ services, principal, snapshot, catalog }, { sessionKey, cursor, limit }) => {
    const { tenantId, userId } = principal
    const filter = {
      ...(isApprover(principal) ? {} : { ofUser: userId }),
      ...reachedAgentKeys(principal, snapshot),
      ...(sessionKey ? { sessionKey } : {}),
    }
    const db = services.database(tenantId)
    const now = services.now()
    const [, createdAt, id] = CURSOR.exec(cursor ?? '') ?? []
    const before = id === undefined ? {} : { before: { createdAt: Number(createdAt), id } }
    const [total, rows] = await Promise.all([
      countPendingApprovals(db, tenantId, filter, now),
      limit === 0 ? [] : listPendingApprovals(db, tenantId, { ...filter, ...before, limit }, now),
    ])
    const last = rows.length < limit ? undefined : rows.at(-1)
    const reached = rows.filter(({ agentKey }) => mayReach(principal, snapshot, agentKey))
    return ok({
      pending: reached.map((approval) => catalog.listApproval(approval, snapshot)),
      total,
      next: last ? `${last.createdAt}:${last.id}` : null,
    })
  },
})

/**
 * Whoever started the run, and whoever the conversation belongs to: into a run that an admin began,
 * its owner may have said what the question came from.
 */
const isAskedBy = ({ requestedBy, sessionOwner }: Approval, userId: UserId): boolean =>
  requestedBy === userId || sessionOwner === userId

/** The question, if the caller may know of it: whether a foreign one exists is not told. */
async function visible(
  { services, principal, snapshot }: OperationContext,
  id: string,
): Promise<Result<Approval, Refusal>> {
  const { tenantId, userId } = principal
  const approval = await findApproval(services.database(tenantId), tenantId, id)
  const isVisible =
    approval !== null &&
    mayReach(principal, snapshot, approval.agentKey) &&
    (isApprover(principal) || isAskedBy(approval, userId))
  return isVisible ? ok(approval) : err(notFound('approval'))
}

export const approvalGet = operation({
  name: 'exec.approval.get',
  summary: 'The whole of one tool call that waits for a human, and how its line is read',
  access: { ...VIEWER, orScopes: ['operator.approvals'] },
  params: z.object(idParams),
  result: z.object({ approval: shown }),
  http: { method: 'GET', path: '/v1/approvals/{id}' },
  run: async (context, { id }) => {
    const found = await visible(context, id)
    if (!found.ok) return found
    const { status, expiresAt } = found.value
    const isWaiting = status === 'pending' && expiresAt > context.services.now()
    if (!isWaiting) return err(notFound('approval'))
    return ok({ approval: context.catalog.showApproval(found.value, context.snapshot) })
  },
})

const TOO_LATE = refusal(
  'FAILED_PRECONDITION',
  'this approval was answered already, or nobody waits for it any more',
)

async function decide(
  context: OperationContext,
  approval: Approval,
  status: 'approved' | 'denied',
): Promise<Result<null, Refusal>> {
  const { services, principal, report } = context
  const { tenantId, userId } = principal
  const { id, tool, sessionKey, sessionOwner } = approval
  const db = services.database(tenantId)
  const decision = { status, decidedBy: userId }
  const isDecided = await decideApproval(db, tenantId, id, decision, services.now())
  if (!isDecided) return err(TOO_LATE)
  report(securityEvent('approval_resolved', { approval: id, tool, decision: status }, 'info'))
  // Whoever waits is woken at once; should that fail, it looks by itself within seconds.
  services.inBackground(services.session(tenantId, sessionKey).approvalAnswered(id))
  await services
    .tenant(tenantId)
    .publish(
      'exec.approval.resolved',
      { id, decision: status, sessionKey, decidedBy: userId },
      { kind: 'approvers', userId: sessionOwner },
    )
  return ok(null)
}

export const approvalApprove = operation({
  name: 'exec.approval.approve',
  summary: 'Lets one waiting tool call run; with `always`, the same command from now on',
  access: ANSWER,
  params: z.object({ ...idParams, always: z.boolean().default(false) }),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'POST', path: '/v1/approvals/{id}/approve' },
  audit: ({ id, always }) => ({ approval: id, always: String(always) }),
  run: async (context, { id, always }) => {
    const { principal, snapshot } = context
    const found = await visible(context, id)
    if (!found.ok) return found
    const approval = found.value
    const isOwn = isAskedBy(approval, principal.userId)
    const mayOwn = snapshot.config.tools.approvals.requester_may_approve
    // Anybody else's is visible to none but those who may answer it.
    if (isOwn && !mayOwn && !isTenantAdmin(principal)) {
      return err(
        refusal('UNAUTHORIZED', 'you asked for this yourself: somebody else must approve it'),
      )
    }
    if (always) {
      const checked = checkAlways(context, approval)
      if (!checked.ok) return checked
    }
    const decided = await decide(context, approval, 'approved')
    if (!decided.ok) return decided
    if (always) await keepStanding(context, approval)
    return ok({ ok: true as const, id })
  },
})

function checkAlways(
  { principal }: OperationContext,
  { standing }: Approval,
): Result<null, Refusal> {
  if (!isTenantAdmin(principal)) {
    return err(refusal('UNAUTHORIZED', 'only an admin may allow a command for always'))
  }
  if (standing !== null) return ok(null)
  return err(
    refusal(
      'FAILED_PRECONDITION',
      'only one plain command with known words can be allowed for always, and no interpreter',
    ),
  )
}

async function keepStanding(
  { services, principal, snapshot }: OperationContext,
  { agentKey, tool, standing }: Approval,
): Promise<void> {
  if (standing === null) return
  const createdAt = services.now()
  const days = snapshot.config.tools.approvals.always_days
  await createStandingApproval(services.database(principal.tenantId), principal.tenantId, {
    id: newId('sta'),
    agentKey,
    tool,
    ...standing,
    createdBy: principal.userId,
    createdAt,
    expiresAt: createdAt + days * DAY_MS,
  })
}

export const approvalDeny = operation({
  name: 'exec.approval.deny',
  summary: 'Refuses one waiting tool call; whoever asked may do so too',
  access: ANSWER,
  params: z.object(idParams),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'POST', path: '/v1/approvals/{id}/deny' },
  audit: ({ id }) => ({ approval: id }),
  run: async (context, { id }) => {
    const found = await visible(context, id)
    if (!found.ok) return found
    const decided = await decide(context, found.value, 'denied')
    return decided.ok ? ok({ ok: true as const, id }) : decided
  },
})

export const standingList = operation({
  name: 'exec.approval.standing.list',
  summary: 'Commands that were allowed for always and still are',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ standing: z.array(shown) }),
  http: { method: 'GET', path: '/v1/standing-approvals' },
  run: async ({ services, principal: { tenantId } }) => {
    const standing = await listStandingApprovals(
      services.database(tenantId),
      tenantId,
      services.now(),
    )
    return ok({ standing: standing.map(toWireStandingApproval) })
  },
})

export const standingRevoke = operation({
  name: 'exec.approval.standing.revoke',
  summary: 'Takes an allow-always back; the next call asks again',
  access: ADMIN,
  params: z.object(idParams),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'DELETE', path: '/v1/standing-approvals/{id}' },
  audit: ({ id }) => ({ standing: id }),
  run: async ({ services, principal: { tenantId } }, { id }) => {
    const isRevoked = await revokeStandingApproval(services.database(tenantId), tenantId, id)
    return isRevoked ? ok({ ok: true as const, id }) : err(notFound('standing approval'))
  },
})
