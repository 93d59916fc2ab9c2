/** How far back a list goes. */
import { useMemo } from 'react'

const HOUR_MS = 3_600_000

export const PERIODS = [
  ['', 'Any time'],
  ['1h', 'Last hour'],
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
] as const
export type Period = (typeof PERIODS)[number][0]

const HOURS: Readonly<Record<Period, number>> = { '': 0, '1h': 1, '24h': 24, '7d': 168, '30d': 720 }

export const isPeriod = (value: string | undefined): value is Period =>
  PERIODS.some(([period]) => period === value)

/** ISO 8601; undefined: without a beginning. */
export const beginOf = (period: Period, now: number): string | undefined =>
  period === '' ? undefined : new Date(now - HOURS[period] * HOUR_MS).toISOString()

/** The same moment as long as the choice is the same: each other one would be another question. */
export const useBegin = (period: Period): string | undefined =>
  useMemo(() => beginOf(period, Date.now()), [period])
