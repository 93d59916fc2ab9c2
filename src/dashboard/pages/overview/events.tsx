/** Security events by kind, over time and in all. */
import { Link } from '@tanstack/react-router'
import { Chart } from '../../ui/chart.tsx'
import { kindWords } from '../../ui/event-words.ts'
import { formatCount } from '../../ui/numbers.ts'
import { Card, Section } from '../../ui/page.tsx'
import type { Overview } from './overview.ts'
import { eventsOf } from './sums.ts'

export interface EventsProps {
  readonly overview: Overview
  readonly period: '1h' | '24h' | '7d'
}

export function Events({ overview, period }: EventsProps) {
  const { series, security } = overview
  const at = series.map((point) => Date.parse(point.at))
  return (
    <Section
      title="Security events"
      actions={
        <Link
          to="/security"
          search={{ tab: 'events', period }}
          className="text-kumo-link underline"
        >
          All events
        </Link>
      }
    >
      {security.length === 0 ? (
        <Card className="text-kumo-subtle">Nothing was seen in this period.</Card>
      ) : (
        <div className="grid gap-3 lg:grid-cols-[minmax(0,2fr)_minmax(0,1fr)]">
          <Chart
            title="By kind"
            kind="stacked"
            at={at}
            series={eventsOf(security, kindWords)}
            format={formatCount}
          />
          <Card className="max-h-80 overflow-auto">
            <ul className="flex flex-col gap-1.5">
              {security.map(({ kind, total }) => (
                <li key={kind} className="flex items-baseline justify-between gap-3">
                  <Link
                    to="/security"
                    search={{ tab: 'events', kind, period }}
                    className="min-w-0 truncate text-kumo-link underline"
                  >
                    {kindWords(kind)}
                  </Link>
                  <span className="tabular-nums">{formatCount(total)}</span>
                </li>
              ))}
            </ul>
          </Card>
        </div>
      )}
    </Section>
  )
}
