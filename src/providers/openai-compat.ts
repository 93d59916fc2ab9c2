/**
 * Any server that speaks OpenAI's chat completions: vendors, routers, and models of one's own. Read by
 * hand and not through the AI SDK: its five stages of web streams cost a short answer more than all
 * the rest of the gateway.
 */
import { readErrorBody } from './capped-answer.ts'
import { createChunkReader } from './chat-chunks.ts'
import { toChatBody } from './chat-request.ts'
import { OversizedAnswerError, VendorHttpError } from './failure.ts'
import { MAX_ANSWER_BYTES } from './limits.ts'
import { createSseReader } from './sse.ts'
import type { Vendor, VendorAnswer } from './vendor-stream.ts'

/** The error's words may stand in any of these places. */
function errorMessage(body: string): string | null {
  try {
    const parsed: unknown = JSON.parse(body)
    const outer = typeof parsed === 'object' && parsed !== null ? { ...parsed } : {}
    const error: unknown = 'error' in outer ? outer.error : outer
    if (typeof error === 'string') return error
    const inner = typeof error === 'object' && error !== null ? { ...error } : {}
    if ('message' in inner && typeof inner.message === 'string') return inner.message
    return 'detail' in inner && typeof inner.detail === 'string' ? inner.detail : null
  } catch {
    return null
  }
}

async function httpError(response: Response): Promise<VendorHttpError> {
  const body = await readErrorBody(response)
  return new VendorHttpError(errorMessage(body) ?? response.statusText, {
    statusCode: response.status,
    responseHeaders: Object.fromEntries(response.headers),
    responseBody: body,
  })
}

function readAnswer(
  contentType: string,
  body: ReadableStream<Uint8Array> | null,
  onBytes: () => void,
): VendorAnswer {
  const reader = body?.getReader()
  const decoder = new TextDecoder()
  const events = createSseReader()
  const chunks = createChunkReader()
  let isEnded = false
  let bytesLeft = MAX_ANSWER_BYTES
  return {
    contentType,
    async next() {
      if (isEnded || reader === undefined) return null
      const { done, value } = await reader.read()
      if (!done) {
        onBytes()
        bytesLeft -= value.length
        if (bytesLeft < 0) throw new OversizedAnswerError()
        return events.push(decoder.decode(value, { stream: true })).flatMap(chunks.read)
      }
      isEnded = true
      return [...events.end().flatMap(chunks.read), ...chunks.end()]
    },
  }
}

export const openaiCompat = (baseUrl: string, apiKey: string | null): Vendor => ({
  async open({ request, fetch, signal, onBytes }) {
    const response = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      headers: {
        accept: 'text/event-stream',
        'content-type': 'application/json',
        ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
      },
      body: toChatBody(request),
      signal,
    })
    if (!response.ok) throw await httpError(response)
    return readAnswer(response.headers.get('content-type') ?? '', response.body, onBytes)
  },
})
