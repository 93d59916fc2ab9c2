/** Figures over time: drawn, told apart by more than their colours, and the same as a table. */
import './chart.css'
import { useEffect, useId, useRef, useState } from 'react'
import { type ChartKind, type ChartSeries, colourOf, markOf } from './chart-data.ts'
import type { Plot } from './chart-plot.ts'
import { Card } from './page.tsx'

export interface ChartProps {
  readonly title: string
  /** Milliseconds, rising; one for each value of a series. */
  readonly at: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly kind: ChartKind
  readonly format: (value: number) => string
  readonly height?: number
  readonly isDaily?: boolean
}

const HEIGHT_PX = 180

export function Chart({
  title,
  at,
  series,
  kind,
  format,
  height = HEIGHT_PX,
  isDaily = false,
}: ChartProps) {
  const [point, setPoint] = useState<number | null>(null)
  const host = useRef<HTMLDivElement>(null)
  const theme = useThemeCount()
  // Answers come anew with the same figures: only other figures are worth a drawing.
  const figures = JSON.stringify([at, series])
  // biome-ignore lint/correctness/useExhaustiveDependencies: `figures` stands for `at` and `series`
  useEffect(() => {
    let plot: Plot | null = null
    let isGone = false
    const sizes = new ResizeObserver(([entry]) => plot?.resize(entry?.contentRect.width ?? 0))
    void import('./chart-plot.ts').then(({ drawChart }) => {
      if (isGone || host.current === null) return
      const spec = { at, series, kind, format, height, isDaily, onPoint: setPoint }
      plot = drawChart(host.current, spec)
      sizes.observe(host.current)
    })
    return () => {
      isGone = true
      sizes.disconnect()
      plot?.destroy()
    }
  }, [figures, kind, height, isDaily, theme])
  const moment = point === null ? undefined : at[point]
  return (
    <Card className="min-w-0">
      <figure className="m-0 flex flex-col gap-2" aria-label={title}>
        <figcaption className="flex flex-wrap items-baseline justify-between gap-x-4 gap-y-1">
          <span className="font-medium text-kumo-default">{title}</span>
          <span className="text-xs text-kumo-subtle">
            {moment === undefined ? '' : momentText(moment, isDaily)}
          </span>
        </figcaption>
        <ul className="flex flex-wrap gap-x-4 gap-y-1 text-xs text-kumo-subtle">
          {series.map(({ label, values, tone }, index) => (
            <li key={label} className="flex items-center gap-1.5">
              <Swatch index={index} kind={kind} colour={colourOf(index, tone)} />
              <span className="as-written">{label}</span>
              {point !== null && (
                <span className="font-medium text-kumo-default tabular-nums">
                  {valueText(values[point], format)}
                </span>
              )}
            </li>
          ))}
        </ul>
        <div ref={host} aria-hidden="true" className="min-w-0 overflow-hidden" style={{ height }} />
        <FiguresTable at={at} series={series} format={format} isDaily={isDaily} title={title} />
      </figure>
    </Card>
  )
}

/** Rises whenever the page turns light or dark: what lies on a canvas does not by itself. */
function useThemeCount(): number {
  const [count, setCount] = useState(0)
  useEffect(() => {
    const watch = new MutationObserver(() => setCount((before) => before + 1))
    watch.observe(document.documentElement, { attributeFilter: ['data-mode'] })
    return () => watch.disconnect()
  }, [])
  return count
}

const valueText = (value: number | null | undefined, format: (value: number) => string): string =>
  value === null || value === undefined ? '–' : format(value)

const momentText = (ms: number, isDaily: boolean): string =>
  new Intl.DateTimeFormat(
    undefined,
    isDaily
      ? { dateStyle: 'medium', timeZone: 'UTC' }
      : { dateStyle: 'medium', timeStyle: 'short' },
  ).format(ms)

interface SwatchProps {
  readonly index: number
  readonly kind: ChartKind
  readonly colour: string
}

function Swatch({ index, kind, colour }: SwatchProps) {
  const id = useId()
  const { dash, tile } = markOf(index)
  const ink = { color: `var(${colour})` }
  if (kind === 'lines')
    return (
      <svg width="22" height="8" aria-hidden="true" style={ink}>
        <path d="M0 4H22" stroke="currentColor" strokeWidth="2" strokeDasharray={dash.join(' ')} />
      </svg>
    )
  return (
    <svg width="14" height="12" aria-hidden="true" style={ink}>
      <pattern id={id} width="8" height="8" patternUnits="userSpaceOnUse">
        <path d={tile} className="stroke-kumo-base" fill="none" />
      </pattern>
      <rect width="14" height="12" rx="2" fill="currentColor" />
      {tile !== '' && <rect width="14" height="12" rx="2" fill={`url(#${id})`} />}
    </svg>
  )
}

type FiguresProps = Pick<ChartProps, 'at' | 'series' | 'format' | 'title'> & {
  readonly isDaily: boolean
}

/** Made only when it is opened: a week of minutes is a long table. */
function FiguresTable({ at, series, format, isDaily, title }: FiguresProps) {
  const [isOpen, setOpen] = useState(false)
  return (
    <details onToggle={({ currentTarget }) => setOpen(currentTarget.open)}>
      <summary className="w-fit cursor-pointer text-xs text-kumo-link">
        As table<span className="sr-only">: {title}</span>
      </summary>
      {isOpen && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolled region must be reachable by the keyboard
        <section aria-label={title} tabIndex={0} className="mt-2 max-h-72 overflow-auto">
          <table className="w-full text-xs tabular-nums">
            <thead>
              <tr className="text-left text-kumo-subtle">
                <th scope="col" className="py-1 pr-3 font-medium">
                  {isDaily ? 'Day' : 'Time'}
                </th>
                {series.map(({ label }) => (
                  <th key={label} scope="col" className="py-1 pr-3 text-right font-medium">
                    {label}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {at.map((ms, index) => (
                <tr key={ms} className="border-t border-kumo-hairline">
                  <th scope="row" className="py-1 pr-3 text-left font-normal">
                    {momentText(ms, isDaily)}
                  </th>
                  {series.map(({ label, values }) => (
                    <td key={label} className="py-1 pr-3 text-right">
                      {valueText(values[index], format)}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
    </details>
  )
}
