/** Slack's Web API as one bot: each answer says `ok`, or why not. */
import type { z } from 'zod'
import type { Fetch } from '../../domain/model.ts'
import { err, ok, type Result } from '../../domain/result.ts'
import { callApi } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'
import { describeFailure } from './failure.ts'

export interface WebApiParts {
  readonly fetch: Fetch
  readonly baseUrl: string
  readonly authorization: string
}

/** @param body an object, or a form for the methods that take nothing else */
export async function callSlack<Answer>(
  { fetch, baseUrl, authorization }: WebApiParts,
  method: string,
  body: object,
  schema: z.ZodType<Answer>,
): Promise<Result<Answer, SendFailure>> {
  const answer = await callApi(fetch, {
    url: `${baseUrl}/${method}`,
    headers: { authorization },
    body,
  })
  if (!answer.ok) return answer
  const { data } = schema.safeParse(answer.value.json)
  return data === undefined ? err(describeFailure(answer.value)) : ok(data)
}
