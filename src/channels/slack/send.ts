/**
 * Slack's side of an answer. Everything said is model text: no name in it is looked up, and no link
 * shows a preview, in each payload.
 */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { BUTTON_LABELS, buttonValue } from '../approval-button.ts'
import { drawQuestion, lengthOf } from '../approval-text.ts'
import type {
  ApprovalChoice,
  ApprovalQuestion,
  BotIdentity,
  ChannelClient,
  ClientParts,
  ReplyAddress,
  SendFailure,
  SentMessage,
} from '../platform.ts'
import type { SlackCredentials } from './credentials.ts'
import { drawSlack, toSlack } from './dialect.ts'
import { fetchSlackFile, sendSlackFile } from './files.ts'
import { messageIdOf, readAddress, readMessageId } from './reply-address.ts'
import { callSlack, type WebApiParts } from './web-api.ts'

/** Of the text of one section. */
const MAX_SECTION_CHARS = 3_000
/** None for what is neither. */
const STYLES: Readonly<Record<ApprovalChoice, object>> = {
  'allow-once': { style: 'primary' },
  'allow-always': {},
  deny: { style: 'danger' },
}

const posted = z.object({ ok: z.literal(true), channel: z.string(), ts: z.string() })
const identity = z.object({
  ok: z.literal(true),
  user_id: z.string(),
  user: z.string().nullish(),
  team_id: z.string().nullish(),
})

/** `parse: none` leaves `@channel` and `#name` the words that they are. */
const INERT = { parse: 'none', link_names: false, unfurl_links: false, unfurl_media: false }
const content = (text: string) => ({ text, mrkdwn: true, ...INERT })

const NOWHERE: SendFailure = { kind: 'refused', reason: 'no channel of Slack is known for this' }
const NO_MESSAGE: SendFailure = { kind: 'refused', reason: 'no message of Slack is called so' }

export function slackClient(
  { bot_token: token }: SlackCredentials,
  { fetch, baseUrl }: ClientParts,
): ChannelClient {
  const api: WebApiParts = { fetch, baseUrl, authorization: `Bearer ${token}` }

  async function post(
    address: ReplyAddress,
    message: object,
  ): Promise<Result<SentMessage, SendFailure>> {
    const to = readAddress(address)
    if (to === null) return err(NOWHERE)
    const { channel, thread } = to
    const body = { channel, ...(thread === null ? {} : { thread_ts: thread }), ...message }
    const sent = await callSlack(api, 'chat.postMessage', body, posted)
    return sent.ok ? ok({ messageId: messageIdOf(sent.value.channel, sent.value.ts) }) : sent
  }

  async function update(messageId: string, message: object): Promise<Result<null, SendFailure>> {
    const which = readMessageId(messageId)
    if (which === null) return err(NO_MESSAGE)
    const done = await callSlack(api, 'chat.update', { ...which, ...message }, posted)
    return done.ok ? ok(null) : done
  }

  async function identify(): Promise<Result<BotIdentity, SendFailure>> {
    const who = await callSlack(api, 'auth.test', {}, identity)
    if (!who.ok) return who
    const { user_id: id, user, team_id: teamId } = who.value
    return ok({ id, username: user ?? null, ...(teamId ? { teamId } : {}) })
  }

  return {
    identify,
    send: (address, markdown) => post(address, content(toSlack(markdown))),
    edit: (_, messageId, markdown) => update(messageId, content(toSlack(markdown))),
    ask: (address, question) => post(address, withButtons(question)),
    // Buttons stay until their blocks are taken away.
    settle: (_, messageId, outcome) =>
      update(messageId, { ...content(toSlack(outcome)), blocks: [] }),
    fetchFile: (file, maxBytes) => fetchSlackFile(api, file, maxBytes),
    sendFile: async (address, file) => {
      const to = readAddress(address)
      return to === null ? err(NOWHERE) : sendSlackFile(api, to, file)
    },
  }
}

function withButtons(question: ApprovalQuestion) {
  const text = drawQuestion(question, MAX_SECTION_CHARS, drawSlack, lengthOf)
  const elements = question.choices.map((choice) => ({
    type: 'button',
    text: { type: 'plain_text', text: BUTTON_LABELS[choice] },
    action_id: buttonValue(choice, question.approvalId),
    value: buttonValue(choice, question.approvalId),
    ...STYLES[choice],
  }))
  return {
    ...content(text),
    blocks: [
      { type: 'section', text: { type: 'mrkdwn', text, verbatim: true } },
      { type: 'actions', elements },
    ],
  }
}
