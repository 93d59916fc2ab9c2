/** The one way to call the Bot API. The token is part of every address, so that no address is told. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import { type ApiAnswer, callApi } from '../api-call.ts'
import type { ClientParts, SendFailure } from '../platform.ts'
import { describeFailure } from './failure.ts'

export interface BotApi {
  /** As it was answered. */
  ask(method: string, body: object): Promise<Result<ApiAnswer, SendFailure>>
  /** What it was answered with, or why not. */
  read<Value>(answer: ApiAnswer, result: z.ZodType<Value>): Result<Value, SendFailure>
  call<Value>(
    method: string,
    body: object,
    result: z.ZodType<Value>,
  ): Promise<Result<Value, SendFailure>>
}

export function createBotApi(token: string, { fetch, baseUrl }: ClientParts): BotApi {
  const ask: BotApi['ask'] = (method, body) =>
    callApi(fetch, { url: `${baseUrl}/bot${token}/${method}`, body })
  const read: BotApi['read'] = (answer, result) => {
    const done = z.object({ ok: z.literal(true), result }).safeParse(answer.json)
    return done.success ? ok(done.data.result) : err(describeFailure(answer))
  }
  return {
    ask,
    read,
    call: async (method, body, result) => {
      const answer = await ask(method, body)
      return answer.ok ? read(answer.value, result) : answer
    },
  }
}
