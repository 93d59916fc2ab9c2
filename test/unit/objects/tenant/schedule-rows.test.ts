/** The scheduler over the rows themselves, as SQLite keeps them, killed between any two statements. */
import { expect, it } from 'vitest'
import { createCronJob, listCronJobs } from '../../../../src/db/cron-jobs.ts'
import { listCronRuns, nextCronTime } from '../../../../src/db/cron-runs.ts'
import { openDatabase } from '../../../../src/db/database.ts'
import { occurrenceKey } from '../../../../src/domain/cron-job.ts'
import { nextTime, type Schedule } from '../../../../src/domain/schedule.ts'
import { d1ScheduleStore } from '../../../../src/objects/tenant/schedule-parts.ts'
import { jobOf, KillSwitch, PRINCIPAL } from '../../../support/memory-schedules.ts'
import { seededRandom } from '../../../support/random.ts'
import { completed, ScheduleWorld } from '../../../support/schedule-world.ts'
import { openSqliteD1 } from '../../../support/sqlite-d1.ts'

const START = Date.parse('2026-10-20T00:00:00Z')
const END = Date.parse('2026-11-03T01:00:00Z')
const SCHEDULES: readonly Schedule[] = [
  { kind: 'cron', expr: '30 2 * * *', tz: 'Europe/Berlin' },
  { kind: 'cron', expr: '30 1 * * *', tz: 'America/New_York' },
  { kind: 'cron', expr: '0 */4 * * *', tz: 'Asia/Kolkata' },
  { kind: 'every', everyMs: 7 * 3_600_000, anchorMs: START },
  { kind: 'at', atMs: START + 5 * 86_400_000 },
]
const { tenantId } = PRINCIPAL

it('begins each occurrence once, however often it is killed', async () => {
  const random = seededRandom(7)
  const killSwitch = new KillSwitch(() => random.below(60) === 0)
  const db = openDatabase(openSqliteD1().d1)
  const world = new ScheduleWorld({
    now: START,
    killSwitch,
    rows: d1ScheduleStore({ database: () => db }, () => tenantId),
    resultOf: ({ nth, attempt }) =>
      nth % 9 === 0 && attempt === 1
        ? { kind: 'failed', code: 'MODEL', error: 'no' }
        : completed('done'),
  })
  const jobs = SCHEDULES.map((schedule, nth) =>
    jobOf(`job_${nth}`, schedule, nextTime(schedule, START), { deleteAfterRun: nth === 4 }),
  )
  for (const job of jobs) await createCronJob(db, tenantId, job, { perTenant: 9, perOwner: 9 })
  await world.schedules.changed().catch(() => undefined)
  killSwitch.revive()
  await world.schedules.changed()
  await world.runUntil(END)

  const keys = world.started.map(({ run }) => occurrenceKey(run))
  expect(new Set(keys).size).toBe(keys.length)
  for (const { id, schedule } of jobs) {
    const expected: number[] = []
    for (let at = nextTime(schedule, START); at !== null && at < END; at = nextTime(schedule, at)) {
      expected.push(at)
    }
    const begun = world.started.filter(({ run }) => run.jobId === id && run.attempt === 1)
    expect(begun.map(({ run }) => run.scheduledAt)).toEqual(expected)
  }
  expect(killSwitch.kills).toBeGreaterThan(20)
  const left = await listCronJobs(db, tenantId, { limit: 10 })
  expect(left.map(({ id }) => id).sort()).toEqual(['job_0', 'job_1', 'job_2', 'job_3'])
  expect(left.every(({ lastStatus }) => lastStatus === 'ok')).toBe(true)
  const runs = await listCronRuns(db, tenantId, 'job_2', { limit: 100 })
  expect(runs.every(({ state, message }) => state === 'ok' && message === null)).toBe(true)
  expect(await nextCronTime(db, tenantId)).toBeGreaterThan(END)
})
