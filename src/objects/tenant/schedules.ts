/**
 * The tenant's scheduled jobs: one timer for whatever is due next. The rows are the truth; the timer
 * only wakes. Each tick takes occurrences from jobs that are due, begins the runs of those that wait,
 * and looks after those that should be over. Every step may be cut off and comes again: an occurrence
 * is taken once, and its run begun under a key that names it, so that each starts one run.
 */
import {
  type Attempt,
  type CronJob,
  type CronRun,
  isSilent,
  type JobStatus,
  type RetryPolicy,
  type ScheduledEnd,
  settle,
} from '../../domain/cron-job.ts'
import type { RunId } from '../../domain/ids.ts'
import type {
  DeliveryPort,
  DueJob,
  OpenRun,
  ScheduleDoor,
  ScheduleStore,
} from '../../domain/ports/schedule.ts'
import type { RunResult } from '../../domain/run-event.ts'
import { nextTime } from '../../domain/schedule.ts'
import { type SecurityEvent, securityEvent } from '../../domain/security-event.ts'
import type { Timers } from '../alarms.ts'

export const SCHEDULES = 'schedules'

/** Of one tick; what is left comes with the next, at once. */
const BATCH = 50
/** Runs of one tenant that are begun at the same time. */
const LANES = 4
/** Should a change of the rows never be reported as done, they are looked at then. */
const CHANGE_MS = 30_000
/** A tick that was cut off comes again then: while it gets on, its pauses do not grow. */
const TICK_MS = 10_000
/** After what went wrong inside the gateway. */
const TROUBLE_MS = 15_000
/** An attempt that could not begin for so long is not begun any more. */
const MAX_WAIT_MS = 3_600_000
/** No run lasts longer: then somebody has to be asked what became of it. */
const PROBE_AFTER_MS = 45 * 60_000
const PROBE_AGAIN_MS = 10 * 60_000

const OVERLAP = 'the run before it had not ended'
const UNREADABLE = 'the job cannot be read; make it anew'

export type ScheduleStatus = 'started' | 'retrying' | JobStatus

/** For whoever owns the job. */
export interface ScheduleNews {
  readonly job: CronJob
  readonly scheduledAt: number
  readonly status: ScheduleStatus
  readonly runId: RunId | null
  readonly reason: string | null
}

export interface SchedulesParts {
  readonly timers: Pick<Timers, 'set' | 'setNoLater' | 'cancel'>
  readonly store: ScheduleStore
  readonly door: ScheduleDoor
  readonly delivery: DeliveryPort
  /** Null: there is no such tenant any more. */
  policy(): Promise<RetryPolicy | null>
  /** What the job says: its own words, or its agent's for a heartbeat that has none. */
  messageOf(job: CronJob): Promise<string>
  tell(news: ScheduleNews): Promise<void>
  report(job: CronJob, event: SecurityEvent): Promise<void>
  trouble(error: unknown, jobId: string): void
  now(): number
}

export class Schedules {
  readonly #parts: SchedulesParts
  /** Of what the timer stands for, while this object lives. */
  #changes = 0

  constructor(parts: SchedulesParts) {
    this.#parts = parts
  }

  /** Before rows change: whatever becomes of the one who changes them, they are looked at. */
  changing(): Promise<void> {
    return this.#wakeBy(this.#parts.now() + CHANGE_MS)
  }

