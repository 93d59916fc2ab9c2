/**
 * What the launcher may be asked over its Unix socket: a typed job or a question, never a call of
 * the engine's API. A connection is one job: its first frame is `J` with one of these requests,
 * after `ready` everything the peer writes goes to the supervisor as it is, and closing the
 * connection destroys the container. Answers are frames: `J` (LauncherEvent), `D` (the supervisor's
 * bytes).
 */
import { z } from 'zod'
import { execIdSchema, limitsSchema, sha256Schema } from '../../../src/isolation/contract.ts'

export const launcherRequestSchema = z.discriminatedUnion('op', [
  z.strictObject({
    op: z.literal('run'),
    execId: execIdSchema,
    /** A hash: the launcher never learns whose job it is. */
    owner: sha256Schema,
    profileHash: sha256Schema,
    /** Absent: the runner's own image. */
    image: z.string().min(1).max(200).optional(),
    limits: limitsSchema,
  }),
  z.strictObject({ op: z.literal('status'), image: z.string().min(1).max(200).optional() }),
])
export type LauncherRequest = z.infer<typeof launcherRequestSchema>
export type RunRequest = Extract<LauncherRequest, { op: 'run' }>

export const launcherEventSchema = z.discriminatedUnion('event', [
  z.object({ event: z.literal('ready') }),
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
  }),
])
export type LauncherEvent = z.infer<typeof launcherEventSchema>
export type LauncherStatus = Extract<LauncherEvent, { event: 'status' }>
