/** How things stand at this moment. */
import { Link } from '@tanstack/react-router'
import { Figure, Figures } from '../../ui/figure.tsx'
import { formatCount } from '../../ui/numbers.ts'
import type { Overview } from './index.tsx'

const LINK = 'text-kumo-link underline'

export function Now({ overview }: { readonly overview: Overview }) {
  const { runsInProgress, pendingApprovals, channels, runners } = overview
  const channelCount = channels.healthy + channels.failing
  return (
    <section aria-label="Now">
      <Figures>
        <Figure
          label="Runs in progress"
          value={formatCount(runsInProgress)}
          note={runsInProgress === 0 ? 'Nothing runs now' : 'Live'}
        />
        <Figure
          label="Waiting for approval"
          value={formatCount(pendingApprovals)}
          tone={pendingApprovals > 0 ? 'warning' : 'plain'}
          note={
            <Link to="/approvals" className={LINK}>
              {pendingApprovals > 0 ? 'Answer them' : 'Approvals'}
            </Link>
          }
        />
        <Figure
          label="Channels"
          value={channelCount === 0 ? 'None' : `${channels.healthy} of ${channelCount} well`}
          tone={channels.failing > 0 ? 'bad' : 'plain'}
          note={
            <Link to="/channels" className={LINK}>
              {channels.failing > 0 ? `See what ails ${channels.failing}` : 'Channels'}
            </Link>
          }
        />
        <Figure
          label="Runners"
          value={
            runners.configured === 0 ? 'None' : `${runners.healthy} of ${runners.configured} well`
          }
          tone={runners.healthy < runners.configured ? 'bad' : 'plain'}
          note={runners.configured === 0 ? 'Agents run no commands' : 'For commands of agents'}
        />
      </Figures>
    </section>
  )
}
