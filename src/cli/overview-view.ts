/**
 * The overview on a terminal: a line for each figure, drawn over time as far as the width allows, and how
 * things stand now. What is not there is one word, no row of noughts.
 */
import type { z } from 'zod'
import type { overviewGet } from '../api/overview.ts'
import { formatDuration, type Palette, toOneLine, toRows } from './terminal.ts'

export type Overview = z.output<(typeof overviewGet)['result']>

const MARKS = '▁▂▃▄▅▆▇█'
const NO_MARK = '·'
/** With fewer a line tells nothing. */
const MIN_MARKS = 12
const MAX_KINDS = 5
const MAX_KIND_CHARS = 28
const GAP = '  '
const HOUR_MS = 3_600_000
const MINUTE_MS = 60_000

const compact = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })
const money = new Intl.NumberFormat('en', {
  style: 'currency',
  currency: 'USD',
  maximumFractionDigits: 4,
})

const sumOf = (values: readonly number[]): number =>
  values.reduce((total, value) => total + value, 0)
const largestOf = (values: readonly number[]): number => Math.max(0, ...values)

interface Line {
  readonly label: string
  readonly values: readonly number[]
  /** What steps come to that share a mark. */
  readonly together: (values: readonly number[]) => number
  readonly figures: string
  readonly tone?: 'bad' | 'warning'
}

export function overviewText(overview: Overview, palette: Palette, width: number): string {
  const { scope, from, to, sampleRatio } = overview
  const hours = Math.round((Date.parse(to) - Date.parse(from)) / HOUR_MS)
  const whose = scope === 'tenant' ? 'The tenant' : 'Your own runs'
  const until = `${to.slice(0, 16).replace('T', ' ')} UTC`
  const lines = [...runLines(overview), ...eventLines(overview)]
  const past = [
    palette.bold(`${whose}, ${hours} h until ${until}`),
    ...(lines.length === 0 ? ['  Nothing ran.'] : drawn(lines, overview, palette, width)),
    ...(sampleRatio < 1
      ? [palette.yellow(`  Only ${Math.round(sampleRatio * 100)} % of the runs are counted here.`)]
      : []),
  ]
  const now = [palette.bold('Now'), toRows(nowRows(overview, palette), palette)]
  return `${past.join('\n')}\n\n${now.join('\n')}\n`
}

function runLines({ series }: Overview): readonly Line[] {
  const runs = series.map((point) => point.runs)
  if (sumOf(runs) === 0) return []
  const failed = series.map((point) => point.failed)
  const input = sumOf(series.map(({ inputTokens }) => inputTokens))
  const output = sumOf(series.map(({ outputTokens }) => outputTokens))
  const micros = series.map(({ costMicros }) => costMicros)
  const took = series.map(({ p95Ms }) => p95Ms ?? 0)
  const half = largestOf(series.map(({ p50Ms }) => p50Ms ?? 0))
  const lines: readonly (Line | null)[] = [
    { label: 'runs', values: runs, together: sumOf, figures: countText(sumOf(runs)) },
    sumOf(failed) === 0
      ? null
      : {
          label: 'failed',
          values: failed,
          together: sumOf,
          figures: `${countText(sumOf(failed))} (${((sumOf(failed) / sumOf(runs)) * 100).toFixed(1)} %)`,
          tone: 'bad',
        },
    {
      label: 'took',
      values: took,
      together: largestOf,
      // Each step has its own; of all together there is none, so it is the slowest step's.
      figures: `p50 ≤ ${formatDuration(half)}, p95 ≤ ${formatDuration(largestOf(took))}`,
    },
    {
      label: 'tokens',
      values: series.map(({ inputTokens, outputTokens }) => inputTokens + outputTokens),
      together: sumOf,
      figures: `${countText(input)} in, ${countText(output)} out`,
    },
    // Without prices there is nothing to say, which is not the same as free.
    sumOf(micros) === 0
      ? null
      : {
          label: 'cost',
          values: micros,
          together: sumOf,
          figures: money.format(sumOf(micros) / 1e6),
        },
  ]
  return lines.filter((line) => line !== null)
}

