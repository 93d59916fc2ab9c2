/** Scheduled jobs: one's own for everybody who may run agents, all of the tenant's for its admins. */
import { z } from 'zod'
import { type CronTotals, cronTotals, listCronJobs, MAX_CRON_JOB_PAGE } from '../db/cron-jobs.ts'
import { listCronRuns, MAX_CRON_RUN_PAGE } from '../db/cron-runs.ts'
import { type CronJob, type CronRun, cronSessionKey, deliverySchema } from '../domain/cron-job.ts'
import { isTenantAdmin } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { WantedSchedule } from '../domain/schedule.ts'
import { parseScheduleWords, scheduleWords } from '../domain/schedule-words.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { OPERATOR, VIEWER } from './access.ts'
import {
  createJob,
  deleteJob,
  reachesJob,
  runJob,
  toggleJob,
  updateJob,
  visibleJob,
} from './cron-change.ts'
import { operation } from './operation.ts'

const MAX_NAME_CHARS = 200
/** A job's words; a longer message is cut as every message is. */
const MAX_MESSAGE_CHARS = 32_000
const MAX_WORDS_CHARS = 250

const scheduleParam = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('at'), atMs: z.number() }),
  z.object({ kind: z.literal('every'), everyMs: z.number() }),
  z.object({
    kind: z.literal('cron'),
    expr: z.string().max(500),
    tz: z.string().max(100).optional(),
  }),
])

const scheduleParams = {
  schedule: scheduleParam.optional(),
  when: z
    .string()
    .max(MAX_WORDS_CHARS)
    .optional()
    .describe(
      '"every 30m", "at 2026-12-01T09:00:00Z", or a cron expression: "0 9 * * 1-5 Europe/Berlin"',
    ),
}

interface Timing {
  readonly schedule?: WantedSchedule | undefined
  readonly when?: string | undefined
}

function wantedSchedule({ schedule, when }: Timing): Result<WantedSchedule | undefined, Refusal> {
  if (schedule !== undefined && when !== undefined) {
    return err(refusal('INVALID_REQUEST', 'say schedule or when, not both'))
  }
  if (when === undefined) return ok(schedule)
  const parsed = parseScheduleWords(when)
  return parsed.ok ? parsed : err(refusal('INVALID_REQUEST', parsed.error))
}

const deliveryParam = deliverySchema.describe(
  'where the answer goes; `session` keeps it in the job’s own conversation, a channel needs `to`',
)

const jobId = { jobId: z.string().min(1).max(100) }

const jobRow = z.object({
  id: z.string(),
  name: z.string(),
  agentId: z.string(),
  userId: z.string(),
  schedule: z.record(z.string(), z.unknown()),
  when: z.string(),
  message: z.string(),
  delivery: deliverySchema,
  deleteAfterRun: z.boolean(),
  heartbeat: z.boolean(),
  enabled: z.boolean(),
  sessionKey: z.string(),
  nextRunAt: z.string().nullable(),
  lastRunAt: z.string().nullable(),
  lastStatus: z.string().nullable(),
  lastError: z.string().nullable(),
  createdAt: z.string(),
  updatedAt: z.string(),
})

const timeOf = (at: number | null): string | null =>
  at === null ? null : new Date(at).toISOString()

/** An agent that is gone has no key any more: its id stands there. */
function toRow(job: CronJob, snapshot: TenantSnapshot): z.infer<typeof jobRow> {
  const agentId = findAgent(snapshot, job.agentId)?.key ?? job.agentId
  return {
    id: job.id,
    name: job.name,
    agentId,
    userId: job.ownerId,
    schedule: job.schedule,
    when: scheduleWords(job.schedule),
    message: job.message,
    delivery: job.delivery,
    deleteAfterRun: job.deleteAfterRun,
    heartbeat: job.isHeartbeat,
    enabled: job.enabled,
    sessionKey: cronSessionKey(agentId, job.id),
    nextRunAt: timeOf(job.nextRunAt),
    lastRunAt: timeOf(job.lastRunAt),
    lastStatus: job.lastStatus,
    lastError: job.lastError,
    createdAt: new Date(job.createdAt).toISOString(),
    updatedAt: new Date(job.updatedAt).toISOString(),
  }
}

const CURSOR = /^(\d{1,16})\.(\w{1,100})$/

