/**
 * Judges one IP address: may a request that a tenant or a model chose go there? Closed: what is not
 * surely globally reachable unicast is refused. It knows no names and resolves nothing; whoever
 * resolves a name must judge every answer here and connect to the address that was judged.
 */
import ipaddr from 'ipaddr.js'

/** A network in CIDR notation, and why nothing of it may be reached. */
type Range = readonly [cidr: string, why: string]

/**
 * IANA IPv4 special-purpose registry (RFC 6890 and its updates): everything not globally reachable,
 * plus the ranges that are deprecated or lead to a cloud's control plane.
 */
const SPECIAL_V4: readonly Range[] = [
  ['0.0.0.0/8', 'this network, which most stacks route to themselves'],
  ['10.0.0.0/8', 'private, RFC 1918'],
  ['100.64.0.0/10', 'carrier-grade NAT, RFC 6598; holds cloud metadata at 100.100.100.200'],
  ['127.0.0.0/8', 'loopback'],
  ['168.63.129.16/32', 'Azure host agent: metadata behind a public-looking address'],
  ['169.254.0.0/16', 'link-local; holds cloud metadata at 169.254.169.254'],
  ['172.16.0.0/12', 'private, RFC 1918'],
  ['192.0.0.0/24', 'protocol assignments; holds cloud metadata at 192.0.0.192'],
  ['192.0.2.0/24', 'documentation'],
  ['192.88.99.0/24', '6to4 relay anycast, deprecated by RFC 7526'],
  ['192.168.0.0/16', 'private, RFC 1918'],
  ['198.18.0.0/15', 'benchmarking, RFC 2544'],
  ['198.51.100.0/24', 'documentation'],
  ['203.0.113.0/24', 'documentation'],
  ['224.0.0.0/4', 'multicast'],
  ['240.0.0.0/4', 'reserved, and the limited broadcast address'],
]

/** The only space IANA has opened for global unicast; all else (mapped, NAT64, ULA …) lies outside. */
const GLOBAL_V6 = '2000::/3'

/** Special blocks inside 2000::/3. */
const SPECIAL_V6: readonly Range[] = [
  ['2001::/23', 'protocol assignments: Teredo (hides an IPv4 address), ORCHID, benchmarking, AMT'],
  ['2001:db8::/32', 'documentation'],
  ['2002::/16', '6to4: hides an IPv4 address'],
  ['3fff::/20', 'documentation, RFC 9637'],
]

/** What an operator opens with "allow private network": machines of one's own, and nothing else. */
const PRIVATE_NETWORKS: readonly string[] = [
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '172.16.0.0/12',
  '192.168.0.0/16',
  '::1/128',
  'fc00::/7',
]

/** Hand out cloud credentials to whoever asks: never opened, whatever the operator allows. */
const METADATA_SERVICES: readonly string[] = [
  '100.100.100.200/32',
  // Of Amazon, Oracle and Google.
  'fd00:ec2::/32',
  'fd00:c1::/32',
  'fd20:ce::/32',
]

type Address = ipaddr.IPv4 | ipaddr.IPv6
type Network = readonly [Address, number]

const networks = (cidrs: readonly string[]): readonly Network[] => cidrs.map(ipaddr.parseCIDR)
const specialV4 = networks(SPECIAL_V4.map(([cidr]) => cidr))
const specialV6 = networks(SPECIAL_V6.map(([cidr]) => cidr))
const globalV6 = networks([GLOBAL_V6])
const privateNetworks = networks(PRIVATE_NETWORKS)
const metadataServices = networks(METADATA_SERVICES)
const linkLocal = networks(['169.254.0.0/16', '168.63.129.16/32', '192.0.0.0/24', 'fe80::/10'])
/** Forms in which an IPv4 address hides in one of IPv6. */
const wrapping = networks(['::ffff:0:0/96', '64:ff9b::/32', '2001::/23', '2002::/16'])

const isWithin = (address: Address, ranges: readonly Network[]): boolean =>
  ranges.some(
    ([network, bits]) => network.kind() === address.kind() && address.match(network, bits),
  )

/**
 * Only the one spelling of an IPv4 address that every stack reads alike: `010.0.0.1` is 8.0.0.1 to
 * one and 10.0.0.1 to another. A zone (`fe80::1%eth0`) is refused too.
 */
function parseAddress(text: string): Address | null {
  if (ipaddr.IPv4.isValidFourPartDecimal(text)) return ipaddr.IPv4.parse(text)
  if (!text.includes(':') || text.includes('%')) return null
  return ipaddr.IPv6.isValid(text) ? ipaddr.IPv6.parse(text) : null
}

/** True only for globally reachable unicast; anything that does not parse is not public. */
export function isPublicAddress(ip: string): boolean {
  const address = parseAddress(ip)
  if (address === null) return false
  if (address.kind() === 'ipv4') return !isWithin(address, specialV4)
  return isWithin(address, globalV6) && !isWithin(address, specialV6)
}

/** A machine of the operator's own network; never a metadata service, link-local or multicast. */
export function isPrivateNetworkAddress(ip: string): boolean {
  const address = parseAddress(ip)
  if (address === null || isWithin(address, metadataServices)) return false
  return isWithin(address, privateNetworks)
}

/**
 * For hosts that an operator lists by name: wherever they are, they are never this. Link-local is no
 * machine's own address anywhere, but for services that hand out credentials.
 */
export function isMetadataAddress(ip: string): boolean {
  const address = parseAddress(ip)
  return address === null || isWithin(address, [...metadataServices, ...linkLocal, ...wrapping])
}

/** Whether a connection may be made to `ip`, with or without the operator's private network. */
export const isReachableAddress = (ip: string, allowPrivateNetwork: boolean): boolean =>
  isPublicAddress(ip) || (allowPrivateNetwork && isPrivateNetworkAddress(ip))
