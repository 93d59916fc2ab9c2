/** How much of each budget is used, and when it begins anew. */
import { Badge } from '@cloudflare/kumo/components/badge'
import { Meter } from '@cloudflare/kumo/components/meter'
import { Link } from '@tanstack/react-router'
import type { ResultOf } from '../../client/gateway.ts'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { Answer } from '../../ui/states.tsx'
import { Time } from '../../ui/time.tsx'

type Quota = ResultOf<'quota.usage'>['quotas'][number]

const WHOSE = { tenant: 'The tenant', user: 'You', agent: 'Agent', key: 'Key' } as const
const MEASURED = { requests: 'requests', tokens: 'tokens', usd: 'cost' } as const

export function Budgets() {
  const quotas = useOperation('quota.usage', {})
  const mayConfigure = useMay('config.patch')
  return (
    <Section title="Budgets">
      <Answer
        query={quotas}
        what="Reading budgets"
        empty={({ quotas: all }) =>
          all.length > 0 ? null : (
            <Card className="text-kumo-subtle">
              No budget limits you.{' '}
              {mayConfigure && (
                <Link to="/configuration" className="text-kumo-link underline">
                  Set budgets in the configuration
                </Link>
              )}
            </Card>
          )
        }
      >
        {({ quotas: all }) => (
          <ul className="grid gap-3 md:grid-cols-2 xl:grid-cols-3">
            {all.map((quota) => (
              <li key={`${quota.scope} ${quota.subject} ${quota.measure} ${quota.period}`}>
                <Budget quota={quota} />
              </li>
            ))}
          </ul>
        )}
      </Answer>
    </Section>
  )
}

function Budget({ quota }: { readonly quota: Quota }) {
  const { scope, subject, measure, period, limit, used, exhausted } = quota
  const format = measure === 'usd' ? formatUsd : formatCount
  const whose = scope === 'user' ? WHOSE.user : [WHOSE[scope], subject].filter(Boolean).join(' ')
  const label = `${whose}: ${MEASURED[measure]} per ${period}`
  return (
    <Card className="flex h-full flex-col gap-2">
      {used === null ? (
        <p className="as-written">
          {label}: {format(limit)}. What others have used of it is not shown to you.
        </p>
      ) : (
        <Meter
          label={label}
          value={Math.min(used, limit)}
          max={limit}
          customValue={`${format(used)} of ${format(limit)}`}
          {...(exhausted ? { indicatorClassName: 'bg-kumo-danger' } : {})}
        />
      )}
      <p className="flex items-center gap-2 text-xs text-kumo-subtle">
        {exhausted && <Badge variant="error">Used up</Badge>}
        <span>
          Begins anew <Time at={quota.resets_at} />
        </span>
      </p>
    </Card>
  )
}
