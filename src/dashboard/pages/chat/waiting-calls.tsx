/** The cards of the calls that a conversation waits for; loaded when the first one does. */
import { approvalsOf } from '../approvals/approval.ts'
import { ApprovalCard } from '../approvals/approval-card.tsx'
import { useAnswers } from '../approvals/use-answers.ts'

export interface WaitingCallsProps {
  readonly pending: readonly Readonly<Record<string, unknown>>[]
}

export default function WaitingCalls({ pending }: WaitingCallsProps) {
  const answers = useAnswers()
  return approvalsOf(pending).map((approval) => (
    <ApprovalCard key={approval.id} approval={approval} answers={answers} isInline />
  ))
}
