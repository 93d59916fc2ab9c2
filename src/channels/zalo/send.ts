/** Zalo's side of an answer: consultation messages of an official account, plain text. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { type ApiAnswer, callApi } from '../api-call.ts'
import { downloadOpen } from '../download.ts'
import { toPlain } from '../plain.ts'
import type { BotIdentity, ChannelClient, ClientParts, SendFailure } from '../platform.ts'
import type { ZaloCredentials } from './credentials.ts'

export const MAX_ZALO_CHARS = 2_000
export const measureZalo = (markdown: string): number => toPlain(markdown).length

/** Everything is answered 200; `error` says what became of it. */
const errorSchema = z.object({ error: z.number() })
const sentSchema = z.object({ error: z.literal(0), data: z.object({ message_id: z.string() }) })
const accountSchema = z.object({
  error: z.literal(0),
  data: z.object({ oa_id: z.union([z.string(), z.number()]).transform(String) }),
})
const addressSchema = z.object({ user: z.string().regex(/^\d{5,32}$/) })

const FILE_HOSTS = ['zdn.vn', 'zadn.vn', 'zalo.me', 'zaloapp.com']

const REASONS: Readonly<Record<number, string>> = {
  [-124]: 'the access token is void or has run out',
  [-201]: 'Zalo does not take the message',
  [-204]: 'the official account is disabled',
  [-213]: 'this person does not follow the official account',
  [-216]: 'the access token is void or has run out',
  [-217]: 'this person blocks the official account',
  [-230]: 'this person has not written for seven days',
}
const LIMITS = [-32, -211]
const PATIENCE_MS = 60_000

function describeFailure({ status, json }: ApiAnswer): SendFailure {
  const code = errorSchema.safeParse(json).data?.error
  if (code !== undefined && LIMITS.includes(code)) {
    return { kind: 'rate_limited', retryAfterMs: PATIENCE_MS }
  }
  const reason = `Zalo answered ${status}, code ${code ?? 'none'}`
  return { kind: 'refused', reason: REASONS[code ?? 0] ?? reason }
}

export function zaloClient(
  { access_token: token }: ZaloCredentials,
  { fetch, baseUrl }: ClientParts,
): ChannelClient {
  const headers = { access_token: token }
  return {
    identify: async (): Promise<Result<BotIdentity, SendFailure>> => {
      const answer = await callApi(fetch, { url: `${baseUrl}/v2.0/oa/getoa`, headers })
      if (!answer.ok) return answer
      const { data } = accountSchema.safeParse(answer.value.json)
      return data === undefined
        ? err(describeFailure(answer.value))
        : ok({ id: data.data.oa_id, username: null })
    },
    // Whoever has the address may have the file: no token goes along.
    fetchFile: (file, maxBytes) =>
      downloadOpen(file, maxBytes, { fetch, baseUrl, hosts: FILE_HOSTS }),
    send: async (address, markdown) => {
      const user = addressSchema.safeParse(address).data?.user
      if (user === undefined) return err({ kind: 'refused', reason: 'nobody is known for this' })
      const body = { recipient: { user_id: user }, message: { text: toPlain(markdown) } }
      const sent = await callApi(fetch, { url: `${baseUrl}/v3.0/oa/message/cs`, headers, body })
      if (!sent.ok) return sent
      const { data } = sentSchema.safeParse(sent.value.json)
      return data === undefined
        ? err(describeFailure(sent.value))
        : ok({ messageId: data.data.message_id })
    },
  }
}
