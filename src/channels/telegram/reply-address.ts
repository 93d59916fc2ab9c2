/** Where an answer goes: the chat, its forum topic, and in a group the message that is answered. */
import { z } from 'zod'
import type { ReplyAddress } from '../platform.ts'

/** Of the topic `General`, which is written to by naming none. */
const GENERAL_TOPIC = 1

const addressSchema = z.object({
  chat: z.int(),
  thread: z.int().nullable(),
  replyTo: z.int().nullable(),
})
export type TelegramAddress = z.infer<typeof addressSchema>

export const readAddress = (address: ReplyAddress): TelegramAddress | null =>
  addressSchema.safeParse(address).data ?? null

/** What every method that sends answers. */
export const sentSchema = z
  .object({ message_id: z.int() })
  .transform(({ message_id: id }) => ({ messageId: String(id) }))

/** Groups and channels have negative ids. */
export const isGroup = ({ chat }: TelegramAddress): boolean => chat < 0

/** The parameters that every method with a chat knows. */
export const placeOf = ({ chat, thread }: TelegramAddress) => ({
  chat_id: chat,
  ...(thread === null || thread === GENERAL_TOPIC ? {} : { message_thread_id: thread }),
})

/** A message that is gone by now is no reason not to answer. */
export const replyOf = ({ replyTo }: TelegramAddress) =>
  replyTo === null
    ? {}
    : { reply_parameters: { message_id: replyTo, allow_sending_without_reply: true } }
