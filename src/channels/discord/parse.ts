/** One interaction as events. It decides nothing: who may ask and press is judged later. */

import { parseButtonValue } from '../approval-button.ts'
import type { Proven } from '../delivery.ts'
import type {
  BotIdentity,
  ChannelConversation,
  ChannelSender,
  InboundEvent,
  InboundFile,
  PlatformAnswer,
} from '../platform.ts'
import { ASK } from './commands.ts'
import {
  commandText,
  DEFERRED,
  DEFERRED_UPDATE,
  type DiscordUser,
  INTERACTION,
  type Interaction,
  NO_SUGGESTIONS,
  NOT_FOR_US,
  optionOf,
  PONG,
  SLASH_COMMAND,
} from './interaction.ts'
import { addressFor } from './reply-address.ts'
import { isSnowflake } from './sender-name.ts'

export interface Parsed {
  readonly events: readonly InboundEvent[]
  readonly answer: PlatformAnswer
}

const DIRECT_CONTEXT = 1
const DIRECT_CHANNEL = 1
const THREADS = [10, 11, 12]

const unheard = (answer: PlatformAnswer): Parsed => ({ events: [], answer })

export function parseInteraction(
  interaction: Interaction,
  { signedAtMs }: Proven,
  self: BotIdentity | null,
): Parsed {
  const { type, data } = interaction
  if (type === INTERACTION.ping) return unheard(PONG)
  if (type === INTERACTION.autocomplete) return unheard(NO_SUGGESTIONS)
  const user = interaction.member?.user ?? interaction.user
  const conversation = user ? conversationOf(interaction, user) : null
  if (!user || conversation === null || !data) return unheard(NOT_FOR_US)
  const base = {
    deliveryId: interaction.id,
    sender: senderOf(user, self),
    conversation,
    address: addressFor(interaction, signedAtMs ?? 0),
    sentAt: signedAtMs,
  }
  if (type === INTERACTION.component) {
    const pressed = parseButtonValue(data.custom_id ?? '')
    if (pressed === null) return unheard(NOT_FOR_US)
    return { events: [{ kind: 'decision', ...base, ...pressed }], answer: DEFERRED_UPDATE }
  }
  if (type !== INTERACTION.command || data.type !== SLASH_COMMAND || data.name === undefined) {
    return unheard(NOT_FOR_US)
  }
  const isAsk = data.name === ASK.command
  const text = isAsk ? optionOf(data.options, ASK.option) : commandText(data.name, data.options)
  if (text === null || text.trim() === '') return unheard(NOT_FOR_US)
  const message: InboundEvent = {
    kind: 'message',
    ...base,
    text,
    quoted: null,
    isRelayed: false,
    isMention: true,
    isCommand: !isAsk,
    files: isAsk ? filesOf(data) : [],
    albumId: null,
  }
  return { events: [message], answer: DEFERRED }
}

function filesOf({ options, resolved }: NonNullable<Interaction['data']>): readonly InboundFile[] {
  const file = resolved?.attachments?.[optionOf(options, ASK.file) ?? '']
  if (file === undefined) return []
  const { url, filename, size, content_type: mimeType } = file
  return [{ reference: url, name: filename, mimeType: mimeType ?? null, bytes: size ?? null }]
}

/** Only a conversation with the application alone is direct: in other private channels others read on. */
function conversationOf(
  { guild_id: guild, channel_id: channelId, channel, context }: Interaction,
  user: DiscordUser,
): ChannelConversation | null {
  const isOurs =
    context === null || context === undefined
      ? channel?.type === DIRECT_CHANNEL
      : context === DIRECT_CONTEXT
  if (!guild && isOurs) return { kind: 'direct', id: user.id, threadId: null }
  if (!channelId) return null
  const parent = THREADS.includes(channel?.type ?? -1) ? channel?.parent_id : null
  return parent
    ? { kind: 'group', id: parent, threadId: channelId }
    : { kind: 'group', id: channelId, threadId: null }
}

/** A name of digits alone could be the id that a list means; one with a discriminator is not unique. */
function senderOf(
  { id, username, global_name: shown, discriminator, bot }: DiscordUser,
  self: BotIdentity | null,
): ChannelSender {
  const isUnique = (discriminator ?? '0') === '0' && !isSnowflake(username)
  return {
    id,
    username: isUnique ? username.toLowerCase() : null,
    displayName: shown ?? username,
    kind: id === self?.id ? 'self' : bot === true ? 'bot' : 'person',
  }
}
