/** Discord, by its interactions endpoint: slash commands and buttons in, follow-ups out. */
import { err, ok } from '../../domain/result.ts'
import { parseJsonBody } from '../json-body.ts'
import type { ChannelPlatform } from '../platform.ts'
import { type DiscordCredentials, discordCredentials } from './credentials.ts'
import { MAX_DISCORD_CHARS, measureDiscord } from './dialect.ts'
import { interactionSchema } from './interaction.ts'
import { parseInteraction } from './parse.ts'
import { discordClient } from './send.ts'
import { normalizeDiscordSender } from './sender-name.ts'
import { verifyDiscord } from './verify.ts'

export const discord: ChannelPlatform<DiscordCredentials> = {
  type: 'discord',
  credentials: discordCredentials,
  baseUrl: 'https://discord.com/api/v10',
  maxChunk: MAX_DISCORD_CHARS,
  measure: measureDiscord,
  maxFileBytes: null,
  minEditMs: null,
  normalizeSender: normalizeDiscordSender,
  receive: async (delivery, { public_key: key, application_id: application }, { nowMs, self }) => {
    const proven = await verifyDiscord(delivery, key, nowMs)
    if (!proven.ok) return proven
    const { data } = interactionSchema.safeParse(parseJsonBody(delivery.body))
    if (data?.application_id !== application) return err('malformed')
    const { replayKey } = proven.value
    return ok({ ...parseInteraction(data, proven.value, self), replayKey })
  },
  client: discordClient,
}
