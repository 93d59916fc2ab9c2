/** WhatsApp's side of an answer: Cloud API messages of one number, text and reply buttons. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { type ApiAnswer, callApi } from '../api-call.ts'
import { BUTTON_LABELS, buttonValue } from '../approval-button.ts'
import { drawQuestion, lengthOf } from '../approval-text.ts'
import type {
  ApprovalQuestion,
  BotIdentity,
  ChannelClient,
  ClientParts,
  ReplyAddress,
  SendFailure,
  SentMessage,
} from '../platform.ts'
import type { WhatsappCredentials } from './credentials.ts'
import { drawWhatsapp, toWhatsapp } from './dialect.ts'
import { describeFailure } from './failure.ts'
import { fetchWhatsappFile } from './files.ts'

/** Of the text above buttons. */
const MAX_QUESTION_CHARS = 1_024

const sentSchema = z.object({ messages: z.tuple([z.object({ id: z.string() })]).rest(z.unknown()) })
const doneSchema = z.object({ success: z.literal(true) })
const numberSchema = z.object({ id: z.string() })
const addressSchema = z.object({ to: z.string().regex(/^\d{5,20}$/), message: z.string() })

export function whatsappClient(
  { access_token: token, phone_number_id: number }: WhatsappCredentials,
  { fetch, baseUrl }: ClientParts,
): ChannelClient {
  const headers = { authorization: `Bearer ${token}` }
  const call = (body: object): Promise<Result<ApiAnswer, SendFailure>> =>
    callApi(fetch, {
      url: `${baseUrl}/${number}/messages`,
      headers,
      body: { messaging_product: 'whatsapp', ...body },
    })

  async function post(
    address: ReplyAddress,
    message: object,
  ): Promise<Result<SentMessage, SendFailure>> {
    const to = addressSchema.safeParse(address).data?.to
    if (to === undefined) return err({ kind: 'refused', reason: 'no number is known for this' })
    const sent = await call({ recipient_type: 'individual', to, ...message })
    if (!sent.ok) return sent
    const messageId = sentSchema.safeParse(sent.value.json).data?.messages[0]?.id
    return messageId === undefined ? err(describeFailure(sent.value)) : ok({ messageId })
  }

  async function identify(): Promise<Result<BotIdentity, SendFailure>> {
    const answer = await callApi(fetch, { url: `${baseUrl}/${number}?fields=id`, headers })
    if (!answer.ok) return answer
    const { data } = numberSchema.safeParse(answer.value.json)
    return data === undefined
      ? err(describeFailure(answer.value))
      : ok({ id: data.id, username: null })
  }

  return {
    identify,
    send: (address, markdown) =>
      post(address, { type: 'text', text: { preview_url: false, body: toWhatsapp(markdown) } }),
    ask: (address, question) =>
      post(address, { type: 'interactive', interactive: withButtons(question) }),
    fetchFile: (file, maxBytes) => fetchWhatsappFile(file, maxBytes, { fetch, baseUrl, headers }),
    // Shown for 25 seconds or until the next message; it marks the message as read besides.
    typing: async (address) => {
      const seen = addressSchema.safeParse(address).data?.message
      if (seen === undefined) return ok(null)
      const body = { status: 'read', message_id: seen, typing_indicator: { type: 'text' } }
      const done = await call(body)
      if (!done.ok) return done
      return doneSchema.safeParse(done.value.json).success
        ? ok(null)
        : err(describeFailure(done.value))
    },
  }
}

const withButtons = (question: ApprovalQuestion) => ({
  type: 'button',
  body: { text: drawQuestion(question, MAX_QUESTION_CHARS, drawWhatsapp, lengthOf) },
  action: {
    buttons: question.choices.map((choice) => ({
      type: 'reply',
      reply: { id: buttonValue(choice, question.approvalId), title: BUTTON_LABELS[choice] },
    })),
  },
})
