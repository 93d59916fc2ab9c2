/**
 * One update as events. Only new messages and pressed buttons are asked for; edits, posts of channels
 * and what a group tells of itself (joins, titles, its becoming a supergroup) are nothing to an agent.
 */
import { parseButtonValue } from '../approval-button.ts'
import {
  ACKNOWLEDGED,
  type ChannelConversation,
  type ChannelSender,
  type InboundDecision,
  type InboundFile,
  type InboundMessage,
  type PlatformAnswer,
  type Received,
  type ReplyAddress,
} from '../platform.ts'
import { type OwnBot, readCalls } from './calls.ts'
import type {
  TelegramFile,
  TelegramMessage,
  TelegramPlace,
  TelegramQuery,
  TelegramUpdate,
  TelegramUser,
} from './payload.ts'

export function parseUpdate(
  { id, message, query }: TelegramUpdate,
  own: OwnBot,
): Pick<Received, 'events' | 'answer'> {
  const deliveryId = String(id)
  const event = message ? messageOf(message, deliveryId, own) : null
  const decision = query ? decisionOf(query, deliveryId, own) : null
  return {
    events: [event, decision].filter((one) => one !== null),
    answer: query ? pressed(query) : ACKNOWLEDGED,
  }
}

/** A method in the answer to a webhook is carried out: the button stops waiting, whoever pressed it. */
const pressed = ({ id }: TelegramQuery): PlatformAnswer => ({
  ...ACKNOWLEDGED,
  body: JSON.stringify({ method: 'answerCallbackQuery', callback_query_id: id }),
})

function decisionOf(
  { from, message, data }: TelegramQuery,
  deliveryId: string,
  own: OwnBot,
): InboundDecision | null {
  const button = parseButtonValue(data ?? '')
  const conversation = message ? conversationOf(message) : null
  if (button === null || !message || conversation === null) return null
  return {
    kind: 'decision',
    deliveryId,
    sender: personOf(from, own),
    conversation,
    address: addressOf(message, null),
    // The time of the question is not that of the answer.
    sentAt: null,
    ...button,
  }
}

function messageOf(
  message: TelegramMessage,
  deliveryId: string,
  own: OwnBot,
): InboundMessage | null {
  const { from, date, media_group_id: albumId } = message
  const conversation = conversationOf(message)
  if (!from || conversation === null) return null
  const written = message.text ?? message.caption ?? message.sticker?.emoji ?? null
  const files = filesOf(message)
  if (written === null && files.length === 0) return null
  const isDirect = conversation.kind === 'direct'
  const base = {
    kind: 'message',
    deliveryId,
    sender: senderOf(message, from, own),
    conversation,
    address: addressOf(message, isDirect ? null : message.message_id),
    sentAt: 1_000 * date,
    files,
    albumId: albumId ?? null,
  } as const
  if (isRelayed(message)) {
    // Its words are another's: they call nobody, and command nothing.
    return {
      ...base,
      text: '',
      quoted: written,
      isRelayed: true,
      isMention: false,
      isCommand: false,
    }
  }
  const marked = message.text ? message.entities : message.caption_entities
  const { isCalled, command, text } = readCalls(written ?? '', marked ?? [], own)
  if (command === 'another') return null
  return {
    ...base,
    text,
    quoted: quotedIn(message),
    isRelayed: false,
    isMention: isCalled || isAnswerTo(message, own),
    // In a group a command without a name may be meant for any bot there.
    isCommand: command === 'ours' || (command === 'anyone' && isDirect),
  }
}

/** Whoever writes as a chat (anonymous admins, channels) cannot be told from others who do. */
const isRelayed = (message: TelegramMessage): boolean =>
  [
    message.forward_origin,
    message.forward_date,
    message.via_bot,
    message.sender_chat,
    message.is_automatic_forward,
  ].some(Boolean)

const answered = ({ reply_to_message: reply }: TelegramMessage) =>
  reply && !reply.forum_topic_created ? reply : null

const isAnswerTo = (message: TelegramMessage, { id }: OwnBot): boolean =>
  String(answered(message)?.from?.id) === id

function quotedIn(message: TelegramMessage): string | null {
  const reply = answered(message)
  return message.quote?.text ?? reply?.text ?? reply?.caption ?? null
}

function conversationOf(place: TelegramPlace): ChannelConversation | null {
  const { id, type } = place.chat
  const threadId = topicOf(place)?.toString() ?? null
  if (type === 'private') return { kind: 'direct', id: String(id), threadId }
  return type === 'group' || type === 'supergroup'
    ? { kind: 'group', id: String(id), threadId }
    : null
}

/** Outside of forums a thread is but a chain of answers, and no place of its own. */
const topicOf = ({ is_topic_message: isTopic, message_thread_id: thread }: TelegramPlace) =>
  isTopic === true ? (thread ?? null) : null

const addressOf = (place: TelegramPlace, replyTo: number | null): ReplyAddress => ({
  chat: place.chat.id,
  thread: topicOf(place),
  replyTo,
})

function senderOf(message: TelegramMessage, from: TelegramUser, own: OwnBot): ChannelSender {
  const { sender_chat: chat } = message
  if (!chat) return personOf(from, own)
  return { id: String(chat.id), username: null, displayName: chat.title ?? '', kind: 'bot' }
}

function personOf(user: TelegramUser, own: OwnBot): ChannelSender {
  const id = String(user.id)
  return {
    id,
    username: user.username?.toLowerCase() ?? null,
    displayName: [user.first_name, user.last_name].filter(Boolean).join(' ') || id,
    kind: id === own.id ? 'self' : user.is_bot === true ? 'bot' : 'person',
  }
}

/** A photo comes in several sizes. An animation comes as a document as well. */
function filesOf(message: TelegramMessage): readonly InboundFile[] {
  const [photo] = (message.photo ?? []).toSorted((a, b) => b.width * b.height - a.width * a.height)
  return [
    fileOf(message.document ?? message.animation, 'document', null),
    fileOf(photo, 'photo.jpg', 'image/jpeg'),
    fileOf(message.voice, 'voice.ogg', 'audio/ogg'),
    fileOf(message.audio, 'audio.mp3', 'audio/mpeg'),
    fileOf(message.video, 'video.mp4', 'video/mp4'),
    fileOf(message.video_note, 'video-note.mp4', 'video/mp4'),
  ].filter((file) => file !== null)
}

function fileOf(
  file: TelegramFile | null | undefined,
  name: string,
  mimeType: string | null,
): InboundFile | null {
  if (!file) return null
  return {
    reference: file.file_id,
    name: file.file_name ?? name,
    mimeType: file.mime_type ?? mimeType,
    bytes: file.file_size ?? null,
  }
}
