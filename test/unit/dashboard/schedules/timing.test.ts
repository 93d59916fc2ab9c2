import { describe, expect, it } from 'vitest'
import {
  inWords,
  localMoment,
  newTiming,
  scheduleOf,
  type Timing,
  timingOf,
} from '../../../../src/dashboard/pages/schedules/timing.ts'

const ZONE = 'Europe/Berlin'
const timing = (said: Partial<Timing>): Timing => ({ ...newTiming(ZONE), ...said })
const cron = (expr: string, tz = ZONE) => ({ kind: 'cron' as const, expr, tz })

describe('a timing', () => {
  it.each([
    [{ rhythm: 'daily', time: '07:05' }, cron('5 7 * * *'), 'Daily at 07:05'],
    [{ rhythm: 'weekdays', time: '18:30' }, cron('30 18 * * 1-5'), 'Monday to Friday at 18:30'],
    [{ rhythm: 'weekly', time: '00:00', weekday: '0' }, cron('0 0 * * 0'), 'Sundays at 00:00'],
    [
      { rhythm: 'every', count: '2', unit: 'h' },
      { kind: 'every', everyMs: 7_200_000 },
      'Every 2 hours',
    ],
    [
      { rhythm: 'every', count: '1', unit: 'd' },
      { kind: 'every', everyMs: 86_400_000 },
      'Every day',
    ],
    [
      { rhythm: 'every', count: '90', unit: 's' },
      { kind: 'every', everyMs: 90_000 },
      'Every 90 seconds',
    ],
    [{ rhythm: 'cron', expr: '0 9 1 * *' }, cron('0 9 1 * *'), '0 9 1 * *'],
  ] as const)('%j is sent as %j, and read back as it was', (said, schedule, words) => {
    expect(scheduleOf(timing(said))).toEqual(schedule)
    expect(timingOf(schedule, ZONE)).toMatchObject(said)
    expect(inWords(schedule)).toBe(words)
  })

  it('of one moment is on the clock of whoever looks', () => {
    const atMs = new Date(2030, 0, 9, 8, 5).getTime()
    expect(localMoment(atMs)).toBe('2030-01-09T08:05')
    expect(scheduleOf(timing({ rhythm: 'once', at: '2030-01-09T08:05' }))).toEqual({
      kind: 'at',
      atMs,
    })
    expect(timingOf({ kind: 'at', atMs }, ZONE)).toMatchObject({
      rhythm: 'once',
      at: localMoment(atMs),
    })
  })

  it('keeps the zone of its own, not the viewer’s', () => {
    expect(timingOf(cron('0 9 * * *', 'Asia/Tokyo'), ZONE).zone).toBe('Asia/Tokyo')
  })

  it.each(['0 9 * * 1,3', '*/5 9 * * *', '0 9 1 * *', '0 9 * * MON', '@daily', '0 9 * 1 *'])(
    '%j stays the expression that it is',
    (expr) => expect(timingOf(cron(expr), ZONE)).toMatchObject({ rhythm: 'cron', expr }),
  )

  it.each([
    [{ rhythm: 'every', count: '0' }, 'whole number'],
    [{ rhythm: 'every', count: '1.5' }, 'whole number'],
    [{ rhythm: 'once', at: '' }, 'day and the time'],
    [{ rhythm: 'daily', time: '' }, 'time of day'],
    [{ rhythm: 'daily', zone: '' }, 'time zone'],
    [{ rhythm: 'cron', expr: '' }, 'expression'],
  ] as const)('that is not whole says what is missing: %j', (said, what) => {
    expect(() => scheduleOf(timing(said))).toThrow(what)
  })
})
