import { describe, expect, it } from 'vitest'
import type { CronRun } from '../../../../src/domain/cron-job.ts'
import { nextTime } from '../../../../src/domain/schedule.ts'
import { jobOf } from '../../../support/memory-schedules.ts'
import { completed, ScheduleWorld } from '../../../support/schedule-world.ts'

const NOW = Date.parse('2026-11-27T10:00:00Z')
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const EVERY = { kind: 'every', everyMs: 5 * MINUTE, anchorMs: NOW } as const

const every = (id = 'job_1', more: Parameters<typeof jobOf>[3] = {}) =>
  jobOf(id, EVERY, nextTime(EVERY, NOW), more)

const runsOf = (world: ScheduleWorld): readonly CronRun[] => [...world.store.runs.values()]
const statuses = (world: ScheduleWorld) => world.news.map(({ status }) => status)

describe('a job', () => {
  it('runs when it is due, and is told of as it begins and ends', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.enter(every())
    await world.runUntil(NOW + MINUTE)
    expect(world.storage.alarm).toBe(NOW + 5 * MINUTE)
    await world.runUntil(NOW + 6 * MINUTE)
    expect(world.storage.alarm).toBe(NOW + 10 * MINUTE)
    expect(world.started).toMatchObject([{ at: NOW + 5 * MINUTE }])
    expect(statuses(world)).toEqual(['started', 'ok'])
    expect(runsOf(world)).toMatchObject([{ state: 'ok', attempt: 1, dueAt: null }])
    expect(world.store.jobs.get('job_1')).toMatchObject({ lastStatus: 'ok' })
  })

  it('that was missed runs once, and goes on from now', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.enter(every())
    // An outage: nothing wakes.
    world.now = NOW + 3 * HOUR + MINUTE
    await world.runUntil(NOW + 3 * HOUR + 6 * MINUTE)
    expect(world.started.map(({ run }) => run.scheduledAt)).toEqual([
      NOW + 5 * MINUTE,
      NOW + 3 * HOUR + 5 * MINUTE,
    ])
  })

  it('whose last run goes on skips its next', async () => {
    const world = new ScheduleWorld({ now: NOW, runMs: 12 * MINUTE })
    await world.enter(every())
    await world.runUntil(NOW + 21 * MINUTE)
    expect(runsOf(world).map(({ state }) => state)).toEqual(['ok', 'skipped', 'skipped', 'running'])
    expect(runsOf(world)[1]?.error).toContain('had not ended')
  })

  it('that is set earlier while the tick goes on wakes the tenant in time', async () => {
    const world = new ScheduleWorld({ now: NOW })
    const soon = jobOf('job_2', { kind: 'at', atMs: NOW + 6 * MINUTE }, NOW + 6 * MINUTE)
    await world.enter(every())
    world.answer = (job) => {
      world.answer = () => null
      void world.enter(soon)
      expect(job.id).toBe('job_1')
      return null
    }
    await world.runUntil(NOW + 9 * MINUTE)
    expect(world.started.map(({ job, at }) => [job.id, at])).toEqual([
      ['job_1', NOW + 5 * MINUTE],
      ['job_2', NOW + 6 * MINUTE],
    ])
  })

  it('whose change was never reported as done is found all the same', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.schedules.changing()
    world.store.jobs.set('job_1', every())
    await world.runUntil(NOW + 6 * MINUTE)
    expect(world.started).toHaveLength(1)
  })

  it('that was switched off, or deleted, begins nothing', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.enter(every())
    world.answer = () => ({ kind: 'postponed', reason: 'busy', afterMs: MINUTE })
    await world.runUntil(NOW + 5 * MINUTE)
    world.answer = () => null
    await world.store.switchOff('job_1', 'by its owner', NOW)
    await world.runUntil(NOW + HOUR)
    expect(world.started).toEqual([])
    expect(runsOf(world)).toMatchObject([{ state: 'skipped', error: 'the job was switched off' }])
  })

  it('runs by hand although it is switched off', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.enter({ ...every(), enabled: false, nextRunAt: null })
    world.store.addManual('job_1', NOW)
    await world.schedules.changed()
    await world.runUntil(NOW + MINUTE)
    expect(runsOf(world)).toMatchObject([{ trigger: 'manual', state: 'ok' }])
  })

  it('that is to be deleted once it went well is, and is kept when it did not', async () => {
    const world = new ScheduleWorld({
      now: NOW,
      resultOf: ({ jobId }) =>
        jobId === 'job_1' ? completed('done') : { kind: 'failed', code: 'LIMIT', error: 'spent' },
    })
    await world.enter(
      every('job_1', { deleteAfterRun: true }),
      every('job_2', { deleteAfterRun: true }),
    )
    await world.runUntil(NOW + 6 * MINUTE)
    expect([...world.store.jobs.keys()]).toEqual(['job_2'])
    expect(statuses(world)).toEqual(['started', 'started', 'ok', 'failed'])
  })
})

