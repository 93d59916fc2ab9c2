/** A tenant's schedules, put together over its rows, its sessions and those who listen. */

import type { Services } from '../../api/context.ts'
import { deleteCronJob, dueCronJobs, pruneCronRuns, switchOffCronJob } from '../../db/cron-jobs.ts'
import {
  claimOccurrence,
  closeCronRun,
  findOpenCronRun,
  markCronRunStarted,
  nextCronTime,
  openCronRuns,
  postponeCronRun,
  retryCronRun,
} from '../../db/cron-runs.ts'
import { cronSessionKey } from '../../domain/cron-job.ts'
import type { TenantId } from '../../domain/ids.ts'
import { messageOfJob } from '../../domain/job-message.ts'
import type { ScheduleStore } from '../../domain/ports/schedule.ts'
import type { TenantPort } from '../../domain/ports/tenant.ts'
import { findAgent, type TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { createDelivery } from '../../gateway/channels/deliver.ts'
import type { Settings } from '../../gateway/env.ts'
import { createScheduleDoor } from '../../gateway/schedule.ts'
import { logError, logSecurityEvent } from '../../telemetry/log.ts'
import type { Timers } from '../alarms.ts'
import { type ScheduleNews, Schedules } from './schedules.ts'

/** Of one job: a page of its history. */
const KEPT_RUNS = 100

/** The rows in the tenant's database. */
export function d1ScheduleStore(
  services: Pick<Services, 'database'>,
  tenantId: () => TenantId,
): ScheduleStore {
  const rows = () => [services.database(tenantId()), tenantId()] as const
  return {
    dueJobs: (now, limit) => dueCronJobs(...rows(), now, limit),
    claim: (claim, now) => claimOccurrence(...rows(), claim, now),
    openRuns: (now, limit) => openCronRuns(...rows(), now, limit),
    findOpenRun: (occurrence) => findOpenCronRun(...rows(), occurrence),
    started: (attempt, began) => markCronRunStarted(...rows(), attempt, began),
    postpone: (attempt, until) => postponeCronRun(...rows(), attempt, until),
    retry: (attempt, next) => retryCronRun(...rows(), attempt, next),
    close: (attempt, end, now) => closeCronRun(...rows(), attempt, end, now),
    switchOff: (jobId, error, now) => switchOffCronJob(...rows(), jobId, error, now),
    remove: async (jobId) => {
      await deleteCronJob(...rows(), jobId)
    },
    prune: (jobId) => pruneCronRuns(...rows(), jobId, KEPT_RUNS),
    nextTime: () => nextCronTime(...rows()),
  }
}

export interface ScheduleOwner extends Pick<TenantPort, 'publish' | 'record'> {
  /** Null: there is no such tenant. */
  snapshot(): Promise<TenantSnapshot | null>
}

export function schedulesOf(
  services: Services,
  settings: Settings,
  timers: Timers,
  tenantId: () => TenantId,
  owner: ScheduleOwner,
): Schedules {
  return new Schedules({
    timers,
    store: d1ScheduleStore(services, tenantId),
    door: createScheduleDoor({ services, settings }),
    delivery: createDelivery(services, settings),
    policy: async () => {
      const snapshot = await owner.snapshot()
      if (snapshot === null || snapshot.status === 'deleting') return null
      const { max_retries: maxRetries, retry_delay_seconds: seconds } = snapshot.config.cron
      return { maxRetries, retryDelayMs: seconds * 1_000 }
    },
    messageOf: async (job) => {
      const snapshot = await owner.snapshot()
      return snapshot === null ? job.message : messageOfJob(snapshot, job)
    },
    tell: async (news) => {
      const payload = newsPayload(news, await owner.snapshot())
      await owner.publish('cron', payload, { kind: 'user', userId: news.job.ownerId })
    },
    report: async (job, event) => {
      const origin = { tenantId: tenantId(), userId: job.ownerId }
      logSecurityEvent(event, origin)
      await owner.record([event], origin)
    },
    trouble: (error, jobId) => logError('schedule.failed', error, { jobId }),
    now: services.now,
  })
}

function newsPayload(
  { job, scheduledAt, status, runId, reason }: ScheduleNews,
  snapshot: TenantSnapshot | null,
): Readonly<Record<string, unknown>> {
  const agentKey = snapshot && findAgent(snapshot, job.agentId)?.key
  return {
    jobId: job.id,
    name: job.name,
    agentId: agentKey ?? job.agentId,
    ...(agentKey ? { sessionKey: cronSessionKey(agentKey, job.id) } : {}),
    userId: job.ownerId,
    status,
    scheduledAt: new Date(scheduledAt).toISOString(),
    ...(runId === null ? {} : { runId }),
    ...(reason === null ? {} : { reason }),
  }
}
