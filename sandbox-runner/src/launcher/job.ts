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
    /** The owner's image with this list, as a hash, instead. */
    packages: sha256Schema.optional(),
    limits: limitsSchema,
  }),
  /** A container to install packages in; it lives until the connection is closed. */
  z.strictObject({ op: z.literal('build'), owner: sha256Schema }),
  /** Makes it the image of its owner and this list. On a connection of its own, as is the question. */
  z.strictObject({
    op: z.literal('commit'),
    sandbox: z.string().regex(/^[0-9a-f]{24}$/),
    packages: sha256Schema,
  }),
  z.strictObject({ op: z.literal('image'), owner: sha256Schema, packages: sha256Schema }),
  z.strictObject({ op: z.literal('status'), image: z.string().min(1).max(200).optional() }),
])
export type LauncherRequest = z.infer<typeof launcherRequestSchema>
/** Said before the connection is closed: the job ended well, its container may be used again. */
export const KEEP = JSON.stringify({ op: 'keep' })
export type RunRequest = Extract<LauncherRequest, { op: 'run' }>
export type BuildRequest = Extract<LauncherRequest, { op: 'build' }>
export type CommitRequest = Extract<LauncherRequest, { op: 'commit' }>
export type ImageQuery = Extract<LauncherRequest, { op: 'image' }>

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
    code: z.enum([
      'INVALID_JOB',
      'IMAGE_MISSING',
      'ENGINE_UNAVAILABLE',
      'CAPACITY',
      'BUILD_FAILED',
    ]),
    message: z.string(),
  }),
  /** Made, or found; null when it is not there. */
  z.object({ event: z.literal('image'), imageId: z.string().nullable() }),
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
