/**
 * A vendor's answer, cut down to what memory may hold before anything parses it: a body chosen by a
 * hostile server is otherwise gathered whole by whoever reads it. Knows nothing of what it says.
 */
import { OversizedAnswerError } from './failure.ts'
import { MAX_ANSWER_BYTES, MAX_ERROR_BODY_BYTES, MAX_SSE_EVENT_BYTES } from './limits.ts'

const LINE_FEED = 0x0a

/** The beginning of a refusal's body: its status says what it means, whatever stands further on. */
export async function readErrorBody(response: Response): Promise<string> {
  const reader = response.body?.getReader()
  if (reader === undefined) return ''
  const decoder = new TextDecoder()
  let text = ''
  for (let left = MAX_ERROR_BODY_BYTES; left > 0; ) {
    const { done, value } = await reader.read()
    if (done) return text + decoder.decode()
    text += decoder.decode(value.subarray(0, left), { stream: true })
    left -= value.length
  }
  await reader.cancel()
  return text
}

function cutAtLimit(onBytes: () => void): Transformer<Uint8Array, Uint8Array> {
  let left = MAX_ERROR_BODY_BYTES
  return {
    transform(bytes, controller) {
      onBytes()
      controller.enqueue(bytes.subarray(0, left))
      left -= bytes.length
      if (left <= 0) controller.terminate()
    },
  }
}

/**
 * Hands on whole lines only: the SDK's parser looks through an unfinished line again with every
 * piece, so a long line in small pieces would cost it the square of its length.
 */
function wholeLines(onBytes: () => void): Transformer<Uint8Array, Uint8Array> {
  let held = new Uint8Array(0)
  let heldBytes = 0
  let totalBytes = 0
  const hold = (bytes: Uint8Array): void => {
    const neededBytes = heldBytes + bytes.length
    if (neededBytes > held.length) {
      const grown = new Uint8Array(Math.max(neededBytes, 2 * held.length))
      grown.set(held.subarray(0, heldBytes))
      held = grown
    }
    held.set(bytes, heldBytes)
    heldBytes = neededBytes
  }
  return {
    transform(bytes, controller) {
      onBytes()
      totalBytes += bytes.length
      const lineBytes = heldBytes + (bytes.indexOf(LINE_FEED) + 1 || bytes.length)
      if (totalBytes > MAX_ANSWER_BYTES || lineBytes > MAX_SSE_EVENT_BYTES) {
        controller.error(new OversizedAnswerError())
        return
      }
      const end = bytes.lastIndexOf(LINE_FEED) + 1
      if (end > 0 && heldBytes > 0) {
        controller.enqueue(held.slice(0, heldBytes))
        heldBytes = 0
      }
      if (end > 0) controller.enqueue(bytes.subarray(0, end))
      if (end < bytes.length) hold(bytes.subarray(end))
    },
    flush(controller) {
      if (heldBytes > 0) controller.enqueue(held.slice(0, heldBytes))
    },
  }
}

/** Reports every read as well: a vendor's pings, which the SDK swallows, count as life. */
export function cappedAnswer(response: Response, onBytes: () => void): Response {
  if (response.body === null) return response
  const limited = new TransformStream(response.ok ? wholeLines(onBytes) : cutAtLimit(onBytes))
  return new Response(response.body.pipeThrough(limited), response)
}
