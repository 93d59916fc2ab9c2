/** What Discord's error codes mean (docs: Opcodes and Status Codes, JSON error codes). */
import { z } from 'zod'
import type { ApiAnswer } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'

const errorSchema = z.object({ code: z.number() })
const codeOf = ({ json }: ApiAnswer): number => errorSchema.safeParse(json).data?.code ?? 0

const REASONS: Readonly<Record<number, string>> = {
  10003: 'the channel is gone',
  10008: 'the message is gone',
  40001: 'the bot token is void',
  50001: 'the bot cannot see the channel',
  50007: 'this person takes no direct messages',
  50013: 'the bot may not write in the channel',
  50035: 'the message was not of the form that Discord takes',
}

/** Unknown webhook, invalid webhook token: the quarter of an hour is over. */
export const isTokenGone = (answer: ApiAnswer): boolean =>
  answer.status >= 400 && [10_015, 50_027].includes(codeOf(answer))

export function describeFailure(answer: ApiAnswer): SendFailure {
  const code = codeOf(answer)
  if (answer.status === 401) return { kind: 'refused', reason: 'the bot token is void' }
  const reason = REASONS[code] ?? `Discord answered ${answer.status}, code ${code}`
  return { kind: 'refused', reason }
}
