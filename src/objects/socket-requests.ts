/** What comes in over a socket, checked in the order of cost: size, rate, depth, shape. */
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ofTransport } from '../gateway/wire.ts'
import { type FrameId, parseRequestFrame, type RequestFrame } from '../protocol/frames.ts'
import { OPERATIONS_BUCKET } from '../transport/rate-limit.ts'
import type { TransportRefusal } from '../transport/refusal.ts'
import { checkJsonDepth, checkMessageSize, MAX_SOCKET_MESSAGE_BYTES } from '../transport/size.ts'
import { type BucketState, takeToken } from '../transport/token-bucket.ts'

/** What is refused for coming too fast is read no further than a plain request is long. */
const MAX_CHARS_READ_FOR_ID = 16 * 1024

export interface RefusedFrame {
  readonly id: FrameId | null
  readonly refusal: Refusal
  /** For the security log, the first time in a minute: a flood must not cost a line a frame. */
  readonly event?: TransportRefusal
  /** RFC 6455 section 7.4.1, where the frame costs the sender its socket. */
  readonly close?: { readonly code: number; readonly reason: string }
}

const REPORT_INTERVAL_MS = 60_000

/**
 * All frames of one socket, before any hop and before `connect` too. It is lost with the object's
 * memory and begins anew with a new socket; what a credential may do in all is counted where that
 * does not matter (`gateway/operation-rate.ts`).
 */
export class RequestRate {
  #state: BucketState | undefined
  #reportedAt = Number.NEGATIVE_INFINITY

  take(now: number): Result<null, { readonly retryAfterMs: number; readonly isNews: boolean }> {
    const taken = takeToken(this.#state, OPERATIONS_BUCKET, now)
    this.#state = taken.state
    if (taken.isAllowed) return ok(null)
    const isNews = now - this.#reportedAt >= REPORT_INTERVAL_MS
    if (isNews) this.#reportedAt = now
    return err({ retryAfterMs: taken.retryAfterMs, isNews })
  }
}

export function readRequest(
  message: string | ArrayBuffer,
  rate: RequestRate,
  now: number,
  maxBytes = MAX_SOCKET_MESSAGE_BYTES,
): Result<RequestFrame, RefusedFrame> {
  const size = checkMessageSize(message, maxBytes)
  if (!size.ok) {
    return err({
      id: null,
      refusal: ofTransport(size.error).refusal,
      close: { code: 1009, reason: 'message too large' },
    })
  }
  const taken = rate.take(now)
  if (!taken.ok) {
    const { retryAfterMs, isNews } = taken.error
    const refused = { kind: 'rate_limited', bucket: 'socket', retryAfterMs } as const
    return err({
      id: idOf(message),
      refusal: ofTransport(refused).refusal,
      ...(isNews ? { event: refused } : {}),
    })
  }
  if (typeof message !== 'string') {
    return err({ id: null, refusal: refusal('INVALID_REQUEST', 'frames are text, not binary') })
  }
  const depth = checkJsonDepth(message)
  if (!depth.ok) return err({ id: null, refusal: ofTransport(depth.error).refusal })
  const frame = parseRequestFrame(message)
  if (!frame.ok)
    return err({ id: frame.error.id, refusal: refusal('INVALID_REQUEST', frame.error.message) })
  return frame
}

/** Without its id the sender would wait for an answer to a request that was refused long ago. */
function idOf(message: string | ArrayBuffer): FrameId | null {
  if (typeof message !== 'string' || message.length > MAX_CHARS_READ_FOR_ID) return null
  if (!checkJsonDepth(message).ok) return null
  const frame = parseRequestFrame(message)
  return frame.ok ? frame.value.id : frame.error.id
}
