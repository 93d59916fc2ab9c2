/** Answers of the HTTP doors: JSON, with the headers that every answer carries. */
import type { Refusal } from '../domain/refusal.ts'
import { openAiError } from '../protocol/openai.ts'
import type { HeaderPairs } from '../transport/cors.ts'

/** An API answers data: nothing of it may be sniffed, framed, cached or sent on as a referrer. */
const SECURITY_HEADERS: HeaderPairs = [
  ['x-content-type-options', 'nosniff'],
  ['x-frame-options', 'DENY'],
  ['referrer-policy', 'no-referrer'],
  ['cache-control', 'no-store'],
]

export function withHeaders(response: Response, headers: HeaderPairs): Response {
  for (const [name, value] of headers) response.headers.set(name, value)
  return response
}

export const jsonResponse = (body: unknown, status: number, headers: HeaderPairs = []): Response =>
  jsonTextResponse(JSON.stringify(body), status, headers)

/** For JSON that is text already. */
export const jsonTextResponse = (
  text: string,
  status: number,
  headers: HeaderPairs = [],
): Response =>
  new Response(text, {
    status,
    headers: Object.fromEntries([
      ['content-type', 'application/json'],
      ...SECURITY_HEADERS,
      ...headers,
    ]),
  })

/** `Retry-After` in whole seconds, rounded up (RFC 9110 section 10.2.3). */
const retryAfter = ({ retryAfterMs }: Refusal): HeaderPairs =>
  retryAfterMs === undefined ? [] : [['retry-after', String(Math.ceil(retryAfterMs / 1_000))]]

/** Which error object the path's clients understand. */
export type ErrorDialect = 'edgeclaw' | 'openai'

export function refusalResponse(
  refused: Refusal,
  status: number,
  dialect: ErrorDialect,
  headers: HeaderPairs = [],
): Response {
  const { code, message, details } = refused
  const body =
    dialect === 'openai'
      ? openAiError(refused, status)
      : { error: { code, message, ...(details ? { details } : {}) } }
  return jsonResponse(body, status, [...retryAfter(refused), ...headers])
}
