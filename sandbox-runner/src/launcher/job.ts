/**
 * What the launcher may be asked over its Unix socket: a typed job or a question, never a call of
 * the engine's API. A connection is one job: its first frame is `J` with one of these requests,
 * after `ready` every frame of the peer goes to the supervisor as it is, but for `J` with `keep`.
 * Closing the connection destroys the container, unless it was to be kept and its supervisor ends
 * well: then it waits for the next job of the same holder. Answers are frames: `J` (LauncherEvent),
 * `D` (the supervisor's bytes).
 */
import { z } from 'zod'
import { execIdSchema, limitsSchema, sha256Schema } from '../../../src/isolation/contract.ts'

export const launcherRequestSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('run'),
    execId: execIdSchema,
    /** The tenant, as a hash: the launcher never learns whose job it is. */
    owner: sha256Schema,
    /** Who may be given a container that these have used before, as a hash; one holder, one owner. */
    holder: sha256Schema,
    /** In a container that ran nothing before. */
    isOneShot: z.boolean(),
    /** Absent: the runner's own image. */
    image: z.string().min(1).max(200).optional(),
    limits: limitsSchema,
  }),
  z.strictObject({ op: z.literal('status'), image: z.string().min(1).max(200).optional() }),
])
export type LauncherRequest = z.infer<typeof launcherRequestSchema>
/** Said before the connection is closed: the job ended well, its container may be used again. */
export const KEEP = JSON.stringify({ op: 'keep' })
export type RunRequest = Extract<LauncherRequest, { op: 'run' }>

export const poolCountsSchema = z.object({
  /** Never used, their supervisors waiting. */
  prepared: z.number().int(),
  /** Used before, kept for their holders. */
  kept: z.number().int(),
  busy: z.number().int(),
  takenPrepared: z.number().int(),
  takenKept: z.number().int(),
  /** Made while a job waited. */
  takenCold: z.number().int(),
  removed: z.number().int(),
})
export type PoolCounts = z.infer<typeof poolCountsSchema>

export const launcherEventSchema = z.discriminatedUnion('event', [
  /** `sandbox` names the container for as long as it lives; a fresh one ran nothing before. */
  z.object({ event: z.literal('ready'), sandbox: z.string(), isFresh: z.boolean() }),
  z.object({
    event: z.literal('failed'),
    code: z.enum(['INVALID_JOB', 'IMAGE_MISSING', 'ENGINE_UNAVAILABLE', 'CAPACITY']),
    message: z.string(),
  }),
  /** The supervisor's output is over; a code shows that the engine itself is alive. */
  z.object({ event: z.literal('ended'), exitCode: z.number().int().nullable() }),
  z.object({
    event: z.literal('status'),
    isReachable: z.boolean(),
    version: z.string().nullable(),
    image: z.enum(['present', 'missing', 'unknown']),
    isUserNamespaceRemapped: z.boolean(),
    runtime: z.string(),
    containers: z.number().int(),
    pool: poolCountsSchema,
  }),
])
export type LauncherEvent = z.infer<typeof launcherEventSchema>
export type LauncherStatus = Extract<LauncherEvent, { event: 'status' }>
