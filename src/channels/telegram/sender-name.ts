/** How people are named on Telegram: an id of digits for ever, and a username that is unique at a time. */

const ID = /^[1-9]\d{0,15}$/
/** It begins with a letter: no username passes for an id. */
const USERNAME = /^[a-z][a-z0-9_]{2,31}$/

export function normalizeTelegramSender(name: string): string | null {
  const plain = name.trim().replace(/^@/, '').toLowerCase()
  return ID.test(plain) || USERNAME.test(plain) ? plain : null
}
