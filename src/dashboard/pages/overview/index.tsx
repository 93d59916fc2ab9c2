/** What goes on, over time and now. */

import { Link } from '@tanstack/react-router'
import type { ResultOf } from '../../client/gateway.ts'
import { useOperation } from '../../client/use-operation.ts'
import { FirstRun } from '../../shell/first-run.tsx'
import { Page } from '../../ui/page.tsx'
import { Answer, Nothing } from '../../ui/states.tsx'
import { TabLinks } from '../../ui/tab-links.tsx'
import { oneOf, useAddress } from '../../ui/use-address.ts'
import { ActivityCharts } from './activity-charts.tsx'
import { Events } from './events.tsx'
import { Health } from './health.tsx'
import { Now } from './now.tsx'
import { PeriodFigures } from './period-figures.tsx'

export type Overview = ResultOf<'overview.get'>

const EVERY_MS = 15_000
const HOURS = { '24h': 24, '1h': 1, '7d': 168 } as const
const TABS = [
  { value: '1h', label: '1 hour' },
  { value: '24h', label: '24 hours' },
  { value: '7d', label: '7 days' },
] as const

export default function OverviewPage() {
  const [address] = useAddress()
  const period = oneOf(address['period'], ['24h', '1h', '7d'])
  const overview = useOperation(
    'overview.get',
    { hours: HOURS[period] },
    { everyMs: EVERY_MS, keepsPrevious: true },
  )
  return (
    <Page
      title="Overview"
      {...(overview.data?.scope === 'own' ? { description: 'Your own runs.' } : {})}
      actions={
        <TabLinks label="Period" name="period" value={period} tabs={TABS} keeps style="joined" />
      }
    >
      <FirstRun />
      <Answer query={overview} what="Looking at the gateway">
        {(found) => (
          <>
            <Now overview={found} />
            <Activity overview={found} period={period} />
          </>
        )}
      </Answer>
      <Health />
    </Page>
  )
}

interface ActivityProps {
  readonly overview: Overview
  readonly period: '1h' | '24h' | '7d'
}

function Activity({ overview, period }: ActivityProps) {
  const { series, security, sampleRatio } = overview
  const hasRun = series.some(({ runs }) => runs > 0)
  if (!hasRun && security.length === 0)
    return (
      <Nothing
        title="Nothing ran in this period"
        description="Runs, tokens, money and times are drawn here as soon as somebody sends a message."
        action={
          <Link to="/chat" className="text-kumo-link underline">
            Send a message
          </Link>
        }
      />
    )
  return (
    <>
      <PeriodFigures series={series} />
      {sampleRatio < 1 && (
        <p className="rounded-lg bg-kumo-warning-tint p-3 text-sm">
          Only {Math.round(sampleRatio * 100)} % of the runs leave a trace, and only those are
          counted here.
        </p>
      )}
      <ActivityCharts series={series} />
      {overview.scope === 'tenant' && <Events overview={overview} period={period} />}
    </>
  )
}
