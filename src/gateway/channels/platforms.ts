/** The platforms that are served. A type without one here is connected to nothing. */
import { discord } from '../../channels/discord/index.ts'
import { feishu } from '../../channels/feishu/index.ts'
import type { ChannelPlatform } from '../../channels/platform.ts'
import { slack } from '../../channels/slack/index.ts'
import { telegram } from '../../channels/telegram/index.ts'
import { webhook } from '../../channels/webhook/index.ts'
import { whatsapp } from '../../channels/whatsapp/index.ts'
import { zalo } from '../../channels/zalo/index.ts'
import type { ChannelType } from '../../domain/channel.ts'

type AnyPlatform = ChannelPlatform<Readonly<Record<string, string | undefined>>>

/** Credentials are parsed by the platform that takes them: their type is nobody else's. */
function erase<Credentials extends Readonly<Record<string, string | undefined>>>(
  platform: ChannelPlatform<Credentials>,
): AnyPlatform {
  return platform as unknown as AnyPlatform
}

const PLATFORMS: Partial<Record<ChannelType, AnyPlatform>> = {
  slack: erase(slack),
  telegram: erase(telegram),
  discord: erase(discord),
  whatsapp: erase(whatsapp),
  feishu: erase(feishu),
  zalo: erase(zalo),
  webhook: erase(webhook),
}

export const platformOf = (type: ChannelType): AnyPlatform | null => PLATFORMS[type] ?? null
