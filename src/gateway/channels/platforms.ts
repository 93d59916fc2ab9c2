/** The platforms that are served. A type without one here is connected to nothing. */
import type { ChannelPlatform } from '../../channels/platform.ts'
import type { ChannelType } from '../../domain/channel.ts'

type AnyPlatform = ChannelPlatform<Readonly<Record<string, string | undefined>>>

const PLATFORMS: Partial<Record<ChannelType, AnyPlatform>> = {}

export const platformOf = (type: ChannelType): AnyPlatform | null => PLATFORMS[type] ?? null
