/** Pages from the build's own files, under headers that let them run nothing but themselves. */
import { notFound } from '../domain/refusal.ts'
import type { AppContext } from './door.ts'
import { refusalResponse, withHeaders } from './http-response.ts'

const CONTENT_SECURITY_POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "img-src 'self' data:",
  "font-src 'self'",
  "connect-src 'self'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

export async function page(c: AppContext): Promise<Response> {
  const { ASSETS } = c.env
  if (!ASSETS) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  const url = new URL(c.req.url)
  if (url.pathname === '/') url.pathname = '/index.html'
  const file = await ASSETS.fetch(new Request(url, { headers: c.req.raw.headers }))
  if (file.status === 404) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  return withHeaders(new Response(file.body, file), [
    ['content-security-policy', CONTENT_SECURITY_POLICY],
    ['x-content-type-options', 'nosniff'],
    ['referrer-policy', 'no-referrer'],
    ['x-frame-options', 'DENY'],
  ])
}
