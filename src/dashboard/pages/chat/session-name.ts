/** What a session is called where it has no label. Pure. */
export interface NamedSession {
  readonly key: string
  readonly label?: string
}

const PLACE = /^agent:([^:]+):(.+)$/

export const agentOf = (sessionKey: string): string => PLACE.exec(sessionKey)?.[1] ?? ''

/** What foreign ids are written with in a key; signs that could change how others read stay as they are. */
const ESCAPED = /=([2-6][0-9a-f]|7[0-9a-e])/g
const CAPITALS_MARK = '=u'

const legible = (part: string): string =>
  part.endsWith(CAPITALS_MARK)
    ? part.slice(0, -CAPITALS_MARK.length).toUpperCase()
    : part.replaceAll(ESCAPED, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))

export function nameOf({ key, label }: NamedSession): string {
  if (label) return label
  const [, agent = key, rest = ''] = PLACE.exec(key) ?? []
  const [channel = '', ...peer] = rest.split(':')
  if (channel === 'ws') return `${agent}, chat ${(peer.at(-1) ?? '').slice(0, 8)}`
  return rest === '' ? key : `${agent}, ${[channel, ...peer].map(legible).join(' ')}`
}

export const newSessionKey = (agent: string): string =>
  `agent:${agent}:ws:direct:${crypto.randomUUID()}`
