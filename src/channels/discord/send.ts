/**
 * Discord's side of an answer. Follow-ups of an interaction are sent by POST alone, whose first one
 * takes the place of the deferred answer: not every way out of the gateway knows PATCH.
 */
import { err, ok, type Result } from '../../domain/result.ts'
import { type ApiAnswer, type ApiRequest, callApi } from '../api-call.ts'
import { BUTTON_LABELS, buttonValue } from '../approval-button.ts'
import { drawQuestion, lengthOf } from '../approval-text.ts'
import { downloadOpen } from '../download.ts'
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
import { DISCORD_COMMANDS } from './commands.ts'
import type { DiscordCredentials } from './credentials.ts'
import { drawDiscord, MAX_DISCORD_CHARS, toDiscord } from './dialect.ts'
import { describeFailure, isTokenGone } from './failure.ts'
import { readAddress } from './reply-address.ts'
import { checkApplication, idOf } from './resources.ts'

const FILE_HOSTS = ['cdn.discordapp.com', 'media.discordapp.net']
const SUPPRESS_EMBEDS = 1 << 2
const ROW = 1
const BUTTON = 2
const STYLES: Readonly<Record<ApprovalChoice, number>> = {
  'allow-once': 3,
  'allow-always': 2,
  deny: 4,
}

const content = (markdown: string) => drawn(toDiscord(markdown))
const drawn = (text: string) => ({
  content: text,
  flags: SUPPRESS_EMBEDS,
  allowed_mentions: { parse: [] },
})

const NOWHERE: SendFailure = { kind: 'refused', reason: 'no channel of Discord is known for this' }

export function discordClient(
  { application_id: application, public_key: publicKey, bot_token: token }: DiscordCredentials,
  { fetch, baseUrl }: ClientParts,
): ChannelClient {
  const asBot = (request: ApiRequest): Promise<Result<ApiAnswer, SendFailure>> =>
    callApi(fetch, { ...request, headers: { authorization: `Bot ${token}` } })

  /** `path` is of a message, or empty for a new one. */
  async function call(
    address: ReplyAddress,
    path: string,
    request: Omit<ApiRequest, 'url'>,
  ): Promise<Result<ApiAnswer, SendFailure>> {
    const to = readAddress(address)
    if (to === null) return err(NOWHERE)
    if (Date.now() < to.tokenUntilMs) {
      const way = path === '' ? '' : `/messages${path}`
      const url = `${baseUrl}/webhooks/${application}/${encodeURIComponent(to.token)}${way}`
      const sent = await callApi(fetch, { ...request, url })
      if (!sent.ok || !isTokenGone(sent.value)) return sent
    }
    if (to.channel === null) return err(NOWHERE)
    return asBot({ ...request, url: `${baseUrl}/channels/${to.channel}/messages${path}` })
  }

  async function post(
    address: ReplyAddress,
    body: unknown,
  ): Promise<Result<SentMessage, SendFailure>> {
    const sent = await call(address, '', { body })
    if (!sent.ok) return sent
    const messageId = idOf(sent.value)
    return messageId === null ? err(describeFailure(sent.value)) : ok({ messageId })
  }

  async function identify(): Promise<Result<BotIdentity, SendFailure>> {
    const answer = await asBot({ url: `${baseUrl}/applications/@me` })
    return answer.ok ? checkApplication(answer.value, application, publicKey) : answer
  }

  async function register(webhookUrl: string): Promise<Result<null, SendFailure>> {
    for (const body of DISCORD_COMMANDS) {
      const made = await asBot({ url: `${baseUrl}/applications/${application}/commands`, body })
      if (!made.ok) return made
      if (idOf(made.value) === null) return err(describeFailure(made.value))
    }
    const url = `${baseUrl}/applications/@me`
    const body = { interactions_endpoint_url: webhookUrl }
    const set = await asBot({ url, method: 'PATCH', body })
    if (set.ok && idOf(set.value) !== null) return ok(null)
    const reason = `enter ${webhookUrl} as the Interactions Endpoint URL of the application`
    return err({ kind: 'refused', reason })
  }

  return {
    identify,
    register,
    send: (address, markdown) => post(address, content(markdown)),
    // An attachment's address is signed: no token goes along.
    fetchFile: (file, maxBytes) =>
      downloadOpen(file, maxBytes, { fetch, baseUrl, hosts: FILE_HOSTS }),
    ask: (address, question) => post(address, withButtons(question)),
    // Buttons go with their message, which a POST cannot change: the outcome is said in a new one.
    settle: async (address, messageId, outcome) => {
      const gone = await call(address, `/${encodeURIComponent(messageId)}`, { method: 'DELETE' })
      if (!gone.ok) return gone
      const isGone = gone.value.status < 300 || gone.value.status === 404
      if (!isGone) return err(describeFailure(gone.value))
      const said = await post(address, content(outcome))
      return said.ok ? ok(null) : said
    },
  }
}

const withButtons = (question: ApprovalQuestion) => ({
  ...drawn(drawQuestion(question, MAX_DISCORD_CHARS, drawDiscord, lengthOf)),
  components: [
    {
      type: ROW,
      components: question.choices.map((choice) => ({
        type: BUTTON,
        style: STYLES[choice],
        label: BUTTON_LABELS[choice],
        custom_id: buttonValue(choice, question.approvalId),
      })),
    },
  ],
})
