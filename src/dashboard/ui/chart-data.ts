/** What a chart shows, before anything is drawn: sums for stacks, and the marks that tell series apart. */

export interface ChartSeries {
  readonly label: string
  /** One per moment; null: nothing was measured. */
  readonly values: readonly (number | null)[]
  /** Its own colour where that means something; else by its place. */
  readonly tone?: Tone
}

export type Tone = 'good' | 'bad'
export type ChartKind = 'lines' | 'bars' | 'stacked'

/** Told apart without colours: a dash for each line, a drawing on a tile of 8 × 8 for each area. */
export interface Mark {
  readonly dash: readonly number[]
  /** SVG path; empty: the area is plain. */
  readonly tile: string
}

const MARKS: readonly Mark[] = [
  { dash: [], tile: '' },
  { dash: [7, 4], tile: 'M-2 2L2 -2M0 8L8 0M6 10L10 6' },
  { dash: [2, 3], tile: 'M2 2h2v2h-2zM6 6h2v2h-2z' },
  { dash: [10, 3, 2, 3], tile: 'M0 4H8' },
  { dash: [4, 2, 4, 6], tile: 'M-2 6L2 10M0 0L8 8M6 -2L10 2' },
  { dash: [1, 2], tile: 'M4 0V8' },
  { dash: [12, 4], tile: 'M0 4H8M4 0V8' },
]

export const markOf = (index: number): Mark => MARKS[index % MARKS.length] ?? { dash: [], tile: '' }

/** As many as are told apart at a glance; what comes behind them is summed up as one. */
export const MAX_SERIES = MARKS.length

export const colourOf = (index: number, tone?: Tone): string =>
  tone === undefined ? `--chart-${index % MAX_SERIES}` : `--chart-${tone}`

/** Each with those below it: what a stack draws. */
export function stack(series: readonly ChartSeries[]): readonly (readonly number[])[] {
  const sums: number[] = []
  return series.map(({ values }) =>
    values.map((value, at) => {
      const sum = (sums[at] ?? 0) + (value ?? 0)
      sums[at] = sum
      return sum
    }),
  )
}

const total = ({ values }: ChartSeries): number =>
  values.reduce<number>((sum, value) => sum + (value ?? 0), 0)

/** The largest first, and the rest as one. */
export function largest(series: readonly ChartSeries[], most = MAX_SERIES): ChartSeries[] {
  const ordered = series.toSorted((a, b) => total(b) - total(a))
  if (ordered.length <= most) return ordered
  const rest = ordered.slice(most - 1)
  const values = (rest.at(0)?.values ?? []).map((_, at) =>
    rest.reduce((sum, each) => sum + (each.values[at] ?? 0), 0),
  )
  return [...ordered.slice(0, most - 1), { label: `${rest.length} others`, values }]
}
