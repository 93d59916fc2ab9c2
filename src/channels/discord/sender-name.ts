/** How people are named on Discord: an id of digits for ever, and a handle that is unique at a time. */

/** Ids have 17 digits since 2015; one more every few years. */
export const isSnowflake = (text: string): boolean => /^\d{15,20}$/.test(text)

const HANDLE = /^[a-z0-9_.]{2,32}$/

export function normalizeDiscordSender(name: string): string | null {
  const plain = name.trim().replace(/^@/, '').toLowerCase()
  return isSnowflake(plain) || HANDLE.test(plain) ? plain : null
}
