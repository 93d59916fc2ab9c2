/** The scopes of API keys in plain words. */
export const SCOPES = [
  ['operator.read', 'Read', 'Sees agents, sessions and usage.'],
  ['operator.write', 'Talk to agents', 'Sends messages, runs schedules, writes files.'],
  ['operator.approvals', 'Decide approvals', 'Allows and denies tool calls that wait.'],
  ['operator.pairing', 'Pair', 'Lets browsers and chat senders in.'],
  ['operator.admin', 'Everything', 'Whatever an admin may do. Give it to nobody who needs less.'],
] as const

export type KeyScope = (typeof SCOPES)[number][0]

export const isKeyScope = (text: unknown): text is KeyScope =>
  SCOPES.some(([scope]) => scope === text)

const DAY_SECONDS = 86_400

/** Seconds and what is shown; the empty one never ends. */
export const LIFETIMES = [
  [String(30 * DAY_SECONDS), '30 days'],
  [String(7 * DAY_SECONDS), '7 days'],
  [String(DAY_SECONDS), '1 day'],
  [String(90 * DAY_SECONDS), '90 days'],
  [String(365 * DAY_SECONDS), 'A year'],
  ['', 'Never ends'],
] as const

export const OVERLAPS = [
  ['3600', '1 hour'],
  ['0', 'None: the old one ends at once'],
  [String(DAY_SECONDS), '1 day'],
  [String(7 * DAY_SECONDS), '7 days'],
] as const
