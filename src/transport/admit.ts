/**
 * The gate of the first layer: everything that can be said of a request from its head alone, before
 * a byte of its body is read and before anything is looked up. What it lets pass is well-formed and
 * comes from where it may; nobody is authenticated yet. The order is the cost of the checks.
 *
 * Behind it the gateway proves the credential, asks the limiter (size before rate, so that an
 * oversize body costs its sender no token), and calls `authorize`.
 */
import { ok, type Result } from '../domain/result.ts'
import { type AddressFacts, clientAddress } from './client-address.ts'
import { corsHeaders, type HeaderPairs, isPreflight, preflightHeaders } from './cors.ts'
import { type PresentedCredential, parseCredential, type SUBPROTOCOL } from './credential.ts'
import { checkDevelopment } from './development.ts'
import { checkOrigin, isOwnOrigin } from './origin.ts'
import type { TransportRefusal } from './refusal.ts'
import { checkContentLength, checkHeaders, checkUrl, MAX_JSON_BODY_BYTES } from './size.ts'

/** The part of the standard `Headers` that the gate reads. */
export interface HeaderSource extends Iterable<readonly [string, string]> {
  get(name: string): string | null
}

/** The operator's settings that this layer reads. */
export interface TransportSettings {
  readonly platform: 'cloudflare' | 'local'
  readonly allowedOrigins: readonly string[]
  readonly trustedProxies: readonly string[]
  /** `https://gateway.example` where it is reached under another name than the request tells. */
  readonly publicOrigin: string | null
  readonly isDevelopmentMode: boolean
}

export interface RequestFacts {
  readonly method: string
  /** Absolute, as it came. */
  readonly url: string
  readonly headers: HeaderSource
  /** Whether the request proved to come through our own local server, so that its address counts. */
  readonly isInternal: boolean
  /** Uploads have a larger cap than JSON. */
  readonly maxBodyBytes?: number
}

export interface Admitted {
  readonly kind: 'http' | 'upgrade' | 'preflight'
  readonly clientAddress: string
  readonly credential: PresentedCredential
  readonly subprotocol: typeof SUBPROTOCOL | null
  /** Pairing and whatever else acts without a credential of its own is for own pages only. */
  readonly isOwnOrigin: boolean
  /** A request without a credential is the machine's owner: every check of that mode has passed. */
  readonly isDevelopment: boolean
  /** For the answer, whatever it will be. */
  readonly responseHeaders: HeaderPairs
}

/** Whom to count a refused request against; needed before and without `admit` too. */
export const addressOf = (facts: RequestFacts, settings: TransportSettings): string =>
  clientAddress(addressFacts(facts, settings))

export function admit(
  facts: RequestFacts,
  settings: TransportSettings,
): Result<Admitted, TransportRefusal> {
  const sizes = checkSizes(facts)
  if (!sizes.ok) return sizes
  const { headers } = facts
  const url = new URL(facts.url)
  const kind = kindOf(facts)
  const origin = headers.get('origin')
  let ownOrigin = settings.publicOrigin ?? url.origin

  if (settings.isDevelopmentMode) {
    const local = checkDevelopment({ host: headers.get('host'), origin })
    if (!local.ok) return local
    // One machine has three names, and each is the own one to the page that it served.
    ownOrigin = local.value
  }
  const page = checkOrigin(origin, settings.allowedOrigins, { ownOrigin })
  if (!page.ok) return page
  const found = parseCredential({
    isUpgrade: kind === 'upgrade',
    authorization: headers.get('authorization'),
    subprotocols: headers.get('sec-websocket-protocol'),
    query: url.searchParams,
  })
  if (!found.ok) return found

  const { credential, subprotocol } = found.value
  return ok({
    kind,
    clientAddress: addressOf(facts, settings),
    credential,
    subprotocol,
    isOwnOrigin: isOwnOrigin(origin, ownOrigin),
    isDevelopment: settings.isDevelopmentMode && credential.kind === 'none',
    responseHeaders:
      kind === 'preflight' ? preflightHeaders(origin, ownOrigin) : corsHeaders(origin, ownOrigin),
  })
}

function checkSizes(facts: RequestFacts): Result<null, TransportRefusal> {
  const url = checkUrl(facts.url)
  if (!url.ok) return url
  const headers = checkHeaders(facts.headers)
  if (!headers.ok) return headers
  return checkContentLength(
    facts.headers.get('content-length'),
    facts.maxBodyBytes ?? MAX_JSON_BODY_BYTES,
  )
}

function kindOf({ method, headers }: RequestFacts): Admitted['kind'] {
  if (method === 'GET' && headers.get('upgrade')?.toLowerCase() === 'websocket') return 'upgrade'
  return isPreflight(method, headers) ? 'preflight' : 'http'
}

const addressFacts = (facts: RequestFacts, settings: TransportSettings): AddressFacts => ({
  platform: settings.platform,
  cfConnectingIp: facts.headers.get('cf-connecting-ip'),
  internalAddress: facts.headers.get('x-edgeclaw-client-address'),
  isInternal: facts.isInternal,
  forwardedFor: facts.headers.get('x-forwarded-for'),
  trustedProxies: settings.trustedProxies,
})
