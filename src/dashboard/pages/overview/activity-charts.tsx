import { Chart } from '../../ui/chart.tsx'
import { formatCount, formatDuration, formatUsd } from '../../ui/numbers.ts'
import { type Point, trafficOf, usdOf } from './sums.ts'

export function ActivityCharts({ series }: { readonly series: readonly Point[] }) {
  const at = series.map((point) => Date.parse(point.at))
  return (
    <div className="grid gap-3 lg:grid-cols-2">
      <Chart title="Runs" kind="stacked" at={at} series={trafficOf(series)} format={formatCount} />
      <Chart
        title="How long runs took"
        kind="lines"
        at={at}
        series={[
          { label: 'Half of them (p50)', values: series.map(({ p50Ms }) => p50Ms) },
          { label: '95 of 100 (p95)', values: series.map(({ p95Ms }) => p95Ms) },
        ]}
        format={formatDuration}
      />
      <Chart
        title="Tokens"
        kind="stacked"
        at={at}
        series={[
          { label: 'Input', values: series.map(({ inputTokens }) => inputTokens) },
          { label: 'Output', values: series.map(({ outputTokens }) => outputTokens) },
        ]}
        format={formatCount}
      />
      <Chart
        title="Cost"
        kind="bars"
        at={at}
        series={[{ label: 'Cost', values: series.map(({ costMicros }) => usdOf(costMicros)) }]}
        format={formatUsd}
      />
    </div>
  )
}
