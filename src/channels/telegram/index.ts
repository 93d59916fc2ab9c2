/** Telegram, as one bot: private chats, groups and topics, by webhook. */
import { err, ok } from '../../domain/result.ts'
import { parseJsonBody } from '../json-body.ts'
import { ACKNOWLEDGED, type ChannelPlatform } from '../platform.ts'
import { botIdOf, type TelegramCredentials, telegramCredentials } from './credentials.ts'
import { MAX_TELEGRAM_CHARS, measureTelegram } from './dialect.ts'
import { normalizeTelegramSender, parseUpdate } from './parse.ts'
import { updateSchema } from './payload.ts'
import { telegramClient } from './send.ts'
import { verifyTelegram } from './verify.ts'

export const telegram: ChannelPlatform<TelegramCredentials> = {
  type: 'telegram',
  credentials: telegramCredentials,
  baseUrl: 'https://api.telegram.org',
  maxChunk: MAX_TELEGRAM_CHARS,
  measure: measureTelegram,
  // One a second in a chat; with the answers themselves a little less.
  minEditMs: 1_500,
  normalizeSender: normalizeTelegramSender,
  receive: async (delivery, credentials, { self }) => {
    const proven = await verifyTelegram(delivery, credentials.webhook_secret)
    if (!proven.ok) return proven
    const update = updateSchema.safeParse(parseJsonBody(delivery.body))
    if (!update.success) return err('malformed')
    // The id is in the token; the name only Telegram knows.
    const event = parseUpdate(update.data, self ?? { id: botIdOf(credentials), username: null })
    return ok({
      events: event === null ? [] : [event],
      answer: ACKNOWLEDGED,
      replayKey: proven.value.replayKey,
    })
  },
  client: telegramClient,
}
