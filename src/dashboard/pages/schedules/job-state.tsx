/** What became of a run, and when the next one comes: on the viewer's clock, which is named. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Time } from '../../ui/time.tsx'
import type { Job } from './job.ts'
import { momentWithZone } from './zone.ts'

const LOOKS = {
  due: { word: 'waiting', variant: 'info' },
  running: { word: 'running', variant: 'info' },
  ok: { word: 'done', variant: 'success' },
  failed: { word: 'failed', variant: 'error' },
  skipped: { word: 'skipped', variant: 'warning' },
  cancelled: { word: 'cancelled', variant: 'neutral' },
} as const

export function Outcome({ status }: { readonly status: string }) {
  const look = Object.hasOwn(LOOKS, status) ? LOOKS[status as keyof typeof LOOKS] : null
  return <Badge variant={look?.variant ?? 'neutral'}>{look?.word ?? status}</Badge>
}

export function NextRun({ job: { enabled, nextRunAt } }: { readonly job: Job }) {
  if (!enabled) return <span className="text-kumo-subtle">switched off</span>
  if (nextRunAt === null) return <span className="text-kumo-subtle">not again</span>
  return (
    <>
      {momentWithZone(nextRunAt)}
      <span className="block text-sm text-kumo-subtle">
        <Time at={nextRunAt} />
      </span>
    </>
  )
}
