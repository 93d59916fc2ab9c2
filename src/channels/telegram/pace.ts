/**
 * A bot may write twenty times a minute in one group, while a direct chat takes a message a second
 * (core.telegram.org/bots/faq): an edit in a group that comes too soon waits. One client's memory alone.
 */
import { isGroup, type TelegramAddress } from './reply-address.ts'

export const MIN_EDIT_MS = 1_000
export const MIN_GROUP_EDIT_MS = 3_000
/** Forgotten with all others is only a wait, which Telegram asks for itself then. */
const MAX_GROUPS = 1_000

export interface Pace {
  /** Resolves when the chat takes another edit. */
  wait(to: TelegramAddress): Promise<void>
  wrote(to: TelegramAddress): void
}

export function createPace(): Pace {
  const wroteAt = new Map<number, number>()
  return {
    wait: async (to) => {
      const at = wroteAt.get(to.chat)
      if (at === undefined) return
      const ms = at + MIN_GROUP_EDIT_MS - Date.now()
      if (ms > 0) await new Promise((resolve) => setTimeout(resolve, ms))
    },
    wrote: (to) => {
      if (!isGroup(to)) return
      if (wroteAt.size >= MAX_GROUPS) wroteAt.clear()
      wroteAt.set(to.chat, Date.now())
    },
  }
}
