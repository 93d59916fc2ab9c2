/** Feishu's side of an answer: text messages of a bot to a chat, or into a thread. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { type ApiAnswer, type ApiRequest, callApi } from '../api-call.ts'
import { download } from '../download.ts'
import type { ChannelClient, ClientParts, SendFailure } from '../platform.ts'
import type { FeishuCredentials } from './credentials.ts'
import { toFeishu } from './dialect.ts'
import { tenantToken } from './tenant-token.ts'

const answerSchema = z.object({ code: z.number() })
const sentSchema = z.object({ code: z.literal(0), data: z.object({ message_id: z.string() }) })
const botSchema = z.object({ code: z.literal(0), bot: z.object({ open_id: z.string() }) })
const id = z.string().regex(/^[\w-]{1,128}$/)
const addressSchema = z.object({ chat: id, inThread: id.nullable() })

const RESOURCE = /^[\w-]{1,128}\/resources\/[\w-]{1,256}\?type=(?:image|file)$/

const TOKEN_VOID = [99_991_661, 99_991_663, 99_991_668]
const LIMITS = [99_991_400, 230_020]
const PATIENCE_MS = 5_000
const REASONS: Readonly<Record<number, string>> = {
  99991672: 'the app lacks the permission to send messages',
  230002: 'the bot is not in the chat',
  230006: 'the app has no bot',
  230013: 'this person is outside of what the bot is available to',
  230017: 'the bot may not write in the chat',
  230018: 'only some may write in the chat',
  230027: 'the app lacks the permission to send messages',
}

const codeOf = ({ json }: ApiAnswer): number => answerSchema.safeParse(json).data?.code ?? -1

function describeFailure(answer: ApiAnswer): SendFailure {
  const code = codeOf(answer)
  if (LIMITS.includes(code)) return { kind: 'rate_limited', retryAfterMs: PATIENCE_MS }
  const reason = REASONS[code] ?? `Feishu answered ${answer.status}, code ${code}`
  return { kind: 'refused', reason }
}

export function feishuClient(
  { app_id, app_secret }: FeishuCredentials,
  { fetch, baseUrl }: ClientParts,
): ChannelClient {
  const token = tenantToken(fetch, baseUrl, { app_id, app_secret })

  async function once(request: ApiRequest): Promise<Result<ApiAnswer, SendFailure>> {
    const held = await token.get()
    if (!held.ok) return held
    return callApi(fetch, { ...request, headers: { authorization: `Bearer ${held.value}` } })
  }

  /** A token may end before its time, as when the secret is changed: one new one is tried. */
  async function call(path: string, body?: unknown): Promise<Result<ApiAnswer, SendFailure>> {
    const request = { url: `${baseUrl}/open-apis${path}`, ...(body === undefined ? {} : { body }) }
    const first = await once(request)
    if (!first.ok || !TOKEN_VOID.includes(codeOf(first.value))) return first
    token.forget()
    return once(request)
  }

  return {
    identify: async () => {
      const answer = await call('/bot/v3/info')
      if (!answer.ok) return answer
      const { data } = botSchema.safeParse(answer.value.json)
      return data === undefined
        ? err(describeFailure(answer.value))
        : ok({ id: data.bot.open_id, username: null })
    },
    fetchFile: async ({ reference }, maxBytes) => {
      if (!RESOURCE.test(reference)) return err({ kind: 'refused', reason: 'it is no file' })
      const url = `${baseUrl}/open-apis/im/v1/messages/${reference}`
      for (let isLast = false; ; isLast = true) {
        const held = await token.get()
        if (!held.ok) return held
        const headers = { authorization: `Bearer ${held.value}` }
        const got = await download(fetch, { url, headers, maxBytes })
        if (got.ok) return ok(got.value.bytes)
        // The token may be void: what the answer says of that is not read.
        if (isLast || got.error.kind !== 'refused') return got
        token.forget()
      }
    },
    send: async (address, markdown) => {
      const to = addressSchema.safeParse(address).data
      if (to === undefined) return err({ kind: 'refused', reason: 'no chat is known for this' })
      const message = { msg_type: 'text', content: JSON.stringify({ text: toFeishu(markdown) }) }
      const sent =
        to.inThread === null
          ? await call('/im/v1/messages?receive_id_type=chat_id', {
              receive_id: to.chat,
              ...message,
            })
          : await call(`/im/v1/messages/${to.inThread}/reply`, {
              reply_in_thread: true,
              ...message,
            })
      if (!sent.ok) return sent
      const { data } = sentSchema.safeParse(sent.value.json)
      return data === undefined
        ? err(describeFailure(sent.value))
        : ok({ messageId: data.data.message_id })
    },
  }
}
