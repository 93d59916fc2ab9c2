/**
 * What a list of hosts allows: `host`, which means its TLS port, or `host:port`. Exact names, no
 * patterns. Pure; what a name resolves to is judged elsewhere.
 */
import { EGRESS_PROXY_PORT } from '../../../src/isolation/contract.ts'

export const TLS_PORT = 443
const FIRST_UNPRIVILEGED_PORT = 1_024

export interface Target {
  readonly host: string
  readonly port: number
}

/** `host:port` of a CONNECT request. A trailing dot, an IPv6 literal or anything odd is null. */
export function parseTarget(text: string): Target | null {
  const match = /^([a-z0-9](?:[a-z0-9._-]{0,251}[a-z0-9])?):([1-9]\d{0,4})$/i.exec(text)
  const port = Number(match?.[2])
  if (match?.[1] === undefined || port > 65_535) return null
  return { host: match[1].toLowerCase(), port }
}

/** `defaultPort`: of an entry that names none. */
export const isListed = (
  hosts: readonly string[],
  { host, port }: Target,
  defaultPort = TLS_PORT,
): boolean => hosts.includes(`${host}:${port}`) || (port === defaultPort && hosts.includes(host))

/**
 * Hosts that are reached at a port of their own, for programs that know no proxy: what connects to
 * that port inside is connected to that host. Null when two hosts would share one port.
 */
export function forwardsOf(hosts: readonly string[]): ReadonlyMap<number, Target> | null {
  const forwards = new Map<number, Target>()
  for (const text of new Set(hosts)) {
    const target = parseTarget(text)
    if (target === null || target.port === TLS_PORT) continue
    const { port } = target
    if (port < FIRST_UNPRIVILEGED_PORT || port === EGRESS_PROXY_PORT || forwards.has(port)) {
      return null
    }
    forwards.set(port, target)
  }
  return forwards
}
