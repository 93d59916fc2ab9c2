/** What a run that a schedule began came to, as the tenant's object is told. */
import type { ScheduledEnd } from '../../domain/cron-job.ts'
import type { RunResult } from '../../domain/run-event.ts'
import type { StoredRun } from './run-store.ts'

/** As much as anybody is told of an answer elsewhere than in its conversation. */
const MAX_TOLD_CHARS = 16_000

/** Undefined for a run that nobody scheduled, and while it goes on. */
export function scheduledEndOf(
  { options: { origin } }: StoredRun,
  result: RunResult | null,
): ScheduledEnd | undefined {
  if (origin?.kind !== 'cron' || result === null) return undefined
  const { jobId, scheduledAt, attempt } = origin
  return { jobId, scheduledAt, attempt, result: told(result) }
}

function told(result: RunResult): RunResult {
  if (result.kind !== 'completed') return result
  const { kind, content, usage } = result
  return { kind, content: content.slice(0, MAX_TOLD_CHARS), usage }
}
