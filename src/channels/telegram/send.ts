/** Telegram's side of an answer: messages, edits of them, buttons and files of one bot. */
import { z } from 'zod'
import { utf8 } from '../../crypto/encoding.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import type { ApiAnswer } from '../api-call.ts'
import { BUTTON_LABELS, buttonValue } from '../approval-button.ts'
import { drawQuestion } from '../approval-text.ts'
import type {
  ApprovalQuestion,
  ChannelClient,
  ClientParts,
  ReplyAddress,
  SendFailure,
  SentMessage,
} from '../platform.ts'
import { createBotApi } from './bot-api.ts'
import type { TelegramCredentials } from './credentials.ts'
import {
  drawTelegram,
  inert,
  MAX_TELEGRAM_CHARS,
  type TelegramText,
  toTelegram,
} from './dialect.ts'
import { isMarkupRefused, isUnchanged } from './failure.ts'
import { fetchTelegramFile, sendTelegramFile } from './files.ts'
import { createPace } from './pace.ts'
import { registerWebhook, unregisterWebhook } from './registration.ts'
import { placeOf, readAddress, replyOf, sentSchema, type TelegramAddress } from './reply-address.ts'

/** Of what a button sends back. */
const MAX_BUTTON_BYTES = 64

const botSchema = z.object({
  id: z.int(),
  is_bot: z.literal(true),
  username: z.string().optional(),
})
const PREVIEW_OFF = { link_preview_options: { is_disabled: true } }
const lengthOfText = ({ text }: TelegramText): number => text.length
const messageIdSchema = z.string().regex(/^\d{1,15}$/)

const NOWHERE: SendFailure = { kind: 'refused', reason: 'no chat of Telegram is known for this' }

export function telegramClient(
  { bot_token: token, webhook_secret: secret }: TelegramCredentials,
  parts: ClientParts,
): ChannelClient {
  const api = createBotApi(token, parts)
  const pace = createPace()

  /** Where what is said of the spans is refused, the words are still worth sending. */
  async function write(
    method: 'sendMessage' | 'editMessageText',
    markdown: string,
    rest: object,
  ): Promise<Result<ApiAnswer, SendFailure>> {
    const { text, entities } = toTelegram(markdown)
    const body = { ...rest, ...PREVIEW_OFF }
    const written = await api.ask(method, { ...body, text, entities })
    if (!written.ok || !isMarkupRefused(written.value)) return written
    return api.ask(method, { ...body, text: inert(text) })
  }

  async function post(
    address: ReplyAddress,
    markdown: string,
  ): Promise<Result<SentMessage, SendFailure>> {
    const to = readAddress(address)
    if (to === null) return err(NOWHERE)
    const sent = await write('sendMessage', markdown, { ...placeOf(to), ...replyOf(to) })
    pace.wrote(to)
    return sent.ok ? api.read(sent.value, sentSchema) : sent
  }

  /** Without a keyboard in it an edit takes the one away that was there. */
  async function change(
    { chat }: TelegramAddress,
    messageId: string,
    markdown: string,
  ): Promise<Result<null, SendFailure>> {
    if (!messageIdSchema.safeParse(messageId).success) return err(NOWHERE)
    const place = { chat_id: chat, message_id: Number(messageId) }
    const changed = await write('editMessageText', markdown, place)
    if (!changed.ok) return changed
    if (isUnchanged(changed.value)) return ok(null)
    const read = api.read(changed.value, z.unknown())
    return read.ok ? ok(null) : read
  }

  return {
    identify: async () => {
      const me = await api.call('getMe', {}, botSchema)
      if (!me.ok) return me
      return ok({ id: String(me.value.id), username: me.value.username ?? null })
    },
    send: post,
    edit: async (address, messageId, markdown) => {
      const to = readAddress(address)
      if (to === null) return err(NOWHERE)
      await pace.wait(to)
      const changed = await change(to, messageId, markdown)
      pace.wrote(to)
      return changed
    },
    typing: async (address) => {
      const to = readAddress(address)
      if (to === null) return err(NOWHERE)
      const body = { ...placeOf(to), action: 'typing' }
      const done = await api.call('sendChatAction', body, z.literal(true))
      return done.ok ? ok(null) : done
    },
    ask: async (address, question) => {
      const keyboard = keyboardOf(question)
      if (keyboard === null) {
        return err({ kind: 'refused', reason: 'the id is too long for a button' })
      }
      const to = readAddress(address)
      if (to === null) return err(NOWHERE)
      const drawn = drawQuestion(question, MAX_TELEGRAM_CHARS, drawTelegram, lengthOfText)
      // Never without its spans: they are the frame.
      const asked = await api.call(
        'sendMessage',
        { ...placeOf(to), ...replyOf(to), ...PREVIEW_OFF, ...drawn, ...keyboard },
        sentSchema,
      )
      pace.wrote(to)
      return asked
    },
    settle: async (address, messageId, outcome) => {
      const to = readAddress(address)
      return to === null ? err(NOWHERE) : change(to, messageId, outcome)
    },
    fetchFile: (file, maxBytes) => fetchTelegramFile(file, maxBytes, { ...parts, api, token }),
    sendFile: async (address, file) => {
      const to = readAddress(address)
      if (to === null) return err(NOWHERE)
      const sent = await sendTelegramFile(api, to, file)
      pace.wrote(to)
      return sent
    },
    register: (webhookUrl) => registerWebhook(api, webhookUrl, secret),
    unregister: () => unregisterWebhook(api),
  }
}

/** One button a row, so that none is cut on a phone. Null where one cannot say which question it is of. */
function keyboardOf({ approvalId, choices }: ApprovalQuestion) {
  const rows = choices.map((choice) => [
    { text: BUTTON_LABELS[choice], callback_data: buttonValue(choice, approvalId) },
  ])
  const fits = rows.flat().every(({ callback_data: data }) => utf8(data).length <= MAX_BUTTON_BYTES)
  return fits ? { reply_markup: { inline_keyboard: rows } } : null
}
