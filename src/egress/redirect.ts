/**
 * What is sent after a redirect (Fetch standard, "HTTP-redirect fetch"), made stricter: to another
 * origin go neither secrets nor bodies. Whether the new URL may be reached is judged elsewhere.
 */
import { err, ok, type Result } from '../domain/result.ts'
import { type EgressRefusal, REDIRECT_WITH_BODY } from './refusal.ts'
import { urlRefusal } from './url.ts'

const REDIRECT_STATUS: ReadonlySet<number> = new Set([301, 302, 303, 307, 308])

/** All that crosses origins. A list of what is secret would miss the next vendor's key header. */
const HARMLESS_HEADERS: ReadonlySet<string> = new Set([
  'accept',
  'accept-encoding',
  'accept-language',
  'cache-control',
  'range',
  'user-agent',
])

const BODY_HEADERS = ['content-type', 'content-length', 'content-encoding', 'content-language']

export interface Outgoing {
  readonly url: URL
  readonly method: string
  readonly headers: Headers
  readonly body: BodyInit | null
}

export const isRedirect = (status: number): boolean => REDIRECT_STATUS.has(status)

function onlyHarmless(headers: Headers): Headers {
  const kept = new Headers()
  for (const [name, value] of headers) {
    if (HARMLESS_HEADERS.has(name)) kept.set(name, value)
  }
  return kept
}

function withoutBodyHeaders(headers: Headers): Headers {
  const kept = new Headers(headers)
  for (const name of BODY_HEADERS) kept.delete(name)
  return kept
}

export function followRedirect(
  from: Outgoing,
  status: number,
  location: string,
): Result<Outgoing, EgressRefusal> {
  const url = URL.parse(location, from.url)
  if (url === null) return err(urlRefusal('malformed'))
  const becomesGet =
    (status === 303 && from.method !== 'GET' && from.method !== 'HEAD') ||
    ((status === 301 || status === 302) && from.method === 'POST')
  const method = becomesGet ? 'GET' : from.method
  const body = becomesGet ? null : from.body
  const isSameOrigin = url.origin === from.url.origin
  // A body may hold a client secret or a prompt; a stream cannot be sent twice.
  if (body !== null && (!isSameOrigin || body instanceof ReadableStream)) {
    return err(REDIRECT_WITH_BODY)
  }
  const headers = isSameOrigin ? from.headers : onlyHarmless(from.headers)
  return ok({ url, method, headers: body === null ? withoutBodyHeaders(headers) : headers, body })
}
