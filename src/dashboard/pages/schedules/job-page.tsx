/** One job: what it says, to whom and when, and what came of it. */
import { Button } from '@cloudflare/kumo/components/button'
import { Link, useNavigate } from '@tanstack/react-router'
import { useHello, useMay } from '../../client/use-gateway.ts'
import { useChange } from '../../client/use-operation.ts'
import { DeleteButton } from '../../ui/delete-button.tsx'
import { Fact, Facts } from '../../ui/facts.tsx'
import { useNotify } from '../../ui/notify.ts'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import type { Job } from './job.ts'
import { JobDialog } from './job-dialog.tsx'
import { JobRuns } from './job-runs.tsx'
import { NextRun, Outcome } from './job-state.tsx'
import { JobSwitch } from './job-switch.tsx'
import { inWords, zoneOf } from './timing.ts'
import { useJob } from './use-jobs.ts'
import { momentIn, momentWithZone } from './zone.ts'

const LIST = (
  <Link to="/schedules" className="text-kumo-link hover:underline">
    All schedules
  </Link>
)

export function JobPage({ id }: { readonly id: string }) {
  const query = useJob(id)
  return (
    <Page
      title={query.data?.name ?? 'Schedule'}
      actions={
        <>
          {query.data && <Acts job={query.data} />}
          {LIST}
        </>
      }
    >
      <Answer query={query} what="Loading the schedule">
        {(job) =>
          job === null ? (
            <Nothing
              title="This schedule is not there"
              description="It was deleted, has done its work, or is somebody else’s."
              action={LIST}
            />
          ) : (
            <>
              <JobFacts job={job} />
              <JobRuns job={job} />
            </>
          )
        }
      </Answer>
    </Page>
  )
}

function Acts({ job }: { readonly job: Job }) {
  const { id, name } = job
  const [search, change] = useAddress()
  const mayChange = useMay('cron.update')
  const run = useChange('cron.run', { onDone: () => notify.done('A run has begun') })
  const remove = useChange('cron.delete', {
    onDone: () => void navigate({ to: '/schedules' }),
  })
  const navigate = useNavigate()
  const notify = useNotify()
  return (
    <>
      <JobSwitch job={job} />
      {mayChange && (
        <>
          <Button
            variant="primary"
            loading={run.isPending}
            onClick={() =>
              run.mutate(
                { jobId: id },
                { onError: (error) => notify.failed('No run was begun', error) },
              )
            }
          >
            Run now
          </Button>
          <Button onClick={() => change({ edit: 'yes' }, { isStep: true })}>Edit</Button>
          <DeleteButton
            what={`the schedule “${name}”`}
            consequence="It does not run any more, and its history goes. Its conversation stays."
            onDelete={() => remove.mutateAsync({ jobId: id })}
          />
        </>
      )}
      {mayChange && search['edit'] !== undefined && (
        <JobDialog job={job} onClose={() => change({ edit: null }, { isStep: true })} />
      )}
    </>
  )
}

function JobFacts({ job }: { readonly job: Job }) {
  const { user_id: self } = useHello()
  const { schedule, delivery, lastStatus, lastRunAt, lastError } = job
  const zone = zoneOf(schedule)
  return (
    <Facts>
      <Fact name="When">
        {inWords(schedule)}
        {zone !== null && `, ${zone}`}
      </Fact>
      <Fact name="Next">
        <NextRun job={job} />
        <NextThere job={job} />
      </Fact>
      <Fact name="Last">
        {lastStatus === null || lastRunAt === null ? (
          'none yet'
        ) : (
          <>
            <Outcome status={lastStatus} /> <Time at={lastRunAt} />
            {lastError !== null && <span className="block text-kumo-danger">{lastError}</span>}
          </>
        )}
      </Fact>
      <Fact name="Agent">{job.agentId}</Fact>
      <Fact name="Says">{job.message || 'what the agent’s check-in says'}</Fact>
      {job.heartbeat && <Fact name="Check-in">Nobody is told when there is nothing to say.</Fact>}
      <Fact name="Answer">
        <Link
          to="/chat/$sessionKey"
          params={{ sessionKey: job.sessionKey }}
          className="text-kumo-link underline"
        >
          In its own conversation
        </Link>
        {delivery.channel !== 'session' && `, and to ${delivery.to} in ${delivery.channel}`}
      </Fact>
      <Fact name="Acts as">{job.userId === self ? `${job.userId} (you)` : job.userId}</Fact>
      {job.deleteAfterRun && <Fact name="Ends">It is deleted once a run went well.</Fact>}
    </Facts>
  )
}

/** On the clocks of its own zone, where they say something else than the viewer's. */
function NextThere({ job: { enabled, schedule, nextRunAt } }: { readonly job: Job }) {
  const zone = zoneOf(schedule)
  if (!enabled || zone === null || nextRunAt === null) return null
  const there = momentIn(nextRunAt, zone)
  if (there === null || there === momentWithZone(nextRunAt)) return null
  return (
    <span className="block text-sm text-kumo-subtle">
      In {zone} it is {there}.
    </span>
  )
}
