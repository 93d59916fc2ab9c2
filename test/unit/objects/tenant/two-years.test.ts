/** A thousand jobs over two years, both changes of the clock in each, under a scheduler that is killed. */
import { Cron } from 'croner'
import { describe, expect, it } from 'vitest'
import { occurrenceKey } from '../../../../src/domain/cron-job.ts'
import { nextTime, type Schedule } from '../../../../src/domain/schedule.ts'
import { jobOf, KillSwitch } from '../../../support/memory-schedules.ts'
import { seededRandom } from '../../../support/random.ts'
import { completed, ScheduleWorld } from '../../../support/schedule-world.ts'

const START = Date.parse('2026-01-01T00:00:00Z')
const END = Date.parse('2028-01-01T00:00:00Z')
const DAY_MS = 86_400_000
/** With and without summer time, by whole and half hours, north and south. */
const ZONES = [
  'Europe/Berlin',
  'America/New_York',
  'Australia/Lord_Howe',
  'Africa/Casablanca',
  'America/Santiago',
  'Asia/Kolkata',
  'UTC',
] as const
const SEED = 20_261_127

const random = seededRandom(SEED)
const cron = (expr: string, tz: string = random.pick(ZONES)): Schedule => ({
  kind: 'cron',
  expr,
  tz,
})

function scheduleOf(nth: number): Schedule {
  const minute = random.below(60)
  // In the night when clocks change, in every zone.
  if (nth < 14) return cron(`${random.pick([0, 30, 59])} ${nth % 4} * * *`, ZONES[nth % 7])
  // Through the hours that there are twice, or not at all.
  if (nth < 35) return cron('*/30 0-3 * 3,4,9,10,11 0', ZONES[nth % 7])
  // All at the same second.
  if (nth < 250) return cron('0 9 1 * *', 'Europe/Berlin')
  if (nth < 320) return cron(`${minute} ${random.below(24)} * * ${random.below(7)}`)
  if (nth < 850)
    return cron(`${minute} ${random.below(24)} ${random.pick([1, 15, 29, 31, 'L'])} * *`)
  if (nth < 930) return { kind: 'every', everyMs: (7 + random.below(30)) * DAY_MS, anchorMs: START }
  return { kind: 'at', atMs: START + 1 + random.below(730 * DAY_MS) }
}

/** As the library says by itself, asked from the beginning to the end. */
function expectedTimes(schedule: Schedule): readonly number[] {
  const times: number[] = []
  if (schedule.kind === 'cron') {
    const job = new Cron(schedule.expr, { timezone: schedule.tz })
    let at = job.nextRun(new Date(START))
    for (; at !== null && at.getTime() < END; at = job.nextRun(at)) times.push(at.getTime())
  } else if (schedule.kind === 'every') {
    for (let at = START + schedule.everyMs; at < END; at += schedule.everyMs) times.push(at)
  } else if (schedule.atMs < END) times.push(schedule.atMs)
  return times
}

describe('a thousand jobs over two years', () => {
  it('fire exactly when croner says, once each, however often the scheduler is killed', {
    timeout: 120_000,
  }, async () => {
    const killSwitch = new KillSwitch(() => random.below(1_200) === 0)
    const world = new ScheduleWorld({
      now: START,
      killSwitch,
      resultOf: ({ attempt, nth }) =>
        attempt === 1 && nth % 50 === 0
          ? { kind: 'failed', code: 'MODEL', error: 'the vendor is down' }
          : completed('done'),
    })
    const jobs = Array.from({ length: 1_000 }, (_, nth) => {
      const schedule = scheduleOf(nth)
      return jobOf(`job_${nth}`, schedule, nextTime(schedule, START))
    })
    for (const job of jobs) world.store.jobs.set(job.id, job)
    await world.schedules.changed().catch(() => undefined)
    killSwitch.revive()
    await world.schedules.changed()
    await world.runUntil(END + 600_000)

    const fired = new Map<string, number[]>()
    const lags: number[] = []
    const keys = world.started.map(({ run }) => occurrenceKey(run))
    for (const { run, at } of world.started) {
      if (run.attempt > 1) continue
      const times = fired.get(run.jobId) ?? []
      times.push(run.scheduledAt)
      fired.set(run.jobId, times)
      lags.push(at - run.scheduledAt)
    }
    expect(new Set(keys).size).toBe(keys.length)
    let occurrences = 0
    for (const { id, schedule } of jobs) {
      const expected = expectedTimes(schedule)
      occurrences += expected.length
      const times = (fired.get(id) ?? []).filter((at) => at < END)
      expect(
        times.sort((a, b) => a - b),
        `${id} ${JSON.stringify(schedule)}`,
      ).toEqual(expected)
    }
    expect(occurrences).toBeGreaterThan(30_000)
    expect(killSwitch.kills).toBeGreaterThan(200)
    // Less than the shortest period there may be.
    expect(lags.filter((lag) => lag < 0 || lag >= 60_000)).toHaveLength(0)
    const open = [...world.store.runs.values()].filter(({ dueAt }) => dueAt !== null)
    expect(open).toEqual([])
  })
})
