/** What Telegram delivers, as far as it is read (core.telegram.org/bots/api#update). */
import { z } from 'zod'

const userSchema = z.object({
  id: z.int(),
  is_bot: z.boolean().nullish(),
  first_name: z.string().nullish(),
  last_name: z.string().nullish(),
  username: z.string().nullish(),
})
export type TelegramUser = z.infer<typeof userSchema>

const chatSchema = z.object({ id: z.int(), type: z.string(), title: z.string().nullish() })
export type TelegramChat = z.infer<typeof chatSchema>

/** Offsets and lengths are of UTF-16 units, as strings are indexed here. */
const entitySchema = z.object({
  type: z.string(),
  offset: z.int().nonnegative(),
  length: z.int().nonnegative(),
  user: z.object({ id: z.int() }).nullish(),
})
export type TelegramEntity = z.infer<typeof entitySchema>

const fileSchema = z.object({
  file_id: z.string().regex(/^[\w-]{1,512}$/),
  file_name: z.string().nullish(),
  mime_type: z.string().nullish(),
  file_size: z.int().nonnegative().nullish(),
})
export type TelegramFile = z.infer<typeof fileSchema>

const photoSchema = fileSchema.extend({ width: z.int(), height: z.int() })

const placeSchema = z.object({
  message_id: z.int(),
  chat: chatSchema,
  message_thread_id: z.int().nullish(),
  is_topic_message: z.boolean().nullish(),
})
export type TelegramPlace = z.infer<typeof placeSchema>

const messageSchema = placeSchema.extend({
  date: z.int(),
  from: userSchema.nullish(),
  sender_chat: chatSchema.nullish(),
  text: z.string().nullish(),
  entities: z.array(entitySchema).nullish(),
  caption: z.string().nullish(),
  caption_entities: z.array(entitySchema).nullish(),
  media_group_id: z.string().nullish(),
  /** Of whatever form: it was written elsewhere. The second one is how servers before 7.0 say it. */
  forward_origin: z.unknown().optional(),
  forward_date: z.unknown().optional(),
  is_automatic_forward: z.boolean().nullish(),
  via_bot: z.unknown().optional(),
  reply_to_message: z
    .object({
      from: userSchema.nullish(),
      text: z.string().nullish(),
      caption: z.string().nullish(),
      /** The topic's beginning, which all its messages answer. */
      forum_topic_created: z.unknown().optional(),
    })
    .nullish(),
  /** The part of the answered message that the sender chose. */
  quote: z.object({ text: z.string() }).nullish(),
  document: fileSchema.nullish(),
  photo: z.array(photoSchema).nullish(),
  voice: fileSchema.nullish(),
  audio: fileSchema.nullish(),
  video: fileSchema.nullish(),
  video_note: fileSchema.nullish(),
  animation: fileSchema.nullish(),
  sticker: z.object({ emoji: z.string().nullish() }).nullish(),
})
export type TelegramMessage = z.infer<typeof messageSchema>

const querySchema = z.object({
  id: z.string().min(1).max(128),
  from: userSchema,
  /** Absent for buttons that were sent by an inline query: ours are not. */
  message: placeSchema.nullish(),
  data: z.string().nullish(),
})
export type TelegramQuery = z.infer<typeof querySchema>

const updateSchema = z.object({
  update_id: z.int(),
  message: z.unknown().optional(),
  callback_query: z.unknown().optional(),
})

export interface TelegramUpdate {
  readonly id: number
  readonly message: TelegramMessage | null
  readonly query: TelegramQuery | null
}

/** Null for what is no update. One of another kind, or of a form that is not known, holds nothing. */
export function readUpdate(json: unknown): TelegramUpdate | null {
  const { data } = updateSchema.safeParse(json)
  if (data === undefined) return null
  return {
    id: data.update_id,
    message: messageSchema.safeParse(data.message).data ?? null,
    query: querySchema.safeParse(data.callback_query).data ?? null,
  }
}
