/**
 * When a job is due: once at a time, every so often, or by a cron expression in a time zone. Pure: the
 * present is handed in, and nothing is scheduled here. What never comes due, or comes too often, is
 * refused in words.
 */
import { Cron } from 'croner'
import { z } from 'zod'
import { err, ok, type Result } from './result.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const MAX_PERIOD_MS = 366 * DAY_MS
/** Of a time that is named: further ahead is a slip of the keyboard. */
const MAX_AHEAD_MS = 10 * 366 * DAY_MS
const MAX_EXPRESSION_CHARS = 120
const MAX_ZONE_CHARS = 64

export const scheduleSchema = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('at'), atMs: z.number() }),
  /** The first time is one period after the anchor. */
  z.object({ kind: z.literal('every'), everyMs: z.number().positive(), anchorMs: z.number() }),
  z.object({ kind: z.literal('cron'), expr: z.string(), tz: z.string() }),
])
export type Schedule = Readonly<z.infer<typeof scheduleSchema>>

/** As somebody asks for it, unjudged. */
export type WantedSchedule =
  | { readonly kind: 'at'; readonly atMs: number }
  | { readonly kind: 'every'; readonly everyMs: number }
  | { readonly kind: 'cron'; readonly expr: string; readonly tz?: string | undefined }

/** Five fields: six begin with seconds. `?` and `H` mean something else to every implementation. */
const FIELDS = /^[0-9A-Za-z*/,#+-]+(?: [0-9A-Za-z*/,#+-]+){4}$/
const NICKNAME = /^@(?:yearly|annually|monthly|weekly|daily|midnight|hourly)$/
/** A zone's name, which an offset (`+01:00`) is not: it knows no summer time. */
const ZONE = /^[A-Za-z][A-Za-z0-9_+/-]*$/

/** Parsed expressions: most are asked for again and again. Nothing in them changes. */
const parsed = new Map<string, Cron>()
const MAX_PARSED = 500

function cronOf(expr: string, tz: string): Cron {
  const key = `${tz} ${expr}`
  const known = parsed.get(key)
  if (known) return known
  // Without a function it starts no timer.
  const cron = new Cron(expr, { timezone: tz })
  parsed.set(key, cron)
  const oldest = parsed.keys().next().value
  if (parsed.size > MAX_PARSED && oldest !== undefined) parsed.delete(oldest)
  return cron
}

/** @returns the first time after `afterMs` that the job is due; null when there is none any more */
export function nextTime(schedule: Schedule, afterMs: number): number | null {
  switch (schedule.kind) {
    case 'at':
      return schedule.atMs > afterMs ? schedule.atMs : null
    case 'every': {
      const { everyMs, anchorMs } = schedule
      const passed = Math.max(0, Math.floor((afterMs - anchorMs) / everyMs))
      return anchorMs + (passed + 1) * everyMs
    }
    case 'cron':
      return cronOf(schedule.expr, schedule.tz).nextRun(new Date(afterMs))?.getTime() ?? null
  }
}

export interface ScheduleLimits {
  readonly now: number
  readonly minPeriodMs: number
}

/** The error is a sentence for whoever asked. */
export function checkSchedule(
  wanted: WantedSchedule,
  limits: ScheduleLimits,
): Result<Schedule, string> {
  switch (wanted.kind) {
    case 'at':
      return checkAt(wanted.atMs, limits.now)
    case 'every':
      return checkEvery(wanted.everyMs, limits)
    case 'cron':
      return checkCron(wanted.expr, wanted.tz ?? 'UTC', limits)
  }
}

function checkAt(atMs: number, now: number): Result<Schedule, string> {
  if (!Number.isSafeInteger(atMs)) return err('the time is none')
  if (atMs <= now) return err('the time has passed already')
  if (atMs > now + MAX_AHEAD_MS) return err('the time is more than ten years ahead')
  return ok({ kind: 'at', atMs })
}

function checkEvery(
  everyMs: number,
  { now, minPeriodMs }: ScheduleLimits,
): Result<Schedule, string> {
  if (!Number.isSafeInteger(everyMs)) return err('the period is no whole number of milliseconds')
  if (everyMs < minPeriodMs) return err(tooOften(minPeriodMs))
  if (everyMs > MAX_PERIOD_MS) return err('the period is longer than a year')
  return ok({ kind: 'every', everyMs, anchorMs: now })
}

const tooOften = (minPeriodMs: number): string =>
  `the job would run more often than every ${minPeriodMs / 1_000} seconds, which is the least here`

/** Times looked at to tell how often an expression is due: a day of a job of every half hour. */
const LOOKED_AT = 50

function checkCron(
  text: string,
  tz: string,
  { now, minPeriodMs }: ScheduleLimits,
): Result<Schedule, string> {
  const expr = text.trim().replaceAll(/\s+/g, ' ')
  if (expr.length > MAX_EXPRESSION_CHARS) return err('the cron expression is too long')
  if (!FIELDS.test(expr) && !NICKNAME.test(expr)) {
    return err('a cron expression has five fields: minute, hour, day, month, weekday')
  }
  if (!isTimeZone(tz)) return err('the time zone is no IANA name such as Europe/Berlin')
  try {
    const cron = cronOf(expr, tz)
    let at = cron.nextRun(new Date(now))
    if (at === null) return err('the cron expression names no time that ever comes')
    for (let i = 0; minPeriodMs > MINUTE_MS && i < LOOKED_AT && at !== null; i++) {
      const following = cron.nextRun(at)
      if (following !== null && following.getTime() - at.getTime() < minPeriodMs) {
        return err(tooOften(minPeriodMs))
      }
      at = following
    }
  } catch {
    return err('the cron expression cannot be understood')
  }
  return ok({ kind: 'cron', expr, tz })
}

export function isTimeZone(name: string): boolean {
  if (name.length > MAX_ZONE_CHARS || !ZONE.test(name)) return false
  try {
    new Intl.DateTimeFormat('en', { timeZone: name })
    return true
  } catch {
    return false
  }
}
