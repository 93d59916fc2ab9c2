/** Approvals: what waits for somebody, oldest first, and what was allowed for always. */
import { Button } from '@cloudflare/kumo/components/button'
import { useMay } from '../../client/use-gateway.ts'
import { usePages } from '../../client/use-pages.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { approvalsOf } from './approval.ts'
import { Queue } from './queue.tsx'
import { Standing } from './standing.tsx'
import { useAnswers } from './use-answers.ts'

export default function ApprovalsPage() {
  const pending = usePages('exec.approval.list', {})
  const rows = pending.data?.flatMap((page) => page.pending) ?? []
  const more = (pending.data?.at(-1)?.total ?? 0) - rows.length
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
          empty={() =>
            rows.length > 0 ? null : (
              <Nothing
                title="Nothing waits for you"
                description="A call that needs an answer appears here at once."
              />
            )
          }
        >
          {() => (
            <>
              {pending.hasNextPage && (
                <div className="flex flex-wrap items-center gap-3 text-sm">
                  <p>{more > 0 ? `${more} more have waited longer.` : 'More may wait.'}</p>
                  <Button
                    loading={pending.isFetchingNextPage}
                    onClick={() => void pending.fetchNextPage()}
                  >
                    Show more
                  </Button>
                </div>
              )}
              <Queue approvals={approvalsOf(rows)} answers={answers} />
            </>
          )}
        </Answer>
      </Section>
      {maySeeStanding && <Standing />}
    </Page>
  )
}
