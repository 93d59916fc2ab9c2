/** What came of a job's runs, newest first. */
import { Button } from '@cloudflare/kumo/components/button'
import { CutText } from '../../ui/cut-text.tsx'
import { formatDuration } from '../../ui/numbers.ts'
import { Section } from '../../ui/page.tsx'
import { SimpleTable } from '../../ui/simple-table.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import type { Job } from './job.ts'
import { Outcome } from './job-state.tsx'
import { type Run, useRuns } from './use-jobs.ts'
import { momentWithZone } from './zone.ts'

const took = ({ startedAt, endedAt }: Run): string =>
  endedAt === null ? '' : formatDuration(Date.parse(endedAt) - Date.parse(startedAt))

export function JobRuns({ job }: { readonly job: Job }) {
  const runs = useRuns(job.id)
  return (
    <Section title="Runs">
      <Answer
        query={runs}
        what="Loading the runs"
        empty={(rows) =>
          rows.length > 0 ? null : (
            <Nothing title="It has not run yet" description="Each run leaves a line here." />
          )
        }
      >
        {(rows) => (
          <>
            <SimpleTable
              label="Runs"
              rows={rows}
              keyOf={({ scheduledAt }) => scheduledAt}
              columns={[
                {
                  title: 'Meant for',
                  cell: ({ scheduledAt }) => (
                    <span className="whitespace-nowrap">
                      {momentWithZone(scheduledAt)}
                      <span className="block text-sm text-kumo-subtle">
                        <Time at={scheduledAt} />
                      </span>
                    </span>
                  ),
                },
                { title: 'Outcome', cell: ({ status }) => <Outcome status={status} /> },
                {
                  title: 'Begun by',
                  cell: ({ trigger }) => (trigger === 'manual' ? 'hand' : 'schedule'),
                },
                { title: 'Attempt', cell: ({ attempt }) => attempt },
                { title: 'Took', cell: (run) => took(run) },
                {
                  title: 'What went wrong',
                  cell: ({ error }) => (error === null ? 'nothing' : <CutText text={error} />),
                },
              ]}
            />
            {runs.hasNextPage && (
              <div>
                <Button
                  size="sm"
                  loading={runs.isFetchingNextPage}
                  onClick={() => void runs.fetchNextPage()}
                >
                  Older runs
                </Button>
              </div>
            )}
          </>
        )}
      </Answer>
    </Section>
  )
}
