/**
 * Begins the runs of scheduled jobs. A job holds no rights: those of whoever set it are proven at each
 * firing, as they are then. What is refused is told with its reason; what may pass is tried again.
 */
import type { Services } from '../api/context.ts'
import { type CronJob, type CronRun, cronSessionKey, occurrenceKey } from '../domain/cron-job.ts'
import type { FireOutcome, ScheduleDoor } from '../domain/ports/schedule.ts'
import type { SendRequest } from '../domain/ports/session.ts'
import { coversScope, hasRole, type Principal } from '../domain/principal.ts'
import type { Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { isTaintedTask } from '../tools/builtin/cron.ts'
import { userRunBucket } from '../transport/rate-limit.ts'
import { recheckPrincipal } from './authenticate.ts'
import type { Settings } from './env.ts'
import { freshSnapshot } from './freshness.ts'

/** No tenant's `authVersion`: what the credential is worth is looked up, whatever was known of it. */
const NEVER = -1
const RETRY_MS = 30_000
/** Longer than that nobody waits for a budget or a limit. */
const MAX_PAUSE_MS = 30 * 60_000

type Refused = Extract<FireOutcome, { kind: 'refused' }>

const refused = (reason: string, endsJob = false): Refused => ({ kind: 'refused', reason, endsJob })

interface Proven {
  readonly principal: Principal
  readonly snapshot: TenantSnapshot
  readonly agentKey: string
}

export interface ScheduleDoorParts {
  readonly services: Services
  readonly settings: Settings
}

/** Whether whoever set the job could begin its run by hand, now. */
async function proveJob(
  job: Pick<CronJob, 'principal' | 'agentId'>,
  { services, settings }: ScheduleDoorParts,
): Promise<Result<Proven, Refused>> {
  const snapshot = await freshSnapshot(services, job.principal.tenantId)
  // Before the principal, whose access ends with it: a suspension passes, and the operator's own job rests too.
  if (snapshot && snapshot.status !== 'active') return err(refused('the tenant is suspended'))
  const stored = { ...job.principal, authVersion: NEVER }
  const checked = await recheckPrincipal(stored, services, settings, async () => snapshot)
  if (!checked.ok) return err(refused('the access behind the job has ended', true))
  const { principal, snapshot: reached } = checked.value
  if (!hasRole(principal, 'operator') || !coversScope(principal.scopes, 'operator.write')) {
    return err(refused('the right to run agents has ended', true))
  }
  const agent = findAgent(reached, job.agentId)
  if (agent?.status !== 'active') return err(refused('the agent is not available'))
  return ok({ principal, snapshot: reached, agentKey: agent.key })
}

export function createScheduleDoor(parts: ScheduleDoorParts): ScheduleDoor {
  const { services, settings } = parts

  /** The owner's own bucket; the address that the job was made from has nothing to do with it. */
  const takeToken = async ({ principal, snapshot }: Proven): Promise<number | null> => {
    const bucket = userRunBucket(snapshot.config.gateway, settings.rateCeilingRpm)
    if (bucket.ratePerMinute === 0) return null
    const { tenantId, userId } = principal
    const verdict = await services.userLimiter(tenantId, userId).take([bucket])
    return verdict.isAllowed ? null : verdict.retryAfterMs
  }

  const send = (job: CronJob, run: CronRun, principal: Principal, agentKey: string) => {
    const { scheduledAt, attempt } = run
    const sessionKey = cronSessionKey(agentKey, job.id)
    const request: SendRequest = {
      principal,
      sessionKey,
      message: run.message ?? '',
      origin: {
        kind: 'cron',
        jobId: job.id,
        scheduledAt,
        attempt,
        ...(isTaintedTask(run.message ?? '') ? { hasSeenUntrusted: true } : {}),
      },
      idempotencyKey: occurrenceKey(run),
      replyTo: { kind: 'none' },
    }
    return services.session(principal.tenantId, sessionKey).send(request)
  }

  return {
    fire: async (job, run) => {
      const proven = await proveJob(job, parts)
      if (!proven.ok) return proven.error
      const retryAfterMs = await takeToken(proven.value)
      if (retryAfterMs !== null) {
        const reason = 'its owner starts more runs than they may'
        return { kind: 'postponed', reason, afterMs: retryAfterMs }
      }
      const { principal, agentKey } = proven.value
      const receipt = await send(job, run, principal, agentKey)
      if (!receipt.ok) return outcomeOf(receipt.error)
      const { value } = receipt
      return value.kind === 'finished' ? value : { kind: 'started', runId: value.runId }
    },

    probe: async ({ id, agentId, principal, ...job }, run) => {
      const proven = await proveJob({ agentId, principal }, parts)
      // Without its rights a run ends by itself, at its next step.
      if (!proven.ok) return { kind: 'cancelled' }
      const { agentKey } = proven.value
      const session = services.session(principal.tenantId, cronSessionKey(agentKey, id))
      const status = await session.status(principal)
      if (!status.ok) return { kind: 'cancelled' }
      if (status.value.isRunning && status.value.runId === run.runId) return null
      const repeated = await send({ id, agentId, principal, ...job }, run, principal, agentKey)
      if (!repeated.ok) return { kind: 'cancelled' }
      return repeated.value.kind === 'finished' ? repeated.value.result : null
    },
  }
}

function outcomeOf({ code, message, retryable, retryAfterMs = RETRY_MS }: Refusal): FireOutcome {
  const mayPass = retryable === true || code === 'UNAVAILABLE' || code === 'INTERNAL'
  return mayPass && retryAfterMs <= MAX_PAUSE_MS
    ? { kind: 'postponed', reason: message, afterMs: retryAfterMs }
    : refused(message)
}
