/** What was consumed in a period: over its days, and by whom or by what. */
import { Button } from '@cloudflare/kumo/components/button'
import { DownloadSimpleIcon } from '@phosphor-icons/react/DownloadSimple'
import { useState } from 'react'
import { useOperation } from '../../client/use-operation.ts'
import { Chart } from '../../ui/chart.tsx'
import { InlineChoice } from '../../ui/choice.tsx'
import { downloadText } from '../../ui/download.ts'
import { COMPACT } from '../../ui/labelled.tsx'
import { formatCount, formatUsd } from '../../ui/numbers.ts'
import { Section } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab-links.tsx'
import { type Address, oneOf, useAddress } from '../../ui/use-address.ts'
import { byDay, csvOf, GROUPS, lastDays, type Sorting, sorted, type UsageRow } from './rows.ts'
import { UsageTable } from './usage-table.tsx'

const MAX_GROUPS = 1_000
const PERIODS = [
  ['7', 'Last 7 days'],
  ['30', 'Last 30 days'],
  ['90', 'Last 90 days'],
  ['', 'From … to …'],
] as const
const TITLES = { day: 'Day', user: 'User', agent: 'Agent', model: 'Model', key: 'Key' } as const
const DAY = /^\d{4}-\d{2}-\d{2}$/

/** Of the address what is a day; else the last thirty. */
function rangeOf({ from, to, days }: Address): {
  readonly from: string
  readonly to: string
} {
  if (from !== undefined && to !== undefined && DAY.test(from) && DAY.test(to)) return { from, to }
  return lastDays(days === '7' || days === '90' ? Number(days) : 30, Date.now())
}

export function Consumption() {
  const [address, change] = useAddress()
  const group = oneOf(address['by'], GROUPS)
  const { from, to } = rangeOf(address)
  const isOwnRange = address['from'] !== undefined
  const days = useOperation(
    'usage.get',
    { from, to, group_by: 'day', limit: MAX_GROUPS },
    { keepsPrevious: true },
  )
  const groups = useOperation(
    'usage.get',
    { from, to, group_by: group, limit: MAX_GROUPS },
    { keepsPrevious: true },
  )
  const [chosen, setChosen] = useState<Sorting | null>(null)
  // The newest day first, and of everything else what cost the most.
  const sorting = chosen ?? { column: group === 'day' ? 'name' : 'cost_usd', isRising: false }
  return (
    <Section
      title="Consumption"
      actions={
        <span className="flex flex-wrap items-center gap-3">
          <InlineChoice
            label="Period"
            value={isOwnRange ? '' : oneOf(address['days'], ['30', '7', '90'])}
            options={PERIODS}
            onChange={(value) =>
              change(
                value === '' ? { from, to, days: null } : { from: null, to: null, days: value },
              )
            }
          />
          {isOwnRange && (
            <>
              <DayField
                label="From"
                value={from}
                max={to}
                onChange={(day) => change({ from: day })}
              />
              <DayField label="To" value={to} min={from} onChange={(day) => change({ to: day })} />
            </>
          )}
        </span>
      }
    >
      <Answer query={days} what="Adding up">
        {({ usage }) => <DayCharts rows={usage} from={from} to={to} />}
      </Answer>
      <div className="flex flex-wrap items-center justify-between gap-3">
        <TabLinks
          label="Group by"
          name="by"
          value={group}
          tabs={GROUPS.map((each) => ({ value: each, label: `By ${each}` }))}
          keeps
          style="joined"
        />
        <Button
          size="sm"
          icon={DownloadSimpleIcon}
          disabled={(groups.data?.usage.length ?? 0) === 0}
          onClick={() =>
            downloadText(
              `usage-by-${group}-${from}-${to}.csv`,
              'text/csv',
              csvOf(groups.data?.usage ?? [], group),
            )
          }
        >
          Download CSV
        </Button>
      </div>
      <Answer
        query={groups}
        what="Adding up"
        empty={({ usage }) =>
          usage.length > 0 ? null : (
            <Nothing
              title="Nothing was consumed in this period"
              description="Choose a longer period, or send a message in the chat."
            />
          )
        }
      >
        {({ usage, total, truncated }) => (
          <>
            <UsageTable
              title={TITLES[group]}
              group={group}
              rows={sorted(usage, group, sorting)}
              total={total}
              sorting={sorting}
              onSort={setChosen}
            />
            {truncated && (
              <p className="text-sm text-kumo-subtle">
                Only the first {MAX_GROUPS} are shown; the total is of all of them.
              </p>
            )}
          </>
        )}
      </Answer>
    </Section>
  )
}

interface DayFieldProps {
  readonly label: string
  readonly value: string
  readonly min?: string
  readonly max?: string
  readonly onChange: (day: string) => void
}

function DayField({ label, onChange, ...input }: DayFieldProps) {
  return (
    <label className="flex items-center gap-2 text-sm text-kumo-subtle">
      {label}
      <input
        type="date"
        className={COMPACT}
        {...input}
        onChange={({ target }) => target.value !== '' && onChange(target.value)}
      />
    </label>
  )
}

interface DayChartsProps {
  readonly rows: readonly UsageRow[]
  readonly from: string
  readonly to: string
}

function DayCharts({ rows, from, to }: DayChartsProps) {
  const days = byDay(rows, from, to)
  const at = days.map((day) => day.at)
  const of = (measure: 'input_tokens' | 'output_tokens' | 'cache_read_tokens' | 'cost_usd') =>
    days.map(({ row }) => row?.[measure] ?? 0)
  return (
    <div className="grid items-start gap-3 lg:grid-cols-2">
      <Chart
        title="Tokens"
        kind="stacked"
        isDaily
        at={at}
        series={[
          { label: 'Input', values: of('input_tokens') },
          { label: 'Output', values: of('output_tokens') },
          { label: 'Cache reads', values: of('cache_read_tokens') },
        ]}
        format={formatCount}
      />
      <Chart
        title="Cost"
        kind="bars"
        isDaily
        at={at}
        series={[{ label: 'Cost', values: of('cost_usd') }]}
        format={formatUsd}
      />
    </div>
  )
}
