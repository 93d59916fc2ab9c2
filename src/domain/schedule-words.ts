/**
 * Schedules as people and models write them: `every 30m`, `at 2026-12-01T09:00:00Z`,
 * `0 9 * * 1-5 Europe/Berlin`. It only reads; whether such a schedule may be is judged elsewhere.
 */
import { err, ok, type Result } from './result.ts'
import { isTimeZone, type Schedule, type WantedSchedule } from './schedule.ts'

const UNITS_MS: Readonly<Record<string, number>> = {
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
}
const EVERY = /^every (\d{1,6}) ?(m|h|d)$/
/** With an offset or `Z`: a time without one would mean the gateway's own. */
const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?(?:Z|[+-]\d{2}:\d{2})$/

const HELP =
  'a schedule is `every 30m` (m, h or d), `at 2026-12-01T09:00:00Z`, or a cron expression with a time zone: `0 9 * * 1-5 Europe/Berlin`'

export function parseScheduleWords(text: string): Result<WantedSchedule, string> {
  const words = text.trim().replaceAll(/\s+/g, ' ')
  const every = EVERY.exec(words)
  if (every) {
    const [, count = '', unit = ''] = every
    return ok({ kind: 'every', everyMs: Number(count) * (UNITS_MS[unit] ?? Number.NaN) })
  }
  if (words.startsWith('at ')) {
    const instant = words.slice('at '.length)
    const atMs = INSTANT.test(instant) ? Date.parse(instant) : Number.NaN
    return Number.isNaN(atMs) ? err(HELP) : ok({ kind: 'at', atMs })
  }
  const [...parts] = words.split(' ')
  const fields = words.startsWith('@') ? 1 : 5
  const [zone, ...more] = parts.slice(fields)
  if (parts.length < fields || more.length > 0) return err(HELP)
  if (zone !== undefined && !isTimeZone(zone)) {
    return err('the time zone is no IANA name such as Europe/Berlin')
  }
  return ok({ kind: 'cron', expr: parts.slice(0, fields).join(' '), tz: zone })
}

/** The same words, for whoever reads a schedule. */
export function scheduleWords(schedule: Schedule): string {
  switch (schedule.kind) {
    case 'at':
      return `at ${new Date(schedule.atMs).toISOString()}`
    case 'every':
      return `every ${periodWords(schedule.everyMs)}`
    case 'cron':
      return `${schedule.expr} ${schedule.tz}`
  }
}

function periodWords(everyMs: number): string {
  const unit = ['d', 'h', 'm'].find((name) => everyMs % (UNITS_MS[name] ?? 1) === 0)
  return unit === undefined ? `${everyMs} ms` : `${everyMs / (UNITS_MS[unit] ?? 1)}${unit}`
}
