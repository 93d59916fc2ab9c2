/** The figures of a period in all, from those of its steps. */
import { type ChartSeries, largest } from '../../ui/chart-data.ts'

export interface Point {
  readonly at: string
  readonly runs: number
  readonly failed: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly costMicros: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}

const MICRO = 1_000_000
export const usdOf = (micros: number): number => micros / MICRO

export function sumsOf(series: readonly Point[]) {
  const sum = (of: (point: Point) => number): number =>
    series.reduce((total, point) => total + of(point), 0)
  const runs = sum((point) => point.runs)
  const failed = sum((point) => point.failed)
  return {
    runs,
    failed,
    /** Hundredths; null where nothing ran. */
    failedShare: runs === 0 ? null : (failed / runs) * 100,
    inputTokens: sum((point) => point.inputTokens),
    outputTokens: sum((point) => point.outputTokens),
    costUsd: usdOf(sum((point) => point.costMicros)),
  }
}

/** What succeeded lies below what failed, so that the height is all that ran. */
export const trafficOf = (series: readonly Point[]): readonly ChartSeries[] => [
  { label: 'Succeeded', values: series.map(({ runs, failed }) => runs - failed) },
  { label: 'Failed', values: series.map(({ failed }) => failed), tone: 'bad' },
]

export interface EventKind {
  readonly kind: string
  readonly total: number
  readonly counts: readonly number[]
}

export const eventsOf = (
  kinds: readonly EventKind[],
  words: (kind: string) => string,
): readonly ChartSeries[] =>
  largest(kinds.map(({ kind, counts }) => ({ label: words(kind), values: counts })))
