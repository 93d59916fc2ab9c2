/**
 * The schedules that a run may set: with its own rights, proven at the call, for its own agent and for
 * whoever its conversation belongs to. Nothing is got by a schedule that the run itself could not do;
 * a run that a schedule or a parent began sets none.
 */

import type { Services } from '../api/context.ts'
import { type CronAsker, createJob, deleteJob, toggleJob, visibleJob } from '../api/cron-change.ts'
import { listCronJobs, MAX_CRON_JOB_PAGE } from '../db/cron-jobs.ts'
import type { CronJob } from '../domain/cron-job.ts'
import type { CronPort, ScheduledTask } from '../domain/ports/cron.ts'
import { coversScope, hasRole } from '../domain/principal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { parseScheduleWords, scheduleWords } from '../domain/schedule-words.ts'
import { agentOfKey } from '../domain/tenant-snapshot.ts'
import { recheckPrincipal } from './authenticate.ts'
import type { TurnRequest } from './turn-request.ts'

const toTask = (job: CronJob): ScheduledTask => ({
  id: job.id,
  name: job.name,
  when: scheduleWords(job.schedule),
  message: job.message,
  enabled: job.enabled,
  nextRunAt: job.nextRunAt,
  lastStatus: job.lastStatus,
})

interface Asking extends CronAsker {
  readonly agentId: string
}

/** Null where no schedule may be set or seen. */
export function openCron(request: TurnRequest, services: Services): CronPort | null {
  const { principal, sessionKey, workspaceUser, origin, settings } = request
  // In a channel others may be listened to than the one who is acted for.
  const isOwnConversation = sessionKey.kind === 'web' || sessionKey.kind === 'main'
  if (origin !== null || !isOwnConversation || principal.userId !== workspaceUser) return null

  const asking = async (): Promise<Result<Asking, string>> => {
    const checked = await recheckPrincipal(principal, services, settings)
    if (!checked.ok) return err(checked.error.message)
    const { snapshot } = checked.value
    const current = checked.value.principal
    // As the operations themselves would ask of the same credential.
    if (!hasRole(current, 'operator') || !coversScope(current.scopes, 'operator.write')) {
      return err('the right to schedule runs has ended')
    }
    const agent = agentOfKey(snapshot, sessionKey.agentKey)
    if (!agent) return err('the agent of this conversation is not available')
    return ok({ services, principal: current, snapshot, agentId: agent.id })
  }

  /** An admin's own run, too, stays with its own. */
  const own = async (asker: Asking, id: string): Promise<Result<CronJob, string>> => {
    const found = await visibleJob(asker, id)
    const isOwn =
      found.ok &&
      found.value.ownerId === asker.principal.userId &&
      found.value.agentId === asker.agentId
    return isOwn ? found : err(`there is no schedule ${id} here; list them first`)
  }

  return {
    list: async () => {
      const asker = await asking()
      if (!asker.ok) return asker
      const { tenantId, userId: ownerId } = asker.value.principal
      const page = { ownerId, limit: MAX_CRON_JOB_PAGE }
      const jobs = await listCronJobs(services.database(tenantId), tenantId, page)
      return ok(jobs.filter(({ agentId }) => agentId === asker.value.agentId).map(toTask))
    },
    create: async ({ when, ...task }) => {
      const asker = await asking()
      if (!asker.ok) return asker
      const schedule = parseScheduleWords(when)
      if (!schedule.ok) return schedule
      const { agentId } = asker.value
      const created = await createJob(asker.value, {
        ...task,
        agentId,
        schedule: schedule.value,
        delivery: { channel: 'session' },
        isHeartbeat: false,
      })
      return created.ok ? ok(toTask(created.value)) : err(created.error.message)
    },
    toggle: async (id, enabled) => {
      const asker = await asking()
      if (!asker.ok) return asker
      const found = await own(asker.value, id)
      if (!found.ok) return found
      const toggled = await toggleJob(asker.value, id, enabled)
      return toggled.ok ? ok(toTask(toggled.value)) : err(toggled.error.message)
    },
    remove: async (id) => {
      const asker = await asking()
      if (!asker.ok) return asker
      const found = await own(asker.value, id)
      if (!found.ok) return found
      const removed = await deleteJob(asker.value, id)
      return removed.ok ? removed : err(removed.error.message)
    },
  }
}