  async #wakeBy(at: number): Promise<void> {
    this.#changes++
    await this.#parts.timers.setNoLater(SCHEDULES, at)
  }

  /** Once they have changed: the timer stands for what is due next. */
  async changed(): Promise<void> {
    const next = await this.#parts.store.nextTime()
    if (next !== null) await this.#wakeBy(next)
  }

  /** The handler of the timer. */
  async tick(): Promise<void> {
    const { store, now, timers } = this.#parts
    if ((await this.#parts.policy()) === null) return
    await timers.set(SCHEDULES, now() + TICK_MS)
    const changes = this.#changes
    for (const due of await store.dueJobs(now(), BATCH)) await this.#claim(due)
    await inLanes(await store.openRuns(now(), BATCH), (open) => this.#step(open))
    const next = await store.nextTime()
    // Rows that changed meanwhile have set the timer by themselves: what was read may be old.
    if (changes !== this.#changes) await timers.setNoLater(SCHEDULES, next ?? now() + TICK_MS)
    else if (next === null) await timers.cancel(SCHEDULES)
    else await timers.set(SCHEDULES, next)
  }

  /** After an outage the next time is counted from now: what was missed runs once. */
  async #claim({ id, job, hasOpenRun }: DueJob): Promise<void> {
    const { store, now, messageOf } = this.#parts
    if (job?.nextRunAt == null) return store.switchOff(id, UNREADABLE, now())
    const scheduledAt = job.nextRunAt
    const nextRunAt = nextTime(job.schedule, Math.max(scheduledAt, now()))
    const skipped = hasOpenRun ? OVERLAP : null
    const message = hasOpenRun ? '' : await messageOf(job)
    await store.claim({ jobId: id, scheduledAt, nextRunAt, message, skipped }, now())
    if (skipped !== null) await this.#tell(job, scheduledAt, 'skipped', null, skipped)
  }

  async #step({ run, job }: OpenRun): Promise<void> {
    const { store, now, trouble } = this.#parts
    try {
      if (job === null) {
        await store.close(run, { status: 'failed', error: UNREADABLE }, now())
        return await store.switchOff(run.jobId, UNREADABLE, now())
      }
      if (run.state === 'running') await this.#probe(job, run)
      else await this.#begin(job, run)
    } catch (error) {
      trouble(error, run.jobId)
      // What happened is not known: the same attempt again, under the same key.
      const dueAt = now() + TROUBLE_MS
      await store.postpone(run, { dueAt, error: 'the gateway could not begin it' })
    }
  }

  async #begin(job: CronJob, run: CronRun): Promise<void> {
    const { store, door, now } = this.#parts
    if (run.trigger === 'schedule' && !job.enabled) {
      return this.#refuse(job, run, 'the job was switched off')
    }
    if (now() - run.waitingSince > MAX_WAIT_MS) {
      return this.#refuse(job, run, run.error ?? 'it could not begin for too long')
    }
    const outcome = await door.fire(job, run)
    switch (outcome.kind) {
      case 'started': {
        const { runId } = outcome
        await store.started(run, { runId, dueAt: now() + PROBE_AFTER_MS })
        if (!job.isHeartbeat) await this.#tell(job, run.scheduledAt, 'started', runId)
        return
      }
      case 'finished':
        return this.#settle(job, run, outcome.result, outcome.runId)
      case 'postponed': {
        const dueAt = now() + Math.max(1_000, outcome.afterMs)
        return store.postpone(run, { dueAt, error: outcome.reason })
      }
      case 'refused':
        await this.#refuse(job, run, outcome.reason)
        if (outcome.endsJob) await store.switchOff(job.id, outcome.reason, now())
    }
  }

  async #probe(job: CronJob, run: CronRun): Promise<void> {
    const { store, door, now } = this.#parts
    const result = await door.probe(job, run)
    if (result !== null) return this.#settle(job, run, result, run.runId)
    await store.postpone(run, { dueAt: now() + PROBE_AGAIN_MS, error: null })
  }

  async #refuse(job: CronJob, run: CronRun, reason: string): Promise<void> {
    const { store, report, now } = this.#parts
    if (!(await store.close(run, { status: 'skipped', error: reason }, now()))) return
    await report(job, securityEvent('schedule_refused', { job: job.id, reason }))
    await this.#tell(job, run.scheduledAt, 'skipped', null, reason)
  }

  /** A run has ended, says its session; it may say so twice, and before its start is written down. */
  async ended({ result, ...attempt }: ScheduledEnd, runId: RunId): Promise<void> {
    const open = await this.#parts.store.findOpenRun(attempt)
    if (open === null || open.job === null || open.run.attempt !== attempt.attempt) return
    await this.#settle(open.job, open.run, result, runId)
  }

  async #settle(job: CronJob, run: Attempt, result: RunResult, runId: RunId | null): Promise<void> {
    const { store, now, policy } = this.#parts
    const retries = (await policy()) ?? { maxRetries: 0, retryDelayMs: 0 }
    const settled = settle(result, run.attempt, retries)
    if (settled.kind === 'retry') {
      const dueAt = now() + settled.afterMs
      // The timer first: it may come for nothing, but not be missing.
      await this.#wakeBy(dueAt)
      await store.retry(run, { dueAt, error: settled.error })
      return this.#tell(job, run.scheduledAt, 'retrying', runId, settled.error)
    }
    const { status, error } = settled
    const isDone = status === 'ok' && job.deleteAfterRun
    if (isDone) await store.remove(job.id)
    else if (!(await store.close(run, { status, error }, now()))) return
    if (isSilent(job, result)) return store.prune(job.id)
    await this.#tell(job, run.scheduledAt, status, runId, error)
    if (result.kind === 'completed') await this.#deliver(job, result.content)
    if (!isDone) await store.prune(job.id)
  }

  async #deliver(job: CronJob, content: string): Promise<void> {
    const delivered = await this.#parts.delivery.deliver(job.delivery, job, content)
    if (!delivered.ok) this.#parts.trouble(new Error(delivered.error), job.id)
  }

  async #tell(
    job: CronJob,
    scheduledAt: number,
    status: ScheduleStatus,
    runId: RunId | null,
    reason: string | null = null,
  ): Promise<void> {
    await this.#parts.tell({ job, scheduledAt, status, runId, reason })
  }
}

/** A few at a time. One that throws ends the tick once the others are through. */
async function inLanes<Item>(
  items: readonly Item[],
  act: (item: Item) => Promise<void>,
): Promise<void> {
  const left = [...items]
  const lane = async (): Promise<void> => {
    for (let next = left.shift(); next !== undefined; next = left.shift()) await act(next)
  }
  const lanes = await Promise.allSettled(Array.from({ length: LANES }, lane))
  for (const outcome of lanes) if (outcome.status === 'rejected') throw outcome.reason
}
