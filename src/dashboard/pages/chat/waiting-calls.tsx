/** The cards of the calls that a conversation waits for; loaded when the first one does. */
import { approvalsOf } from '../approvals/approval.ts'
import { PlaceList } from '../approvals/place-list.tsx'
import { useAnswers } from '../approvals/use-answers.ts'
import { usePlaces } from '../approvals/use-places.ts'

export interface WaitingCallsProps {
  readonly pending: readonly Readonly<Record<string, unknown>>[]
}

export default function WaitingCalls({ pending }: WaitingCallsProps) {
  const answers = useAnswers()
  const approvals = approvalsOf(pending)
  const at = usePlaces(approvals.map(({ id }) => id))
  return <PlaceList at={at} approvals={approvals} answers={answers} isInline />
}
