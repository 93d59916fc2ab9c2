/**
 * The answer's CORS headers (Fetch standard). Always the exact origin, never `*`, and never
 * `Access-Control-Allow-Credentials`: a page shows its credential itself, cookies count for nothing
 * across origins.
 */
import { isOwnOrigin } from './origin.ts'

/** Browsers ask again after this; Chromium caps it at two hours. */
const PREFLIGHT_MAX_AGE_SECONDS = 600
const ALLOWED_METHODS = 'GET, POST, PUT, PATCH, DELETE'
/** What a page may read beyond the safelisted headers. */
const EXPOSED_HEADERS =
  'retry-after, x-edgeclaw-session-key, x-edgeclaw-run-id, idempotency-replayed'
const ALLOWED_HEADERS = [
  'authorization',
  'content-type',
  'idempotency-key',
  ...['user-id', 'tenant-id', 'agent-id', 'session-key'].flatMap((name) => [
    `x-edgeclaw-${name}`,
    `x-goclaw-${name}`,
  ]),
  // Sent by the OpenAI SDKs with every request.
  ...['arch', 'lang', 'os', 'package-version', 'retry-count', 'runtime', 'runtime-version'].map(
    (name) => `x-stainless-${name}`,
  ),
  'x-stainless-timeout',
].join(', ')

export type HeaderPairs = readonly (readonly [name: string, value: string])[]

/** `Vary` goes out for every answer, or a cache would hand one origin's headers to another. */
const VARY: HeaderPairs = [['vary', 'origin']]

/** Only for an origin that `checkOrigin` let pass; own pages and non-browsers need no header. */
export function corsHeaders(allowedOrigin: string | null, ownOrigin: string | null): HeaderPairs {
  if (allowedOrigin === null || isOwnOrigin(allowedOrigin, ownOrigin)) return VARY
  return [
    ...VARY,
    ['access-control-allow-origin', allowedOrigin],
    ['access-control-expose-headers', EXPOSED_HEADERS],
  ]
}

export function preflightHeaders(
  allowedOrigin: string | null,
  ownOrigin: string | null,
): HeaderPairs {
  return [
    ...corsHeaders(allowedOrigin, ownOrigin),
    ['access-control-allow-methods', ALLOWED_METHODS],
    ['access-control-allow-headers', ALLOWED_HEADERS],
    ['access-control-max-age', String(PREFLIGHT_MAX_AGE_SECONDS)],
  ]
}

/** A preflight asks for a method; a plain OPTIONS request does not. */
export const isPreflight = (
  method: string,
  headers: { get(name: string): string | null },
): boolean => method === 'OPTIONS' && headers.get('access-control-request-method') !== null
