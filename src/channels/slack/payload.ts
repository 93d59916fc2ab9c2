/** What Slack's documents describe of the requests that it makes; unknown members are let be. */
import { z } from 'zod'
import { type Bytes, parseUtf8 } from '../../crypto/encoding.ts'
import { parseJsonText } from '../json-body.ts'

const text = z.string().nullish()

const fileSchema = z.object({
  id: text,
  name: text,
  title: text,
  mimetype: text,
  size: z.number().nullish(),
  url_private: text,
  url_private_download: text,
  /** `tombstone`, `hidden_by_limit`: there is nothing to fetch. */
  mode: text,
})
export type SlackFile = z.infer<typeof fileSchema>

const attachmentSchema = z.object({
  is_share: z.boolean().nullish(),
  is_msg_unfurl: z.boolean().nullish(),
  text,
  fallback: text,
})

const messageSchema = z.object({
  type: z.enum(['message', 'app_mention']),
  subtype: text,
  hidden: z.boolean().nullish(),
  edited: z.unknown().optional(),
  channel: z.string(),
  channel_type: text,
  user: text,
  bot_id: text,
  app_id: text,
  text,
  ts: z.string(),
  thread_ts: text,
  parent_user_id: text,
  files: z.array(fileSchema).nullish(),
  attachments: z.array(attachmentSchema).nullish(),
})
export type SlackMessage = z.infer<typeof messageSchema>

const authorizationSchema = z.object({
  team_id: text,
  user_id: text,
  is_bot: z.boolean().nullish(),
})

const envelopeSchema = z.object({
  type: z.string(),
  challenge: text,
  api_app_id: text,
  team_id: text,
  event_id: text,
  authorizations: z.array(authorizationSchema).nullish(),
  event: z.unknown().optional(),
})
export type SlackEnvelope = z.infer<typeof envelopeSchema>

export const readMessage = (event: unknown): SlackMessage | null =>
  messageSchema.safeParse(event).data ?? null

const actionsSchema = z.object({
  type: z.string(),
  api_app_id: text,
  team: z.object({ id: text }).nullish(),
  enterprise: z.object({ id: text }).nullish(),
  trigger_id: text,
  user: z.object({ id: z.string(), username: text, name: text }).nullish(),
  channel: z.object({ id: z.string() }).nullish(),
  container: z.object({ channel_id: text, message_ts: text, thread_ts: text }).nullish(),
  message: z.object({ thread_ts: text }).nullish(),
  actions: z.array(z.object({ type: z.string(), value: text, action_ts: text })).nullish(),
})
export type SlackActions = z.infer<typeof actionsSchema>

const commandSchema = z.object({
  command: z.string().regex(/^\/\S{1,100}$/),
  text: z.string().default(''),
  user_id: z.string(),
  user_name: text,
  channel_id: z.string(),
  team_id: text,
  enterprise_id: text,
  api_app_id: text,
  trigger_id: text,
})
export type SlackCommand = z.infer<typeof commandSchema>

export type SlackRequest =
  | { readonly kind: 'event'; readonly envelope: SlackEnvelope }
  | { readonly kind: 'actions'; readonly actions: SlackActions }
  | { readonly kind: 'command'; readonly command: SlackCommand }
  /** Slack asks now and then whether our certificate holds. */
  | { readonly kind: 'check' }

/** By the body alone: no header beside the signature's own is signed. Null: nothing of Slack's. */
export function readRequest(body: Bytes): SlackRequest | null {
  const whole = parseUtf8(body)
  if (whole === null) return null
  if (whole.trimStart().startsWith('{')) {
    const { data } = envelopeSchema.safeParse(parseJsonText(whole))
    return data === undefined ? null : { kind: 'event', envelope: data }
  }
  const form = new URLSearchParams(whole)
  if (form.get('ssl_check') === '1') return { kind: 'check' }
  const payload = form.get('payload')
  if (payload !== null) {
    const { data } = actionsSchema.safeParse(parseJsonText(payload))
    return data === undefined ? null : { kind: 'actions', actions: data }
  }
  const { data } = commandSchema.safeParse(Object.fromEntries(form))
  return data === undefined ? null : { kind: 'command', command: data }
}
