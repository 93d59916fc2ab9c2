/**
 * Making and changing scheduled jobs, for operations and for the tool alike. A job is its creator's: what
 * it says is set by nobody else, since it acts with their rights. The tenant's object is told around
 * every change, so that its timer stands for the rows as they are.
 */
import { newId } from '../crypto/random.ts'
import {
  type CronJobChange,
  createCronJob,
  deleteCronJob,
  findCronJob,
  updateCronJob,
} from '../db/cron-jobs.ts'
import { addManualRun, listCronRuns } from '../db/cron-runs.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { CronJob, Delivery } from '../domain/cron-job.ts'
import type { TenantId } from '../domain/ids.ts'
import { messageOfJob } from '../domain/job-message.ts'
import { isTenantAdmin, type Principal, reachesAsFar } from '../domain/principal.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { checkSchedule, nextTime, type Schedule, type WantedSchedule } from '../domain/schedule.ts'
import { defaultAgent, findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { channelTarget } from './channel-target.ts'
import type { Services } from './context.ts'
import { scheduledPrincipal } from './scheduled-principal.ts'

/** Who asks, in their tenant as they see it. */
export interface CronAsker {
  readonly services: Services
  readonly principal: Principal
  readonly snapshot: TenantSnapshot
}

export interface WantedJob {
  readonly name: string
  readonly schedule: WantedSchedule
  readonly message: string
  /** Key or id; absent: the tenant's first. */
  readonly agentId?: string | undefined
  readonly delivery: Delivery
  readonly deleteAfterRun: boolean
  readonly isHeartbeat: boolean
}

const invalid = (message: string): Refusal => refusal('INVALID_REQUEST', message)

async function changeSchedules<Value>(
  services: Services,
  tenantId: TenantId,
  change: () => Promise<Value>,
): Promise<Value> {
  const tenant = services.tenant(tenantId)
  await tenant.schedulesChanging()
  try {
    return await change()
  } finally {
    await tenant.schedulesChanged()
  }
}

function checkWanted(
  { services, snapshot }: CronAsker,
  wanted: WantedSchedule,
): Result<Schedule, Refusal> {
  const minPeriodMs = snapshot.config.cron.min_period_seconds * 1_000
  const checked = checkSchedule(wanted, { now: services.now(), minPeriodMs })
  return checked.ok ? checked : err(invalid(checked.error))
}

function findWantedAgent(
  { snapshot }: CronAsker,
  named: string | undefined,
): Result<AgentRecord, Refusal> {
  const agent = named === undefined ? defaultAgent(snapshot) : findAgent(snapshot, named)
  return agent ? ok(agent) : err(notFound('agent'))
}

const checkDelivery = (asker: CronAsker, { channel }: Delivery): Result<unknown, Refusal> =>
  channel === 'session' ? ok(null) : channelTarget(asker, channel)

export async function createJob(
  asker: CronAsker,
  wanted: WantedJob,
): Promise<Result<CronJob, Refusal>> {
  const { services, principal, snapshot } = asker
  const { tenantId, userId } = principal
  const { name, message, delivery, deleteAfterRun, isHeartbeat } = wanted
  const agent = findWantedAgent(asker, wanted.agentId)
  if (!agent.ok) return agent
  const schedule = checkWanted(asker, wanted.schedule)
  if (!schedule.ok) return schedule
  const target = checkDelivery(asker, delivery)
  if (!target.ok) return target
  if (message === '' && !isHeartbeat) return err(invalid('the job has no message'))
  if (isHeartbeat && schedule.value.kind === 'at') {
    return err(invalid('a heartbeat comes again and again: name a period'))
  }
  const now = services.now()
  const job: CronJob = {
    id: newId('job'),
    name,
    agentId: agent.value.id,
    ownerId: userId,
    schedule: schedule.value,
    message,
    delivery,
    deleteAfterRun,
    isHeartbeat,
    enabled: true,
    principal: await scheduledPrincipal(principal, services),
    nextRunAt: nextTime(schedule.value, now),
    lastRunAt: null,
    lastStatus: null,
    lastError: null,
    createdAt: now,
    updatedAt: now,
  }
  const { max_jobs: perTenant, max_jobs_per_user: perOwner } = snapshot.config.cron
  const created = await changeSchedules(services, tenantId, () =>
    createCronJob(services.database(tenantId), tenantId, job, { perTenant, perOwner }),
  )
  if (created.ok) return ok(job)
  const limits = `${perOwner} of one person, ${perTenant} of the tenant`
  return err(refusal('RESOURCE_EXHAUSTED', `there are too many scheduled jobs: ${limits}`))
}

/** Of one's own, or anybody's for an admin; of an agent that is not reached there is none. */
export async function visibleJob(
  { services, principal }: CronAsker,
  id: string,
): Promise<Result<CronJob, Refusal>> {
  const { tenantId, userId } = principal
  const job = await findCronJob(services.database(tenantId), tenantId, id)
  if (job === null || !reachesJob(principal, job)) return err(notFound('job'))
  if (job.ownerId === userId || isTenantAdmin(principal)) return ok(job)
  return err(refusal('UNAUTHORIZED', 'this job is somebody else’s'))
}

/** Whoever reaches some agents only sees the jobs of those. */
export const reachesJob = (
  { allowedAgents }: Pick<Principal, 'allowedAgents'>,
  { agentId }: Pick<CronJob, 'agentId'>,
): boolean => allowedAgents === null || allowedAgents.includes(agentId)

export interface JobChange {
  readonly name?: string | undefined
  readonly schedule?: WantedSchedule | undefined
  readonly message?: string | undefined
  readonly agentId?: string | undefined
  readonly delivery?: Delivery | undefined
  readonly deleteAfterRun?: boolean | undefined
}

const NOT_YOURS = refusal(
  'UNAUTHORIZED',
  'a job acts with its owner’s rights: nobody else says what it does',
)

export async function updateJob(
  asker: CronAsker,
  id: string,
  wanted: JobChange,
): Promise<Result<CronJob, Refusal>> {
  const { services, principal } = asker
  const found = await visibleJob(asker, id)
  if (!found.ok) return found
  const isOwn = found.value.ownerId === principal.userId
  const { name, message, delivery, deleteAfterRun } = wanted
  const saysWhat = message !== undefined || wanted.agentId !== undefined || delivery !== undefined
  if (saysWhat && !isOwn) return err(NOT_YOURS)
  const target = delivery === undefined ? null : checkDelivery(asker, delivery)
  if (target !== null && !target.ok) return target
  if (message === '' && !found.value.isHeartbeat) return err(invalid('the job has no message'))
  const change: CronJobChange = {
    ...(name === undefined ? {} : { name }),
    ...(message === undefined ? {} : { message }),
    ...(delivery === undefined ? {} : { delivery }),
    ...(deleteAfterRun === undefined ? {} : { deleteAfterRun }),
  }
  const agent = wanted.agentId === undefined ? null : findWantedAgent(asker, wanted.agentId)
  if (agent && !agent.ok) return agent
  const schedule = wanted.schedule === undefined ? null : checkWanted(asker, wanted.schedule)
  if (schedule && !schedule.ok) return schedule
  if (found.value.isHeartbeat && schedule?.value.kind === 'at') {
    return err(invalid('a heartbeat comes again and again: name a period'))
  }
  return write(asker, found.value, {
    ...change,
    ...(agent === null ? {} : { agentId: agent.value.id }),
    ...(schedule === null ? {} : timed(schedule.value, found.value.enabled, services.now())),
  })
}

const timed = (schedule: Schedule, isEnabled: boolean, now: number) => ({
  schedule,
  nextRunAt: isEnabled ? nextTime(schedule, now) : null,
})

const isReworded = (job: CronJob, { message }: CronJobChange): boolean =>
  message !== undefined && message !== job.message

/**
 * Who changes their own job is who it acts for from now on: with a credential that may do less, nobody
 * sets what is done with one that may do more.
 */
async function write(
  { services, principal }: CronAsker,
  job: CronJob,
  change: CronJobChange,
): Promise<Result<CronJob, Refusal>> {
  const { tenantId } = principal
  const isOwn = job.ownerId === principal.userId
  // Whoever says what it does lends it their rights. To switch or rename it is no such word: what a
  // lesser credential of the same person planted must not wake up with the rights of a greater one.
  // What it says already and is sent along is no word either.
  const isSaid = isReworded(job, change) || reachesAsFar(job.principal, principal)
  const whole =
    isOwn && isSaid
      ? { ...change, principal: await scheduledPrincipal(principal, services) }
      : change
  const written = await changeSchedules(services, tenantId, () =>
    updateCronJob(services.database(tenantId), tenantId, job.id, whole, services.now()),
  )
  return written ? ok(written) : err(notFound('job'))
}

export async function toggleJob(
  asker: CronAsker,
  id: string,
  enabled: boolean,
): Promise<Result<CronJob, Refusal>> {
  const found = await visibleJob(asker, id)
  if (!found.ok) return found
  const nextRunAt = enabled ? nextTime(found.value.schedule, asker.services.now()) : null
  if (enabled && nextRunAt === null) {
    return err(refusal('FAILED_PRECONDITION', 'the time of this job has passed: set another'))
  }
  return write(asker, found.value, { enabled, nextRunAt })
}

export async function deleteJob(asker: CronAsker, id: string): Promise<Result<null, Refusal>> {
  const { services, principal } = asker
  const { tenantId } = principal
  const found = await visibleJob(asker, id)
  if (!found.ok) return found
  const isDeleted = await changeSchedules(services, tenantId, () =>
    deleteCronJob(services.database(tenantId), tenantId, id),
  )
  return isDeleted ? ok(null) : err(notFound('job'))
}

const UNDER_WAY = refusal('FAILED_PRECONDITION', 'a run of this job is under way')

/** Begins at once, whether the job is switched on or not; with its own rights, not with those of who asks. */
export async function runJob(asker: CronAsker, id: string): Promise<Result<number, Refusal>> {
  const { services, principal, snapshot } = asker
  const { tenantId } = principal
  const found = await visibleJob(asker, id)
  if (!found.ok) return found
  const db = services.database(tenantId)
  const [latest] = await listCronRuns(db, tenantId, id, { limit: 1 })
  if (latest !== undefined && latest.dueAt !== null) return err(UNDER_WAY)
  const scheduledAt = services.now()
  const message = messageOfJob(snapshot, found.value)
  const isAdded = await changeSchedules(services, tenantId, () =>
    addManualRun(db, tenantId, { jobId: id, scheduledAt }, message),
  )
  return isAdded ? ok(scheduledAt) : err(UNDER_WAY)
}
