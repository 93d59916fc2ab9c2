/** One event of Feishu as events of ours. What is no message of text is ignored. */
import type { BotIdentity, InboundEvent, InboundFile } from '../platform.ts'
import {
  type FeishuEvent,
  type FeishuMention,
  type FeishuResource,
  MESSAGE_RECEIVED,
  messageSchema,
  resourcesOf,
  textOf,
} from './payload.ts'

const MAX_FILES = 10

export function parseFeishu(
  { header, event }: FeishuEvent,
  self: BotIdentity | null,
): readonly InboundEvent[] {
  if (header.event_type !== MESSAGE_RECEIVED) return []
  const { data } = messageSchema.safeParse(event)
  if (data === undefined) return []
  const { message, sender } = data
  const files = resourcesOf(message)
    .slice(0, MAX_FILES)
    .map((resource) => fileOf(message.message_id, resource))
  const raw = textOf(message) ?? (files.length === 0 ? null : '')
  if (raw === null) return []
  const openId = sender.sender_id.open_id
  const isDirect = message.chat_type === 'p2p'
  const mentions = message.mentions ?? []
  const ofUs = mentions.filter(({ id }) => self !== null && id?.open_id === self.id)
  const threadId = message.thread_id ?? null
  return [
    {
      kind: 'message',
      // Feishu may push one message as two events.
      deliveryId: message.message_id,
      sender: {
        id: openId.toLowerCase(),
        username: null,
        displayName: openId,
        kind: openId === self?.id ? 'self' : sender.sender_type === 'user' ? 'person' : 'bot',
      },
      conversation: isDirect
        ? { kind: 'direct', id: openId.toLowerCase(), threadId }
        : { kind: 'group', id: message.chat_id, threadId },
      address: {
        chat: message.chat_id,
        // A thread is reached by answering in it alone.
        inThread: threadId === null ? null : message.message_id,
      },
      sentAt: Number(message.create_time),
      text: spelledOut(raw, mentions, ofUs),
      quoted: null,
      isRelayed: false,
      isMention: ofUs.length > 0,
      isCommand: false,
      files,
      albumId: null,
    },
  ]
}

/** A resource is its message's: both are in the address that it is asked for by. */
const fileOf = (messageId: string, { type, key, name }: FeishuResource): InboundFile => ({
  reference: `${messageId}/resources/${key}?type=${type}`,
  name,
  mimeType: null,
  bytes: null,
})

/**
 * `@_user_1` stands for whom the list says: ours is taken out, others are named by their ids. What they
 * are called they chose themselves, and it would be read as typed.
 */
function spelledOut(
  text: string,
  mentions: readonly FeishuMention[],
  ofUs: readonly FeishuMention[],
): string {
  const names = new Map(mentions.map(({ key, id }) => [key, `@${id?.open_id ?? 'somebody'}`]))
  for (const { key } of ofUs) names.set(key, '')
  return text.replaceAll(/@_[a-z]+(?:_\d+)?/g, (key) => names.get(key) ?? key).trim()
}

export function normalizeFeishuSender(name: string): string | null {
  const plain = name.trim().toLowerCase()
  return /^ou_[a-z0-9]{4,64}$/.test(plain) ? plain : null
}
