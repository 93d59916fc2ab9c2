/**
 * The document in which an issuer says where its keys, sign-in and tokens are (OpenID Connect
 * Discovery 1.0). It counts only if it names that very issuer; every address in it is judged again.
 */
import {
  type AuthorizationServer,
  allowInsecureRequests,
  type CustomFetchOptions,
  customFetch,
  discoveryRequest,
  processDiscoveryResponse,
} from 'oauth4webapi'
import type { IssuerRecord } from '../../domain/issuer.ts'
import type { IssuerPort } from '../../domain/ports/issuer.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { checkUrl } from '../../egress/url.ts'
import { type IssuerWay, issuerFetch } from './issuer-fetch.ts'
import { keysOf } from './jwks.ts'
import { Recent } from './recent.ts'

const NOT_REACHED = 'the issuer’s own document cannot be had, or is not that issuer’s'
const documents = new Recent<AuthorizationServer>(200, 10 * 60_000)

type Place = Pick<IssuerRecord, 'issuer' | 'allowPrivateNetwork'>

/** Plain http is for private networks alone; the guarded fetch says no to any other. */
export const requestOptions = (place: Place, way: IssuerWay) => ({
  [customFetch]: (
    url: string,
    { method, headers, body }: CustomFetchOptions<string, URLSearchParams | undefined>,
  ) => issuerFetch(way, place)(url, { method, headers, body: body ?? null, redirect: 'manual' }),
  ...(place.allowPrivateNetwork ? { [allowInsecureRequests]: true } : {}),
})

export async function discover(
  place: Place,
  way: IssuerWay,
): Promise<Result<AuthorizationServer, string>> {
  const key = `${place.allowPrivateNetwork ? 'private' : 'public'} ${place.issuer}`
  const known = documents.get(key, way.now())
  if (known) return ok(known)
  try {
    const url = new URL(place.issuer)
    const options = { algorithm: 'oidc' as const, ...requestOptions(place, way) }
    const server = await processDiscoveryResponse(url, await discoveryRequest(url, options))
    // To the letter: it is compared with `iss` so.
    if (server.issuer !== place.issuer) return err(NOT_REACHED)
    documents.set(key, server, way.now())
    return ok(server)
  } catch {
    return err(NOT_REACHED)
  }
}

export function createIssuerPort(way: IssuerWay): IssuerPort {
  const checkAddress: IssuerPort['checkAddress'] = (url, { allowPrivateNetwork }) => {
    const checked = checkUrl(url, { requireHttps: true, allowPrivateNetwork })
    return checked.ok ? ok(null) : err(checked.error.message)
  }
  return {
    checkAddress,
    discover: async (issuer) => {
      const server = await discover(issuer, way)
      if (!server.ok) return server
      const { jwks_uri: jwksUrl, authorization_endpoint, token_endpoint } = server.value
      if (jwksUrl === undefined) return err('the issuer’s document names no key set')
      const checked = checkAddress(jwksUrl, issuer)
      if (!checked.ok) return checked
      const canSignIn = authorization_endpoint !== undefined && token_endpoint !== undefined
      return ok({ jwksUrl, canSignIn })
    },
    countKeys: async (issuer) => {
      try {
        return ok((await keysOf(issuer, way).current()).count)
      } catch {
        return err('the issuer’s key set cannot be had')
      }
    },
  }
}
