/** Updates of the Bot API, as far as they are read (core.telegram.org/bots/api). Unknown members stay out. */
import { z } from 'zod'

const userSchema = z.object({
  id: z.number(),
  is_bot: z.boolean().optional(),
  first_name: z.string().optional(),
  last_name: z.string().optional(),
  username: z.string().optional(),
})
export type TelegramUser = z.infer<typeof userSchema>

const chatSchema = z.object({ id: z.number(), type: z.string() })

const entitySchema = z.object({
  type: z.string(),
  /** In UTF-16 units. */
  offset: z.number().int().min(0),
  length: z.number().int().min(0),
  user: userSchema.optional(),
})
export type TelegramEntity = z.infer<typeof entitySchema>

const fileSchema = z.object({
  file_id: z.string(),
  file_name: z.string().optional(),
  mime_type: z.string().optional(),
  file_size: z.number().optional(),
})
export type TelegramFile = z.infer<typeof fileSchema>

const contentFields = {
  text: z.string().optional(),
  caption: z.string().optional(),
  entities: z.array(entitySchema).optional(),
  caption_entities: z.array(entitySchema).optional(),
  document: fileSchema.optional(),
  photo: z.array(fileSchema).optional(),
  voice: fileSchema.optional(),
  audio: fileSchema.optional(),
  video: fileSchema.optional(),
}

const repliedSchema = z.object({ from: userSchema.optional(), ...contentFields })

const messageSchema = z.object({
  message_id: z.number(),
  message_thread_id: z.number().optional(),
  is_topic_message: z.boolean().optional(),
  from: userSchema.optional(),
  /** Set for who writes as a channel, or as the group itself. */
  sender_chat: chatSchema.optional(),
  chat: chatSchema,
  date: z.number(),
  forward_origin: z.object({ type: z.string() }).optional(),
  via_bot: userSchema.optional(),
  reply_to_message: repliedSchema.optional(),
  quote: z.object({ text: z.string() }).optional(),
  external_reply: z.unknown().optional(),
  media_group_id: z.string().optional(),
  ...contentFields,
})
export type TelegramMessage = z.infer<typeof messageSchema>

const callbackSchema = z.object({
  id: z.string(),
  from: userSchema,
  data: z.string().optional(),
  message: messageSchema.optional(),
})
export type TelegramCallback = z.infer<typeof callbackSchema>

export const updateSchema = z.object({
  update_id: z.number().int(),
  message: messageSchema.optional().catch(undefined),
  callback_query: callbackSchema.optional().catch(undefined),
})
export type TelegramUpdate = z.infer<typeof updateSchema>