/** The most frequent come first. */
function eventLines({ security }: Overview): readonly Line[] {
  const rest = security.slice(MAX_KINDS)
  return [
    ...security.slice(0, MAX_KINDS).map(({ kind, total, counts }) => ({
      label: toOneLine(kind.replace(/^security\./, ''), MAX_KIND_CHARS),
      values: counts,
      together: sumOf,
      figures: countText(total),
      tone: 'warning' as const,
    })),
    ...(rest.length === 0
      ? []
      : [
          {
            label: `${rest.length} other kinds`,
            values: (rest[0]?.counts ?? []).map((_, i) =>
              sumOf(rest.map(({ counts }) => counts[i] ?? 0)),
            ),
            together: sumOf,
            figures: countText(sumOf(rest.map(({ total }) => total))),
            tone: 'warning' as const,
          },
        ]),
  ]
}

const runsText = (count: number): string => (count === 1 ? '1 run' : `${countText(count)} runs`)
const countText = (count: number): string => compact.format(count)

/** All in the same columns, so that what lies below each other happened at the same time. */
function drawn(
  lines: readonly Line[],
  { stepMs, series }: Overview,
  palette: Palette,
  width: number,
): readonly string[] {
  const labels = Math.max(...lines.map(({ label }) => label.length))
  const figures = Math.max(...lines.map((line) => line.figures.length))
  const room = width - GAP.length * 3 - labels - figures
  const perMark = Math.max(1, Math.ceil(series.length / Math.max(1, room)))
  const isDrawn = room >= MIN_MARKS && series.length > 1
  const { red, yellow, cyan } = palette
  const drawnLines = lines.map(({ label, values, together, figures: text, tone }) => {
    const paint = tone === 'bad' ? red : tone === 'warning' ? yellow : cyan
    const marks = isDrawn ? `${paint(marksOf(values, together, perMark))}${GAP}` : ''
    return `${GAP}${palette.dim(label.padEnd(labels))}${GAP}${marks}${text}`
  })
  if (!isDrawn) return drawnLines
  const scale = `${spanText(stepMs * perMark)} a mark, the newest last`
  return [...drawnLines, `${' '.repeat(labels + GAP.length * 2)}${palette.dim(scale)}`]
}

/** Each line by its own largest: a nought is a dot, and whatever is more than that is seen. */
function marksOf(
  values: readonly number[],
  together: (values: readonly number[]) => number,
  perMark: number,
): string {
  const merged = Array.from({ length: Math.ceil(values.length / perMark) }, (_, i) =>
    together(values.slice(i * perMark, (i + 1) * perMark)),
  )
  const largest = largestOf(merged)
  return merged
    .map((value) =>
      value <= 0 ? NO_MARK : MARKS.charAt(Math.ceil((value / largest) * MARKS.length) - 1),
    )
    .join('')
}

const spanText = (ms: number): string =>
  ms < HOUR_MS ? `${ms / MINUTE_MS} min` : `${Number((ms / HOUR_MS).toFixed(2))} h`

function nowRows(
  { runsInProgress, pendingApprovals, channels, runners }: Overview,
  { red, yellow }: Palette,
): readonly (readonly [string, string])[] {
  const wellOf = (well: number, all: number): string => {
    const text = `${well} of ${all} well`
    return well < all ? red(text) : text
  }
  const all = channels.healthy + channels.failing
  return [
    ['in progress', runsInProgress === 0 ? 'nothing' : runsText(runsInProgress)],
    [
      'approvals',
      pendingApprovals === 0
        ? 'none waits'
        : yellow(`${countText(pendingApprovals)} to answer: edgeclaw approvals`),
    ],
    ['channels', all === 0 ? 'none' : wellOf(channels.healthy, all)],
    [
      'runners',
      runners.configured === 0
        ? 'none: agents run no commands'
        : wellOf(runners.healthy, runners.configured),
    ],
  ]
}
