/** The cards of the calls that a conversation waits for; loaded when the first one does. */
import { type Approval, approvalsOf } from '../approvals/approval.ts'
import { ApprovalCard } from '../approvals/approval-card.tsx'
import { type Answers, useAnswers } from '../approvals/use-answers.ts'
import { useWhole } from '../approvals/use-whole.ts'

export interface WaitingCallsProps {
  readonly pending: readonly Readonly<Record<string, unknown>>[]
}

export default function WaitingCalls({ pending }: WaitingCallsProps) {
  const answers = useAnswers()
  return approvalsOf(pending).map((approval) => (
    <WaitingCall key={approval.id} row={approval} answers={answers} />
  ))
}

function WaitingCall({ row, answers }: { readonly row: Approval; readonly answers: Answers }) {
  const { approval, error, retry } = useWhole(row)
  return (
    <ApprovalCard
      approval={approval}
      answers={answers}
      whole={{ isAsked: true, error, onAsk: retry }}
      isInline
    />
  )
}