/** What a page ended with, as its caller hands it back. */
function parseCursor(cursor: string): Result<Pick<CronJob, 'createdAt' | 'id'>, Refusal> {
  const [, createdAt, id] = CURSOR.exec(cursor) ?? []
  return id === undefined
    ? err(refusal('INVALID_REQUEST', 'after is no cursor'))
    : ok({ createdAt: Number(createdAt), id })
}

export const cronList = operation({
  name: 'cron.list',
  summary: 'Scheduled jobs: one’s own, or for admins everybody’s',
  access: VIEWER,
  params: z.object({
    limit: z.coerce.number().int().min(1).max(MAX_CRON_JOB_PAGE).default(50),
    after: z.string().max(200).optional(),
  }),
  result: z.object({ jobs: z.array(jobRow), next: z.string().nullable() }),
  http: { method: 'GET', path: '/v1/cron/jobs' },
  run: async ({ services, principal, snapshot }, { limit, after }) => {
    const cursor = after === undefined ? null : parseCursor(after)
    if (cursor && !cursor.ok) return cursor
    const { tenantId, userId } = principal
    const jobs = await listCronJobs(services.database(tenantId), tenantId, {
      ownerId: isTenantAdmin(principal) ? undefined : userId,
      limit,
      after: cursor?.value,
    })
    const last = jobs.length < limit ? undefined : jobs.at(-1)
    return ok({
      jobs: jobs.filter((job) => reachesJob(principal, job)).map((job) => toRow(job, snapshot)),
      next: last === undefined ? null : `${last.createdAt}.${last.id}`,
    })
  },
})

export const cronStatus = operation({
  name: 'cron.status',
  summary: 'How many scheduled jobs there are, and when the next is due',
  access: VIEWER,
  params: z.object({}),
  result: z.object({
    jobs: z.number(),
    enabled: z.number(),
    nextRunAt: z.string().nullable(),
    limits: z.object({ jobs: z.number(), perUser: z.number() }),
  }),
  http: { method: 'GET', path: '/v1/cron/status' },
  run: async ({ services, principal, snapshot }) => {
    const { tenantId, userId, allowedAgents } = principal
    // Whoever reaches some agents only is told of their own.
    const whose = isTenantAdmin(principal) && allowedAgents === null ? null : userId
    const totals: CronTotals = await cronTotals(services.database(tenantId), tenantId, whose)
    const { max_jobs: jobs, max_jobs_per_user: perUser } = snapshot.config.cron
    return ok({ ...totals, nextRunAt: timeOf(totals.nextRunAt), limits: { jobs, perUser } })
  },
})

const runRow = z.object({
  scheduledAt: z.string(),
  trigger: z.string(),
  status: z.string(),
  attempt: z.number(),
  runId: z.string().nullable(),
  error: z.string().nullable(),
  startedAt: z.string(),
  endedAt: z.string().nullable(),
})

const toRunRow = (run: CronRun): z.infer<typeof runRow> => ({
  scheduledAt: new Date(run.scheduledAt).toISOString(),
  trigger: run.trigger,
  status: run.state,
  attempt: run.attempt,
  runId: run.runId,
  error: run.error,
  startedAt: new Date(run.createdAt).toISOString(),
  endedAt: timeOf(run.endedAt),
})

export const cronRunsList = operation({
  name: 'cron.runs',
  summary: 'What came of a job’s runs, newest first',
  access: VIEWER,
  params: z.object({
    ...jobId,
    limit: z.coerce.number().int().min(1).max(MAX_CRON_RUN_PAGE).default(20),
    before: z.coerce.number().int().positive().optional(),
  }),
  result: z.object({ runs: z.array(runRow), nextBefore: z.number().nullable() }),
  http: { method: 'GET', path: '/v1/cron/jobs/{jobId}/runs' },
  run: async (context, { jobId: id, limit, before }) => {
    const found = await visibleJob(context, id)
    if (!found.ok) return found
    const { tenantId } = context.principal
    const db = context.services.database(tenantId)
    const runs = await listCronRuns(db, tenantId, id, { limit, before })
    const last = runs.length < limit ? undefined : runs.at(-1)
    return ok({ runs: runs.map(toRunRow), nextBefore: last?.scheduledAt ?? null })
  },
})

const audited = ({ jobId: job }: { readonly jobId: string }) => ({ job })

