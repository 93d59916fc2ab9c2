/**
 * Decides whether a whole way of a request is allowed: the URL, what its name resolves to, and each
 * redirect. Sends nothing itself.
 */
import { err, ok, type Result } from '../domain/result.ts'
import { isReachableAddress } from './address.ts'
import { type EgressRefusal, HOST_NOT_ALLOWED, UNRESOLVABLE } from './refusal.ts'
import { bareName, checkUrl, literalAddress, type UrlPolicy, urlRefusal } from './url.ts'

/** Every address of a name, A and AAAA alike; empty when it has none. */
export type Resolve = (host: string) => Promise<readonly string[]>

/** Enough for http → https → www → page; more is a loop or a game. */
export const MAX_REDIRECTS = 3

export interface DestinationPolicy extends UrlPolicy {
  /** `host` or `host:port` as in `URL.host`; when given, no other host is reached. */
  readonly allowedHosts?: readonly string[]
  /**
   * Looks a name up before it is contacted. The connection that follows looks it up again, so an
   * answer that flips in between is stopped only by a peer that connects to the checked address
   * (the runner) or that itself refuses private networks (the platform).
   */
  readonly resolve?: Resolve
}

export type CheckDestination = (url: string | URL) => Promise<Result<URL, EgressRefusal>>

/**
 * A check for one request and its redirects. A name is looked up once: asking again is what DNS
 * rebinding waits for.
 */
export function createDestinationCheck(policy: DestinationPolicy): CheckDestination {
  const answers = new Map<string, readonly string[]>()
  return async (input) => {
    const checked = checkUrl(input, policy)
    if (!checked.ok) return checked
    const { host, hostname } = checked.value
    if (policy.allowedHosts !== undefined && !policy.allowedHosts.includes(host)) {
      return err(HOST_NOT_ALLOWED)
    }
    if (policy.resolve === undefined || literalAddress(hostname) !== null) return checked
    const name = bareName(hostname)
    const addresses = answers.get(name) ?? (await policy.resolve(name))
    answers.set(name, addresses)
    if (addresses.length === 0) return err(UNRESOLVABLE)
    // One private answer among public ones is enough for the connection to go there.
    const isReachable = (ip: string): boolean =>
      isReachableAddress(ip, policy.allowPrivateNetwork === true)
    return addresses.every(isReachable) ? ok(checked.value) : err(urlRefusal('private_address'))
  }
}

/** The network of a rehearsal: what names resolve to, and where the next redirect points. */
export interface RehearsedNetwork {
  readonly resolve: Resolve
  readonly location: () => Promise<string | null>
}

/** Whether a request to `url` would be sent and followed to its end, over the same pieces. */
export async function isFetchAllowed(
  url: string,
  network: RehearsedNetwork,
  policy: Omit<DestinationPolicy, 'resolve'> = {},
): Promise<boolean> {
  const check = createDestinationCheck({ ...policy, resolve: network.resolve })
  let checked = await check(url)
  for (let hops = 0; checked.ok && hops <= MAX_REDIRECTS; hops++) {
    const location = await network.location()
    if (location === null) return true
    const next = URL.parse(location, checked.value)
    if (next === null) return false
    checked = await check(next)
  }
  return false
}
