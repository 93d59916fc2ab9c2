/** Runners and channels one by one: whether each is well, and what ails it. */
import { CheckCircleIcon } from '@phosphor-icons/react/CheckCircle'
import { WarningOctagonIcon } from '@phosphor-icons/react/WarningOctagon'
import { Link } from '@tanstack/react-router'
import type { ReactNode } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { formatDuration } from '../../ui/numbers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { channelTrouble, runnerTrouble } from './trouble.ts'

/** Each asks the runners themselves. */
const EVERY_MS = 60_000

export function Health() {
  const mayRunners = useMay('runners.status')
  const mayChannels = useMay('channels.status')
  if (!mayRunners && !mayChannels) return null
  return (
    <Section title="Health">
      <div className="grid gap-3 lg:grid-cols-2">
        {mayRunners && <Runners />}
        {mayChannels && <Channels />}
      </div>
    </Section>
  )
}

function Runners() {
  const runners = useOperation('runners.status', {}, { everyMs: EVERY_MS })
  return (
    <Card className="flex flex-col gap-2">
      <h3 className="font-medium">Runners</h3>
      <Answer query={runners} what="Asking the runners">
        {({ runners: all }) =>
          all.length === 0 ? (
            <p className="text-sm text-kumo-subtle">
              There is none, so agents run no commands. With Docker, npm start brings one up by
              itself.
            </p>
          ) : (
            <ul className="flex flex-col gap-2">
              {all.map((runner) => (
                <HealthLine
                  key={runner.key_id}
                  name={runner.key_id}
                  trouble={runnerTrouble(runner.reason)}
                  note={
                    runner.latency_ms === null
                      ? null
                      : `answered in ${formatDuration(runner.latency_ms)}`
                  }
                />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}

type Channel = ResultOf<'channels.status'>['channels'][number]

function Channels() {
  const channels = useOperation('channels.status', {}, { everyMs: EVERY_MS })
  return (
    <Card className="flex flex-col gap-2">
      <h3 className="font-medium">Channels</h3>
      <Answer query={channels} what="Looking at the channels">
        {({ channels: all }) =>
          all.length === 0 ? (
            <p className="text-sm text-kumo-subtle">
              None is connected.{' '}
              <Link to="/channels" className="text-kumo-link underline">
                Connect a channel
              </Link>
            </p>
          ) : (
            <ul className="flex flex-col gap-2">
              {all.map((channel) => (
                <HealthLine
                  key={channel.id}
                  name={
                    <Link
                      to="/channels/$channel"
                      params={{ channel: channel.id }}
                      className="as-written text-kumo-link underline"
                    >
                      {channel.display_name || channel.name}
                    </Link>
                  }
                  trouble={channelTrouble(channel)}
                  note={<LastHeard channel={channel} />}
                />
              ))}
            </ul>
          )
        }
      </Answer>
    </Card>
  )
}

function LastHeard({ channel: { enabled, health } }: { readonly channel: Channel }) {
  if (!enabled) return 'switched off'
  if (health.last_received_at === null) return 'nothing received yet'
  return (
    <>
      received <Time at={health.last_received_at} />
    </>
  )
}

interface HealthLineProps {
  readonly name: ReactNode
  /** Null: it is well. */
  readonly trouble: string | null
  readonly note: ReactNode
}

function HealthLine({ name, trouble, note }: HealthLineProps) {
  const Icon = trouble === null ? CheckCircleIcon : WarningOctagonIcon
  return (
    <li className="flex items-start gap-2 text-sm">
      <Icon
        size={18}
        weight="fill"
        aria-hidden
        className={`mt-px shrink-0 ${trouble === null ? 'text-kumo-success' : 'text-kumo-danger'}`}
      />
      <span className="min-w-0">
        <span className="as-written font-medium">{name}</span>{' '}
        <span className="as-written text-kumo-subtle">{trouble ?? 'well'}</span>
        {note !== null && <span className="text-kumo-subtle">, {note}</span>}
      </span>
    </li>
  )
}
