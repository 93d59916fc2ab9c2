/** One call to a platform's API: bounded in time and bytes, and told apart by what may be done again. */
import type { Fetch } from '../domain/model.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { EgressError } from '../egress/refusal.ts'
import type { SendFailure } from './platform.ts'

const CALL_TIMEOUT_MS = 15_000
/** Of a call that carries a file. */
const UPLOAD_TIMEOUT_MS = 60_000
const LARGE_BYTES = 256 * 1_024
/** Without a figure of the platform's own. */
const DEFAULT_RETRY_MS = 5_000
const MAX_RETRY_MS = 15 * 60_000

export interface ApiRequest {
  readonly url: string
  /** Where neither GET nor POST is meant. */
  readonly method?: 'DELETE' | 'PATCH'
  readonly headers?: Readonly<Record<string, string>>
  /** An object is sent as JSON, a form or bytes as they are; absent: a GET. */
  readonly body?: unknown
}

export interface ApiAnswer {
  readonly status: number
  readonly headers: Headers
  /** Undefined where the answer was no JSON. */
  readonly json: unknown
}

interface Encoded {
  readonly bytes: Uint8Array<ArrayBuffer> | string
  readonly type: string | null
}

/** Not every way out of the gateway takes a form: it is made bytes here. */
async function encode(body: unknown): Promise<Encoded> {
  if (body instanceof Uint8Array) return { bytes: body as Uint8Array<ArrayBuffer>, type: null }
  if (body instanceof FormData || body instanceof URLSearchParams) {
    const form = new Response(body)
    const bytes = new Uint8Array(await form.arrayBuffer())
    return { bytes, type: form.headers.get('content-type') }
  }
  return { bytes: JSON.stringify(body), type: 'application/json; charset=utf-8' }
}

/**
 * Answers that say when to come again, that the platform is down, or that the way there failed are
 * failures already; whatever else came back is the caller's to read.
 */
export async function callApi(
  fetch: Fetch,
  { url, method, headers = {}, body }: ApiRequest,
): Promise<Result<ApiAnswer, SendFailure>> {
  const encoded = body === undefined ? null : await encode(body)
  const type = encoded?.type ?? null
  // No `AbortSignal.timeout`: its timer would keep the object awake long after the answer.
  const ending = new AbortController()
  const isLarge = (encoded?.bytes.length ?? 0) > LARGE_BYTES
  const timeoutMs = isLarge ? UPLOAD_TIMEOUT_MS : CALL_TIMEOUT_MS
  const timer = setTimeout(() => ending.abort(new Error('it took too long')), timeoutMs)
  const init: RequestInit = {
    method: method ?? (body === undefined ? 'GET' : 'POST'),
    headers: type === null ? headers : { 'content-type': type, ...headers },
    signal: ending.signal,
    redirect: 'manual',
    ...(encoded === null ? {} : { body: encoded.bytes }),
  }
  let response: Response
  let text: string
  try {
    response = await fetch(url, init)
    text = await response.text()
  } catch (error) {
    return err(brokenOff(error))
  } finally {
    clearTimeout(timer)
  }
  const { status } = response
  if (status === 429) return err(askedForPatience(response.headers, text))
  if (status >= 500) return err({ kind: 'unavailable', reason: `the platform answered ${status}` })
  return ok({ status, headers: response.headers, json: parse(text) })
}

/** What a `fetch` that rejected came to, as far as anybody can know. */
export function brokenOff(error: unknown): SendFailure {
  const kind = error instanceof EgressError ? error.refusal.kind : null
  switch (kind) {
    case 'unresolvable':
      return { kind: 'unavailable', reason: 'the name of the platform has no address right now' }
    case 'timeout':
      return { kind: 'unknown', reason: 'the platform did not answer in time' }
    // It was done, and nobody read how it ended.
    case 'too_large':
      return { kind: 'unknown', reason: 'the answer of the platform was too large' }
    case null:
      return { kind: 'unknown', reason: 'the connection to the platform broke off' }
    default:
      return { kind: 'refused', reason: 'the address of the platform may not be reached' }
  }
}

/** By the platform's own figure, where it gives one. */
export function askedForPatience(headers: Headers, text: string): SendFailure {
  const retryAfterMs = retryAfterOf(headers) ?? retryAfterIn(text) ?? DEFAULT_RETRY_MS
  return { kind: 'rate_limited', retryAfterMs: Math.min(retryAfterMs, MAX_RETRY_MS) }
}

const retryAfterOf = (headers: Headers): number | null => {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN)
  return Number.isFinite(seconds) && seconds >= 0 ? Math.ceil(seconds * 1_000) : null
}

/** `parameters.retry_after` of Telegram, `retry_after` of Discord: seconds. */
function retryAfterIn(text: string): number | null {
  const body = parse(text)
  if (typeof body !== 'object' || body === null) return null
  const { parameters, retry_after: own } = body as Record<string, unknown>
  const nested =
    typeof parameters === 'object' && parameters !== null && 'retry_after' in parameters
      ? parameters.retry_after
      : undefined
  const seconds = typeof own === 'number' ? own : nested
  return typeof seconds === 'number' && seconds >= 0 ? Math.ceil(seconds * 1_000) : null
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
