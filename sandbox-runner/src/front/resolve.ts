/**
 * From a name to an address that may be connected to. Asking once is what defeats DNS rebinding: the
 * caller connects to the address that was judged, and between the two nobody is asked again.
 */
import { lookup, Resolver } from 'node:dns/promises'
import { isIP } from 'node:net'
import { isPublicAddress } from '../../../src/egress/address.ts'
import { Refusal } from './refusal.ts'
import { createTurns } from './turns.ts'

/** `lookup` takes a thread for as long as a name server does, and files need one of the four, too. */
const MAX_SYSTEM_LOOK_UPS = 3

export type Resolve = (host: string) => Promise<readonly string[]>

export function createResolve(servers: readonly string[]): Resolve {
  if (servers.length === 0) {
    const inTurn = createTurns(MAX_SYSTEM_LOOK_UPS)
    return async (host) =>
      (await inTurn(() => lookup(host, { all: true }))).map(({ address }) => address)
  }
  const resolver = new Resolver({ timeout: 3_000, tries: 2 })
  resolver.setServers([...servers])
  return async (host) => {
    const answers = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)])
    return answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  }
}

export interface AddressPolicy {
  readonly resolve: Resolve
  /** The address check; another one only for an operator's own hosts, and in tests. */
  readonly isAllowedAddress?: (ip: string) => boolean
}

/** All addresses must be fit: one private answer among public ones is an attack, not a mistake. */
export async function checkedAddress(host: string, policy: AddressPolicy): Promise<string> {
  const isAllowed = policy.isAllowedAddress ?? isPublicAddress
  const addresses =
    isIP(host) !== 0 ? [host] : await policy.resolve(host).catch((): readonly string[] => [])
  const [first] = addresses
  if (first === undefined) throw new Refusal('FETCH_FAILED', 'the host name cannot be resolved')
  if (!addresses.every(isAllowed)) {
    throw new Refusal('FETCH_REFUSED', 'the host leads to an address that is not public')
  }
  return first
}