describe('a run that fails', () => {
  const failing = (code: 'MODEL' | 'LIMIT' | 'ACCESS_REVOKED' | 'STOPPED') =>
    new ScheduleWorld({
      now: NOW,
      policy: { maxRetries: 2, retryDelayMs: MINUTE },
      resultOf: () => ({ kind: 'failed', code, error: 'no' }),
    })

  it('is tried again after growing pauses, so often and no more', async () => {
    const world = failing('MODEL')
    await world.enter(jobOf('job_1', { kind: 'at', atMs: NOW + 1 }, NOW + 1))
    await world.runUntil(NOW + HOUR)
    expect(world.started.map(({ run }) => run.attempt)).toEqual([1, 2, 3])
    const [first, second, third] = world.started.map(({ at }) => at)
    expect(Number(second) - Number(first)).toBe(MINUTE + 3_000)
    expect(Number(third) - Number(second)).toBe(2 * MINUTE + 3_000)
    expect(runsOf(world)).toMatchObject([{ state: 'failed', attempt: 3, error: 'no' }])
    expect(statuses(world).filter((status) => status === 'retrying')).toHaveLength(2)
  })

  it.for(['LIMIT', 'ACCESS_REVOKED', 'STOPPED'] as const)('with %s is not', async (code) => {
    const world = failing(code)
    await world.enter(jobOf('job_1', { kind: 'at', atMs: NOW + 1 }, NOW + 1))
    await world.runUntil(NOW + HOUR)
    expect(world.started).toHaveLength(1)
    expect(runsOf(world)).toMatchObject([{ state: 'failed' }])
  })

  it('tells its end twice, and is counted once', async () => {
    const world = failing('MODEL')
    await world.enter(jobOf('job_1', { kind: 'at', atMs: NOW + 1 }, NOW + 1))
    await world.runUntil(NOW + 10_000)
    const [started] = world.started
    if (!started) throw new Error('no run began')
    const { jobId, scheduledAt } = started.run
    const late = { jobId, scheduledAt, attempt: 1, result: completed('late') }
    await world.schedules.ended(late, started.runId)
    expect(runsOf(world)).toMatchObject([{ state: 'due', attempt: 2 }])
  })

  it('whose end nobody told is asked after', async () => {
    const world = new ScheduleWorld({ now: NOW, runMs: 100 * HOUR })
    await world.enter(jobOf('job_1', { kind: 'at', atMs: NOW + 1 }, NOW + 1))
    await world.runUntil(NOW + 50 * MINUTE)
    expect(runsOf(world)).toMatchObject([{ state: 'running' }])
    world.probed = completed('it was over')
    await world.runUntil(NOW + HOUR)
    expect(runsOf(world)).toMatchObject([{ state: 'ok' }])
  })
})

