/** What comes in over a socket, checked in the order of cost: rate, size, depth, shape. */
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ofTransport } from '../gateway/wire.ts'
import { type FrameId, parseRequestFrame, type RequestFrame } from '../protocol/frames.ts'
import { OPERATIONS_BUCKET } from '../transport/rate-limit.ts'
import { checkJsonDepth, checkMessageSize, MAX_SOCKET_MESSAGE_BYTES } from '../transport/size.ts'
import { type BucketState, takeToken } from '../transport/token-bucket.ts'

/** What is refused for coming too fast is read no further than a plain request is long. */
const MAX_CHARS_READ_FOR_ID = 16 * 1024

export interface RefusedFrame {
  readonly id: FrameId | null
  readonly refusal: Refusal
  /** RFC 6455 section 7.4.1, where the frame costs the sender its socket. */
  readonly close?: { readonly code: number; readonly reason: string }
}

/** The bucket of all operations of one socket; lost with the object's memory, which refills it. */
export class RequestRate {
  #state: BucketState | undefined

  take(now: number): Result<null, number> {
    const taken = takeToken(this.#state, OPERATIONS_BUCKET, now)
    this.#state = taken.state
    return taken.isAllowed ? ok(null) : err(taken.retryAfterMs)
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
    return err({
      id: idOf(message),
      refusal: {
        code: 'RESOURCE_EXHAUSTED',
        message: 'too many requests on this socket; wait before trying again',
        retryable: true,
        retryAfterMs: taken.error,
      },
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
