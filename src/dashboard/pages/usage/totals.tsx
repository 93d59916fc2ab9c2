import type { ResultOf } from '../../client/gateway.ts'
import { Figure, Figures } from '../../ui/figure.tsx'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import type { Sums } from './rows.ts'

type Models = ResultOf<'usage.summary'>['by_model']

export interface TotalsProps {
  readonly today: Sums
  readonly month: Sums
  readonly models: Models
}

const tokens = (sums: Sums): number =>
  sums.input_tokens + sums.output_tokens + sums.cache_creation_tokens + sums.cache_read_tokens

const requests = (count: number): string => `${formatCount(count)} request${count === 1 ? '' : 's'}`

export function Totals({ today, month, models }: TotalsProps) {
  const unpriced = models.filter((model) => model.unpriced === true)
  return (
    <>
      <Figures>
        <Figure
          label="Cost today"
          value={formatUsd(today.cost_usd)}
          note={requests(today.requests)}
        />
        <Figure
          label="Cost this month"
          value={formatUsd(month.cost_usd)}
          note={requests(month.requests)}
        />
        <Figure label="Tokens today" value={formatCount(tokens(today))} note={split(today)} />
        <Figure label="Tokens this month" value={formatCount(tokens(month))} note={split(month)} />
      </Figures>
      {unpriced.length > 0 && (
        <p className="as-written rounded-lg bg-kumo-warning-tint p-3 text-sm">
          Counted without a price, so the cost is too low:{' '}
          {unpriced.map(({ provider, model }) => `${provider} / ${model}`).join(', ')}. Prices are
          set in the configuration under budgets.prices.
        </p>
      )}
    </>
  )
}

const split = ({ input_tokens, output_tokens }: Sums): string =>
  `${formatCount(input_tokens)} in, ${formatCount(output_tokens)} out`
