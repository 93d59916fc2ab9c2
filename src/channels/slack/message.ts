/**
 * A message of the Events API. A mention is told twice, as `app_mention` and as the message it stands
 * in: both come out alike, so that whichever is first is the one that is heard.
 */
import type { ChannelSender, InboundFile, InboundMessage } from '../platform.ts'
import { isChannelId, isDirectChannel, isTimestamp, sentAtOf } from './ids.ts'
import type { SlackFile, SlackMessage } from './payload.ts'
import { mentions, plainText } from './plain-text.ts'
import { addressFor, messageIdOf } from './reply-address.ts'

/** What somebody wrote. All others tell of joins, edits, deletions and the like. */
const WRITTEN = ['file_share', 'me_message', 'thread_broadcast', 'bot_message']
const SLACKBOT = 'USLACKBOT'
const MAX_QUOTED_CHARS = 4_000
const MAX_FILES = 10

export interface OwnIds {
  /** Of the bot's user; null where nobody told it yet. */
  readonly user: string | null
  readonly app: string | null
}

export function parseMessage(message: SlackMessage, own: OwnIds): InboundMessage | null {
  const { channel, ts, subtype, type } = message
  if (!isChannelId(channel) || !isTimestamp(ts)) return null
  if (message.hidden || message.edited || (subtype && !WRITTEN.includes(subtype))) return null
  const sender = senderOf(message, own)
  if (sender === null) return null
  const isDirect = isDirectChannel(channel)
  const said = message.text ?? ''
  const isNamed = type === 'app_mention' || (own.user !== null && mentions(said, own.user))
  // Whose mention it is cannot be told yet: its twin comes with the answer.
  if (!isDirect && !isNamed && own.user === null && said.includes('<@')) return null
  const isMention = isNamed || (own.user !== null && message.parent_user_id === own.user)
  const inThread = message.thread_ts && message.thread_ts !== ts ? message.thread_ts : null
  // In a channel an answer begins a thread, and the thread is the conversation.
  const beginsThread = inThread === null && !isDirect && isMention
  const threadId = beginsThread ? ts : inThread
  return {
    kind: 'message',
    deliveryId: messageIdOf(channel, ts),
    sender,
    conversation: isDirect
      ? { kind: 'direct', id: sender.id, threadId }
      : { kind: 'group', id: channel, threadId },
    address: addressFor(channel, threadId),
    sentAt: sentAtOf(ts),
    text: plainText(said, own.user),
    quoted: quotedOf(message),
    isRelayed: sender.kind === 'bot',
    isMention,
    ...(beginsThread ? { beginsThread } : {}),
    isCommand: false,
    files: (message.files ?? []).slice(0, MAX_FILES).flatMap((file) => fileOf(file) ?? []),
    albumId: null,
  }
}

/** What an app posts in the name of a person has an id of a bot beside theirs: they did not write it. */
function senderOf(
  { user, bot_id: bot, app_id: app, subtype }: SlackMessage,
  own: OwnIds,
): ChannelSender | null {
  const id = user || bot
  if (!id) return null
  const isSelf = id === own.user || (!!bot && !!app && app === own.app)
  const isBot = !!bot || subtype === 'bot_message' || id === SLACKBOT
  const kind = isSelf ? 'self' : isBot ? 'bot' : 'person'
  return { id, username: null, displayName: id, kind }
}

/** Messages of others that were passed on, or whose link is in the text. Other previews say nothing. */
function quotedOf({ attachments }: SlackMessage): string | null {
  const quoted = (attachments ?? [])
    .filter(({ is_share: isShare, is_msg_unfurl: isUnfurl }) => isShare || isUnfurl)
    .map(({ text, fallback }) => plainText(text || fallback || '', null))
    .filter((text) => text !== '')
    .join('\n\n')
  return quoted === '' ? null : quoted.slice(0, MAX_QUOTED_CHARS)
}

function fileOf(file: SlackFile): InboundFile | null {
  const reference = file.url_private_download || file.url_private
  if (!reference || file.mode === 'tombstone' || file.mode === 'hidden_by_limit') return null
  return {
    reference,
    name: file.name || file.title || file.id || 'file',
    mimeType: file.mimetype || null,
    bytes: file.size ?? null,
  }
}
