/** Moments in the viewer's zone and language; the exact one on hover and for readers of the page. */
import { useSyncExternalStore } from 'react'

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })
const short = new Intl.DateTimeFormat(undefined, { dateStyle: 'short', timeStyle: 'short' })
const relative = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

const MINUTE = 60_000
const UNITS: readonly (readonly [Intl.RelativeTimeFormatUnit, number])[] = [
  ['day', 24 * 60 * MINUTE],
  ['hour', 60 * MINUTE],
  ['minute', MINUTE],
]
/** Older than that, a date says more than a distance. */
const RELATIVE_WITHIN_MS = 7 * 24 * 60 * MINUTE

const watchers = new Set<() => void>()
let ticker: ReturnType<typeof setInterval> | null = null

/** One clock for all: a list shows hundreds of moments. */
const watchMinutes = (listener: () => void): (() => void) => {
  watchers.add(listener)
  ticker ??= setInterval(() => {
    for (const watcher of watchers) watcher()
  }, MINUTE / 2)
  return () => {
    watchers.delete(listener)
    if (watchers.size > 0 || ticker === null) return
    clearInterval(ticker)
    ticker = null
  }
}
const halfMinute = (): number => Math.floor(Date.now() / (MINUTE / 2))

export function distance(at: number, now: number): string {
  const elapsed = at - now
  if (Math.abs(elapsed) > RELATIVE_WITHIN_MS) return short.format(at)
  for (const [unit, size] of UNITS)
    if (Math.abs(elapsed) >= size) return relative.format(Math.trunc(elapsed / size), unit)
  return elapsed > 0 ? 'in a moment' : 'just now'
}

export interface TimeProps {
  /** Milliseconds, or as the gateway writes times: ISO 8601. */
  readonly at: string | number
  readonly style?: 'relative' | 'exact'
}

export function Time({ at, style = 'relative' }: TimeProps) {
  useSyncExternalStore(watchMinutes, halfMinute)
  const moment = new Date(at)
  if (Number.isNaN(moment.getTime())) return <span>unknown</span>
  const text = style === 'exact' ? exact.format(moment) : distance(moment.getTime(), Date.now())
  return (
    <time dateTime={moment.toISOString()} title={exact.format(moment)}>
      {text}
    </time>
  )
}
