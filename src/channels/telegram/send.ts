/**
 * The Bot API as one bot (core.telegram.org/bots/api). The token stands in every address: no address of
 * it is ever repeated in words.
 */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { type ApiAnswer, callApi } from '../api-call.ts'
import { BUTTON_LABELS, buttonValue } from '../approval-button.ts'
import { approvalMarkdown, cutText } from '../approval-text.ts'
import { download } from '../download.ts'
import type {
  ApprovalQuestion,
  ChannelClient,
  ClientParts,
  ReplyAddress,
  SendFailure,
  SentMessage,
} from '../platform.ts'
import type { TelegramCredentials } from './credentials.ts'
import { MAX_TELEGRAM_CHARS, measureTelegram, toTelegram, toTelegramText } from './dialect.ts'
import { describeFailure, descriptionOf } from './failure.ts'

const ALLOWED_UPDATES = ['message', 'callback_query']
const MAX_OUTCOME_CHARS = 200

const addressSchema = z.object({
  chat: z.number(),
  topic: z.string().nullable().default(null),
  message: z.number().optional(),
  isGroup: z.boolean().default(false),
  callback: z.string().optional(),
})
type Address = z.infer<typeof addressSchema>

const resultOf = <Shape extends z.ZodType>(shape: Shape) =>
  z.object({ ok: z.literal(true), result: shape })
const sentSchema = resultOf(z.object({ message_id: z.number() }))
const meSchema = resultOf(z.object({ id: z.number(), username: z.string().optional() }))
const doneSchema = resultOf(z.unknown())
const webhookSchema = resultOf(z.object({ url: z.string() }))
const fileSchema = resultOf(z.object({ file_path: z.string() }))
/** Of the platform's own making, and yet a path that could lead elsewhere. */
const FILE_PATH = /^(?!.*\.\.)[\w.-]+(?:\/[\w.-]+)*$/

const NOWHERE: SendFailure = { kind: 'refused', reason: 'no chat is known for this' }

type Answered = Result<ApiAnswer, SendFailure>

