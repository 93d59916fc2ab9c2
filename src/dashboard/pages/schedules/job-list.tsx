/** Messages to agents that come by themselves: one's own, for admins everybody's. */
import { Button } from '@cloudflare/kumo/components/button'
import { PlusIcon } from '@phosphor-icons/react/Plus'
import { Link } from '@tanstack/react-router'
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { CutText } from '../../ui/cut-text.tsx'
import { type Column, DataList, failedPage } from '../../ui/data-list.tsx'
import { formatCount } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import type { Job } from './job.ts'
import { JobDialog } from './job-dialog.tsx'
import { NextRun, Outcome } from './job-state.tsx'
import { JobSwitch } from './job-switch.tsx'
import { inWords, zoneOf } from './timing.ts'
import { useJobs } from './use-jobs.ts'
import { viewerZone } from './zone.ts'

/** Three lines. */
const ROW_PX = 68

export function JobList() {
  const jobs = useJobs()
  const [search, change] = useAddress()
  const mayCreate = useMay('cron.create')
  const columns = useColumns()
  const create = mayCreate ? (
    <Button
      variant="primary"
      icon={PlusIcon}
      onClick={() => change({ create: 'yes' }, { isStep: true })}
    >
      Schedule a message
    </Button>
  ) : undefined
  return (
    <Page
      title="Schedules"
      description="Messages to agents that come by themselves, with the rights of whoever made them."
      actions={create}
    >
      <Answer
        query={jobs}
        what="Loading schedules"
        empty={(rows) =>
          rows.length > 0 || jobs.hasNextPage ? null : (
            <Nothing
              title="Nothing is scheduled"
              description="Schedule a message, and an agent answers it every morning, every hour, or once."
              action={create}
            />
          )
        }
      >
        {(rows) => (
          <>
            <Limits />
            <DataList
              label="Schedules"
              columns={columns}
              rows={rows}
              keyOf={({ id }) => id}
              rowHeight={ROW_PX}
              hasMore={jobs.hasNextPage}
              isLoadingMore={jobs.isFetchingNextPage}
              onMore={() => void jobs.fetchNextPage()}
              failure={failedPage(jobs)}
            />
          </>
        )}
      </Answer>
      {mayCreate && search['create'] !== undefined && (
        <JobDialog job={null} onClose={() => change({ create: null }, { isStep: true })} />
      )}
    </Page>
  )
}

function Limits() {
  const { data } = useOperation('cron.status', {})
  return (
    <p className="text-sm text-kumo-subtle">
      Times are those of {viewerZone()}.
      {data !== undefined &&
        ` ${formatCount(data.enabled)} of ${formatCount(data.jobs)} are on; each person may have ${formatCount(data.limits.perUser)}.`}
    </p>
  )
}

function useColumns(): readonly Column<Job>[] {
  const { user_id: self } = useHello()
  return [
    {
      title: 'Schedule',
      width: 'minmax(7rem,2fr)',
      cell: ({ id, name, schedule }) => (
        <>
          <Link
            to="/schedules/$job"
            params={{ job: id }}
            className="font-medium text-kumo-link hover:underline"
          >
            {name}
          </Link>
          <span className="block truncate text-sm text-kumo-subtle">
            {inWords(schedule)}
            {zoneOf(schedule) !== null && `, ${zoneOf(schedule)}`}
          </span>
        </>
      ),
    },
    {
      title: 'Next',
      width: 'minmax(6.5rem,1.5fr)',
      // On a narrow screen the moment takes two lines.
      cell: (job) => (
        <span className="whitespace-normal">
          <NextRun job={job} />
        </span>
      ),
    },
    {
      title: 'Last',
      width: '8rem',
      isSecondary: true,
      cell: ({ lastStatus, lastRunAt }) =>
        lastStatus === null || lastRunAt === null ? (
          <span className="text-kumo-subtle">none yet</span>
        ) : (
          <>
            <Outcome status={lastStatus} />
            <span className="block text-sm text-kumo-subtle">
              <Time at={lastRunAt} />
            </span>
          </>
        ),
    },
    {
      title: 'Agent',
      width: 'minmax(6rem,1fr)',
      isSecondary: true,
      cell: ({ agentId }) => agentId,
    },
    {
      title: 'Owner',
      width: 'minmax(5rem,1fr)',
      isSecondary: true,
      cell: ({ userId }) => (userId === self ? 'you' : <CutText text={userId} />),
    },
    { title: 'State', width: '5.5rem', cell: (job) => <JobSwitch job={job} /> },
  ]
}
