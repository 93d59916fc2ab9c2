/**
 * Under which address a caller is counted. Only a header that the caller cannot write itself is
 * believed; everything else would let one attacker appear as many, or as somebody else.
 */
import ipaddr from 'ipaddr.js'

export interface AddressFacts {
  readonly platform: 'cloudflare' | 'local'
  /** `CF-Connecting-IP`: set by the platform's edge over whatever the client sent. */
  readonly cfConnectingIp: string | null
  /** `X-EdgeClaw-Client-Address`, written by the local server in front of the bundle. */
  readonly internalAddress: string | null
  /** Whether the request proved to come from that server. */
  readonly isInternal: boolean
  readonly forwardedFor: string | null
  /** Addresses or CIDR ranges of the operator's own proxies. */
  readonly trustedProxies: readonly string[]
}

/** One bucket for all who cannot be told apart: it throttles them together, never frees them. */
export const UNKNOWN_ADDRESS = 'unknown'
export const LOCAL_ADDRESS = 'local'

/** An IPv6 customer holds at least a /64: single addresses of it are free. */
const IPV6_PREFIX_BITS = 64
const IPV6_PREFIX_GROUPS = IPV6_PREFIX_BITS / 16
/** A longer chain is not the operator's proxies; the rest of it is the caller's own invention. */
const MAX_PROXIES = 10

/** `203.0.113.7`, `2001:db8:1:2::/64`, `local` or `unknown`. */
export function clientAddress(facts: AddressFacts): string {
  const peer = peerAddress(facts)
  if (typeof peer === 'string') return peer
  return label(behindProxies(peer, facts))
}

type Address = ipaddr.IPv4 | ipaddr.IPv6

function peerAddress(facts: AddressFacts): Address | string {
  if (facts.platform === 'cloudflare') {
    return parseAddress(facts.cfConnectingIp ?? '') ?? UNKNOWN_ADDRESS
  }
  if (!facts.isInternal || facts.internalAddress === null) return LOCAL_ADDRESS
  return parseAddress(facts.internalAddress) ?? LOCAL_ADDRESS
}

/**
 * `X-Forwarded-For` grows to the right, one hop at a time: from its end, every address that a
 * trusted proxy vouched for is stepped over, and the first that is no proxy of ours is the client.
 */
function behindProxies(peer: Address, facts: AddressFacts): Address {
  if (facts.forwardedFor === null || facts.trustedProxies.length === 0) return peer
  const proxies = facts.trustedProxies.flatMap(parseNetwork)
  let client = peer
  for (const hop of facts.forwardedFor.split(',').slice(-MAX_PROXIES).reverse()) {
    if (!proxies.some((network) => isWithin(client, network))) return client
    const next = parseAddress(hop.trim())
    if (next === null) return client
    client = next
  }
  return client
}

/** IPv4 in IPv6 clothes is the same machine. Four decimal parts only: no octal, hex or short forms. */
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  if (!text.includes(':') || !ipaddr.IPv6.isValid(text)) return null
  const address = ipaddr.IPv6.parse(text)
  return address.isIPv4MappedAddress() ? address.toIPv4Address() : address
}

function parseNetwork(text: string): readonly [Address, number][] {
  const address = parseAddress(text)
  if (address !== null) return [[address, address.kind() === 'ipv4' ? 32 : 128]]
  return ipaddr.isValidCIDR(text) ? [ipaddr.parseCIDR(text)] : []
}

/** Whether a list of proxies may hold it: an entry that cannot be read would trust nobody, silently. */
export const isNetwork = (text: string): boolean => parseNetwork(text).length > 0

/**
 * Whether a credential may be bound to the network. An IPv6 caller is known by its /64: a narrower
 * network would be met by nobody, or by neighbours.
 *
 * @returns null, or what is wrong with it
 */
export function faultOfCallerNetwork(text: string): string | null {
  const [network] = parseNetwork(text)
  if (network === undefined || parseAddress(text.split('/')[0] ?? '')?.kind() !== network[0].kind())
    return 'is no address and no CIDR range'
  const [address, bits] = network
  return address.kind() === 'ipv6' && bits > IPV6_PREFIX_BITS
    ? `is narrower than the /${IPV6_PREFIX_BITS} by which IPv6 callers are told apart`
    : null
}

/**
 * @param caller as `clientAddress` names it; `local` and `unknown` are in no network: who cannot be
 *   told apart comes from nowhere
 */
export function isFromNetworks(caller: string, networks: readonly string[]): boolean {
  const [known] = parseNetwork(caller)
  if (known === undefined) return false
  const [address, bits] = known
  return networks
    .flatMap(parseNetwork)
    .some((network) => network[1] <= bits && isWithin(address, network))
}

const isWithin = (address: Address, [network, bits]: readonly [Address, number]): boolean =>
  address.kind() === network.kind() && address.match([network, bits])

function label(address: Address): string {
  if (address.kind() === 'ipv4') return address.toString()
  const bytes = address.toByteArray().fill(0, 2 * IPV6_PREFIX_GROUPS)
  return `${ipaddr.fromByteArray(bytes).toString()}/${IPV6_PREFIX_BITS}`
}
