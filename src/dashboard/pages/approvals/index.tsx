/** Approvals: what waits for somebody, oldest first, and what was allowed for always. */

import { Button } from '@cloudflare/kumo/components/button'
import { useInfiniteQuery } from '@tanstack/react-query'
import { gateway } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { Page, Section } from '../../ui/page.tsx'
import { Failure, Loading, Nothing } from '../../ui/states.tsx'
import { approvalsOf } from './approval.ts'
import { Queue } from './queue.tsx'
import { Standing } from './standing.tsx'
import { useAnswers } from './use-answers.ts'

const usePending = () =>
  useInfiniteQuery({
    queryKey: ['exec', 'approval', 'list', 'pages'],
    queryFn: ({ pageParam, signal }) =>
      gateway.read('exec.approval.list', pageParam === null ? {} : { cursor: pageParam }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: ({ next }) => next,
  })

export default function ApprovalsPage() {
  const pending = usePending()
  const rows = pending.data?.pages.flatMap((page) => page.pending) ?? []
  const more = (pending.data?.pages.at(-1)?.total ?? 0) - rows.length
  const answers = useAnswers()
  const maySeeStanding = useMay('exec.approval.standing.list')
  return (
    <Page
      title="Approvals"
      description="Calls of tools that run only when somebody allows them. Whoever has waited longest comes first."
    >
      <Section title="Waiting">
        {pending.error !== null && pending.data === undefined ? (
          <Failure error={pending.error} onRetry={() => void pending.refetch()} />
        ) : pending.data === undefined ? (
          <Loading what="Reading what waits" />
        ) : rows.length === 0 ? (
          <Nothing
            title="Nothing waits for you"
            description="A call that needs an answer appears here at once."
          />
        ) : (
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
      </Section>
      {maySeeStanding && <Standing />}
    </Page>
  )
}
