/** The drawing of a chart: uPlot, which is loaded with the first chart and not before. */
import uPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import {
  type ChartKind,
  type ChartSeries,
  colourOf,
  type Mark,
  markOf,
  stack,
} from './chart-data.ts'

export interface PlotSpec {
  /** Milliseconds, rising. */
  readonly at: readonly number[]
  readonly series: readonly ChartSeries[]
  readonly kind: ChartKind
  readonly format: (value: number) => string
  readonly height: number
  /** Days of the gateway, which counts them in UTC. */
  readonly isDaily: boolean
  /** The moment under the pointer; null: it left. */
  readonly onPoint: (index: number | null) => void
}

export interface Plot {
  resize(width: number): void
  destroy(): void
}

const DAY_S = 24 * 3_600
const TILE_PX = 8
const MAX_BAR_PX = 48
const MIN_AXIS_PX = 60
const AXIS_GAP_PX = 12
const AXIS_FONT = '12px system-ui, sans-serif'

export function drawChart(host: HTMLElement, spec: PlotSpec): Plot {
  const { at, series, kind, format, height, isDaily, onPoint } = spec
  const colour = themeOf(host)
  const seconds = at.map((ms) => ms / 1_000)
  const values = kind === 'stacked' ? stack(series) : series.map((each) => each.values)
  const step = (seconds[1] ?? 0) - (seconds[0] ?? 0) || (isDaily ? DAY_S : 60)
  const margin = kind === 'lines' ? 0 : step / 2
  const axis = { stroke: colour('--chart-axis'), font: AXIS_FONT, ticks: { show: false } }
  const grid = { stroke: colour('--chart-grid'), width: 1 }
  const plot = new uPlot(
    {
      width: Math.max(host.clientWidth, 1),
      height,
      legend: { show: false },
      cursor: { y: false, drag: { x: false, y: false }, points: { show: kind === 'lines' } },
      ...(isDaily ? { tzDate: (ts: number) => uPlot.tzDate(new Date(ts * 1_000), 'Etc/UTC') } : {}),
      scales: {
        x: { range: (_, min, max) => [min - margin, max + margin] },
        y: { range: (_, __, max) => [0, max > 0 ? max * 1.08 : 1] },
      },
      axes: [
        {
          ...axis,
          grid: { show: false },
          size: 28,
          space: 72,
          values: (_, splits, __, ___, increment) => momentsOf(splits, increment, isDaily),
        },
        { ...axis, grid, size: roomFor, space: 36, values: (_, splits) => splits.map(format) },
      ],
      series: [
        {},
        ...series.map(({ tone }, index): uPlot.Series => {
          const bars = barsOf(
            values[index] ?? [],
            kind === 'stacked' ? values[index - 1] : undefined,
          )
          const ink = colour(colourOf(index, tone))
          const mark = markOf(index)
          return kind === 'lines'
            ? {
                stroke: ink,
                width: 2,
                dash: [...mark.dash],
                points: { show: true, size: 5, fill: ink },
              }
            : {
                stroke: ink,
                width: 0,
                fill: () => pattern(ink, mark, colour('--color-kumo-base')),
                points: { show: false },
                ...(bars === undefined ? {} : { paths: bars }),
              }
        }),
      ],
      hooks: { setCursor: [({ cursor }) => onPoint(cursor.idx ?? null)] },
    },
    [seconds, ...values.map((each) => [...each])],
    host,
  )
  return {
    resize: (width) => plot.setSize({ width: Math.max(width, 1), height }),
    destroy: () => plot.destroy(),
  }
}

/** As wide as the longest of the axis' words, in pixels of the page, with what stands beside them. */
function roomFor(plot: uPlot, words: readonly string[] | null): number {
  const { ctx } = plot
  // The chart remembers which font it set last, and may find it unchanged.
  const { font } = ctx
  ctx.font = AXIS_FONT
  const widths = (words ?? []).map((word) => ctx.measureText(word).width)
  ctx.font = font
  return Math.max(MIN_AXIS_PX, ...widths.map((width) => Math.ceil(width) + AXIS_GAP_PX))
}

type Values = readonly (number | null)[]

/** Each bar begins where the one below it ends, so that nothing shines through from behind. */
function barsOf(tops: Values, bottoms: Values | undefined): uPlot.Series.PathBuilder | undefined {
  const facet = (values: Values) => ({ unit: 1, values: () => [...values] })
  const ends = bottoms && { y0: facet(bottoms), y1: facet(tops) }
  return uPlot.paths.bars?.({ size: [0.8, MAX_BAR_PX], ...(ends && { disp: ends }) })
}

/** The theme's variables as colours that a canvas understands. */
function themeOf(host: HTMLElement): (name: string) => string {
  const probe = document.createElement('span')
  host.append(probe)
  const found = new Map<string, string>()
  const resolve = (name: string): string => {
    probe.style.color = `var(${name})`
    host.append(probe)
    const { color } = getComputedStyle(probe)
    probe.remove()
    return color
  }
  return (name) => {
    const known = found.get(name) ?? resolve(name)
    found.set(name, known)
    return known
  }
}

function pattern(ink: string, { tile }: Mark, paper: string): string | CanvasPattern {
  if (tile === '') return ink
  const scale = devicePixelRatio
  const canvas = document.createElement('canvas')
  canvas.width = canvas.height = TILE_PX * scale
  const context = canvas.getContext('2d')
  if (context === null) return ink
  context.scale(scale, scale)
  context.fillStyle = ink
  context.fillRect(0, 0, TILE_PX, TILE_PX)
  context.strokeStyle = paper
  context.stroke(new Path2D(tile))
  return context.createPattern(canvas, 'repeat') ?? ink
}

function momentsOf(splits: readonly number[], increment: number, isDaily: boolean): string[] {
  const zone = isDaily ? { timeZone: 'UTC' } : {}
  const days = new Intl.DateTimeFormat(undefined, { day: 'numeric', month: 'short', ...zone })
  const times = new Intl.DateTimeFormat(undefined, { hour: '2-digit', minute: '2-digit', ...zone })
  const spansDays = isDaily || increment >= DAY_S
  const said = splits.map((second) => (spansDays ? days : times).format(second * 1_000))
  // Between whole days uPlot sets further marks, which would say the same day twice.
  return said.map((text, at) => (spansDays && said[at - 1] === text ? '' : text))
}
