/**
 * The one door out: a `fetch` that checks where it goes at every hop, carries no secret to another
 * origin, and takes in only so much for so long. It rejects with `EgressError`; it never retries
 * and keeps nothing between requests.
 */
import type { Fetch } from '../domain/model.ts'
import { type BodyLimits, capBody } from './capped-body.ts'
import {
  type CheckDestination,
  createDestinationCheck,
  type DestinationPolicy,
  MAX_REDIRECTS,
} from './destination.ts'
import { followRedirect, isRedirect, type Outgoing } from './redirect.ts'
import {
  EgressError,
  REDIRECT_REFUSED,
  TIMED_OUT,
  TOO_LARGE,
  TOO_MANY_REDIRECTS,
} from './refusal.ts'

/** Called unbound: workerd's `fetch` refuses any `this` but the global one. */
export const platformFetch: Fetch = (input, init) => fetch(input, init)

export interface GuardedFetchOptions extends DestinationPolicy {
  readonly fetch?: Fetch
  readonly maxRedirects?: number
  /**
   * Of the answer's body, decompressed. Null for a caller that counts the body itself while it reads:
   * then it is handed on as it is, since every wrapped stream costs its readers. With no redirects
   * allowed either, such a caller's own signal is all that ends a call.
   */
  readonly maxBytes: number | null
  /** From the call to the last byte of the answer; to its head, where the body is the caller's. */
  readonly timeoutMs: number
}

function outgoing(input: string | URL | Request, init: RequestInit): Omit<Outgoing, 'url'> {
  const request = input instanceof Request ? input : null
  return {
    method: (init.method ?? request?.method ?? 'GET').toUpperCase(),
    headers: new Headers(init.headers ?? request?.headers),
    body: init.body ?? request?.body ?? null,
  }
}

/** Rejects with the signal's reason as soon as it aborts, whether or not `work` listens to it. */
async function untilAborted<Value>(work: Promise<Value>, signal: AbortSignal): Promise<Value> {
  let onAbort = (): void => {}
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(signal.reason)
    if (signal.aborted) onAbort()
    else signal.addEventListener('abort', onAbort)
  })
  try {
    return await Promise.race([aborted, work])
  } finally {
    signal.removeEventListener('abort', onAbort)
  }
}

/** Not waited for: whoever sends without an end may not end for that either. */
function discard(response: Response): void {
  response.body?.cancel().catch(() => {})
}

interface Journey {
  readonly send: Fetch
  readonly check: CheckDestination
  readonly init: RequestInit
  readonly maxRedirects: number
  readonly signal: AbortSignal
}

async function travel(first: Outgoing, journey: Journey): Promise<[Response, URL]> {
  const { send, check, init, maxRedirects, signal } = journey
  let request = first
  for (let hops = 0; ; hops++) {
    const { url, method, headers, body } = request
    const response = await send(url.href, {
      ...init,
      method,
      headers,
      body,
      redirect: 'manual',
      signal,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    })
    const location = response.headers.get('location')
    if (!isRedirect(response.status) || location === null || init.redirect === 'manual') {
      return [response, url]
    }
    discard(response)
    if (init.redirect === 'error') throw new EgressError(REDIRECT_REFUSED)
    if (hops >= maxRedirects) throw new EgressError(TOO_MANY_REDIRECTS)
    const next = followRedirect(request, response.status, location)
    if (!next.ok) throw new EgressError(next.error)
    const checked = await check(next.value.url)
    if (!checked.ok) throw new EgressError(checked.error)
    request = next.value
  }
}

function cap(response: Response, url: URL, limits: BodyLimits): Response {
  const { status, statusText } = response
  const headers = new Headers(response.headers)
  if (response.body !== null && Number(headers.get('content-length') ?? 0) > limits.maxBytes) {
    discard(response)
    throw new EgressError(TOO_LARGE)
  }
  // The body is read decompressed: what described its compressed form would now mislead.
  if (headers.has('content-encoding')) {
    headers.delete('content-encoding')
    headers.delete('content-length')
  }
  if (response.body === null) limits.onEnd()
  const body = response.body === null ? null : capBody(response.body, limits)
  const capped = new Response(body, { status, statusText, headers })
  // A constructed Response forgets where it came from; readers of relative links need it.
  Object.defineProperty(capped, 'url', { value: url.href })
  return capped
}

export function createGuardedFetch(options: GuardedFetchOptions): Fetch {
  const { maxBytes, timeoutMs, maxRedirects = MAX_REDIRECTS } = options
  const send = options.fetch ?? platformFetch
  /**
   * For a caller that bounds the whole call by its own signal and follows no redirect: the check of
   * the destination is all that is left to do, and the request goes out as it came.
   */
  const sendUnwrapped = async (input: string | URL, init: RequestInit): Promise<Response> => {
    const checked = await createDestinationCheck(options)(input)
    if (!checked.ok) throw new EgressError(checked.error)
    const response = await send(checked.value.href, { ...init, redirect: 'manual' })
    if (!isRedirect(response.status) || response.headers.get('location') === null) return response
    discard(response)
    throw new EgressError(TOO_MANY_REDIRECTS)
  }
  return async (input, init = {}) => {
    if (maxBytes === null && maxRedirects === 0 && !(input instanceof Request)) {
      return sendUnwrapped(input, init)
    }
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(new EgressError(TIMED_OUT)), timeoutMs)
    const onEnd = (): void => clearTimeout(timer)
    const caller = init.signal ?? (input instanceof Request ? input.signal : null)
    const signal = caller === null ? timeout.signal : AbortSignal.any([caller, timeout.signal])
    try {
      const check = createDestinationCheck(options)
      const run = async (): Promise<[Response, URL]> => {
        const checked = await check(input instanceof Request ? input.url : input)
        if (!checked.ok) throw new EgressError(checked.error)
        const first = { url: checked.value, ...outgoing(input, init) }
        return await travel(first, { send, check, init, maxRedirects, signal })
      }
      const [response, url] = await untilAborted(run(), signal)
      if (maxBytes !== null) return cap(response, url, { maxBytes, signal, onEnd })
      onEnd()
      return response
    } catch (error) {
      onEnd()
      throw error
    }
  }
}
