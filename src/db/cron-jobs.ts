/**
 * Scheduled jobs. Whose a job is, and whether it may be, is judged before; here every change is one
 * statement or batch. A row that cannot be read is told as such, and holds up no other.
 */
import { and, count, desc, eq, isNotNull, lt, lte, or, sql } from 'drizzle-orm'
import type { CronJob } from '../domain/cron-job.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseCronJob, scheduleColumns } from './cron-job-row.ts'
import type { Database } from './database.ts'
import { cronJobs, cronRuns } from './schema/cron-jobs.ts'

export const MAX_CRON_JOB_PAGE = 200

export interface CronJobRoom {
  readonly perTenant: number
  readonly perOwner: number
}

/** Entered and taken back in one batch when it was one too many: of two at once none slips past. */
export async function createCronJob(
  db: Database,
  tenantId: TenantId,
  job: CronJob,
  room: CronJobRoom,
): Promise<Result<null, 'too_many'>> {
  const isNew = and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.id, job.id))
  const ofTenant = db.select({ n: count() }).from(cronJobs).where(eq(cronJobs.tenantId, tenantId))
  const ofOwner = db
    .select({ n: count() })
    .from(cronJobs)
    .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.ownerId, job.ownerId)))
  const [, , kept] = await db.batch([
    db.insert(cronJobs).values({
      ...job,
      ...scheduleColumns(job.schedule),
      tenantId,
      credentialId: job.principal.credential.id,
    }),
    db
      .delete(cronJobs)
      .where(
        and(
          isNew,
          or(sql`(${ofTenant}) > ${room.perTenant}`, sql`(${ofOwner}) > ${room.perOwner}`),
        ),
      ),
    db.select({ id: cronJobs.id }).from(cronJobs).where(isNew),
  ])
  return kept.length > 0 ? ok(null) : err('too_many')
}

export async function findCronJob(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<CronJob | null> {
  const row = await db
    .select()
    .from(cronJobs)
    .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.id, id)))
    .get()
  return row === undefined ? null : parseCronJob(row)
}

export interface CronJobPage {
  /** Set for whoever may see only their own. */
  readonly ownerId?: UserId | undefined
  readonly limit: number
  /** The last one of the page before. */
  readonly after?: Pick<CronJob, 'createdAt' | 'id'> | undefined
}

/** Newest first. */
export async function listCronJobs(
  db: Database,
  tenantId: TenantId,
  { ownerId, limit, after }: CronJobPage,
): Promise<readonly CronJob[]> {
  const rows = await db
    .select()
    .from(cronJobs)
    .where(
      and(
        eq(cronJobs.tenantId, tenantId),
        ownerId === undefined ? undefined : eq(cronJobs.ownerId, ownerId),
        after === undefined
          ? undefined
          : sql`(${cronJobs.createdAt}, ${cronJobs.id}) < (${after.createdAt}, ${after.id})`,
      ),
    )
    .orderBy(desc(cronJobs.createdAt), desc(cronJobs.id))
    .limit(Math.min(limit, MAX_CRON_JOB_PAGE))
  return rows.map(parseCronJob).filter((job) => job !== null)
}

export type CronJobChange = Partial<
  Pick<
    CronJob,
    | 'name'
    | 'agentId'
    | 'schedule'
    | 'message'
    | 'delivery'
    | 'deleteAfterRun'
    | 'enabled'
    | 'principal'
    | 'nextRunAt'
  >
>

export async function updateCronJob(
  db: Database,
  tenantId: TenantId,
  id: string,
  change: CronJobChange,
  now: number,
): Promise<CronJob | null> {
  const { name, agentId, schedule, message, delivery, deleteAfterRun, enabled } = change
  const { principal, nextRunAt } = change
  const set = { name, agentId, message, delivery, deleteAfterRun, enabled, nextRunAt }
  const [row] = await db
    .update(cronJobs)
    .set({
      ...set,
      ...(schedule === undefined ? {} : scheduleColumns(schedule)),
      ...(principal === undefined ? {} : { principal, credentialId: principal.credential.id }),
      ...(enabled === true ? { lastError: null } : {}),
      updatedAt: now,
    })
    .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.id, id)))
    .returning()
  return row === undefined ? null : parseCronJob(row)
}

