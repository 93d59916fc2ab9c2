/**
 * The way to an issuer, whose address a tenant chose: through a runner, which connects to what it has
 * checked; else, on the platform, through the guarded fetch with every name looked up; else not at
 * all. Where the platform's operator has opened private networks for this row, the guarded fetch goes
 * there itself, as for model providers. No redirect is followed: a secret may be on its way.
 */
import { importRunnerKey } from '../../crypto/job-token.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { Fetch } from '../../domain/model.ts'
import type { WebPort } from '../../domain/ports/web.ts'
import { createDohResolve } from '../../egress/doh.ts'
import { createGuardedFetch, platformFetch } from '../../egress/guarded-fetch.ts'
import { EgressError, TOO_LARGE, UNRESOLVABLE } from '../../egress/refusal.ts'
import { checkUrl } from '../../egress/url.ts'
import { createRunnerFetch } from '../../isolation/runner-fetch.ts'
import type { Settings } from '../env.ts'
import { onRunnerTrouble } from '../runner-trouble.ts'
import { runnerFetch } from '../services.ts'

/** Key sets and discovery documents of large providers have some 20 KB. */
const MAX_BYTES = 256 * 1024
const TIMEOUT_MS = 5_000

export interface IssuerWay {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly now: () => number
}

export function issuerFetch(
  { settings, tenantId, now }: IssuerWay,
  { allowPrivateNetwork }: { readonly allowPrivateNetwork: boolean },
): Fetch {
  const limits = { requireHttps: true, maxRedirects: 0, maxBytes: MAX_BYTES, timeoutMs: TIMEOUT_MS }
  if (allowPrivateNetwork) return createGuardedFetch({ ...limits, allowPrivateNetwork })
  const { runners, runnerKey, platform } = settings
  if (runners.length > 0 && runnerKey !== null) {
    return overWeb({
      send: async (asked, signal) =>
        createRunnerFetch({
          runners,
          signKey: await importRunnerKey(runnerKey),
          fetch: runnerFetch,
          tenant: tenantId,
          session: 'issuers',
          now,
          onTrouble: onRunnerTrouble,
        }).send(asked, signal),
    })
  }
  if (platform === 'cloudflare') {
    const resolve = createDohResolve({ fetch: platformFetch })
    return createGuardedFetch({ ...limits, resolve })
  }
  return async () => {
    throw new EgressError(UNRESOLVABLE)
  }
}

/** For callers that speak `fetch`, over a port that speaks values. */
function overWeb(web: WebPort): Fetch {
  return async (input, init = {}) => {
    if (input instanceof Request) throw new TypeError('the way to an issuer takes an address')
    const url = checkUrl(input, { requireHttps: true })
    if (!url.ok) throw new EgressError(url.error)
    const signal = init.signal ?? AbortSignal.timeout(TIMEOUT_MS)
    const request = {
      url: url.value.href,
      headers: Object.fromEntries(new Headers(init.headers)),
      maxBytes: MAX_BYTES,
      timeoutMs: TIMEOUT_MS,
      maxRedirects: 0,
    }
    const sent = await web.send(
      init.method === 'POST'
        ? { ...request, method: 'POST', body: new TextEncoder().encode(String(init.body ?? '')) }
        : { ...request, method: 'GET' },
      signal,
    )
    if (!sent.ok) throw new Error(sent.error.message)
    const { status, headers, body, isTruncated } = sent.value
    if (isTruncated) throw new EgressError(TOO_LARGE)
    const isBare = status === 204 || status === 304
    return new Response(isBare ? null : body.slice(), {
      status,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
    })
  }
}
