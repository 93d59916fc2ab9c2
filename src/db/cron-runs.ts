/**
 * Occurrences of scheduled jobs: what is open, and what came of it. Every step is conditional on the
 * one before it, so that whoever comes late or twice changes nothing.
 */
import { and, desc, eq, exists, isNotNull, lt, lte, sql } from 'drizzle-orm'
import {
  type Attempt,
  type CronJob,
  type CronRun,
  cronRunSchema,
  type JobStatus,
  type Occurrence,
} from '../domain/cron-job.ts'
import type { RunId, TenantId } from '../domain/ids.ts'
import { parseCronJob } from './cron-job-row.ts'
import type { Database } from './database.ts'
import { cronJobs, cronRuns } from './schema/cron-jobs.ts'

export const MAX_CRON_RUN_PAGE = 100

export interface Claim extends Occurrence {
  /** Null: the job is not due any more. */
  readonly nextRunAt: number | null
  readonly message: string
  /** Why nothing is to come of it; null: it is to run. */
  readonly skipped: string | null
}

/**
 * Takes one occurrence from its job, and moves the job on to its next: both or nothing, and only while
 * the job is still due then.
 */
export async function claimOccurrence(
  db: Database,
  tenantId: TenantId,
  { jobId, scheduledAt, nextRunAt, message, skipped }: Claim,
  now: number,
): Promise<void> {
  const isStillDue = and(
    eq(cronJobs.tenantId, tenantId),
    eq(cronJobs.id, jobId),
    eq(cronJobs.nextRunAt, scheduledAt),
  )
  const isOver = skipped !== null
  const lastOutcome = { lastRunAt: now, lastStatus: 'skipped', lastError: skipped } as const
  await db.batch([
    db
      .insert(cronRuns)
      .select(
        db
          .select({
            tenantId: cronJobs.tenantId,
            jobId: cronJobs.id,
            scheduledAt: sql`${scheduledAt}`.as('scheduled_at'),
            trigger: sql`'schedule'`.as('trigger'),
            state: sql`${isOver ? 'skipped' : 'due'}`.as('state'),
            attempt: sql`1`.as('attempt'),
            dueAt: sql`${isOver ? null : now}`.as('due_at'),
            waitingSince: sql`${now}`.as('waiting_since'),
            message: sql`${isOver ? null : message}`.as('message'),
            runId: sql`null`.as('run_id'),
            error: sql`${skipped}`.as('error'),
            createdAt: sql`${now}`.as('created_at'),
            endedAt: sql`${isOver ? now : null}`.as('ended_at'),
          })
          .from(cronJobs)
          .where(isStillDue),
      )
      .onConflictDoNothing(),
    db
      .update(cronJobs)
      .set({ nextRunAt, ...(isOver ? lastOutcome : {}) })
      .where(isStillDue),
  ])
}

/** Somebody asked for a run now. @returns whether there was none of this very moment yet */
export async function addManualRun(
  db: Database,
  tenantId: TenantId,
  { jobId, scheduledAt }: Occurrence,
  message: string,
): Promise<boolean> {
  const added = await db
    .insert(cronRuns)
    .values({
      tenantId,
      jobId,
      scheduledAt,
      trigger: 'manual',
      state: 'due',
      dueAt: scheduledAt,
      waitingSince: scheduledAt,
      message,
      createdAt: scheduledAt,
    })
    .onConflictDoNothing()
    .returning({ jobId: cronRuns.jobId })
  return added.length > 0
}

export interface OpenCronRun {
  readonly run: CronRun
  /** Null for a row that cannot be read. */
  readonly job: CronJob | null
}

/** Those to be looked at now, longest waiting first. */
export async function openCronRuns(
  db: Database,
  tenantId: TenantId,
  now: number,
  limit: number,
): Promise<readonly OpenCronRun[]> {
  const rows = await db
    .select({ run: cronRuns, job: cronJobs })
    .from(cronRuns)
    .innerJoin(
      cronJobs,
      and(eq(cronJobs.tenantId, cronRuns.tenantId), eq(cronJobs.id, cronRuns.jobId)),
    )
    .where(and(eq(cronRuns.tenantId, tenantId), lte(cronRuns.dueAt, now)))
    .orderBy(cronRuns.dueAt)
    .limit(limit)
  return rows.map(({ run, job }) => ({ run: cronRunSchema.parse(run), job: parseCronJob(job) }))
}

