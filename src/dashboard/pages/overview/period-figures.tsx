import { Figure, Figures } from '../../ui/figure.tsx'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import { type Point, sumsOf } from './sums.ts'

export function PeriodFigures({ series }: { readonly series: readonly Point[] }) {
  const { runs, failed, failedShare, inputTokens, outputTokens, costUsd } = sumsOf(series)
  return (
    <section aria-label="In this period">
      <Figures>
        <Figure label="Runs" value={formatCount(runs)} note="In this period" />
        <Figure
          label="Failed"
          value={formatCount(failed)}
          tone={failed > 0 ? 'bad' : 'plain'}
          note={failedShare === null ? 'Nothing ran' : `${failedShare.toFixed(1)} % of the runs`}
        />
        <Figure
          label="Tokens"
          value={formatCount(inputTokens + outputTokens)}
          note={`${formatCount(inputTokens)} in, ${formatCount(outputTokens)} out`}
        />
        <Figure label="Cost" value={formatUsd(costUsd)} note="As far as prices are known" />
      </Figures>
    </section>
  )
}
