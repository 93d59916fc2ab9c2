/** What Discord's API answers with, where an answer of its says that a thing was done. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import type { ApiAnswer } from '../api-call.ts'
import type { BotIdentity, SendFailure } from '../platform.ts'
import { describeFailure } from './failure.ts'

const resourceSchema = z.object({ id: z.string().regex(/^\d{1,20}$/) })
const applicationSchema = z.object({
  id: z.string(),
  verify_key: z.string(),
  bot: z.object({ id: z.string(), username: z.string() }),
})

/** Of what was made or changed; null where it was not. */
export const idOf = ({ status, json }: ApiAnswer): string | null =>
  status < 300 ? (resourceSchema.safeParse(json).data?.id ?? null) : null

/** The three credentials belong together, or nothing would be heard or said. */
export function checkApplication(
  answer: ApiAnswer,
  application: string,
  publicKey: string,
): Result<BotIdentity, SendFailure> {
  const { data } = applicationSchema.safeParse(answer.json)
  if (answer.status !== 200 || data === undefined) return err(describeFailure(answer))
  if (data.id !== application) {
    return err({ kind: 'refused', reason: 'the bot token is of another application' })
  }
  if (data.verify_key !== publicKey) {
    return err({ kind: 'refused', reason: 'the public key is of another application' })
  }
  return ok({ id: data.bot.id, username: data.bot.username })
}
