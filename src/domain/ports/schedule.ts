/** What scheduled jobs need of the rest: their rows, whoever starts their runs, and where answers go. */
import type { Attempt, CronJob, CronRun, Delivery, JobStatus, Occurrence } from '../cron-job.ts'
import type { RunId } from '../ids.ts'
import type { Result } from '../result.ts'
import type { RunResult } from '../run-event.ts'

export interface DueJob {
  readonly id: string
  /** Null for a row that cannot be read. */
  readonly job: CronJob | null
  readonly hasOpenRun: boolean
}

export interface OpenRun {
  readonly run: CronRun
  readonly job: CronJob | null
}

export interface OccurrenceClaim extends Occurrence {
  readonly nextRunAt: number | null
  readonly message: string
  readonly skipped: string | null
}

/** One tenant's rows. Every call is one step: done or not done, whatever happens to the caller. */
export interface ScheduleStore {
  dueJobs(now: number, limit: number): Promise<readonly DueJob[]>
  claim(claim: OccurrenceClaim, now: number): Promise<void>
  openRuns(now: number, limit: number): Promise<readonly OpenRun[]>
  findOpenRun(occurrence: Occurrence): Promise<OpenRun | null>
  started(attempt: Attempt, began: { readonly runId: RunId; readonly dueAt: number }): Promise<void>
  postpone(
    attempt: Attempt,
    until: { readonly dueAt: number; readonly error: string | null },
  ): Promise<void>
  retry(attempt: Attempt, next: { readonly dueAt: number; readonly error: string }): Promise<void>
  /** @returns whether it was open */
  close(
    attempt: Attempt,
    end: { readonly status: JobStatus; readonly error: string | null },
    now: number,
  ): Promise<boolean>
  switchOff(jobId: string, error: string, now: number): Promise<void>
  remove(jobId: string): Promise<void>
  prune(jobId: string): Promise<void>
  nextTime(): Promise<number | null>
}

/** What became of the attempt to begin a job's run. */
export type FireOutcome =
  /** By this attempt, or by an earlier try of it. */
  | { readonly kind: 'started'; readonly runId: RunId }
  | { readonly kind: 'finished'; readonly runId: RunId; readonly result: RunResult }
  /** Not now: the same attempt again, later. */
  | { readonly kind: 'postponed'; readonly reason: string; readonly afterMs: number }
  /** Not at all. `endsJob`: what stood behind the job has ended. */
  | { readonly kind: 'refused'; readonly reason: string; readonly endsJob: boolean }

/** Begins runs with the rights of the job's owner, proven anew each time. */
export interface ScheduleDoor {
  fire(job: CronJob, run: CronRun): Promise<FireOutcome>
  /** How a run stands that should have been over: null while it goes on. */
  probe(job: CronJob, run: CronRun): Promise<RunResult | null>
}

/** Hands an answer to a channel. What it cannot hand over is refused when the job is made. */
export interface DeliveryPort {
  deliver(delivery: Delivery, job: CronJob, content: string): Promise<Result<null, string>>
}
