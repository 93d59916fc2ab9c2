/** A run that is or was followed here: its parts as they come, and how it ended. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Loader } from '@cloudflare/kumo/components/loader'
import { memo } from 'react'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import { PartView, RunFailed, RunStopped, UserMessage } from './part-view.tsx'
import type { Run, RunEnd } from './run.ts'

export const RunView = memo(function RunView({ run }: { readonly run: Run }) {
  const isLive = run.end === null
  return (
    <>
      {run.origin !== null && (
        <Badge variant="neutral">
          {run.origin === 'cron' ? 'By schedule' : 'By another agent'}
        </Badge>
      )}
      {run.message !== '' && <UserMessage text={run.message} />}
      {run.parts.map((part, index) => (
        <PartView
          key={part.key}
          part={part}
          isLive={isLive && (part.kind === 'tool' || index === run.parts.length - 1)}
        />
      ))}
      {isLive ? <Activity text={run.activity ?? 'Working'} /> : null}
      {run.end !== null && <Ending end={run.end} />}
    </>
  )
})

function Activity({ text }: { readonly text: string }) {
  return (
    <p role="status" className="flex items-center gap-2 text-sm text-kumo-subtle">
      <Loader size="sm" aria-hidden />
      <span className="truncate">{text}…</span>
    </p>
  )
}

function Ending({ end }: { readonly end: RunEnd }) {
  if (end.kind === 'failed') return <RunFailed error={end.error} isNews />
  if (end.kind === 'cancelled') return <RunStopped />
  const { inputTokens, outputTokens, costUsd, model } = end.usage
  const facts = [
    ...(model === null ? [] : [model]),
    `${formatCount(inputTokens)} tokens in`,
    `${formatCount(outputTokens)} out`,
    ...(costUsd === null ? [] : [formatUsd(costUsd)]),
  ]
  return <p className="text-xs text-kumo-subtle">{facts.join(' · ')}</p>
}
