/** Moments in the viewer's zone and language; the exact one on hover and for readers of the page. */
import { useSyncExternalStore } from 'react'
import { distance, MINUTE } from './distance.ts'

const exact = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' })

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
