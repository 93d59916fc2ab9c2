/** What the Bot API's errors mean; its own words may hold an address with the token, and are not repeated. */
import { z } from 'zod'
import type { ApiAnswer } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'

const errorSchema = z.object({
  ok: z.literal(false),
  description: z.string().default(''),
  parameters: z.object({ migrate_to_chat_id: z.number().optional() }).optional(),
})

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/chat not found/i, 'the chat is not there, or never wrote to the bot'],
  [/bot was blocked/i, 'the person has blocked the bot'],
  [/bot was kicked|not a member/i, 'the bot is not in this group any more'],
  [/not enough rights|have no rights/i, 'the bot may not write in this group'],
  [/user is deactivated/i, 'the account is gone'],
  [/message is too long/i, 'the message is too long'],
  [/message to edit not found|message can't be edited/i, 'the message cannot be changed any more'],
  [/topic.*(?:closed|deleted)|thread not found/i, 'the topic is closed or gone'],
]

export const descriptionOf = ({ json }: ApiAnswer): string =>
  errorSchema.safeParse(json).data?.description ?? ''

export function describeFailure(answer: ApiAnswer): SendFailure {
  const { status } = answer
  const { data } = errorSchema.safeParse(answer.json)
  if (status === 401 || status === 404) {
    return { kind: 'refused', reason: 'the bot token is void' }
  }
  if (data?.parameters?.migrate_to_chat_id !== undefined) {
    return { kind: 'refused', reason: 'the group has become a supergroup, with another id' }
  }
  const known = REASONS.find(([words]) => words.test(data?.description ?? ''))
  return { kind: 'refused', reason: known?.[1] ?? `Telegram answered ${status}` }
}
