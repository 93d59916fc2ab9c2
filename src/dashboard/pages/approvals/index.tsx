/** Approvals: what waits for somebody, oldest first, and what was allowed for always. */

import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { approvalsOf } from './approval.ts'
import { Queue } from './queue.tsx'
import { Standing } from './standing.tsx'
import { useAnswers } from './use-answers.ts'

export default function ApprovalsPage() {
  const pending = useOperation('exec.approval.list', {})
  const answers = useAnswers()
  const maySeeStanding = useMay('exec.approval.standing.list')
  return (
    <Page
      title="Approvals"
      description="Calls of tools that run only when somebody allows them. Whoever has waited longest comes first."
    >
      <Section title="Waiting">
        <Answer
          query={pending}
          what="Reading what waits"
          empty={({ pending: all }) =>
            all.length === 0 ? (
              <Nothing
                title="Nothing waits for you"
                description="A call that needs an answer appears here at once."
              />
            ) : null
          }
        >
          {({ pending: all }) => <Queue approvals={approvalsOf(all)} answers={answers} />}
        </Answer>
      </Section>
      {maySeeStanding && <Standing />}
    </Page>
  )
}