export function telegramClient(
  { bot_token: token, webhook_secret: secret }: TelegramCredentials,
  { fetch, baseUrl }: ClientParts,
): ChannelClient {
  const call = (method: string, body?: object | FormData): Promise<Answered> =>
    callApi(fetch, {
      url: `${baseUrl}/bot${token}/${method}`,
      ...(body === undefined ? {} : { body }),
    })

  async function done<Shape extends z.ZodType>(
    asked: Promise<Answered>,
    shape: Shape,
  ): Promise<Result<z.infer<Shape>, SendFailure>> {
    const answer = await asked
    if (!answer.ok) return answer
    const parsed = shape.safeParse(answer.value.json)
    return parsed.success ? ok(parsed.data) : err(describeFailure(answer.value))
  }

  /** As HTML; what Telegram cannot read as such is sent as plain text rather than not at all. */
  async function withText(method: string, body: object, markdown: string): Promise<Answered> {
    const text = { text: toTelegram(markdown), parse_mode: 'HTML' }
    const quiet = { link_preview_options: { is_disabled: true } }
    const answer = await call(method, { ...body, ...quiet, ...text })
    const isUnread = answer.ok && /can't parse entities/i.test(descriptionOf(answer.value))
    return isUnread ? call(method, { ...body, ...quiet, text: toTelegramText(markdown) }) : answer
  }

  const withAddress = async <Value>(
    address: ReplyAddress,
    act: (to: Address) => Promise<Result<Value, SendFailure>>,
  ): Promise<Result<Value, SendFailure>> => {
    const parsed = addressSchema.safeParse(address)
    return parsed.success ? act(parsed.data) : err(NOWHERE)
  }

  const placeOf = ({ chat, topic }: Address) => ({
    chat_id: chat,
    ...(topic === null ? {} : { message_thread_id: Number(topic) }),
  })
  /** In a group the answer says whom it is for. */
  const replyOf = ({ message, isGroup }: Address) =>
    message === undefined || !isGroup
      ? {}
      : { reply_parameters: { message_id: message, allow_sending_without_reply: true } }

  async function post(
    address: ReplyAddress,
    markdown: string,
    more: object = {},
  ): Promise<Result<SentMessage, SendFailure>> {
    return withAddress(address, async (to) => {
      const body = { ...placeOf(to), ...replyOf(to), ...more }
      const sent = await done(withText('sendMessage', body, markdown), sentSchema)
      return sent.ok ? ok({ messageId: String(sent.value.result.message_id) }) : sent
    })
  }

  const edit: NonNullable<ChannelClient['edit']> = (address, messageId, markdown) =>
    withAddress(address, async ({ chat }) => {
      const body = { chat_id: chat, message_id: Number(messageId) }
      const answer = await withText('editMessageText', body, markdown)
      if (!answer.ok) return answer
      // It says so already.
      if (/message is not modified/i.test(descriptionOf(answer.value))) return ok(null)
      return doneSchema.safeParse(answer.value.json).success
        ? ok(null)
        : err(describeFailure(answer.value))
    })

  return {
    identify: async () => {
      const me = await done(call('getMe'), meSchema)
      if (!me.ok) return me
      const { id, username } = me.value.result
      return ok({ id: String(id), username: username ?? null })
    },
    send: (address, markdown) => post(address, markdown),
    edit,
    typing: (address) =>
      withAddress(address, async (to) => {
        const typing = await done(
          call('sendChatAction', { ...placeOf(to), action: 'typing' }),
          doneSchema,
        )
        return typing.ok ? ok(null) : typing
      }),
    ask: (address, question) =>
      post(address, approvalMarkdown(question, MAX_TELEGRAM_CHARS, measureTelegram), {
        reply_markup: { inline_keyboard: [buttonsOf(question)] },
      }),
    settle: (address, messageId, outcome) =>
      edit(address, messageId, cutText(outcome, MAX_OUTCOME_CHARS)),
    acknowledge: (address) =>
      withAddress(address, async ({ callback }) => {
        if (callback === undefined) return ok(null)
        const answered = await done(
          call('answerCallbackQuery', { callback_query_id: callback }),
          doneSchema,
        )
        return answered.ok ? ok(null) : answered
      }),
    fetchFile: async ({ reference }, maxBytes) => {
      const file = await done(call('getFile', { file_id: reference }), fileSchema)
      if (!file.ok) return file
      const path = file.value.result.file_path
      if (!FILE_PATH.test(path))
        return err({ kind: 'refused', reason: 'the file has no plain path' })
      const url = `${baseUrl}/file/bot${token}/${path}`
      const loaded = await download(fetch, { url, headers: {}, maxBytes })
      return loaded.ok ? ok(loaded.value.bytes) : loaded
    },
    sendFile: (address, { name, mimeType, bytes }) =>
      withAddress(address, async (to) => {
        const form = new FormData()
        form.set('chat_id', String(to.chat))
        if (to.topic !== null) form.set('message_thread_id', to.topic)
        form.set('document', new Blob([bytes.slice()], { type: mimeType }), name)
        const sent = await done(call('sendDocument', form), sentSchema)
        return sent.ok ? ok({ messageId: String(sent.value.result.message_id) }) : sent
      }),
    register: async (webhookUrl) => {
      const set = await done(
        call('setWebhook', {
          url: webhookUrl,
          secret_token: secret,
          allowed_updates: ALLOWED_UPDATES,
          drop_pending_updates: false,
        }),
        doneSchema,
      )
      if (!set.ok) return set
      const info = await done(call('getWebhookInfo'), webhookSchema)
      if (!info.ok) return info
      return info.value.result.url === webhookUrl
        ? ok(null)
        : err({ kind: 'unavailable', reason: 'Telegram delivers elsewhere; try again' })
    },
    unregister: async () => {
      const deleted = await done(call('deleteWebhook', {}), doneSchema)
      return deleted.ok ? ok(null) : deleted
    },
  }
}

const buttonsOf = ({ approvalId, choices }: ApprovalQuestion) =>
  choices.map((choice) => ({
    text: BUTTON_LABELS[choice],
    callback_data: buttonValue(choice, approvalId),
  }))
