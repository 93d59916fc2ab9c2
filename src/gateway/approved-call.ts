/**
 * Takes one call that needs a human through the asking: question, answer, proof of rights, and once
 * more the judgement of everything the answer was given for. What changed meanwhile asks again.
 */
import type { AgentRecord } from '../domain/agent-record.ts'
import type { Approval } from '../domain/approval.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ApprovalBinding } from '../tools/approval.ts'
import type { PreparedCall, RefusedCall } from '../tools/invoke.ts'
import type { Approvals } from './approvals.ts'

/** A workspace that changes under every question is not one a human can answer for. */
const MAX_QUESTIONS = 3

export interface ApprovedCall {
  readonly prepared: PreparedCall
  /** The state of the workspace that was approved; null when the call does not see it. */
  readonly workspaceRoot: string | null
  /** It was approved and begun before a crash: to be taken up, never begun again. */
  readonly isResumed: boolean
  /** It was taken from the session's budget when it was asked about. */
  readonly isCounted: boolean
}

export interface ApprovedCallParts {
  readonly approvals: Approvals
  readonly isResumed: boolean
  readonly signal: AbortSignal
  live(): { readonly snapshot: TenantSnapshot; readonly agent: AgentRecord }
  recheck(): Promise<Result<unknown, string>>
  /** Before a human is bothered: a question costs what a call costs, whatever the answer. */
  count(): void
  /** Root of the workspace as it is now; null when the call cannot see it. */
  workspaceRoot(): Promise<string | null>
  judge(
    workspaceRoot: string | null,
    approval: ApprovalBinding | null,
  ): Result<PreparedCall, RefusedCall>
}

type Asked = Result<ApprovedCall, RefusedCall>

const refused = (message: string): Asked =>
  err({ refusal: { kind: 'approval_denied' }, message, events: [] })

export async function approveCall(parts: ApprovedCallParts): Promise<Asked> {
  const { approvals, judge } = parts
  let isCounted = false
  /** Judged as approved for what it is at this moment. */
  const start = (binding: ApprovalBinding, isResumed: boolean): Asked => {
    const judged = judge(binding.workspaceRoot, binding)
    return judged.ok
      ? ok({ prepared: judged.value, workspaceRoot: binding.workspaceRoot, isResumed, isCounted })
      : judged
  }
  let earlier: Approval | null = null
  for (let questions = 0; questions < MAX_QUESTIONS; questions++) {
    const workspaceRoot = await parts.workspaceRoot()
    const judged = judge(workspaceRoot, null)
    if (judged.ok) {
      return ok({ prepared: judged.value, workspaceRoot, isResumed: false, isCounted })
    }
    const { refusal } = judged.error
    if (refusal.kind !== 'approval_required') return judged
    if (questions === 0 && parts.isResumed) earlier = await approvals.earlier(refusal.binding)
    if (earlier?.status === 'consumed') {
      return start({ ...refusal.binding, workspaceRoot: earlier.manifestRoot || null }, true)
    }
    const { agent, snapshot } = parts.live()
    const question = { ...refusal, agent, config: snapshot.config }
    if (earlier === null && !isCounted) {
      parts.count()
      isCounted = true
    }
    const answer = await approvals.ask(question, earlier, parts.signal)
    earlier = null
    if (answer.kind === 'refused') return refused(answer.message)
    if (answer.kind === 'standing') return start(refusal.binding, false)
    // The answer took its time: who asked may have lost the right to, and what was asked may differ.
    const proven = await parts.recheck()
    if (!proven.ok) return refused(proven.error)
    const again = judge(await parts.workspaceRoot(), null)
    if (!again.ok && again.error.refusal.kind !== 'approval_required') return again
    const binding = again.ok ? refusal.binding : bindingOf(again.error)
    if (binding !== null && (await approvals.consume(answer.approvalId, binding))) {
      return start(binding, false)
    }
  }
  return refused(
    'The files, the policy or the call itself changed while the approval was waited for, and again after that. Try again when they have settled.',
  )
}

const bindingOf = ({ refusal }: RefusedCall): ApprovalBinding | null =>
  refusal.kind === 'approval_required' ? refusal.binding : null
