/** The dashboard from the build's own files, under headers that let it run nothing but itself. */
import { notFound } from '../domain/refusal.ts'
import { isDashboardPath } from '../protocol/dashboard-paths.ts'
import type { AppContext } from './door.ts'
import { refusalResponse, withHeaders } from './http-response.ts'

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  // Pictures of a workspace are fetched with the caller's credential and shown from memory.
  "img-src 'self' data: blob:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** Their names hold a hash of their contents: what a name means never changes. */
const isHashed = (pathname: string): boolean => pathname.startsWith('/assets/')

export async function page(c: AppContext): Promise<Response> {
  const { ASSETS } = c.env
  if (!ASSETS) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  const url = new URL(c.req.url)
  if (url.pathname === '/' || isDashboardPath(url.pathname)) url.pathname = '/index.html'
  const file = await ASSETS.fetch(new Request(url, { headers: c.req.raw.headers }))
  if (file.status === 404) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  return withHeaders(new Response(file.body, file), [
    ['content-security-policy', CONTENT_SECURITY_POLICY],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['x-frame-options', 'DENY'],
    ['cross-origin-opener-policy', 'same-origin'],
    ['cache-control', isHashed(url.pathname) ? 'public, max-age=31536000, immutable' : 'no-cache'],
  ])
}
