/** What the gates saw, newest first and live, however much of it there is. */
import { Button } from '@cloudflare/kumo/components/button'
import { PauseIcon } from '@phosphor-icons/react/Pause'
import { PlayIcon } from '@phosphor-icons/react/Play'
import { useState } from 'react'
import type { ParamsOf } from '../../client/gateway.ts'
import { CHOICES } from '../../client/operations/security.ts'
import { useFeed } from '../../client/use-feed.ts'
import { useGatewayEvents } from '../../client/use-gateway.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import type { Column } from '../../ui/data-list.tsx'
import { kindWords } from '../../ui/event-words.ts'
import { FeedList } from '../../ui/feed-list.tsx'
import { isLevel, LevelMark } from '../../ui/level.tsx'
import { Section } from '../../ui/page.tsx'
import { isPeriod, PERIODS, useBegin } from '../../ui/period.ts'
import { Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'
import { EventDialog } from './event-dialog.tsx'
import { eventLine, type Open, textOf } from './event-fields.ts'

const PAGE_ROWS = 200
const { name: KINDS, severity: SEVERITIES } = CHOICES['security.events.list']

type Params = ParamsOf<'security.events.list'>

export function Events() {
  const [address, change] = useAddress()
  const [isPaused, setPaused] = useState(false)
  const [missed, setMissed] = useState(0)
  const [shown, setShown] = useState<Open | null>(null)
  const kind = KINDS.find((name) => name === address['kind'])
  const severity = SEVERITIES.find((level) => level === address['severity'])
  const period = isPeriod(address['period']) ? address['period'] : ''
  const from = useBegin(period)
  const params: Params = {
    limit: PAGE_ROWS,
    ...(kind === undefined ? {} : { name: kind }),
    ...(severity === undefined ? {} : { severity }),
    ...(from === undefined ? {} : { since: from }),
  }
  const feed = useFeed('security.events.list', params, {
    pageOf: ({ events, nextBefore }) => ({ rows: events, next: nextBefore }),
    keyOf: (row: Open) => textOf(row, 'id'),
    read: { enabled: !isPaused },
  })
  useGatewayEvents(({ event }) => {
    if (isPaused && event === 'security.event') setMissed((count) => count + 1)
  })
  const columns: readonly Column<Open>[] = [
    { title: 'When', width: '7rem', cell: (row) => <Time at={textOf(row, 'created_at')} /> },
    {
      title: 'Severity',
      width: '6.5rem',
      isSecondary: true,
      cell: ({ severity: level }) => (isLevel(level) ? <LevelMark level={level} /> : null),
    },
    {
      title: 'Event',
      width: 'minmax(9rem, 1fr)',
      cell: (row) => (
        <button
          type="button"
          className="max-w-full truncate text-kumo-link underline"
          onClick={() => setShown(row)}
        >
          {kindWords(textOf(row, 'name'))}
        </button>
      ),
    },
    {
      title: 'User',
      width: 'minmax(5rem, 0.6fr)',
      isSecondary: true,
      cell: (row) => textOf(row, 'userId'),
    },
    {
      title: 'Agent',
      width: 'minmax(5rem, 0.6fr)',
      isSecondary: true,
      cell: (row) => textOf(row, 'agentKey'),
    },
    {
      title: 'Details',
      width: 'minmax(0, 1.8fr)',
      isSecondary: true,
      cell: (row) => <span className="font-mono text-xs">{eventLine(row)}</span>,
    },
  ]
  const isFiltered = kind !== undefined || severity !== undefined || period !== ''
  return (
    <Section
      title="Events"
      actions={
        <span className="flex items-center gap-3">
          <span role="status" className="text-sm text-kumo-subtle">
            {isPaused ? `Paused: ${missed} new since` : 'Live'}
          </span>
          <Button
            size="sm"
            icon={isPaused ? PlayIcon : PauseIcon}
            onClick={() => {
              setPaused(!isPaused)
              setMissed(0)
            }}
          >
            {isPaused ? 'Go on' : 'Pause'}
          </Button>
        </span>
      }
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <InlineChoice
          label="Kind"
          value={kind ?? ''}
          options={[['', 'All'], ...KINDS.map((name) => [name, kindWords(name)] as const)]}
          onChange={(value) => change({ kind: value || null })}
        />
        <InlineChoice
          label="Severity"
          value={severity ?? ''}
          options={[
            ['', 'All'],
            ['warn', 'Warnings'],
            ['info', 'Info'],
          ]}
          onChange={(value) => change({ severity: value || null })}
        />
        <InlineChoice
          label="Period"
          value={period}
          options={PERIODS}
          onChange={(value) => change({ period: value || null })}
        />
      </div>
      <FeedList
        feed={feed}
        what="Reading events"
        label="Security events"
        columns={columns}
        keyOf={(row) => textOf(row, 'id')}
        empty={
          isFiltered ? (
            <Nothing title="No event matches" description="Choose all kinds, or a longer period." />
          ) : (
            <Nothing
              title="Nothing was seen yet"
              description="What the gateway refuses or finds suspicious appears here."
            />
          )
        }
      />
      {shown !== null && <EventDialog event={shown} onClose={() => setShown(null)} />}
    </Section>
  )
}
