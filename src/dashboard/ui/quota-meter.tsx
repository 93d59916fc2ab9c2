/** How much of a budget is used, and when it begins anew. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Meter } from '@cloudflare/kumo/components/meter'
import type { ResultOf } from '../client/gateway.ts'
import { formatCount, formatUsd } from './numbers.ts'
import { Time } from './time.tsx'

export type Quota = ResultOf<'quota.usage'>['quotas'][number]

export interface QuotaMeterProps {
  readonly quota: Quota
  readonly label: string
}

export function QuotaMeter({ quota, label }: QuotaMeterProps) {
  const { measure, limit, used, exhausted, resets_at } = quota
  const format = measure === 'usd' ? formatUsd : formatCount
  return (
    <>
      {used === null ? (
        <p className="as-written">
          {label}: {format(limit)}. What others have used of it is not shown to you.
        </p>
      ) : (
        <Meter
          label={label}
          value={Math.min(used, limit)}
          // Of nothing there is no share.
          max={limit === 0 ? 1 : limit}
          customValue={`${format(used)} of ${format(limit)}`}
          {...(exhausted ? { indicatorClassName: 'bg-kumo-danger' } : {})}
        />
      )}
      <p className="flex items-center gap-2 text-xs text-kumo-subtle">
        {exhausted && <Badge variant="error">Used up</Badge>}
        <span>
          Begins anew <Time at={resets_at} />
        </span>
      </p>
    </>
  )
}
