/** Telegram, by the Bot API: direct chats, groups and their topics, over a webhook. */
import { err, ok } from '../../domain/result.ts'
import { parseJsonBody } from '../json-body.ts'
import type { ChannelPlatform } from '../platform.ts'
import { botIdOf, type TelegramCredentials, telegramCredentials } from './credentials.ts'
import { MAX_TELEGRAM_CHARS, measureTelegram } from './dialect.ts'
import { MAX_TELEGRAM_FILE_BYTES } from './files.ts'
import { MIN_EDIT_MS } from './pace.ts'
import { parseUpdate } from './parse.ts'
import { readUpdate } from './payload.ts'
import { telegramClient } from './send.ts'
import { normalizeTelegramSender } from './sender-name.ts'
import { verifyTelegram } from './verify.ts'

export const telegram: ChannelPlatform<TelegramCredentials> = {
  type: 'telegram',
  credentials: telegramCredentials,
  baseUrl: 'https://api.telegram.org',
  maxChunk: MAX_TELEGRAM_CHARS,
  measure: measureTelegram,
  maxFileBytes: MAX_TELEGRAM_FILE_BYTES,
  minEditMs: MIN_EDIT_MS,
  normalizeSender: normalizeTelegramSender,
  receive: async (delivery, credentials, { self }) => {
    const proven = await verifyTelegram(delivery, credentials.webhook_secret)
    if (!proven.ok) return proven
    const update = readUpdate(parseJsonBody(delivery.body))
    if (update === null) return err('malformed')
    const id = botIdOf(credentials)
    // What is known of another bot, whose token was here before, is not this one's name.
    const username = self?.id === id ? (self.username?.toLowerCase() ?? null) : null
    return ok({ ...parseUpdate(update, { id, username }), replayKey: proven.value.replayKey })
  },
  client: telegramClient,
}