/** One that is not over yet, with its job. */
export async function findOpenCronRun(
  db: Database,
  tenantId: TenantId,
  { jobId, scheduledAt }: Occurrence,
): Promise<OpenCronRun | null> {
  const row = await db
    .select({ run: cronRuns, job: cronJobs })
    .from(cronRuns)
    .innerJoin(
      cronJobs,
      and(eq(cronJobs.tenantId, cronRuns.tenantId), eq(cronJobs.id, cronRuns.jobId)),
    )
    .where(
      and(
        eq(cronRuns.tenantId, tenantId),
        eq(cronRuns.jobId, jobId),
        eq(cronRuns.scheduledAt, scheduledAt),
        isNotNull(cronRuns.dueAt),
      ),
    )
    .get()
  return row ? { run: cronRunSchema.parse(row.run), job: parseCronJob(row.job) } : null
}

const isOpenAttempt = (tenantId: TenantId, { jobId, scheduledAt, attempt }: Attempt) =>
  and(
    eq(cronRuns.tenantId, tenantId),
    eq(cronRuns.jobId, jobId),
    eq(cronRuns.scheduledAt, scheduledAt),
    eq(cronRuns.attempt, attempt),
    isNotNull(cronRuns.dueAt),
  )

/** Its run began; it is asked after at `dueAt` should nobody tell of its end. */
export async function markCronRunStarted(
  db: Database,
  tenantId: TenantId,
  attempt: Attempt,
  { runId, dueAt }: { readonly runId: RunId; readonly dueAt: number },
): Promise<void> {
  await db
    .update(cronRuns)
    .set({ state: 'running', runId, dueAt, error: null })
    .where(isOpenAttempt(tenantId, attempt))
}

/** Looked at later, as it stands. */
export async function postponeCronRun(
  db: Database,
  tenantId: TenantId,
  attempt: Attempt,
  { dueAt, error }: { readonly dueAt: number; readonly error: string | null },
): Promise<void> {
  await db.update(cronRuns).set({ dueAt, error }).where(isOpenAttempt(tenantId, attempt))
}

/** The next attempt of an occurrence whose run failed. */
export async function retryCronRun(
  db: Database,
  tenantId: TenantId,
  attempt: Attempt,
  { dueAt, error }: { readonly dueAt: number; readonly error: string },
): Promise<void> {
  await db
    .update(cronRuns)
    .set({ state: 'due', attempt: attempt.attempt + 1, dueAt, waitingSince: dueAt, error })
    .where(isOpenAttempt(tenantId, attempt))
}

/** @returns whether it was open: who comes second tells nobody */
export async function closeCronRun(
  db: Database,
  tenantId: TenantId,
  attempt: Attempt,
  { status, error }: { readonly status: JobStatus; readonly error: string | null },
  now: number,
): Promise<boolean> {
  const open = db
    .select({ jobId: cronRuns.jobId })
    .from(cronRuns)
    .where(isOpenAttempt(tenantId, attempt))
  const [, closed] = await db.batch([
    db
      .update(cronJobs)
      .set({ lastRunAt: now, lastStatus: status, lastError: error })
      .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.id, attempt.jobId), exists(open))),
    db
      .update(cronRuns)
      .set({ state: status, error, dueAt: null, message: null, endedAt: now })
      .where(isOpenAttempt(tenantId, attempt))
      .returning({ jobId: cronRuns.jobId }),
  ])
  return closed.length > 0
}

/** When anything of the tenant's schedules is to be looked at next; null: never. */
export async function nextCronTime(db: Database, tenantId: TenantId): Promise<number | null> {
  const [[job], [run]] = await db.batch([
    db
      .select({ at: sql<number | null>`min(${cronJobs.nextRunAt})` })
      .from(cronJobs)
      .where(and(eq(cronJobs.tenantId, tenantId), isNotNull(cronJobs.nextRunAt))),
    db
      .select({ at: sql<number | null>`min(${cronRuns.dueAt})` })
      .from(cronRuns)
      .where(and(eq(cronRuns.tenantId, tenantId), isNotNull(cronRuns.dueAt))),
  ])
  const times = [job?.at, run?.at].filter((at) => typeof at === 'number')
  return times.length === 0 ? null : Math.min(...times)
}

/** Newest first. */
export async function listCronRuns(
  db: Database,
  tenantId: TenantId,
  jobId: string,
  { limit, before }: { readonly limit: number; readonly before?: number | undefined },
): Promise<readonly CronRun[]> {
  const rows = await db
    .select()
    .from(cronRuns)
    .where(
      and(
        eq(cronRuns.tenantId, tenantId),
        eq(cronRuns.jobId, jobId),
        before === undefined ? undefined : lt(cronRuns.scheduledAt, before),
      ),
    )
    .orderBy(desc(cronRuns.scheduledAt))
    .limit(Math.min(limit, MAX_CRON_RUN_PAGE))
  return rows.map((row) => cronRunSchema.parse(row))
}
