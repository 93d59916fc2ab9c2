/** Tells Telegram where to deliver, and asks it back what it took. */
import { z } from 'zod'
import { err, ok, type Result } from '../../domain/result.ts'
import type { SendFailure } from '../platform.ts'
import type { BotApi } from './bot-api.ts'

/** No edits, and no posts of channels. */
const UPDATES = ['message', 'callback_query']
/** Telegram's own figure. Updates of one chat come one after the other however many there are. */
const MAX_CONNECTIONS = 40

const infoSchema = z.object({ url: z.string(), allowed_updates: z.array(z.unknown()).default([]) })

export async function registerWebhook(
  api: BotApi,
  url: string,
  secret: string,
): Promise<Result<null, SendFailure>> {
  const body = {
    url,
    secret_token: secret,
    allowed_updates: UPDATES,
    max_connections: MAX_CONNECTIONS,
    drop_pending_updates: false,
  }
  const set = await api.call('setWebhook', body, z.literal(true))
  if (!set.ok) return set
  const info = await api.call('getWebhookInfo', {}, infoSchema)
  if (!info.ok) return info
  const { url: taken, allowed_updates: updates } = info.value
  const isTaken = taken === url && UPDATES.every((update) => updates.includes(update))
  return isTaken
    ? ok(null)
    : err({ kind: 'refused', reason: 'Telegram delivers elsewhere: is the bot used twice?' })
}

/** What waits there stays, for whoever registers next. */
export async function unregisterWebhook(api: BotApi): Promise<Result<null, SendFailure>> {
  const done = await api.call('deleteWebhook', { drop_pending_updates: false }, z.literal(true))
  return done.ok ? ok(null) : done
}
