/**
 * Scheduled jobs and their occurrences. An occurrence is due, then running, then over; what becomes of
 * it is decided here, from what its run came to. Nothing here knows a clock or a store.
 */
import { z } from 'zod'
import { agentIdSchema, runIdSchema, userIdSchema } from './ids.ts'
import { principalSchema } from './principal.ts'
import type { RunResult } from './run-event.ts'
import { scheduleSchema } from './schedule.ts'

/** Where the answer goes beside the job's own conversation: what is not known is refused, not dropped. */
export const deliverySchema = z
  .object({
    /** `session`: nowhere else; else a channel's name or id. */
    channel: z.string().min(1).max(100),
    /** Id of the peer or group, in a conversation that was held there before. */
    to: z.string().min(1).max(400).optional(),
  })
  .refine(({ channel, to }) => (channel === 'session') === (to === undefined), {
    message: 'a channel needs `to`: whom to tell there; and session has none',
  })
export type Delivery = Readonly<z.infer<typeof deliverySchema>>

export const JOB_STATUSES = ['ok', 'failed', 'skipped', 'cancelled'] as const
export type JobStatus = (typeof JOB_STATUSES)[number]

export const cronJobSchema = z.object({
  id: z.string(),
  name: z.string(),
  agentId: agentIdSchema,
  ownerId: userIdSchema,
  schedule: scheduleSchema,
  /** Empty for a heartbeat that says nothing of its own. */
  message: z.string(),
  delivery: deliverySchema,
  deleteAfterRun: z.boolean(),
  /** A check-in: silent when there is nothing to say. */
  isHeartbeat: z.boolean(),
  enabled: z.boolean(),
  /** Whoever set last what it does: it acts with their credential's rights, proven at every firing. */
  principal: principalSchema,
  /** Null: it is not due any more, or is switched off. */
  nextRunAt: z.number().nullable(),
  lastRunAt: z.number().nullable(),
  lastStatus: z.enum(JOB_STATUSES).nullable(),
  lastError: z.string().nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
})
export type CronJob = Readonly<z.infer<typeof cronJobSchema>>

export const RUN_STATES = ['due', 'running', ...JOB_STATUSES] as const
export type RunState = (typeof RUN_STATES)[number]

export const cronRunSchema = z.object({
  jobId: z.string(),
  /** The time it was meant for: with the job, its name. */
  scheduledAt: z.number(),
  trigger: z.enum(['schedule', 'manual']),
  state: z.enum(RUN_STATES),
  /** From 1. Each has an idempotency key of its own. */
  attempt: z.number().int().positive(),
  /** When it is looked at next; null once it is over. */
  dueAt: z.number().nullable(),
  /** Since when this attempt waits to begin. */
  waitingSince: z.number(),
  /** As it was when the occurrence came due, for as long as it is open. */
  message: z.string().nullable(),
  runId: runIdSchema.nullable(),
  error: z.string().nullable(),
  createdAt: z.number(),
  endedAt: z.number().nullable(),
})
export type CronRun = Readonly<z.infer<typeof cronRunSchema>>

/** Names one occurrence of one job. */
export interface Occurrence {
  readonly jobId: string
  readonly scheduledAt: number
}

/** As `RunOrigin` of a run says. */
export interface Attempt extends Occurrence {
  readonly attempt: number
}

export const occurrenceKey = ({ jobId, scheduledAt, attempt }: Attempt): string =>
  `cron:${jobId}:${scheduledAt}:${attempt}`

export const cronSessionKey = (agentKey: string, jobId: string): string =>
  `agent:${agentKey}:cron:${jobId}`

/** What a run that a schedule began came to, for the tenant's object. */
export interface ScheduledEnd extends Attempt {
  readonly result: RunResult
}

export interface RetryPolicy {
  readonly maxRetries: number
  readonly retryDelayMs: number
}

const MAX_RETRY_DELAY_MS = 3_600_000

export type Settlement =
  | { readonly kind: 'retry'; readonly afterMs: number; readonly error: string }
  | { readonly kind: 'over'; readonly status: JobStatus; readonly error: string | null }

/** Rights, budgets and stops do not come back by trying again. */
const isWorthRetrying = (code: Extract<RunResult, { kind: 'failed' }>['code']): boolean =>
  code !== 'ACCESS_REVOKED' && code !== 'STOPPED' && code !== 'LIMIT'

export function settle(result: RunResult, attempt: number, policy: RetryPolicy): Settlement {
  if (result.kind === 'completed') return { kind: 'over', status: 'ok', error: null }
  if (result.kind === 'cancelled') return { kind: 'over', status: 'cancelled', error: null }
  const { code, error } = result
  if (!isWorthRetrying(code) || attempt > policy.maxRetries) {
    return { kind: 'over', status: 'failed', error }
  }
  const afterMs = Math.min(MAX_RETRY_DELAY_MS, policy.retryDelayMs * 2 ** (attempt - 1))
  return { kind: 'retry', afterMs, error }
}

export const HEARTBEAT_OK = 'HEARTBEAT_OK'

export const HEARTBEAT_PROMPT = `This is a scheduled check-in. If the workspace has a file HEARTBEAT.md, read it and do what it says; do not take up tasks of earlier check-ins again. If nothing needs attention, answer exactly ${HEARTBEAT_OK}.`

/** Nobody is told of a check-in that found nothing. */
export const isSilent = ({ isHeartbeat }: Pick<CronJob, 'isHeartbeat'>, result: RunResult) =>
  isHeartbeat && result.kind === 'completed' && result.content.trim() === HEARTBEAT_OK
