/** What the agent may spend and has spent. The limits are the tenant's, the same for every agent. */
import { Link } from '@tanstack/react-router'
import { useMay } from '../../client/use-gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import { Card, Section } from '../../ui/page.tsx'
import { QuotaMeter } from '../../ui/quota-meter.tsx'
import { Answer } from '../../ui/states.tsx'
import type { Agent } from './draft.ts'

const MEASURES = { requests: 'Runs', tokens: 'Tokens', usd: 'US dollars' } as const
const PERIODS = { day: 'today', month: 'this month' } as const

export function BudgetsTab({ agent }: { readonly agent: Agent }) {
  const quotas = useOperation('quota.usage', {})
  const maySet = useMay('config.schema')
  return (
    <div className="flex flex-col gap-6">
      <Section
        title="Budgets"
        actions={
          maySet ? (
            <Link
              to="/configuration"
              search={{ section: 'budgets' }}
              className="text-kumo-link hover:underline"
            >
              Change the limits
            </Link>
          ) : undefined
        }
      >
        <Answer query={quotas} what="Loading the budgets">
          {({ quotas: rows }) => {
            const own = rows.filter(
              ({ scope, subject }) =>
                scope === 'agent' && (subject === agent.agent_key || subject === agent.id),
            )
            return (
              <Card className="grid gap-5 sm:grid-cols-2">
                {own.length === 0 && (
                  <p className="text-kumo-subtle sm:col-span-2">
                    No limit is set for agents. Limits per agent are in the configuration, under
                    budgets.
                  </p>
                )}
                {own.map((quota) => (
                  <div key={`${quota.measure}/${quota.period}`} className="flex flex-col gap-2">
                    <QuotaMeter
                      quota={quota}
                      label={`${MEASURES[quota.measure]} ${PERIODS[quota.period]}`}
                    />
                  </div>
                ))}
              </Card>
            )
          }}
        </Answer>
      </Section>
      <Usage agent={agent} />
    </div>
  )
}

const monthStart = (): string => `${new Date().toISOString().slice(0, 8)}01`

function Usage({ agent }: { readonly agent: Agent }) {
  const usage = useOperation('usage.get', { group_by: 'agent', from: monthStart() })
  return (
    <Section title="Used this month">
      <Answer query={usage} what="Loading the usage">
        {({ usage: rows, scope }) => {
          const row = rows.find(
            // The rows of a grouped answer carry the name that they are grouped by.
            ({ agent: name }) => name === agent.agent_key || name === agent.id,
          )
          const numbers = [
            ['Runs', formatCount(row?.requests ?? 0)],
            ['Tokens in', formatCount(row?.input_tokens ?? 0)],
            ['Tokens out', formatCount(row?.output_tokens ?? 0)],
            ['Cost', formatUsd(row?.cost_usd ?? 0)],
          ] as const
          return (
            <Card>
              <dl className="grid grid-cols-2 gap-4 sm:grid-cols-4">
                {numbers.map(([name, value]) => (
                  <div key={name}>
                    <dt className="text-sm text-kumo-subtle">{name}</dt>
                    <dd className="text-xl font-semibold">{value}</dd>
                  </div>
                ))}
              </dl>
              {scope === 'own' && (
                <p className="mt-3 text-sm text-kumo-subtle">Of your own runs alone.</p>
              )}
            </Card>
          )
        }}
      </Answer>
    </Section>
  )
}
