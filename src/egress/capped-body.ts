/**
 * An answer that is cut off while it streams: at a byte ceiling, or when its time is over. Bytes are
 * counted as they come out of decompression, so a small archive bomb is stopped too.
 */
import { EgressError, TOO_LARGE } from './refusal.ts'

export interface BodyLimits {
  readonly maxBytes: number
  /** Ends the body with the signal's reason, also when the peer just stops sending. */
  readonly signal: AbortSignal
  /** Called once, however the body ends. */
  readonly onEnd: () => void
}

export function capBody(
  body: ReadableStream<Uint8Array>,
  { maxBytes, signal, onEnd }: BodyLimits,
): ReadableStream<Uint8Array> {
  const reader = body.getReader()
  let received = 0
  let isEnded = false
  let onAbort = (): void => {}
  const end = (): void => {
    isEnded = true
    signal.removeEventListener('abort', onAbort)
    onEnd()
  }
  const fail = (controller: ReadableStreamDefaultController<Uint8Array>, reason: unknown): void => {
    if (isEnded) return
    end()
    controller.error(reason)
    reader.cancel(reason).catch(() => {})
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        onAbort = () => fail(controller, signal.reason)
        if (signal.aborted) onAbort()
        else signal.addEventListener('abort', onAbort)
      },
      async pull(controller) {
        try {
          const { done, value } = await reader.read()
          if (isEnded) return
          if (done) {
            end()
            controller.close()
            return
          }
          received += value.byteLength
          if (received > maxBytes) fail(controller, new EgressError(TOO_LARGE))
          else controller.enqueue(value)
        } catch (error) {
          fail(controller, error)
        }
      },
      async cancel(reason) {
        if (!isEnded) end()
        await reader.cancel(reason)
      },
    },
    // Nothing is read ahead: the consumer's pace is the peer's pace.
    { highWaterMark: 0 },
  )
}
