/** An update as an event. Edits, channel posts and news of members are nothing to an agent. */
import { parseButtonValue } from '../approval-button.ts'
import type {
  BotIdentity,
  ChannelConversation,
  ChannelSender,
  InboundEvent,
  InboundFile,
  InboundMessage,
  ReplyAddress,
} from '../platform.ts'
import type {
  TelegramCallback,
  TelegramEntity,
  TelegramFile,
  TelegramMessage,
  TelegramUpdate,
  TelegramUser,
} from './payload.ts'

export function parseUpdate(update: TelegramUpdate, self: BotIdentity): InboundEvent | null {
  const deliveryId = `u:${update.update_id}`
  if (update.callback_query) return pressed(update.callback_query, deliveryId, self)
  return update.message ? messageOf(update.message, deliveryId, self) : null
}

const isGroup = ({ chat }: TelegramMessage): boolean =>
  chat.type === 'group' || chat.type === 'supergroup'

/** Topics of a forum; answers in a plain group form threads of their own, which are none of ours. */
const topicOf = ({ is_topic_message: isTopic, message_thread_id: id }: TelegramMessage) =>
  isTopic === true && id !== undefined ? String(id) : null

function placeOf(
  message: TelegramMessage,
  more: ReplyAddress = {},
): { readonly conversation: ChannelConversation; readonly address: ReplyAddress } | null {
  const { chat, message_id: id } = message
  const threadId = topicOf(message)
  const address = {
    chat: chat.id,
    topic: threadId,
    message: id,
    isGroup: isGroup(message),
    ...more,
  }
  if (chat.type === 'private') {
    return { conversation: { kind: 'direct', id: String(chat.id), threadId }, address }
  }
  if (!isGroup(message)) return null
  return { conversation: { kind: 'group', id: String(chat.id), threadId }, address }
}

export const normalizeTelegramSender = (name: string): string | null => {
  const plain = name.trim().replace(/^@/, '').toLowerCase()
  return /^(?:-?\d{1,20}|[a-z]\w{3,31})$/.test(plain) ? plain : null
}

function senderOf(user: TelegramUser, self: BotIdentity): ChannelSender {
  const { id, username, first_name: first = '', last_name: last = '', is_bot: isBot } = user
  const kind = String(id) === self.id ? 'self' : isBot === true ? 'bot' : 'person'
  const displayName = `${first} ${last}`.trim() || (username ?? String(id))
  return { id: String(id), username: username?.toLowerCase() ?? null, displayName, kind }
}

/** Somebody who writes as a group or a channel is nobody in particular. */
const ofChat = (id: number): ChannelSender => ({
  id: String(id),
  username: null,
  displayName: 'anonymous',
  kind: 'bot',
})

function pressed(
  { id, from, data, message }: TelegramCallback,
  deliveryId: string,
  self: BotIdentity,
): InboundEvent | null {
  const choice = parseButtonValue(data ?? '')
  const place = message && placeOf(message, { callback: id })
  if (choice === null || !place) return null
  return {
    kind: 'decision',
    deliveryId,
    sender: senderOf(from, self),
    ...place,
    sentAt: null,
    ...choice,
  }
}

function messageOf(
  message: TelegramMessage,
  deliveryId: string,
  self: BotIdentity,
): InboundMessage | null {
  const place = placeOf(message)
  const { from, sender_chat: chat, forward_origin: origin, via_bot: via } = message
  if (place === null || !from) return null
  const said = message.text ?? message.caption ?? ''
  const entities = message.entities ?? message.caption_entities ?? []
  const files = filesOf(message)
  if (said === '' && files.length === 0) return null
  const isRelayed = origin !== undefined || via !== undefined || chat !== undefined
  const command = commandAt(said, entities, place.conversation.kind === 'direct', self)
  // A command for another bot is not a word to this one, whatever it answers.
  const isOthers = command === 'others'
  const isReplyToUs = String(message.reply_to_message?.from?.id ?? '') === self.id
  return {
    kind: 'message',
    deliveryId,
    sender: chat === undefined ? senderOf(from, self) : ofChat(chat.id),
    ...place,
    sentAt: 1_000 * message.date,
    text: withoutOwnName(said, entities, self).trim(),
    quoted:
      message.quote?.text ??
      message.reply_to_message?.text ??
      message.reply_to_message?.caption ??
      null,
    isRelayed,
    isMention:
      !isOthers && (command === 'ours' || isReplyToUs || mentions(said, entities, self).length > 0),
    isCommand: command === 'ours',
    files,
    albumId: message.media_group_id ?? null,
  }
}

const textAt = (text: string, { offset, length }: TelegramEntity): string =>
  text.slice(offset, offset + length)

/** A command at the very beginning: for us, for another bot, or in a group for whoever likes. */
function commandAt(
  text: string,
  entities: readonly TelegramEntity[],
  isDirect: boolean,
  self: BotIdentity,
): 'ours' | 'others' | null {
  const entity = entities.find(({ type, offset }) => type === 'bot_command' && offset === 0)
  if (!entity) return null
  const [, name] = textAt(text, entity).split('@')
  if (name === undefined) return isDirect ? 'ours' : null
  return name.toLowerCase() === self.username?.toLowerCase() ? 'ours' : 'others'
}

const mentions = (
  text: string,
  entities: readonly TelegramEntity[],
  { id, username }: BotIdentity,
): readonly TelegramEntity[] =>
  entities.filter((entity) => {
    if (entity.type === 'text_mention') return String(entity.user?.id ?? '') === id
    const named = entity.type === 'mention' && textAt(text, entity).slice(1).toLowerCase()
    return named !== false && username !== null && named === username.toLowerCase()
  })

/** From the back, so that what is cut moves nothing that is still to be cut. */
function withoutOwnName(
  text: string,
  entities: readonly TelegramEntity[],
  self: BotIdentity,
): string {
  const own = [...mentions(text, entities, self)].sort((a, b) => b.offset - a.offset)
  const cut = own.reduce(
    (rest, { offset, length }) => rest.slice(0, offset) + rest.slice(offset + length),
    text,
  )
  const name = self.username
  if (name === null || !cut.startsWith('/')) return cut
  const [command = ''] = cut.split(/\s/, 1)
  const [word = '', addressee] = command.split('@')
  return addressee?.toLowerCase() === name.toLowerCase() ? word + cut.slice(command.length) : cut
}

function filesOf(message: TelegramMessage): readonly InboundFile[] {
  const { document, photo = [], voice, audio, video } = message
  // Sizes of one picture; the last is the largest.
  const picture = photo.at(-1)
  const named: readonly (readonly [TelegramFile | undefined, string])[] = [
    [document, 'document'],
    [picture, 'photo.jpg'],
    [voice, 'voice.ogg'],
    [audio, 'audio'],
    [video, 'video.mp4'],
  ]
  return named.flatMap(([file, name]) =>
    file === undefined
      ? []
      : [
          {
            reference: file.file_id,
            name: file.file_name ?? name,
            mimeType: file.mime_type ?? null,
            bytes: file.file_size ?? null,
          },
        ],
  )
}
