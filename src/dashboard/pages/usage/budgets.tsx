/** How much of each budget is used, and when it begins anew. */
import { Link } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { Card, Section } from '../../ui/page.tsx'
import { type Quota, QuotaMeter } from '../../ui/quota-meter.tsx'
import { Answer } from '../../ui/states.tsx'

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
  const { scope, subject, measure, period } = quota
  const whose = scope === 'user' ? WHOSE.user : [WHOSE[scope], subject].filter(Boolean).join(' ')
  return (
    <Card className="flex h-full flex-col gap-2">
      <QuotaMeter quota={quota} label={`${whose}: ${MEASURED[measure]} per ${period}`} />
    </Card>
  )
}
