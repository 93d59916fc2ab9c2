/**
 * The way to an address that a tenant chose, for callers that speak `fetch`: through a runner, which
 * connects to what it has checked; else, on the platform, through the guarded fetch with every name
 * looked up; else not at all. Where the platform's operator has opened private networks for a row, the
 * guarded fetch goes there itself, as for model providers. No redirect is followed: a secret may be on
 * its way.
 */
import { importRunnerKey } from '../crypto/job-token.ts'
import type { TenantId } from '../domain/ids.ts'
import type { Fetch } from '../domain/model.ts'
import type { WebPort } from '../domain/ports/web.ts'
import { createDohResolve } from '../egress/doh.ts'
import { createGuardedFetch, platformFetch } from '../egress/guarded-fetch.ts'
import { EgressError, TIMED_OUT, TOO_LARGE, UNRESOLVABLE, urlRefused } from '../egress/refusal.ts'
import { checkUrl } from '../egress/url.ts'
import { MAX_FETCH_BYTES } from '../isolation/contract.ts'
import { createRunnerFetch } from '../isolation/runner-fetch.ts'
import type { Settings } from './env.ts'
import { onRunnerTrouble } from './runner-trouble.ts'
import { runnerFetch } from './services.ts'

export interface WayParts {
  readonly settings: Settings
  readonly tenantId: TenantId
  readonly now: () => number
  /** What the runner's log says that it was for. */
  readonly purpose: string
}

export interface WayLimits {
  readonly allowPrivateNetwork: boolean
  readonly maxBytes: number
  readonly timeoutMs: number
  /** The caller counts bytes and time itself, while it reads. A runner answers when it has all. */
  readonly isStreamed: boolean
}

export interface GuardedWay {
  readonly fetch: Fetch
  readonly canStream: boolean
}

export function guardedWay(parts: WayParts, limits: WayLimits): GuardedWay {
  const { allowPrivateNetwork, maxBytes, timeoutMs, isStreamed } = limits
  const guarded = {
    requireHttps: true,
    maxRedirects: 0,
    maxBytes: isStreamed ? null : maxBytes,
    timeoutMs,
  }
  if (allowPrivateNetwork) {
    return { fetch: createGuardedFetch({ ...guarded, allowPrivateNetwork }), canStream: isStreamed }
  }
  const { settings, tenantId, now, purpose } = parts
  const { runners, runnerKey, platform } = settings
  if (runners.length > 0 && runnerKey !== null) {
    const web: WebPort = {
      send: async (asked, signal) =>
        createRunnerFetch({
          runners,
          signKey: await importRunnerKey(runnerKey),
          fetch: runnerFetch,
          tenant: tenantId,
          session: purpose,
          now,
          onTrouble: onRunnerTrouble,
        }).send(asked, signal),
    }
    return { fetch: overWeb(web, limits), canStream: false }
  }
  if (platform === 'cloudflare') {
    const resolve = createDohResolve({ fetch: platformFetch })
    return { fetch: createGuardedFetch({ ...guarded, resolve }), canStream: isStreamed }
  }
  const nowhere: Fetch = async () => {
    throw new EgressError(UNRESOLVABLE)
  }
  return { fetch: nowhere, canStream: false }
}

const methodOf = (method = 'GET'): 'GET' | 'POST' | 'DELETE' => {
  if (method === 'GET' || method === 'POST' || method === 'DELETE') return method
  throw new TypeError(`no way for ${method}`)
}

/** For callers that speak `fetch`, over a port that speaks values. */
function overWeb(web: WebPort, { maxBytes, timeoutMs }: WayLimits): Fetch {
  return async (input, init = {}) => {
    if (input instanceof Request) throw new TypeError('the guarded way takes an address')
    const url = checkUrl(input, { requireHttps: true })
    if (!url.ok) throw new EgressError(url.error)
    const request = {
      url: url.value.href,
      method: methodOf(init.method),
      headers: Object.fromEntries(new Headers(init.headers)),
      // A runner refuses whoever asks for more; what is longer is refused here as too large.
      maxBytes: Math.min(maxBytes, MAX_FETCH_BYTES),
      timeoutMs,
      maxRedirects: 0,
    }
    const signal = init.signal ?? AbortSignal.timeout(timeoutMs)
    const body =
      init.body instanceof Uint8Array
        ? init.body
        : new TextEncoder().encode(String(init.body ?? ''))
    const sent = await web.send(request.method === 'POST' ? { ...request, body } : request, signal)
    if (!sent.ok) {
      const { kind, message } = sent.error
      if (kind === 'timeout') throw new EgressError(TIMED_OUT)
      if (kind === 'refused') throw new EgressError(urlRefused(message))
      throw new Error(message)
    }
    const { status, headers, body: answer, isTruncated } = sent.value
    if (isTruncated) throw new EgressError(TOO_LARGE)
    const isBare = status === 204 || status === 205 || status === 304
    return new Response(isBare ? null : answer.slice(), {
      status,
      headers: headers.map(([name, value]): [string, string] => [name, value]),
    })
  }
}
