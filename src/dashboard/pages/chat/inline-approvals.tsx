/** Questions of this conversation that wait for an answer, where its run waits for them. */
import { useOperation } from '../../client/use-operation.ts'
import { approvalsOf } from '../approvals/approval.ts'
import { ApprovalCard } from '../approvals/approval-card.tsx'
import { useAnswers } from '../approvals/use-answers.ts'

export function InlineApprovals({ sessionKey }: { readonly sessionKey: string }) {
  const { data } = useOperation('exec.approval.list', {})
  const answers = useAnswers()
  return approvalsOf(data?.pending ?? [])
    .filter((approval) => approval.sessionKey === sessionKey)
    .map((approval) => (
      <ApprovalCard key={approval.id} approval={approval} answers={answers} isInline />
    ))
}
