/**
 * The conversations and drafts of this tab, by session: they outlive the page that shows them, and end
 * with whoever is signed in. Memory alone.
 */
import { gateway } from '../../client/gateway.ts'
import { currentVisit } from '../../client/visit.ts'
import { LiveConversation } from './live-conversation.ts'

/** More than that are read anew when they are looked at again. */
const MAX_KEPT = 12

const kept = new Map<string, LiveConversation>()
const drafts = new Map<string, string>()

function endWith(visit: AbortSignal): void {
  const end = () => {
    for (const conversation of kept.values()) conversation.dispose()
    kept.clear()
    drafts.clear()
    endWith(currentVisit())
  }
  visit.addEventListener('abort', end, { once: true })
}
endWith(currentVisit())

function makeRoom(): void {
  for (const [key, conversation] of kept) {
    if (kept.size <= MAX_KEPT) return
    if (conversation.isWatched || conversation.isSending) continue
    conversation.dispose()
    kept.delete(key)
  }
}

export function conversationOf(sessionKey: string, options?: { isNew: boolean }): LiveConversation {
  const known = kept.get(sessionKey)
  if (known) return known
  const opened = new LiveConversation(sessionKey, gateway, options)
  kept.set(sessionKey, opened)
  makeRoom()
  return opened
}

const MAX_LABEL_CHARS = 80

/** What a conversation is called until somebody gives it another name: its first words. */
const labelOf = (text: string): string => {
  const [line = ''] = text.trim().split('\n')
  return line.length <= MAX_LABEL_CHARS ? line : `${line.slice(0, MAX_LABEL_CHARS - 1).trimEnd()}…`
}

/** Under a key that nobody has used. */
export function beginConversation(sessionKey: string, text: string): void {
  const live = conversationOf(sessionKey, { isNew: true })
  const unwatch = live.watch(() => {
    if (live.value.runs.length === 0) return
    unwatch()
    // A conversation without a name is as good a conversation.
    gateway.change('sessions.patch', { sessionKey, label: labelOf(text) }).catch(() => undefined)
  })
  void live.send(text)
}

export const draftOf = (place: string): string => drafts.get(place) ?? ''

export function keepDraft(place: string, text: string): void {
  if (text === '') drafts.delete(place)
  else drafts.set(place, text)
}

/** Emptied or deleted: what this tab knew of it is no longer true. */
export function forgetConversation(sessionKey: string): void {
  kept.get(sessionKey)?.dispose()
  kept.delete(sessionKey)
}
