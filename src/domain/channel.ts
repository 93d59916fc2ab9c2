/**
 * Chat platforms that a tenant has connected, as its snapshot carries them. What a platform is to the
 * gateway stands in channels/, what a message may do in its access settings.
 */
import { z } from 'zod'
import { agentIdSchema } from './ids.ts'

export const CHANNEL_TYPES = [
  'slack',
  'telegram',
  'discord',
  'whatsapp',
  'feishu',
  'zalo',
  'webhook',
] as const
export type ChannelType = (typeof CHANNEL_TYPES)[number]

export const isChannelType = (text: string): text is ChannelType =>
  (CHANNEL_TYPES as readonly string[]).includes(text)

/** The account that an instance speaks as, as far as the platform told it; ids as the platform spells them. */
export const botIdentitySchema = z.object({
  id: z.string(),
  /** Without `@`; null where the platform has none. */
  username: z.string().nullable(),
  /** Of the workspace, where one app may serve several. */
  teamId: z.string().optional(),
})
export type BotIdentity = Readonly<z.infer<typeof botIdentitySchema>>

export const channelInstanceSchema = z.object({
  id: z.string(),
  name: z.string(),
  displayName: z.string(),
  channelType: z.enum(CHANNEL_TYPES),
  agentId: agentIdSchema,
  /** Sealed JSON object; opened only to prove a delivery, or to speak to the platform. */
  sealedCredentials: z.string().nullable(),
  /** See `channelInstanceConfigSchema`. */
  config: z.record(z.string(), z.unknown()),
  /** Null until the platform was asked. */
  bot: botIdentitySchema.nullable(),
  enabled: z.boolean(),
  /** Rises with every change of the row. */
  revision: z.number(),
})
export type ChannelInstance = Readonly<z.infer<typeof channelInstanceSchema>>

/** Nobody writes through it: whoever knows a hook's secret calls it, and is called back. */
export const isOfHooks = ({ channelType }: { readonly channelType: ChannelType }): boolean =>
  channelType === 'webhook'