export const cronCreate = operation({
  name: 'cron.create',
  summary: 'Schedules a message to an agent, once or again and again, with the caller’s rights',
  access: OPERATOR,
  params: z.object({
    name: z.string().trim().min(1).max(MAX_NAME_CHARS),
    ...scheduleParams,
    message: z.string().max(MAX_MESSAGE_CHARS).default(''),
    agentId: z.string().max(100).optional(),
    delivery: deliveryParam.default({ channel: 'session' }),
    deleteAfterRun: z.boolean().default(false).describe('delete the job once a run went well'),
    heartbeat: z
      .boolean()
      .default(false)
      .describe('a check-in: silent when the answer is exactly HEARTBEAT_OK'),
  }),
  result: z.object({ job: jobRow }),
  http: { method: 'POST', path: '/v1/cron/jobs', status: 201 },
  audit: (_, { job }) => ({ job: job.id, agent: job.agentId, when: job.when }),
  run: async (context, params) => {
    const schedule = wantedSchedule(params)
    if (!schedule.ok) return schedule
    if (schedule.value === undefined) {
      return err(refusal('INVALID_REQUEST', 'say when the job is to run'))
    }
    const { heartbeat: isHeartbeat, ...rest } = params
    const created = await createJob(context, { ...rest, schedule: schedule.value, isHeartbeat })
    return created.ok ? ok({ job: toRow(created.value, context.snapshot) }) : created
  },
})

export const cronUpdate = operation({
  name: 'cron.update',
  summary: 'Changes a scheduled job; what it says is set by its owner alone',
  access: OPERATOR,
  params: z.object({
    ...jobId,
    name: z.string().trim().min(1).max(MAX_NAME_CHARS).optional(),
    ...scheduleParams,
    message: z.string().max(MAX_MESSAGE_CHARS).optional(),
    agentId: z.string().max(100).optional(),
    delivery: deliveryParam.optional(),
    deleteAfterRun: z.boolean().optional().describe('delete the job once a run went well'),
  }),
  result: z.object({ job: jobRow }),
  http: { method: 'PATCH', path: '/v1/cron/jobs/{jobId}' },
  audit: audited,
  run: async (context, { jobId: id, ...params }) => {
    const schedule = wantedSchedule(params)
    if (!schedule.ok) return schedule
    const updated = await updateJob(context, id, { ...params, schedule: schedule.value })
    return updated.ok ? ok({ job: toRow(updated.value, context.snapshot) }) : updated
  },
})

export const cronToggle = operation({
  name: 'cron.toggle',
  summary: 'Switches a scheduled job on or off',
  access: OPERATOR,
  params: z.object({ ...jobId, enabled: z.boolean() }),
  result: z.object({ job: jobRow }),
  http: { method: 'POST', path: '/v1/cron/jobs/{jobId}/toggle' },
  audit: ({ jobId: job, enabled }) => ({ job, enabled: String(enabled) }),
  run: async (context, { jobId: id, enabled }) => {
    const toggled = await toggleJob(context, id, enabled)
    return toggled.ok ? ok({ job: toRow(toggled.value, context.snapshot) }) : toggled
  },
})

export const cronDelete = operation({
  name: 'cron.delete',
  summary: 'Deletes a scheduled job with its history; its conversation stays',
  access: OPERATOR,
  params: z.object(jobId),
  result: z.object({ ok: z.literal(true), jobId: z.string() }),
  http: { method: 'DELETE', path: '/v1/cron/jobs/{jobId}' },
  audit: audited,
  run: async (context, { jobId: id }) => {
    const deleted = await deleteJob(context, id)
    return deleted.ok ? ok({ ok: true as const, jobId: id }) : deleted
  },
})

export const cronRun = operation({
  name: 'cron.run',
  summary: 'Begins a run of a scheduled job now, with the job’s own rights',
  access: OPERATOR,
  params: z.object(jobId),
  result: z.object({ ok: z.literal(true), jobId: z.string(), scheduledAt: z.string() }),
  http: { method: 'POST', path: '/v1/cron/jobs/{jobId}/run' },
  audit: audited,
  run: async (context, { jobId: id }) => {
    const begun = await runJob(context, id)
    if (!begun.ok) return begun
    const scheduledAt = new Date(begun.value).toISOString()
    return ok({ ok: true as const, jobId: id, scheduledAt })
  },
})
