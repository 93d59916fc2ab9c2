/** The dashboard from the build's own files, under headers that let it run nothing but itself. */
import { notFound } from '../domain/refusal.ts'
import { cacheControlOf, dashboardHeaders } from '../protocol/dashboard-headers.ts'
import { isDashboardPath } from '../protocol/dashboard-paths.ts'
import type { AppContext } from './door.ts'
import { refusalResponse, withHeaders } from './http-response.ts'

export async function page(c: AppContext): Promise<Response> {
  const { ASSETS } = c.env
  if (!ASSETS) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  const url = new URL(c.req.url)
  // By the name of its file it would be asked for twice: that is sent on to `/` first.
  if (isDashboardPath(url.pathname)) url.pathname = '/'
  const file = await ASSETS.fetch(new Request(url, { headers: c.req.raw.headers }))
  if (file.status === 404) return refusalResponse(notFound('path'), 404, 'edgeclaw')
  return withHeaders(new Response(file.body, file), [
    ...dashboardHeaders(null),
    ['cache-control', cacheControlOf(url.pathname)],
  ])
}
