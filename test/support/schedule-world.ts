/**
 * Schedules under a clock of their own: the scheduler and its timers as they are, over rows in memory,
 * with sessions that start one run for each idempotency key, as real ones do.
 */
import type { CronJob, CronRun, ScheduledEnd } from '../../src/domain/cron-job.ts'
import { occurrenceKey, type RetryPolicy } from '../../src/domain/cron-job.ts'
import type { RunId } from '../../src/domain/ids.ts'
import { NO_USAGE } from '../../src/domain/message.ts'
import type { FireOutcome, ScheduleDoor, ScheduleStore } from '../../src/domain/ports/schedule.ts'
import { ok } from '../../src/domain/result.ts'
import type { RunResult } from '../../src/domain/run-event.ts'
import type { SecurityEvent } from '../../src/domain/security-event.ts'
import { Timers } from '../../src/objects/alarms.ts'
import { migrate } from '../../src/objects/schema/migrate.ts'
import { SCHEDULES, type ScheduleNews, Schedules } from '../../src/objects/tenant/schedules.ts'
import { SqliteStorage } from '../unit/objects/sqlite-storage.ts'
import { KillSwitch, MemorySchedules } from './memory-schedules.ts'

export const completed = (content: string): RunResult => ({
  kind: 'completed',
  content,
  usage: NO_USAGE,
})

export interface StartedRun {
  readonly job: CronJob
  readonly run: CronRun
  readonly runId: RunId
  readonly at: number
}

interface Pending {
  readonly at: number
  readonly end: ScheduledEnd
  readonly runId: RunId
}

export interface ScheduleWorldOptions {
  readonly now: number
  readonly killSwitch?: KillSwitch
  /** Other rows than those in memory. */
  readonly rows?: ScheduleStore
  readonly runMs?: number
  readonly policy?: RetryPolicy
  /** What a run comes to. */
  readonly resultOf?: (started: StoredKey) => RunResult
}

export interface StoredKey {
  readonly jobId: string
  readonly attempt: number
  readonly nth: number
}

/** The platform tries an alarm again whose handler was cut off. */
const ALARM_RETRY_MS = 2_000
/** A session tells the end of its last run again, should nobody have heard of it. */
const TELL_AGAIN_MS = 30_000

export class ScheduleWorld {
  readonly store = new MemorySchedules()
  readonly killSwitch: KillSwitch
  readonly storage = new SqliteStorage()
  readonly started: StartedRun[] = []
  readonly news: ScheduleNews[] = []
  readonly events: SecurityEvent[] = []
  readonly delivered: string[] = []
  readonly troubles: unknown[] = []
  now: number
  /** Asked before a run is begun: anything else than null is the answer. */
  answer: (job: CronJob, run: CronRun) => FireOutcome | null = () => null
  /** How a run stands that is asked after. */
  probed: RunResult | null = null
  /** More than one at the same time is counted. */
  mostAtOnce = 0
  #atOnce = 0
  #running: Pending[] = []
  readonly #byKey = new Map<string, RunId>()
  readonly #options: ScheduleWorldOptions
  #schedules: Schedules
  #timers: Timers

  constructor(options: ScheduleWorldOptions) {
    this.#options = options
    this.now = options.now
    this.killSwitch = options.killSwitch ?? new KillSwitch()
    migrate(this.storage, [{ version: 1, statements: ['CREATE TABLE note (text TEXT)'] }])
    ;[this.#timers, this.#schedules] = this.#start()
  }

  /** A new life of the tenant's object, over what was stored. */
  #start(): [Timers, Schedules] {
    const timers = new Timers(this.storage)
    const { killSwitch } = this
    const policy = this.#options.policy ?? { maxRetries: 3, retryDelayMs: 60_000 }
    const door: ScheduleDoor = {
      fire: (job, run) => this.#fire(job, run),
      probe: async () => this.probed,
    }
    const schedules = new Schedules({
      timers: killSwitch.around({
        set: (name: string, at: number) => timers.set(name, at),
        setNoLater: (name: string, at: number) => timers.setNoLater(name, at),
        cancel: (name: string) => timers.cancel(name),
      }),
      store: killSwitch.around(this.#options.rows ?? this.store),
      door: killSwitch.around(door),
      delivery: {
        deliver: async (_, __, content) => {
          this.delivered.push(content)
          return ok(null)
        },
      },
      policy: async () => policy,
      messageOf: async ({ message }) => message,
      tell: async (news) => void this.news.push(news),
      report: async (_, event) => void this.events.push(event),
      trouble: (error) => void this.troubles.push(error),
      now: () => this.now,
    })
    return [timers, schedules]
  }

  async #fire(job: CronJob, run: CronRun): Promise<FireOutcome> {
    this.mostAtOnce = Math.max(this.mostAtOnce, ++this.#atOnce)
    await Promise.resolve()
    this.#atOnce--
    const answer = this.answer(job, run)
    if (answer) return answer
    const key = occurrenceKey(run)
    const known = this.#byKey.get(key)
    if (known) return { kind: 'started', runId: known }
    const nth = this.started.length
    const runId = `run_${nth}` as RunId
    this.#byKey.set(key, runId)
    this.started.push({ job, run, runId, at: this.now })
    const { jobId, scheduledAt, attempt } = run
    const result = this.#options.resultOf?.({ jobId, attempt, nth }) ?? completed('done')
    const end = { jobId, scheduledAt, attempt, result }
    this.#running.push({ at: this.now + (this.#options.runMs ?? 3_000), end, runId })
    return { kind: 'started', runId }
  }

  get schedules(): Schedules {
    return this.#schedules
  }

  /** A job as an operation leaves it: entered, and the tenant's object told. */
  async enter(...jobs: readonly CronJob[]): Promise<void> {
    await this.#schedules.changing()
    for (const job of jobs) this.store.jobs.set(job.id, job)
    await this.#schedules.changed()
  }

  async #survive(work: () => Promise<unknown>): Promise<boolean> {
    await work().catch(() => undefined)
    if (!this.killSwitch.revive()) return true
    ;[this.#timers, this.#schedules] = this.#start()
    return false
  }

  /** The next thing that happens, if it is no later than that. */
  async #next(until: number): Promise<boolean> {
    const soonest = this.#running.reduce<Pending | null>(
      (first, run) => (first && first.at <= run.at ? first : run),
      null,
    )
    const { alarm } = this.storage
    const at = Math.min(alarm ?? Infinity, soonest?.at ?? Infinity)
    if (at > until) return false
    this.now = Math.max(this.now, at)
    if (soonest?.at === at) {
      this.#running = this.#running.filter((run) => run !== soonest)
      const { end, runId } = soonest
      const isTold = await this.#survive(() => this.#schedules.ended(end, runId))
      if (!isTold) this.#running.push({ ...soonest, at: this.now + TELL_AGAIN_MS })
      return true
    }
    this.storage.alarm = null
    const isDone = await this.#survive(() =>
      this.#timers.run(
        () => this.now,
        async (name) => {
          if (name === SCHEDULES) await this.#schedules.tick()
        },
      ),
    )
    // What was killed armed nothing by itself.
    if (!isDone) this.storage.alarm = this.now + ALARM_RETRY_MS
    return true
  }

  async runUntil(until: number): Promise<void> {
    while (await this.#next(until)) {}
    this.now = until
  }
}
