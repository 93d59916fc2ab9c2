/**
 * The web port over the guarded fetch: what is refused, late or broken becomes a value, and an answer
 * that is too long is cut. As sure as the look-up it is given: see `DestinationPolicy.resolve`.
 */
import type { WebAnswer, WebFailure, WebPort } from '../domain/ports/web.ts'
import { err, ok } from '../domain/result.ts'
import { createGuardedFetch, type GuardedFetchOptions } from './guarded-fetch.ts'
import { EgressError, type EgressRefusal } from './refusal.ts'

export type GuardedWebOptions = Pick<
  GuardedFetchOptions,
  'allowPrivateNetwork' | 'fetch' | 'resolve'
>

/** A refusal of the guard, or what befell a request that it let through. */
function failureOf(refusal: EgressRefusal): WebFailure {
  const { kind, message } = refusal
  switch (kind) {
    case 'timeout':
      return { kind: 'timeout', message }
    case 'unresolvable':
    case 'too_large':
      return { kind: 'failed', message }
    default:
      return { kind: 'refused', message, refusal: kind }
  }
}

/** The beginning of a body. Ends when `signal` aborts, also when the peer just stops sending. */
async function readStart(
  body: ReadableStream<Uint8Array> | null,
  maxBytes: number,
  signal: AbortSignal,
): Promise<Pick<WebAnswer, 'body' | 'isTruncated'>> {
  const reader = body?.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  const cancel = (): void => void reader?.cancel().catch(() => {})
  signal.addEventListener('abort', cancel)
  try {
    while (reader !== undefined && length <= maxBytes) {
      const { done, value } = await reader.read()
      if (done) break
      chunks.push(value)
      length += value.length
    }
    signal.throwIfAborted()
  } finally {
    signal.removeEventListener('abort', cancel)
    cancel()
  }
  const whole = new Uint8Array(length)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.length
  }
  return { body: whole.slice(0, maxBytes), isTruncated: length > maxBytes }
}

export const createGuardedWeb = (options: GuardedWebOptions): WebPort => ({
  send: async ({ url, method, headers, body, maxBytes, timeoutMs, maxRedirects }, signal) => {
    const fetch = createGuardedFetch({ ...options, maxBytes: null, timeoutMs, maxRedirects })
    const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)])
    try {
      const init: RequestInit = { method, headers: { ...headers }, signal: limit }
      const response = await fetch(url, body === undefined ? init : { ...init, body: body.slice() })
      const read = await readStart(response.body, maxBytes, limit)
      return ok({
        url: response.url === '' ? url : response.url,
        status: response.status,
        headers: [...response.headers],
        ...read,
      })
    } catch (error) {
      if (error instanceof EgressError) return err(failureOf(error.refusal))
      return err(
        limit.aborted
          ? { kind: 'timeout', message: 'the address did not answer in time' }
          : { kind: 'failed', message: 'the address could not be reached' },
      )
    }
  },
})
