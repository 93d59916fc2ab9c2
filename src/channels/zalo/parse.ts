/** One event of an official account. What it says of others (follows, reads, tags) is ignored. */
import { z } from 'zod'
import type { BotIdentity, InboundEvent } from '../platform.ts'

const id = z.string().regex(/^\d{5,32}$/)

const eventSchema = z.object({
  app_id: z.union([z.string(), z.number()]).transform(String),
  event_name: z.string(),
})

const textSchema = z.object({
  event_name: z.enum(['user_send_text', 'oa_send_text']),
  sender: z.object({ id }),
  recipient: z.object({ id }),
  message: z.object({ msg_id: z.string().min(1).max(256), text: z.string() }),
})

/** Null for what is no event of this app. */
export function parseZalo(
  json: unknown,
  { appId, sentAt, self }: { appId: string; sentAt: number | null; self: BotIdentity | null },
): readonly InboundEvent[] | null {
  if (eventSchema.safeParse(json).data?.app_id !== appId) return null
  const { data } = textSchema.safeParse(json)
  if (data === undefined) return []
  const isOurs = data.event_name === 'oa_send_text'
  const account = isOurs ? data.sender.id : data.recipient.id
  const peer = isOurs ? data.recipient.id : data.sender.id
  // One app may serve several official accounts: the others are instances of their own.
  if (self !== null && account !== self.id) return []
  return [
    {
      kind: 'message',
      deliveryId: data.message.msg_id,
      sender: {
        id: data.sender.id,
        username: null,
        displayName: data.sender.id,
        kind: isOurs ? 'self' : 'person',
      },
      conversation: { kind: 'direct', id: peer, threadId: null },
      address: { user: peer },
      sentAt,
      text: data.message.text,
      quoted: null,
      isRelayed: false,
      isMention: false,
      isCommand: false,
      files: [],
      albumId: null,
    },
  ]
}

export function normalizeZaloSender(name: string): string | null {
  const plain = name.trim()
  return id.safeParse(plain).success ? plain : null
}
