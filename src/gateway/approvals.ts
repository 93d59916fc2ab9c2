/**
 * Asks a human about one tool call and waits for the answer. The question is a row that survives
 * crashes; what is approved is bound to everything it was asked about, is compared once more when the
 * call starts, and is used up by it. It decides nothing: who may answer is the operations' business,
 * whether to ask the gate's.
 */
import type { Services } from '../api/context.ts'
import { canonicalHash, canonicalJson } from '../crypto/canonical-json.ts'
import { newId } from '../crypto/random.ts'
import {
  consumeApproval,
  createApproval,
  expireApproval,
  findApproval,
  findApprovalOfCall,
  findStandingApproval,
} from '../db/approvals.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { Approval, StandingMatch } from '../domain/approval.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { AgentId, TenantId, UserId } from '../domain/ids.ts'
import { securityEvent } from '../domain/security-event.ts'
import { spellOut, toWireApproval } from '../protocol/approval.ts'
import {
  type ApprovalBinding,
  type ApprovalReason,
  MAX_ASKED_CHARS,
  MAX_PENDING_APPROVALS_PER_REQUESTER,
  MAX_PENDING_APPROVALS_PER_SESSION,
} from '../tools/approval.ts'
import type { Report } from './emit.ts'
import type { RunRelease } from './release.ts'
import { listedApproval } from './shown-approval.ts'

/** Wakes whoever waits for an answer; a wake-up that got lost costs one of these. */
const POLL_MS = 15_000

/** Where the session learns that an approval was answered. */
export interface ApprovalSignals {
  /** Resolves when the approval was answered, after `ms`, or when the signal aborts. Never rejects. */
  wait(approvalId: string, ms: number, signal: AbortSignal): Promise<void>
}

export interface ApprovalParts {
  readonly services: Services
  readonly signals: ApprovalSignals
  readonly requestedBy: UserId
  /** Whose conversation it is: hears of the question beside the approvers. */
  readonly sessionOwner: UserId
  readonly report: Report
  /** Takes the run's own secrets out of what is shown to humans, and nothing else. */
  readonly verbatim: Pick<RunRelease, 'value'>
  /** To the session's own sockets. */
  notify(event: string, payload: unknown): void
  onWait(detail: Readonly<Record<string, unknown>>): void
}

export interface Question {
  readonly binding: ApprovalBinding
  readonly reason: ApprovalReason
  readonly standing: StandingMatch | null
  readonly agent: AgentRecord
  readonly config: TenantConfig
}

export type Answer =
  | { readonly kind: 'approved'; readonly approvalId: string }
  /** An admin has said so before, for exactly this. */
  | { readonly kind: 'standing' }
  | { readonly kind: 'refused'; readonly message: string }

const refused = (message: string): Answer => ({ kind: 'refused', message })

/** What a standing approval is found by: the agent itself, since its name may become another's. */
const standingHash = (
  agentId: AgentId,
  tool: string,
  { argv, cwd }: StandingMatch,
): Promise<string> => canonicalHash({ agentId, tool, argv, cwd })

