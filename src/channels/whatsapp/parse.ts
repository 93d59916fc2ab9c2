/** A delivery of Meta as events, in its order. Statuses of what we sent are nothing to an agent. */
import { parseButtonValue } from '../approval-button.ts'
import type { ChannelSender, InboundEvent, InboundFile } from '../platform.ts'
import {
  readMessages,
  type WhatsappMedia,
  type WhatsappMessage,
  type WhatsappValue,
} from './payload.ts'

export function parseValues(
  values: readonly WhatsappValue[],
  phoneNumberId: string,
): readonly InboundEvent[] {
  return (
    values
      // One app may serve many numbers: the others are instances of their own.
      .filter(({ metadata }) => metadata.phone_number_id === phoneNumberId)
      .flatMap((value) => readMessages(value).flatMap((message) => eventOf(message, value) ?? []))
  )
}

function eventOf(message: WhatsappMessage, value: WhatsappValue): InboundEvent | null {
  const { from, id, timestamp, context, group_id: group } = message
  // An answer would go to one person alone, under the rules for direct messages.
  if (group) return null
  const base = {
    deliveryId: id,
    sender: senderOf(from, value),
    conversation: { kind: 'direct', id: from, threadId: null },
    address: { to: from, message: id },
    sentAt: 1_000 * Number(timestamp),
  } as const
  const isRelayed = context?.forwarded === true || context?.frequently_forwarded === true
  const button = message.interactive?.button_reply
  const pressed = isRelayed ? null : parseButtonValue(button?.id ?? '')
  if (pressed !== null) return { kind: 'decision', ...base, ...pressed }
  const file = fileOf(message)
  const said = textOf(message) ?? (file === null ? null : '')
  if (said === null) return null
  return {
    kind: 'message',
    ...base,
    // What is passed on was written by somebody else.
    text: isRelayed ? '' : said,
    quoted: isRelayed ? said : null,
    isRelayed,
    isMention: isAnswerToUs(context?.from, value),
    isCommand: false,
    files: file === null ? [] : [file],
    albumId: null,
  }
}

function textOf({ type, text, button, interactive, ...media }: WhatsappMessage): string | null {
  switch (type) {
    case 'text':
      return text?.body ?? null
    case 'button':
      return button?.text ?? null
    case 'interactive':
      return interactive?.button_reply?.title ?? interactive?.list_reply?.title ?? null
    default:
      return mediaOf({ type, ...media })?.caption ?? null
  }
}

type Media = Pick<WhatsappMessage, 'type' | 'image' | 'document' | 'audio' | 'video'>

function mediaOf({ type, image, document, audio, video }: Media): WhatsappMedia | null {
  switch (type) {
    case 'image':
      return image ?? null
    case 'document':
      return document ?? null
    case 'audio':
      return audio ?? null
    case 'video':
      return video ?? null
    default:
      return null
  }
}

function fileOf(message: WhatsappMessage): InboundFile | null {
  const media = mediaOf(message)
  if (media === null) return null
  const { id, filename, mime_type: mimeType } = media
  return { reference: id, name: filename ?? message.type, mimeType: mimeType ?? null, bytes: null }
}

const digitsOf = (text: string): string => text.replaceAll(/\D/g, '')

const isAnswerToUs = (from: string | null | undefined, { metadata }: WhatsappValue): boolean =>
  !!from &&
  !!metadata.display_phone_number &&
  digitsOf(from) === digitsOf(metadata.display_phone_number)

function senderOf(from: string, { contacts, metadata }: WhatsappValue): ChannelSender {
  const contact = contacts?.find(({ wa_id: id }) => id === from)
  const isSelf = digitsOf(metadata.display_phone_number ?? '') === from
  return {
    id: from,
    username: null,
    displayName: contact?.profile?.name ?? from,
    kind: isSelf ? 'self' : 'person',
  }
}

/** E.164 as WhatsApp writes it: digits alone. */
export function normalizeWhatsappSender(name: string): string | null {
  const plain = name
    .trim()
    .replace(/^\+/, '')
    .replaceAll(/[\s().-]/g, '')
  return /^[1-9]\d{6,14}$/.test(plain) ? plain : null
}
