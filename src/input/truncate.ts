/** Cuts a message to a number of characters, and says how much went. It never looks at meaning. */
import { splitsPair } from '../domain/text-cut.ts'

export interface Truncated {
  readonly text: string
  /** Characters that were cut off; 0 when nothing was. */
  readonly removedChars: number
}

/** Counts characters as users see code points: a surrogate pair is one, and is never split. */
export const truncate = (text: string, maxChars: number): Truncated => {
  if (text.length <= maxChars) return { text, removedChars: 0 }
  let at = 0
  let taken = 0
  while (at < text.length && taken < maxChars) {
    at += splitsPair(text, at + 1) ? 2 : 1
    taken += 1
  }
  if (at >= text.length) return { text, removedChars: 0 }
  let removedChars = 0
  for (let i = at; i < text.length; removedChars += 1) {
    i += splitsPair(text, i + 1) ? 2 : 1
  }
  return { text: text.slice(0, at), removedChars }
}
