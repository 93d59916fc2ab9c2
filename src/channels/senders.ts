/**
 * Lists of senders: whom an entry names. An entry is `*`, an id or a unique name, perhaps with the
 * platform it is meant for before it (`telegram:42`). Never a display name: anybody may take that of
 * somebody else.
 */
import { type ChannelType, isChannelType } from '../domain/channel.ts'
import type { ChannelSender } from '../domain/channel-event.ts'

/** How the platform of an instance spells its senders; a `ChannelPlatform` is one. */
export interface SenderNames {
  readonly type: ChannelType
  /** Null: no sender's name. */
  normalizeSender(name: string): string | null
}

export interface SenderList {
  /** `*` is on it. */
  readonly hasAny: boolean
  readonly ids: ReadonlySet<string>
  readonly usernames: ReadonlySet<string>
}

/** Ids are often digits alone, and on some platforms a name may be: no name passes for an id. */
const DIGITS = /^\+?\d+$/

/** The peer that an entry names on the platform; null where it is meant for another one. */
export function peerOfEntry(entry: string, type: ChannelType): string | null {
  const text = entry.trim()
  const colon = text.indexOf(':')
  const prefix = text.slice(0, Math.max(colon, 0)).toLowerCase()
  if (!isChannelType(prefix)) return text
  return prefix === type ? text.slice(colon + 1).trim() : null
}

/**
 * A list of which a handle counts only where its platform stands before it: on any other, the handle is
 * whoever's took it there.
 */
export function ownerList(entries: readonly string[], names: SenderNames): SenderList {
  const prefix = `${names.type}:`
  const ours = entries.filter((entry) => entry.trim().toLowerCase().startsWith(prefix))
  const { usernames } = senderList(ours, names)
  return { ...senderList(entries, names), usernames }
}

export function senderList(entries: readonly string[], names: SenderNames): SenderList {
  const ids = new Set<string>()
  const usernames = new Set<string>()
  let hasAny = false
  for (const entry of entries) {
    const peer = peerOfEntry(entry, names.type)
    if (peer === null || peer === '') continue
    if (peer === '*') {
      hasAny = true
      continue
    }
    const normal = names.normalizeSender(peer)
    if (normal === null || normal === '') continue
    if (!peer.startsWith('@')) ids.add(normal)
    if (!DIGITS.test(normal)) usernames.add(normal)
  }
  return { hasAny, ids, usernames }
}

export const isEmptyList = ({ hasAny, ids, usernames }: SenderList): boolean =>
  !hasAny && ids.size === 0 && usernames.size === 0

/** By id or unique name; `*` is asked for by those who let it count. */
export const namesSender = (
  { ids, usernames }: SenderList,
  { id, username }: Pick<ChannelSender, 'id' | 'username'>,
): boolean => ids.has(id) || (username !== null && usernames.has(username))

export const listAdmits = (
  list: SenderList,
  sender: Pick<ChannelSender, 'id' | 'username'>,
): boolean => list.hasAny || namesSender(list, sender)
