/** Runs, newest first, by agent, session, outcome and time. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Button } from '@cloudflare/kumo/components/button'
import { Link } from '@tanstack/react-router'
import { lazy, Suspense, useState } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useFeed } from '../../client/use-feed.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { InlineChoice } from '../../ui/choice.tsx'
import type { Column } from '../../ui/data-list.tsx'
import { FeedList } from '../../ui/feed-list.tsx'
import { COMPACT } from '../../ui/labelled.tsx'
import { formatDuration } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { isPeriod, PERIODS, useBegin } from '../../ui/period.ts'
import { Nothing } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { useAddress } from '../../ui/use-address.ts'

const ExporterDialog = lazy(() => import('./exporter-dialog.tsx'))

type Trace = ResultOf<'traces.list'>['traces'][number]

const PAGE_ROWS = 100

const COLUMNS: readonly Column<Trace>[] = [
  {
    title: 'Run',
    width: 'minmax(9rem, 13rem)',
    cell: ({ traceId, runId }) => (
      <Link
        to="/traces/$traceId"
        params={{ traceId }}
        className="font-mono text-xs text-kumo-link underline"
      >
        {runId}
      </Link>
    ),
  },
  { title: 'Outcome', width: '6rem', cell: ({ status }) => <Outcome status={status} /> },
  { title: 'Agent', width: 'minmax(6rem, 1fr)', isSecondary: true, cell: (row) => row.agentId },
  { title: 'User', width: 'minmax(6rem, 1fr)', isSecondary: true, cell: (row) => row.userId },
  {
    title: 'Session',
    width: 'minmax(8rem, 1.5fr)',
    isSecondary: true,
    cell: ({ sessionKey }) => (
      <Link
        to="/chat/$sessionKey"
        params={{ sessionKey }}
        title={sessionKey}
        className="text-xs text-kumo-link underline"
      >
        {sessionKey}
      </Link>
    ),
  },
  {
    title: 'Took',
    width: '5.5rem',
    cell: ({ durationMs }) => <span className="tabular-nums">{formatDuration(durationMs)}</span>,
  },
  { title: 'Spans', width: '4rem', isSecondary: true, cell: (row) => row.spans },
  { title: 'Began', width: '8rem', isSecondary: true, cell: (row) => <Time at={row.startedAt} /> },
]

export function Outcome({ status }: { readonly status: string }) {
  return status === 'error' ? (
    <Badge variant="error">Failed</Badge>
  ) : (
    <Badge variant="success">Done</Badge>
  )
}

export function TraceList() {
  const [address, change] = useAddress()
  const [isExporterOpen, setExporterOpen] = useState(false)
  const mayExport = useMay('traces.exporter.get')
  const agents = useOperation('agents.list', {})
  const period = isPeriod(address['period']) ? address['period'] : ''
  const from = useBegin(period)
  const { agent, session, outcome } = address
  const feed = useFeed(
    'traces.list',
    {
      limit: PAGE_ROWS,
      ...(agent === undefined ? {} : { agentId: agent }),
      ...(session === undefined ? {} : { sessionKey: session }),
      ...(outcome === 'failed' ? { failed: true } : {}),
      ...(from === undefined ? {} : { since: from }),
    },
    {
      pageOf: ({ traces, nextBefore }) => ({ rows: traces, next: nextBefore }),
      keyOf: ({ runId }: Trace) => runId,
    },
  )
  const isFiltered = [agent, session, outcome, address['period']].some(Boolean)
  return (
    <Page
      title="Traces"
      description="How each run went: what it called, what it waited for, and how long that took."
      actions={mayExport && <Button onClick={() => setExporterOpen(true)}>Send traces…</Button>}
    >
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <InlineChoice
          label="Agent"
          value={agent ?? ''}
          options={[
            ['', 'All'],
            ...(agents.data?.agents ?? []).map(({ id, name }) => [id, name] as const),
          ]}
          onChange={(value) => change({ agent: value || null })}
        />
        <InlineChoice
          label="Outcome"
          value={outcome === 'failed' ? 'failed' : ''}
          options={[
            ['', 'All'],
            ['failed', 'Failed'],
          ]}
          onChange={(value) => change({ outcome: value || null })}
        />
        <InlineChoice
          label="Period"
          value={period}
          options={PERIODS}
          onChange={(value) => change({ period: value || null })}
        />
        <SessionField
          value={session ?? ''}
          onChange={(value) => change({ session: value || null })}
        />
        {isFiltered && (
          <Button
            size="sm"
            variant="ghost"
            onClick={() => change({ agent: null, outcome: null, period: null, session: null })}
          >
            Show all
          </Button>
        )}
      </div>
      <FeedList
        feed={feed}
        what="Reading traces"
        label="Traces"
        columns={COLUMNS}
        keyOf={({ runId }) => runId}
        empty={
          isFiltered ? (
            <Nothing
              title="No run matches"
              description="Take a filter away, or choose a longer period."
            />
          ) : (
            <Nothing
              title="Nothing has run yet"
              description="Each run leaves a trace when it has ended."
              action={
                <Link to="/chat" className="text-kumo-link underline">
                  Send a message
                </Link>
              }
            />
          )
        }
      />
      {isExporterOpen && (
        <Suspense fallback={null}>
          <ExporterDialog onClose={() => setExporterOpen(false)} />
        </Suspense>
      )}
    </Page>
  )
}

interface SessionFieldProps {
  readonly value: string
  readonly onChange: (value: string) => void
}

/** A key is pasted, not typed: it is asked for when the field is left. */
function SessionField({ value, onChange }: SessionFieldProps) {
  return (
    <form
      className="flex min-w-0 items-center gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        onChange(String(new FormData(event.currentTarget).get('session') ?? '').trim())
      }}
    >
      <label className="flex min-w-0 items-center gap-2 text-sm text-kumo-subtle">
        Session
        <input
          name="session"
          key={value}
          defaultValue={value}
          className={`${COMPACT} w-44`}
          placeholder="Key of a session"
          onBlur={({ target }) => target.value.trim() !== value && onChange(target.value.trim())}
        />
      </label>
    </form>
  )
}
