/**
 * Gateway protocol v3 frames: text, JSON, `req` in, `res` and `event` out. Only shapes live here;
 * what a method means is declared in `api/`.
 */
import { z } from 'zod'
import type { Refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'

export const PROTOCOL_VERSION = 3
/** Answered by the runtime itself, without waking a hibernating object. */
export const PING_TEXT = 'ping'
export const PONG_TEXT = 'pong'

export type FrameId = string | number

const frameIdSchema = z.union([z.string().max(200), z.number()])

const requestFrameSchema = z.object({
  type: z.literal('req'),
  id: frameIdSchema.optional(),
  method: z.string().min(1).max(100),
  params: z.record(z.string(), z.unknown()).nullish(),
})

export interface RequestFrame {
  readonly id: FrameId
  readonly method: string
  readonly params: Readonly<Record<string, unknown>>
}

/** What was wrong, and the id to answer under when the frame at least had one. */
export interface FrameError {
  readonly id: FrameId | null
  readonly message: string
}

/** Parses one text message. Depth and size are checked before, by `transport/size`. */
export function parseRequestFrame(text: string): Result<RequestFrame, FrameError> {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return err({ id: null, message: 'frame is not valid JSON' })
  }
  const parsed = requestFrameSchema.safeParse(json)
  if (parsed.success) {
    const { id, method, params } = parsed.data
    // Only `ack` has no answer, so only it needs no id.
    if (id !== undefined || method === 'ack')
      return ok({ id: id ?? '', method, params: params ?? {} })
    return err({ id: null, message: 'frame has no id' })
  }
  const id = frameIdSchema.safeParse((json as { id?: unknown } | null)?.id)
  return err({
    id: id.success ? id.data : null,
    message: 'frame must be {"type":"req","id":…,"method":"…","params":{…}}',
  })
}

export const resultFrame = (id: FrameId, payload: unknown): string =>
  JSON.stringify({ type: 'res', id, ok: true, payload })

export const refusalFrame = (id: FrameId | null, refusal: Refusal): string =>
  JSON.stringify({ type: 'res', id: id ?? '', ok: false, error: refusal })

/** The last thing that a socket hears whose credential, membership or tenant has ended. */
export const accessRevokedFrame = (tenantId: string): string =>
  eventFrame('tenant.access.revoked', { tenant_id: tenantId })

export const eventFrame = (event: string, payload: unknown, seq?: number): string =>
  JSON.stringify({ type: 'event', event, payload, ...(seq === undefined ? {} : { seq }) })