describe('a firing that is refused', () => {
  it('is written down with its reason, told, and reported', async () => {
    const world = new ScheduleWorld({ now: NOW })
    world.answer = () => ({ kind: 'refused', reason: 'an emergency stop', endsJob: false })
    await world.enter(every())
    await world.runUntil(NOW + 6 * MINUTE)
    expect(runsOf(world)).toMatchObject([{ state: 'skipped', error: 'an emergency stop' }])
    expect(statuses(world)).toEqual(['skipped'])
    expect(world.events).toMatchObject([{ name: 'schedule_refused', fields: { job: 'job_1' } }])
    expect(world.store.jobs.get('job_1')).toMatchObject({ enabled: true })
  })

  it('for good ends the job', async () => {
    const world = new ScheduleWorld({ now: NOW })
    world.answer = () => ({ kind: 'refused', reason: 'the access has ended', endsJob: true })
    await world.enter(every())
    await world.runUntil(NOW + HOUR)
    expect(runsOf(world)).toHaveLength(1)
    expect(world.store.jobs.get('job_1')).toMatchObject({ enabled: false, nextRunAt: null })
  })

  it('for now is tried again as the same attempt, and given up after an hour', async () => {
    const world = new ScheduleWorld({ now: NOW })
    world.answer = () => ({ kind: 'postponed', reason: 'too many runs', afterMs: 1 })
    await world.enter(jobOf('job_1', { kind: 'at', atMs: NOW + 1 }, NOW + 1))
    await world.runUntil(NOW + MINUTE)
    expect(runsOf(world)).toMatchObject([{ state: 'due', attempt: 1, error: 'too many runs' }])
    await world.runUntil(NOW + 2 * HOUR)
    expect(runsOf(world)).toMatchObject([{ state: 'skipped', error: 'too many runs' }])
  })

  it('by trouble inside the gateway is tried again, and holds up no other', async () => {
    const world = new ScheduleWorld({ now: NOW })
    let tries = 0
    world.answer = (job) => {
      if (job.id === 'job_1' && ++tries < 4) throw new Error('the session is away')
      return null
    }
    await world.enter(every('job_1'), every('job_2'))
    await world.runUntil(NOW + 9 * MINUTE)
    expect(world.started.map(({ job }) => job.id)).toEqual(['job_2', 'job_1'])
    expect(world.troubles).toHaveLength(3)
  })
})

describe('many at once', () => {
  it('are begun a few at a time', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.enter(...Array.from({ length: 300 }, (_, nth) => every(`job_${nth}`)))
    await world.runUntil(NOW + 6 * MINUTE)
    expect(world.started).toHaveLength(300)
    expect(world.mostAtOnce).toBeLessThanOrEqual(4)
  })

  it('are not held up by a row that nobody can read', async () => {
    const world = new ScheduleWorld({ now: NOW })
    await world.enter(every('job_1'), every('job_2'))
    const { dueJobs, openRuns } = world.store
    world.store.addManual('job_1', NOW)
    world.store.dueJobs = async (...asked) =>
      (await dueJobs(...asked)).map((due) => (due.id === 'job_1' ? { ...due, job: null } : due))
    world.store.openRuns = async (...asked) =>
      (await openRuns(...asked)).map((open) =>
        open.run.jobId === 'job_1' ? { ...open, job: null } : open,
      )
    await world.runUntil(NOW + 6 * MINUTE)
    expect(world.started.map(({ job }) => job.id)).toEqual(['job_2'])
    expect(world.store.jobs.get('job_1')).toMatchObject({ enabled: false })
  })
})

describe('a heartbeat', () => {
  const heartbeat = async (content: string) => {
    const world = new ScheduleWorld({ now: NOW, resultOf: () => completed(content) })
    await world.enter(every('job_1', { isHeartbeat: true }))
    await world.runUntil(NOW + 6 * MINUTE)
    expect(runsOf(world)).toMatchObject([{ state: 'ok' }])
    return [statuses(world), world.delivered]
  }

  it('is silent when there is nothing to say', async () => {
    expect(await heartbeat('HEARTBEAT_OK')).toEqual([[], []])
    expect(await heartbeat('HEARTBEAT_OK\n')).toEqual([[], []])
  })

  it('speaks when there is, also around those words', async () => {
    const speech = 'HEARTBEAT_OK, but the disk is full'
    expect(await heartbeat(speech)).toEqual([['ok'], [speech]])
  })
})
