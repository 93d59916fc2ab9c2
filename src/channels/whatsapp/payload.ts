/** What Meta sends to the webhook of a WhatsApp Business Account, as far as it is read. */
import { z } from 'zod'

const mediaSchema = z.object({
  id: z.string().regex(/^[\w-]{1,128}$/),
  mime_type: z.string().nullish(),
  caption: z.string().nullish(),
  /** Of a document. */
  filename: z.string().nullish(),
})
export type WhatsappMedia = z.infer<typeof mediaSchema>

/** Kinds of messages are many, and new ones come: what is of another form is none of ours. */
const messageSchema = z.object({
  from: z.string().regex(/^\d{5,20}$/),
  id: z.string().min(1).max(256),
  timestamp: z.string().regex(/^\d{1,12}$/),
  type: z.string(),
  /** Set for messages in groups, which a number of the Cloud API can own since 2025. */
  group_id: z.string().nullish(),
  text: z.object({ body: z.string() }).nullish(),
  button: z.object({ text: z.string() }).nullish(),
  interactive: z
    .object({
      button_reply: z.object({ id: z.string(), title: z.string() }).nullish(),
      list_reply: z.object({ title: z.string() }).nullish(),
    })
    .nullish(),
  image: mediaSchema.nullish(),
  document: mediaSchema.nullish(),
  audio: mediaSchema.nullish(),
  video: mediaSchema.nullish(),
  context: z
    .object({
      from: z.string().nullish(),
      forwarded: z.boolean().nullish(),
      frequently_forwarded: z.boolean().nullish(),
    })
    .nullish(),
})
export type WhatsappMessage = z.infer<typeof messageSchema>

const valueSchema = z.object({
  metadata: z.object({ phone_number_id: z.string(), display_phone_number: z.string().nullish() }),
  contacts: z
    .array(
      z.object({
        wa_id: z.string().nullish(),
        profile: z.object({ name: z.string().nullish() }).nullish(),
      }),
    )
    .nullish(),
  messages: z.array(z.unknown()).nullish(),
})
export type WhatsappValue = z.infer<typeof valueSchema>

const deliverySchema = z.object({
  object: z.literal('whatsapp_business_account'),
  entry: z.array(
    z.object({ changes: z.array(z.object({ field: z.string(), value: z.unknown() })) }),
  ),
})

/** Null for what is no delivery of WhatsApp; changes and messages of other kinds are left out. */
export function readPayload(json: unknown): readonly WhatsappValue[] | null {
  const { data } = deliverySchema.safeParse(json)
  if (data === undefined) return null
  return data.entry
    .flatMap(({ changes }) => changes)
    .filter(({ field }) => field === 'messages')
    .flatMap(({ value }) => valueSchema.safeParse(value).data ?? [])
}

export const readMessages = ({ messages }: WhatsappValue): readonly WhatsappMessage[] =>
  (messages ?? []).flatMap((message) => messageSchema.safeParse(message).data ?? [])
