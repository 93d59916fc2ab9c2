/**
 * What the Bot API's refusals mean. It has no codes of its own beside HTTP's: the description is read,
 * and never repeated, since an address that a tenant chose may answer anything.
 */
import { z } from 'zod'
import type { ApiAnswer } from '../api-call.ts'
import type { SendFailure } from '../platform.ts'

const errorSchema = z.object({
  ok: z.literal(false),
  description: z.string().catch(''),
  parameters: z.object({ migrate_to_chat_id: z.int().optional() }).catch({}).default({}),
})

const REASONS: readonly (readonly [RegExp, string])[] = [
  [/blocked by the user/i, 'this person has blocked the bot'],
  [/user is deactivated/i, 'this account does not exist any more'],
  [/can't initiate conversation/i, 'this person has not started the bot'],
  [/kicked|not a member/i, 'the bot was removed from the chat'],
  [/chat not found/i, 'the chat is gone, or the bot was never in it'],
  [/not enough rights|have no rights|CHAT_WRITE_FORBIDDEN/i, 'the bot may not write in the chat'],
  [/thread not found|TOPIC_CLOSED|TOPIC_DELETED/i, 'the topic is closed or gone'],
  [/message to edit not found|can't be edited/i, 'the message cannot be changed any more'],
  [/too long|too_long/i, 'the message is longer than Telegram takes'],
  [/file is too big/i, 'the file is larger than Telegram lets bots have'],
  [
    /bad webhook/i,
    'Telegram does not take the address: it must be HTTPS on port 443, 80, 88 or 8443, and public',
  ],
]

const descriptionOf = ({ json }: ApiAnswer): string =>
  errorSchema.safeParse(json).data?.description ?? ''

/** An edit that changes nothing is done already. */
export const isUnchanged = (answer: ApiAnswer): boolean =>
  answer.status === 400 && /message is not modified/i.test(descriptionOf(answer))

/** The text could be sent, but not with what was said of its spans. */
export const isMarkupRefused = (answer: ApiAnswer): boolean =>
  answer.status === 400 && /entit|\burl\b/i.test(descriptionOf(answer))

export function describeFailure(answer: ApiAnswer): SendFailure {
  const { status, json } = answer
  // Telegram did what was asked, and something on the way told it otherwise.
  if (status < 300) return { kind: 'unknown', reason: 'the answer of Telegram cannot be read' }
  if (status === 401 || status === 404) return { kind: 'refused', reason: 'the bot token is void' }
  const moved = errorSchema.safeParse(json).data?.parameters.migrate_to_chat_id
  if (moved !== undefined) {
    return { kind: 'refused', reason: `the group became a supergroup, whose id is ${moved}` }
  }
  const description = descriptionOf(answer)
  const known = REASONS.find(([pattern]) => pattern.test(description))
  return { kind: 'refused', reason: known?.[1] ?? `Telegram answered ${status}` }
}
