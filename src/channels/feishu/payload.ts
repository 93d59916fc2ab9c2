/** What Feishu sends to a request URL, as far as it is read: the check of the address, and messages. */
import { z } from 'zod'
import { parseJsonText } from '../json-body.ts'

export const encryptedSchema = z.object({ encrypt: z.string().min(1) })

export const challengeSchema = z.object({
  type: z.literal('url_verification'),
  token: z.string(),
  challenge: z.string().regex(/^[\x21-\x7e]{1,256}$/),
})

/** Schema 2.0; the older one is not sent to apps of today. */
export const eventSchema = z.object({
  schema: z.literal('2.0'),
  header: z.object({ event_type: z.string(), token: z.string(), app_id: z.string() }),
  event: z.unknown(),
})
export type FeishuEvent = z.infer<typeof eventSchema>

export const MESSAGE_RECEIVED = 'im.message.receive_v1'

const openId = z.string().regex(/^[a-z]{2}_[A-Za-z0-9]{4,64}$/)
const idsSchema = z.object({ open_id: openId.nullish() })
const mentionSchema = z.object({ key: z.string(), id: idsSchema.nullish() })
export type FeishuMention = z.infer<typeof mentionSchema>

export const messageSchema = z.object({
  sender: z.object({ sender_id: z.object({ open_id: openId }), sender_type: z.string() }),
  message: z.object({
    message_id: z.string().regex(/^[\w-]{1,128}$/),
    chat_id: z.string().regex(/^[\w-]{1,128}$/),
    chat_type: z.string(),
    thread_id: z.string().nullish(),
    create_time: z.string().regex(/^\d{1,15}$/),
    message_type: z.string(),
    content: z.string(),
    mentions: z.array(mentionSchema).nullish(),
  }),
})
export type FeishuMessage = z.infer<typeof messageSchema>['message']

const key = z.string().regex(/^[\w-]{1,256}$/)
const imageSchema = z.object({ image_key: key })
const fileSchema = z.object({ file_key: key, file_name: z.string().nullish() })
/** Of how the resource is asked for. */
export type FeishuResource = {
  readonly type: 'image' | 'file'
  readonly key: string
  readonly name: string
}

/** Of a message that is a file; of a rich text its pictures. */
export function resourcesOf({
  message_type: type,
  content,
}: FeishuMessage): readonly FeishuResource[] {
  const json = parseJsonText(content)
  switch (type) {
    case 'image': {
      const { data } = imageSchema.safeParse(json)
      return data === undefined ? [] : [{ type: 'image', key: data.image_key, name: 'image' }]
    }
    case 'file':
    case 'audio':
    case 'media': {
      const { data } = fileSchema.safeParse(json)
      if (data === undefined) return []
      return [{ type: 'file', key: data.file_key, name: data.file_name ?? type }]
    }
    case 'post':
      return (postSchema.safeParse(json).data?.content ?? [])
        .flat()
        .flatMap(({ tag, image_key: image }) =>
          tag === 'img' && image ? [{ type: 'image' as const, key: image, name: 'image' }] : [],
        )
    default:
      return []
  }
}

const textSchema = z.object({ text: z.string() })
const postSchema = z.object({
  title: z.string().nullish(),
  content: z.array(
    z.array(
      z.object({
        tag: z.string(),
        text: z.string().nullish(),
        user_id: z.string().nullish(),
        image_key: key.nullish(),
      }),
    ),
  ),
})

/** Of a text, or of a rich text with its marks taken off; mentions are still keys. Null for others. */
export function textOf({ message_type: type, content }: FeishuMessage): string | null {
  const json = parseJsonText(content)
  if (type === 'text') return textSchema.safeParse(json).data?.text ?? null
  if (type !== 'post') return null
  const { data } = postSchema.safeParse(json)
  if (data === undefined) return null
  const lines = data.content.map((parts) =>
    parts
      .map(({ tag, text, user_id: key }) => (tag === 'at' ? (key ?? '') : (text ?? '')))
      .join(''),
  )
  return [data.title ?? '', ...lines].join('\n').trim()
}
