/**
 * When a job runs: as a form has it, as the gateway takes it, and as people read it. Pure; what never
 * comes due, or comes too often, the gateway refuses.
 */
import type { ParamsOf } from '../../client/gateway.ts'
import { type JsonObject, textOf } from '../../client/json.ts'

export type WantedSchedule = NonNullable<ParamsOf<'cron.create'>['schedule']>

export const RHYTHMS = [
  ['daily', 'Every day'],
  ['weekdays', 'Monday to Friday'],
  ['weekly', 'Once a week'],
  ['every', 'Every so often'],
  ['once', 'Once'],
  ['cron', 'By a cron expression'],
] as const
export type Rhythm = (typeof RHYTHMS)[number][0]

export const UNITS = [
  ['s', 'seconds'],
  ['m', 'minutes'],
  ['h', 'hours'],
  ['d', 'days'],
] as const
export type Unit = (typeof UNITS)[number][0]

const UNITS_MS: Readonly<Record<Unit, number>> = {
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}

export const WEEKDAYS = [
  ['1', 'Monday'],
  ['2', 'Tuesday'],
  ['3', 'Wednesday'],
  ['4', 'Thursday'],
  ['5', 'Friday'],
  ['6', 'Saturday'],
  ['0', 'Sunday'],
] as const

export interface Timing {
  readonly rhythm: Rhythm
  /** `HH:MM`, of what comes by days. */
  readonly time: string
  readonly weekday: string
  readonly count: string
  readonly unit: Unit
  /** `YYYY-MM-DDTHH:MM` on the viewer's own clock. */
  readonly at: string
  readonly expr: string
  /** IANA name; of what comes by days, and of a cron expression. */
  readonly zone: string
}

export const newTiming = (zone: string): Timing => ({
  rhythm: 'daily',
  time: '09:00',
  weekday: '1',
  count: '30',
  unit: 'm',
  at: '',
  expr: '',
  zone,
})

/** What has days and a time of day. */
export const isByDay = (rhythm: Rhythm): boolean =>
  rhythm === 'daily' || rhythm === 'weekdays' || rhythm === 'weekly'

const CLOCK = /^(\d{2}):(\d{2})/
const BY_DAY = /^(\d{1,2}) (\d{1,2}) \* \* (\*|1-5|[0-6])$/

/** @throws with what is missing. */
export function scheduleOf(timing: Timing): WantedSchedule {
  const { rhythm, zone } = timing
  if (rhythm === 'every') {
    const count = Number(timing.count)
    if (!Number.isInteger(count) || count < 1) throw new Error('Write a whole number of them.')
    return { kind: 'every', everyMs: count * UNITS_MS[timing.unit] }
  }
  if (rhythm === 'once') {
    const atMs = new Date(timing.at).getTime()
    if (Number.isNaN(atMs)) throw new Error('Choose the day and the time.')
    return { kind: 'at', atMs }
  }
  if (zone === '') throw new Error('Name the time zone.')
  if (rhythm === 'cron') {
    if (timing.expr === '') throw new Error('Write the cron expression.')
    return { kind: 'cron', expr: timing.expr, tz: zone }
  }
  const [, hour, minute] = CLOCK.exec(timing.time) ?? []
  if (hour === undefined) throw new Error('Choose the time of day.')
  const days = rhythm === 'daily' ? '*' : rhythm === 'weekdays' ? '1-5' : timing.weekday
  return { kind: 'cron', expr: `${Number(minute)} ${Number(hour)} * * ${days}`, tz: zone }
}

const two = (value: number | string): string => String(value).padStart(2, '0')

/** On the viewer's own clock, as a field of a form has it. */
export function localMoment(atMs: number): string {
  const at = new Date(atMs)
  const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`
  return `${day}T${two(at.getHours())}:${two(at.getMinutes())}`
}

interface DayTime {
  readonly time: string
  readonly days: string
}

function dayTimeOf(expr: string): DayTime | null {
  const [, minute, hour, days] = BY_DAY.exec(expr) ?? []
  if (minute === undefined || hour === undefined || days === undefined) return null
  return { time: `${two(hour)}:${two(minute)}`, days }
}

const periodOf = (everyMs: number): readonly [count: number, unit: Unit] => {
  const unit = (['d', 'h', 'm'] as const).find((each) => everyMs % UNITS_MS[each] === 0) ?? 's'
  return [everyMs / UNITS_MS[unit], unit]
}

/** @param zone the viewer's, for whatever the schedule says nothing of. */
export function timingOf(schedule: JsonObject, zone: string): Timing {
  const fresh = newTiming(zone)
  const { kind } = schedule
  if (kind === 'at') return { ...fresh, rhythm: 'once', at: localMoment(Number(schedule['atMs'])) }
  if (kind === 'every') {
    const [count, unit] = periodOf(Number(schedule['everyMs']))
    return { ...fresh, rhythm: 'every', count: String(count), unit }
  }
  const expr = textOf(schedule['expr'])
  const own = { ...fresh, zone: textOf(schedule['tz']) || 'UTC', expr }
  const byDay = dayTimeOf(expr)
  if (byDay === null) return { ...own, rhythm: 'cron' }
  const { time, days } = byDay
  if (days === '*') return { ...own, rhythm: 'daily', time }
  if (days === '1-5') return { ...own, rhythm: 'weekdays', time }
  return { ...own, rhythm: 'weekly', time, weekday: days }
}

/** `Weekdays at 07:00`; of a cron expression that says more, the expression. */
export function inWords(schedule: JsonObject): string {
  const { rhythm, time, weekday, count, unit, expr } = timingOf(schedule, '')
  const unitName = UNITS.find(([each]) => each === unit)?.[1] ?? ''
  switch (rhythm) {
    case 'daily':
      return `Daily at ${time}`
    case 'weekdays':
      return `Monday to Friday at ${time}`
    case 'weekly':
      return `${WEEKDAYS.find(([day]) => day === weekday)?.[1] ?? ''}s at ${time}`
    case 'every':
      return count === '1' ? `Every ${unitName.slice(0, -1)}` : `Every ${count} ${unitName}`
    case 'once':
      return 'Once'
    case 'cron':
      return expr
  }
}

/** Of what is bound to one. */
export const zoneOf = (schedule: JsonObject): string | null =>
  schedule['kind'] === 'cron' ? textOf(schedule['tz']) || 'UTC' : null
