/** One event of an official account. What it says of others (follows, reads, tags) is ignored. */
import { z } from 'zod'
import type { BotIdentity, InboundEvent, InboundFile } from '../platform.ts'

const id = z.string().regex(/^\d{5,32}$/)

const eventSchema = z.object({
  app_id: z.union([z.string(), z.number()]).transform(String),
  event_name: z.string(),
})

const FILE_EVENTS = [
  'user_send_image',
  'user_send_file',
  'user_send_audio',
  'user_send_video',
] as const
const attachmentSchema = z.object({
  type: z.string(),
  payload: z.object({ url: z.string(), name: z.string().nullish() }),
})

const messageSchema = z.object({
  event_name: z.enum(['user_send_text', 'oa_send_text', ...FILE_EVENTS]),
  sender: z.object({ id }),
  recipient: z.object({ id }),
  message: z.object({
    msg_id: z.string().min(1).max(256),
    text: z.string().default(''),
    attachments: z.array(z.unknown()).default([]),
  }),
})

const MAX_FILES = 10

/** Null for what is no event of this app. */
export function parseZalo(
  json: unknown,
  { appId, sentAt, self }: { appId: string; sentAt: number | null; self: BotIdentity | null },
): readonly InboundEvent[] | null {
  if (eventSchema.safeParse(json).data?.app_id !== appId) return null
  const { data } = messageSchema.safeParse(json)
  if (data === undefined) return []
  const { text, attachments, msg_id: deliveryId } = data.message
  const files = attachments.slice(0, MAX_FILES).flatMap((each) => fileOf(each) ?? [])
  if (text === '' && files.length === 0) return []
  const isOurs = data.event_name === 'oa_send_text'
  const account = isOurs ? data.sender.id : data.recipient.id
  const peer = isOurs ? data.recipient.id : data.sender.id
  // One app may serve several official accounts: the others are instances of their own.
  if (self !== null && account !== self.id) return []
  return [
    {
      kind: 'message',
      deliveryId,
      sender: {
        id: data.sender.id,
        username: null,
        displayName: data.sender.id,
        kind: isOurs ? 'self' : 'person',
      },
      conversation: { kind: 'direct', id: peer, threadId: null },
      address: { user: peer },
      sentAt,
      text,
      quoted: null,
      isRelayed: false,
      isMention: false,
      isCommand: false,
      files,
      albumId: null,
    },
  ]
}

function fileOf(attachment: unknown): InboundFile | null {
  const { data } = attachmentSchema.safeParse(attachment)
  if (data === undefined) return null
  const { type, payload } = data
  return { reference: payload.url, name: payload.name ?? type, mimeType: null, bytes: null }
}

export function normalizeZaloSender(name: string): string | null {
  const plain = name.trim()
  return id.safeParse(plain).success ? plain : null
}
