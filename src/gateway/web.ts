/**
 * Opens a run's ways to the web: through a runner, which connects to the address it checked; else, on
 * the platform alone, through the guarded fetch; else none. There is no third way, and no setting
 * that makes one.
 */

import type { Services } from '../api/context.ts'
import type { WebPort } from '../domain/ports/web.ts'
import { securityEvent } from '../domain/security-event.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { createDohResolve } from '../egress/doh.ts'
import { platformFetch } from '../egress/guarded-fetch.ts'
import { createGuardedWeb } from '../egress/guarded-web.ts'
import { createRunnerFetch } from '../isolation/runner-fetch.ts'
import type { Report } from './emit.ts'
import { onRunnerTrouble } from './runner-trouble.ts'
import { runnerFetch } from './services.ts'
import type { TurnRequest } from './turn-request.ts'
import { WebCache, withCache } from './web-cache.ts'

export interface WebParts {
  readonly request: TurnRequest
  readonly snapshot: TenantSnapshot
  readonly services: Services
  readonly report: Report
}

/** An isolate's; entries are their tenants', see there. */
const CACHE = new WebCache()

/** The platform's `fetch` reaches no private network itself (`global_fetch_strictly_public`). */
const platformWeb = createGuardedWeb({ resolve: createDohResolve({ fetch: platformFetch }) })

function unwatchedWeb({ request, snapshot, services }: WebParts): WebPort | null {
  const { runnerSignKey, settings } = request
  if (settings.runners.length > 0 && runnerSignKey !== null) {
    return {
      send: async (asked, signal) =>
        createRunnerFetch({
          runners: settings.runners,
          signKey: await runnerSignKey,
          fetch: runnerFetch,
          tenant: snapshot.tenantId,
          session: request.sessionKey.text,
          now: services.now,
          onTrouble: onRunnerTrouble,
        }).send(asked, signal),
    }
  }
  return settings.platform === 'cloudflare' ? platformWeb : null
}

/** What a look-up or a redirect led to is seen behind the port only, so it is reported here. */
const reportingWeb = (web: WebPort, report: Report): WebPort => ({
  send: async (asked, signal) => {
    const sent = await web.send(asked, signal)
    if (!sent.ok && sent.error.kind === 'refused') {
      const scheme = asked.url.startsWith('https:') ? 'https' : 'http'
      report(securityEvent('ssrf_blocked', { refusal: sent.error.refusal ?? 'by_runner', scheme }))
    }
    return sent
  },
})

/** For whoever sends a secret along: nothing is kept. Null where no address can be checked. */
export function openWeb(parts: WebParts): WebPort | null {
  const web = unwatchedWeb(parts)
  return web === null ? null : reportingWeb(web, parts.report)
}

/** For the tools: within the tenant's own limit, and asking once for what was just answered. */
export function openToolWeb(parts: WebParts): WebPort | null {
  const web = openWeb(parts)
  if (web === null) return null
  const { tenantId, config } = parts.snapshot
  const cached = withCache(web, { cache: CACHE, tenantId, now: parts.services.now })
  const { max_bytes: maxBytes } = config.tools.web_fetch
  return {
    send: (asked, signal) =>
      cached.send({ ...asked, maxBytes: Math.min(asked.maxBytes, maxBytes) }, signal),
  }
}
