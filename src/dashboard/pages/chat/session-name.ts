/** What a session is called where it has no label. Pure. */
export interface NamedSession {
  readonly key: string
  readonly label?: string
}

const PLACE = /^agent:([^:]+):(.+)$/

export const agentOf = (sessionKey: string): string => PLACE.exec(sessionKey)?.[1] ?? ''

export function nameOf({ key, label }: NamedSession): string {
  if (label) return label
  const [, agent = key, rest = ''] = PLACE.exec(key) ?? []
  const [channel = '', ...peer] = rest.split(':')
  if (channel === 'ws') return `${agent}, chat ${(peer.at(-1) ?? '').slice(0, 8)}`
  return rest === '' ? key : `${agent}, ${rest.replaceAll(':', ' ')}`
}

export const newSessionKey = (agent: string): string =>
  `agent:${agent}:ws:direct:${crypto.randomUUID()}`
