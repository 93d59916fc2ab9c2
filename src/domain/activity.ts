/**
 * Runs and events as overviews count them: by the quarter of an hour, durations in classes that are an
 * eighth wide. Pure arithmetic; who may see what is no part of it.
 */
import type { RunTrace } from './trace.ts'

export const QUARTER_MS = 15 * 60_000

/** One thing that happened; `userId` empty: as the tenant counts it. */
export interface ActivityEntry {
  /** Of what it counts, by which a second arrival is known. */
  readonly id: string
  readonly userId: string
  readonly at: number
  readonly name: string
  readonly count: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costMicroUsd: number
}

export const quarterOf = (at: number): number => at - (at % QUARTER_MS)

/** Each class ends 2^¼ above where it begins: its middle is off by a tenth at most. */
const CLASSES_PER_DOUBLING = 4

export const durationClass = (ms: number): string =>
  String(ms < 1 ? 0 : Math.floor(CLASSES_PER_DOUBLING * Math.log2(ms)) + 1)

/** The middle of a class; null for what is none. */
export function middleOf(name: string): number | null {
  const step = Number(name)
  if (!Number.isInteger(step) || step < 0) return null
  return step === 0 ? 0 : Math.round(2 ** ((step - 0.5) / CLASSES_PER_DOUBLING))
}

/** Once for whoever ran it, once for the tenant. */
export function entriesOfRun(run: RunTrace): readonly ActivityEntry[] {
  const { inputTokens = 0, outputTokens = 0, costMicroUsd = 0 } = run.spent ?? {}
  const entry = {
    id: run.runId,
    at: quarterOf(run.startedAt),
    name: durationClass(run.endedAt - run.startedAt),
    count: 1,
    failed: run.status === 'error' ? 1 : 0,
    inputTokens,
    outputTokens,
    costMicroUsd,
  }
  return [
    { ...entry, userId: '' },
    { ...entry, userId: run.userId },
  ]
}

/** A flood is one row that says how many it stands for. */
export const entryOfEvent = (event: {
  readonly id: string
  readonly name: string
  readonly createdAt: number
  readonly fields: Readonly<Record<string, string | number | boolean>>
}): ActivityEntry => ({
  id: event.id,
  userId: '',
  at: quarterOf(event.createdAt),
  name: event.name,
  count: Math.max(1, Number(event.fields['repeated']) || 1),
  failed: 0,
  inputTokens: 0,
  outputTokens: 0,
  costMicroUsd: 0,
})

interface Counted {
  readonly name: string
  readonly count: number
}

/** The duration that this share of the runs stays below, to a tenth; null where there are none. */
export function percentile(classes: readonly Counted[], share: number): number | null {
  const known = classes
    .map(({ name, count }) => ({ ms: middleOf(name), count }))
    .filter((each): each is { ms: number; count: number } => each.ms !== null)
    .toSorted((a, b) => a.ms - b.ms)
  const total = known.reduce((sum, { count }) => sum + count, 0)
  let seen = 0
  for (const { ms, count } of known) {
    seen += count
    if (seen >= total * share) return ms
  }
  return null
}
