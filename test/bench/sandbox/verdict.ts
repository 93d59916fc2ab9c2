/**
 * What the sandbox's figures are to be: each row with the floor it is read against and its goal, and
 * the verdict from samples. Pure: it neither measures nor prints.
 */
import { summarize } from '../statistics.ts'

export type Goal =
  /** Of medians, to the floor's in the same run. */
  | { readonly kind: 'ratio'; readonly most: number }
  | { readonly kind: 'p99'; readonly mostMs: number }

export interface RowSpec {
  readonly id: string
  readonly what: string
  /** Id of the row that this one is read against. */
  readonly floor?: string
  readonly goal?: Goal
}

export interface Measured {
  readonly samples: readonly number[]
  readonly failed?: number
  readonly note?: string
}

/** `unmeasured`: it has a goal and no figure, which is no success. */
export type Verdict = 'reached' | 'missed' | 'unmeasured'

export interface Row extends RowSpec {
  readonly count: number
  readonly failed: number
  readonly p50Ms: number | null
  readonly p99Ms: number | null
  readonly ratio: number | null
  /** Null: a floor or a peer, which has nothing to reach. */
  readonly verdict: Verdict | null
  readonly note: string
}

function verdictOf(
  goal: Goal | undefined,
  { failed, p99Ms, ratio }: Pick<Row, 'failed' | 'p99Ms' | 'ratio'>,
): Verdict | null {
  if (goal === undefined) return null
  const [figure, most] = goal.kind === 'ratio' ? [ratio, goal.most] : [p99Ms, goal.mostMs]
  if (failed > 0) return 'missed'
  if (figure === null) return 'unmeasured'
  return figure <= most ? 'reached' : 'missed'
}

/** Rows without a figure of their own are kept: what is not there is said, not left out. */
export function judge(
  specs: readonly RowSpec[],
  measured: ReadonlyMap<string, Measured>,
): readonly Row[] {
  const medianOf = (id: string | undefined): number | null => {
    const samples = id === undefined ? [] : (measured.get(id)?.samples ?? [])
    return samples.length === 0 ? null : summarize(samples).p50
  }
  return specs.map((spec) => {
    const { samples = [], failed = 0, note = '' } = measured.get(spec.id) ?? {}
    const p50Ms = medianOf(spec.id)
    const floorMs = medianOf(spec.floor)
    const p99Ms = samples.length === 0 ? null : summarize(samples).p99
    const ratio = p50Ms === null || floorMs === null ? null : p50Ms / floorMs
    const verdict = verdictOf(spec.goal, { failed, p99Ms, ratio })
    return { ...spec, count: samples.length, failed, p50Ms, p99Ms, ratio, verdict, note }
  })
}

/** What `--check` ends with. */
export const exitCodeOf = (rows: readonly Row[]): number =>
  rows.some(({ verdict }) => verdict === 'missed' || verdict === 'unmeasured') ? 1 : 0