export function createApprovals(parts: ApprovalParts) {
  const { services, signals, report } = parts

  const isStanding = async ({ binding, standing, agent }: Question): Promise<boolean> => {
    if (standing === null) return false
    const { tenantId } = binding
    const hash = await standingHash(agent.id, binding.tool, standing)
    const found = await findStandingApproval(
      services.database(tenantId),
      tenantId,
      hash,
      services.now(),
    )
    return found !== null
  }

  async function create(question: Question): Promise<Approval | null> {
    const { binding, reason, agent, config, standing } = question
    const { tenantId, cwd, workspaceRoot, policyVersion, ...rest } = binding
    const createdAt = services.now()
    const approval = {
      id: newId('apr'),
      ...rest,
      arguments: canonicalJson(parts.verbatim.value(JSON.parse(binding.arguments))),
      standing:
        standing === null
          ? null
          : { ...standing, matchHash: await standingHash(agent.id, binding.tool, standing) },
      agentKey: agent.key,
      cwd: cwd ?? '',
      manifestRoot: workspaceRoot ?? '',
      policyVersion: String(policyVersion),
      reason,
      bindingHash: await canonicalHash(binding),
      requestedBy: parts.requestedBy,
      sessionOwner: parts.sessionOwner,
      createdAt,
      expiresAt: createdAt + config.tools.approvals.timeout_seconds * 1_000,
    }
    const created = await createApproval(services.database(tenantId), tenantId, approval, {
      perSession: MAX_PENDING_APPROVALS_PER_SESSION,
      perRequester: MAX_PENDING_APPROVALS_PER_REQUESTER,
    })
    if (!created.ok) return null
    return { ...approval, status: 'pending', decidedBy: null, decidedAt: null, consumedAt: null }
  }

  /** To the control sockets of approvers and of the session's owner. */
  function publish(tenantId: TenantId, event: string, payload: object): void {
    const audience = { kind: 'approvers', userId: parts.sessionOwner } as const
    services.inBackground(services.tenant(tenantId).publish(event, payload, audience))
  }

  /** The row in its last state: answered, or closed because nobody will answer any more. */
  async function settle(
    tenantId: TenantId,
    approval: Approval,
    signal: AbortSignal,
  ): Promise<Approval['status']> {
    const db = services.database(tenantId)
    for (;;) {
      const remainingMs = approval.expiresAt - services.now()
      const found = new AbortController()
      // Begun before the look: an answer that comes in between is not slept through.
      const woken = signals.wait(
        approval.id,
        Math.min(POLL_MS, Math.max(0, remainingMs)),
        AbortSignal.any([signal, found.signal]),
      )
      const { status } = (await findApproval(db, tenantId, approval.id)) ?? { status: 'expired' }
      if (status !== 'pending') {
        found.abort()
        return status
      }
      if (remainingMs <= 0 || signal.aborted) {
        const isExpired = await expireApproval(db, tenantId, approval.id, services.now())
        if (isExpired) return 'expired'
        continue
      }
      await woken
    }
  }

  return {
    /** Of a call that may have been asked about before a crash; null when it was not. */
    earlier: ({ tenantId, runId, callId }: ApprovalBinding): Promise<Approval | null> =>
      findApprovalOfCall(services.database(tenantId), tenantId, runId, callId),

    /** @param earlier an open or answered question about this very call */
    async ask(question: Question, earlier: Approval | null, signal: AbortSignal): Promise<Answer> {
      const { tenantId } = question.binding
      if (earlier === null && (await isStanding(question))) return { kind: 'standing' }
      if (spellOut(question.binding.arguments).length > MAX_ASKED_CHARS) {
        return refused(
          `This call needs the approval of a human, and is too long for one to read: at most ${MAX_ASKED_CHARS} characters. Do it in smaller steps.`,
        )
      }
      const approval = earlier ?? (await create(question))
      if (approval === null) {
        return refused(
          `As many approvals are waited for already as may be: ${MAX_PENDING_APPROVALS_PER_SESSION} in one conversation, ${MAX_PENDING_APPROVALS_PER_REQUESTER} by one person.`,
        )
      }
      const { id, tool, reason } = approval
      if (earlier === null) {
        report(securityEvent('approval_requested', { approval: id, tool, reason }, 'info'))
        const listed = listedApproval(approval, question.config, question.agent)
        parts.notify('exec.approval.requested', listed)
        publish(tenantId, 'exec.approval.requested', listed)
      }
      const { command } = toWireApproval(approval)
      parts.onWait({ approvalId: id, tool, reason, command, expiresAt: approval.expiresAt })
      const status = await settle(tenantId, approval, signal)
      const resolved = { id, decision: status, sessionKey: approval.sessionKey }
      parts.notify('exec.approval.resolved', resolved)
      if (status === 'expired') {
        // An answer is told where it is given; that there was none, here.
        report(securityEvent('approval_resolved', { approval: id, tool, decision: 'expired' }))
        publish(tenantId, 'exec.approval.resolved', resolved)
      }
      if (status === 'approved') return { kind: 'approved', approvalId: id }
      if (status === 'denied') {
        return refused(`A human looked at this call of ${tool} and denied it. Do not repeat it.`)
      }
      return refused(
        `This call of ${tool} needs the approval of a human, and nobody gave it in time.`,
      )
    },

    /** True for one start, and only of exactly what was approved. */
    consume: async (approvalId: string, binding: ApprovalBinding): Promise<boolean> =>
      consumeApproval(
        services.database(binding.tenantId),
        binding.tenantId,
        approvalId,
        await canonicalHash(binding),
        services.now(),
      ),
  }
}

export type Approvals = ReturnType<typeof createApprovals>
