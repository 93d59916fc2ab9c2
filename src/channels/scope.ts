/**
 * Which conversation a message belongs to, and as whom its sender acts. By default a direct
 * conversation is of one person with one instance; a group is always its own; a thread is one inside
 * of it. What two people share, they share because their tenant said so.
 */
import type { ChannelType } from '../domain/channel.ts'
import type { ChannelConversation, ChannelSender } from '../domain/channel-event.ts'
import { CHANNEL_USER_PREFIX } from '../domain/channel-user.ts'
import type { DmScope } from '../domain/config/channels.ts'
import { type UserId, userIdSchema } from '../domain/ids.ts'
import { keyPart } from './key-part.ts'
import { namesSender, peerOfEntry, type SenderNames, senderList } from './senders.ts'

/** In the place of a channel where a conversation goes over several; no platform is called so. */
const ANY_CHANNEL = 'any'

/** Of the tenant's `session` settings. */
export interface IdentityLinks {
  /** By the name of a person, the ids that they write under: `channel:peer`. */
  readonly identityLinks: Readonly<Record<string, readonly string[]>>
}

export interface ScopeFacts {
  readonly agentKey: string
  readonly channel: ChannelType
  readonly instanceId: string
  readonly dmScope: DmScope
  /** See `linkedIdentity`. */
  readonly identity: string | null
}

/**
 * The person whom the tenant's links name for a sender. An entry says its platform, or it joins
 * strangers whose ids are alike; and only ids count: a name can be given up, and taken by another.
 */
export function linkedIdentity(
  { identityLinks }: IdentityLinks,
  sender: Pick<ChannelSender, 'id' | 'kind'>,
  names: SenderNames,
): string | null {
  if (sender.kind !== 'person') return null
  const prefix = `${names.type}:`
  const found = Object.entries(identityLinks).filter(([, entries]) => {
    const own = entries.filter((entry) => entry.trim().toLowerCase().startsWith(prefix))
    const list = senderList(
      own.filter((entry) => peerOfEntry(entry, names.type) !== '*'),
      names,
    )
    return namesSender(list, { id: sender.id, username: null })
  })
  // Who stands under two names is neither: joining them would join two people.
  return found.length === 1 ? (found[0]?.[0] ?? null) : null
}

/** `agent:{agentKey}:{channel}:…`, as `parseSessionKey` takes it; the tenant is never in it. */
export async function channelSessionKey(
  facts: ScopeFacts,
  conversation: ChannelConversation,
  sender: Pick<ChannelSender, 'id'>,
): Promise<string> {
  const place =
    conversation.kind === 'group'
      ? [facts.channel, 'group', await keyPart(facts.instanceId), await keyPart(conversation.id)]
      : await directPlace(facts, sender.id)
  const thread =
    conversation.threadId === null
      ? []
      : [facts.channel === 'telegram' ? 'topic' : 'thread', await keyPart(conversation.threadId)]
  return ['agent', facts.agentKey.toLowerCase(), ...place, ...thread].join(':')
}

/**
 * Every place says its kind before what strangers chose, and has as many parts as no other kind of its
 * channel: an id is one part and never reaches into another place.
 */
async function directPlace(
  { channel, instanceId, dmScope, identity }: ScopeFacts,
  peer: string,
): Promise<readonly string[]> {
  if (dmScope === 'main') return [ANY_CHANNEL, 'direct', 'main']
  if (identity !== null) return [ANY_CHANNEL, 'direct', 'person', await keyPart(identity)]
  const part = await keyPart(peer)
  switch (dmScope) {
    case 'per-peer':
      return [ANY_CHANNEL, 'direct', 'peer', part]
    case 'per-channel-peer':
      return [channel, 'direct', part]
    case 'per-account-channel-peer':
      return [channel, 'direct', await keyPart(instanceId), part]
  }
}

/** The user a sender acts as: of one instance, or the person that the tenant's links name. */
export async function userOfChannelSender(
  { instanceId, identity }: Pick<ScopeFacts, 'instanceId' | 'identity'>,
  sender: Pick<ChannelSender, 'id'>,
): Promise<UserId> {
  const name =
    identity === null
      ? `sender:${await keyPart(instanceId)}:${await keyPart(sender.id)}`
      : `person:${await keyPart(identity)}`
  return userIdSchema.parse(`${CHANNEL_USER_PREFIX}${name}`)
}
