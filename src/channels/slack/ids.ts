/** How Slack spells who and where. Handles are neither unique nor lasting there: only ids name people. */

const USER = /^[UW][A-Z0-9]{2,30}$/
const CHANNEL = /^[CDG][A-Z0-9]{2,30}$/
const TIMESTAMP = /^\d{1,12}\.\d{1,6}$/

export const isChannelId = (text: string): boolean => CHANNEL.test(text)
export const isUserId = (text: string): boolean => USER.test(text)
export const isTimestamp = (text: string): boolean => TIMESTAMP.test(text)

/** Every conversation of two has one of these, whoever the two are. */
export const isDirectChannel = (channel: string): boolean => channel.startsWith('D')

/** Also as Slack writes a mention. Null: no id of a person. */
export function normalizeSlackSender(name: string): string | null {
  const [, inside] = /^<@([^|>]+)(?:\|[^>]*)?>$/.exec(name.trim()) ?? []
  const id = (inside ?? name).trim().replace(/^@/, '').toUpperCase()
  return isUserId(id) ? id : null
}

/** Milliseconds of a message's timestamp; null where it is none. */
export const sentAtOf = (timestamp: string | null | undefined): number | null =>
  timestamp && isTimestamp(timestamp) ? Math.round(1_000 * Number(timestamp)) : null
