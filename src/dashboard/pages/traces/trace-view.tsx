/** One trace: what it took in all, and its spans in time. */
import { Link } from '@tanstack/react-router'
import { useMemo } from 'react'
import type { ResultOf } from '../../client/gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Figure, Figures } from '../../ui/figure.tsx'
import { formatCount, formatDuration, formatUsd } from '../../ui/numbers.ts'
import { Page } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'
import { Outcome } from './trace-list.tsx'
import { layOut, sumsOf } from './waterfall.ts'
import { WaterfallView } from './waterfall-view.tsx'

type Found = ResultOf<'traces.get'>

export function TraceView({ traceId }: { readonly traceId: string }) {
  const trace = useOperation('traces.get', { traceId })
  return (
    <Page
      title="Trace"
      actions={
        <Link to="/traces" className="text-kumo-link underline">
          All traces
        </Link>
      }
    >
      <p className="as-written -mt-3 font-mono text-xs text-kumo-subtle">{traceId}</p>
      <Answer query={trace} what="Reading the trace">
        {(found) => <Found found={found} />}
      </Answer>
    </Page>
  )
}

function Found({ found }: { readonly found: Found }) {
  const fall = useMemo(() => layOut(found.spans), [found.spans])
  const sums = sumsOf(fall.bars)
  const dropped = found.runs.reduce((sum, run) => sum + run.droppedSpans, 0)
  return (
    <>
      <ul className="flex flex-col gap-1 text-sm">
        {found.runs.map((run) => (
          <li key={run.runId} className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <Outcome status={run.status} />
            <span className="font-mono text-xs">{run.runId}</span>
            <span className="text-kumo-subtle">
              of <span className="as-written">{run.agentId}</span> for{' '}
              <span className="as-written">{run.userId}</span>, <Time at={run.startedAt} />
            </span>
            <Link
              to="/chat/$sessionKey"
              params={{ sessionKey: run.sessionKey }}
              className="text-kumo-link underline"
            >
              Open the session<span className="sr-only"> of {run.runId}</span>
            </Link>
          </li>
        ))}
      </ul>
      <Figures>
        <Figure
          label="Took"
          value={formatDuration(fall.durationMs)}
          note={
            sums.waitedMs > 0
              ? `${formatDuration(sums.waitedMs)} of it for approvals`
              : 'No waiting'
          }
        />
        <Figure
          label="Calls"
          value={formatCount(sums.modelCalls + sums.toolCalls)}
          note={`${sums.modelCalls} of models, ${sums.toolCalls} of tools`}
        />
        <Figure
          label="Tokens"
          value={formatCount(sums.input + sums.output)}
          note={`${formatCount(sums.input)} in, ${formatCount(sums.output)} out`}
        />
        <Figure
          label="Cost"
          value={sums.costUsd === null ? 'Unknown' : formatUsd(sums.costUsd)}
          {...(sums.failed > 0
            ? { note: `${sums.failed} span${sums.failed === 1 ? '' : 's'} failed` }
            : {})}
        />
      </Figures>
      {dropped > 0 && (
        <p className="rounded-lg bg-kumo-warning-tint p-3 text-sm">
          {formatCount(dropped)} further spans were not kept: there was no room for them.
        </p>
      )}
      <WaterfallView fall={fall} />
    </>
  )
}