/** With all that came of it. @returns whether it was there */
export async function deleteCronJob(
  db: Database,
  tenantId: TenantId,
  id: string,
): Promise<boolean> {
  const [, deleted] = await db.batch([
    db.delete(cronRuns).where(and(eq(cronRuns.tenantId, tenantId), eq(cronRuns.jobId, id))),
    db
      .delete(cronJobs)
      .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.id, id)))
      .returning({ id: cronJobs.id }),
  ])
  return deleted.length > 0
}

const off = (lastError: string, updatedAt: number) => ({
  enabled: false,
  nextRunAt: null,
  lastError,
  updatedAt,
})

/** For good, until its owner switches it on again: what stood behind it has ended. */
export async function switchOffCronJob(
  db: Database,
  tenantId: TenantId,
  id: string,
  error: string,
  now: number,
): Promise<void> {
  await db
    .update(cronJobs)
    .set(off(error, now))
    .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.id, id)))
}

/** The same of every job that acts with this credential. */
export async function switchOffJobsOfCredential(
  db: Database,
  tenantId: TenantId,
  credentialId: string,
  error: string,
  now: number,
): Promise<void> {
  await db
    .update(cronJobs)
    .set(off(error, now))
    .where(and(eq(cronJobs.tenantId, tenantId), eq(cronJobs.credentialId, credentialId)))
}

export interface DueCronJob {
  readonly id: string
  /** Null for a row that cannot be read. */
  readonly job: CronJob | null
  readonly hasOpenRun: boolean
}

/** Longest overdue first. Whatever is switched off has no next time. */
export async function dueCronJobs(
  db: Database,
  tenantId: TenantId,
  now: number,
  limit: number,
): Promise<readonly DueCronJob[]> {
  const openRun = db
    .select({ jobId: cronRuns.jobId })
    .from(cronRuns)
    .where(
      and(
        eq(cronRuns.tenantId, tenantId),
        eq(cronRuns.jobId, cronJobs.id),
        isNotNull(cronRuns.dueAt),
      ),
    )
  const rows = await db
    .select({ job: cronJobs, hasOpenRun: sql<number>`exists ${openRun}` })
    .from(cronJobs)
    .where(and(eq(cronJobs.tenantId, tenantId), lte(cronJobs.nextRunAt, now)))
    .orderBy(cronJobs.nextRunAt)
    .limit(limit)
  return rows.map(({ job, hasOpenRun }) => ({
    id: job.id,
    job: parseCronJob(job),
    hasOpenRun: hasOpenRun === 1,
  }))
}

export interface CronTotals {
  readonly jobs: number
  readonly enabled: number
  readonly nextRunAt: number | null
}

/** Of one person, or of the whole tenant. */
export async function cronTotals(
  db: Database,
  tenantId: TenantId,
  ownerId: UserId | null,
): Promise<CronTotals> {
  const row = await db
    .select({
      jobs: count(),
      enabled: sql<number>`coalesce(sum(${cronJobs.enabled}), 0)`,
      nextRunAt: sql<number | null>`min(${cronJobs.nextRunAt})`,
    })
    .from(cronJobs)
    .where(
      and(
        eq(cronJobs.tenantId, tenantId),
        ownerId === null ? undefined : eq(cronJobs.ownerId, ownerId),
      ),
    )
    .get()
  return row ?? { jobs: 0, enabled: 0, nextRunAt: null }
}

/** What is older than the newest so many: a history, no archive. */
export async function pruneCronRuns(
  db: Database,
  tenantId: TenantId,
  jobId: string,
  keep: number,
): Promise<void> {
  const oldest = await db
    .select({ scheduledAt: cronRuns.scheduledAt })
    .from(cronRuns)
    .where(and(eq(cronRuns.tenantId, tenantId), eq(cronRuns.jobId, jobId)))
    .orderBy(desc(cronRuns.scheduledAt))
    .limit(1)
    .offset(keep - 1)
    .get()
  if (oldest === undefined) return
  await db
    .delete(cronRuns)
    .where(
      and(
        eq(cronRuns.tenantId, tenantId),
        eq(cronRuns.jobId, jobId),
        lt(cronRuns.scheduledAt, oldest.scheduledAt),
      ),
    )
}
