/** Channel instances as they are asked for and answered. Credentials go in and never come out again. */
import { z } from 'zod'
import { byIdOrName } from '../domain/by-reference.ts'
import { CHANNEL_TYPES, type ChannelInstance } from '../domain/channel.ts'
import {
  type ChannelInstanceConfig,
  channelInstanceConfigSchema,
} from '../domain/config/channels.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { OperationContext } from './context.ts'
import { checkPrivateNetwork } from './provider-fields.ts'

const MASKED = '***'
export const channelReference = z.string().max(100)

/** A channel is meant by its name or its id: no name looks like an id. */
const ID_PREFIX = 'chn_'
export const CHANNEL_NAME = /^[a-z0-9]{1,32}(?:[_-][a-z0-9]{1,32}){0,8}$/

export const credentialsField = z.record(z.string().max(60), z.string().max(4_000))

export const channelCreateFields = {
  name: z
    .string()
    .max(64)
    .regex(CHANNEL_NAME, 'must be lower-case letters and digits, joined by single - or _')
    .refine((name) => !name.startsWith(ID_PREFIX), `must not begin with ${ID_PREFIX}, as ids do`),
  display_name: z.string().max(200).default(''),
  channel_type: z.enum(CHANNEL_TYPES),
  /** Key or id of the agent that answers. */
  agent_id: z.string().max(100),
  enabled: z.boolean().default(true),
  credentials: credentialsField,
  config: z.record(z.string(), z.unknown()).default({}),
}

export const channelUpdateFields = {
  display_name: z.string().max(200).optional(),
  agent_id: z.string().max(100).optional(),
  enabled: z.boolean().optional(),
  /** All of them anew. */
  credentials: credentialsField.optional(),
  /** All of it anew. */
  config: z.record(z.string(), z.unknown()).optional(),
  /** Of what was looked at: a change of what has changed since is refused. */
  revision: z.int().positive().optional(),
}

/** What everybody of the tenant may know: that it is there. */
export const listedChannel = z.object({
  id: z.string(),
  name: z.string(),
  display_name: z.string(),
  channel_type: z.enum(CHANNEL_TYPES),
  agent_id: z.string(),
  enabled: z.boolean(),
})

export const channelRow = listedChannel.extend({
  webhook_url: z.string(),
  credentials: z.record(z.string(), z.string()),
  config: z.record(z.string(), z.unknown()),
  bot: z.object({ id: z.string(), username: z.string().nullable() }).nullable(),
  /** Another after each change. */
  revision: z.int(),
})
export type ChannelRow = z.infer<typeof channelRow>

export const toListedChannel = (
  snapshot: TenantSnapshot,
  instance: ChannelInstance,
): z.infer<typeof listedChannel> => ({
  id: instance.id,
  name: instance.name,
  display_name: instance.displayName,
  channel_type: instance.channelType,
  agent_id: findAgent(snapshot, instance.agentId)?.key ?? instance.agentId,
  enabled: instance.enabled,
})

export const shownBot = (bot: ChannelInstance['bot']) =>
  bot && { id: bot.id, username: bot.username }

export const toChannelRow = (
  { snapshot, channels }: Pick<OperationContext, 'snapshot' | 'channels'>,
  instance: ChannelInstance,
): ChannelRow => ({
  ...toListedChannel(snapshot, instance),
  webhook_url: channels.webhookUrlOf(instance),
  // The same mask whatever there is: neither names nor lengths are told.
  credentials: instance.sealedCredentials === null ? {} : { all: MASKED },
  config: { ...instance.config },
  bot: shownBot(instance.bot),
  revision: instance.revision,
})

export function namedChannel(
  { channelInstances }: TenantSnapshot,
  reference: string,
): Result<ChannelInstance, Refusal> {
  const found = byIdOrName(channelInstances, reference)
  return found ? ok(found) : err(notFound('channel'))
}

/** What a platform's own address does not need an owner of the gateway for. */
export function checkChannelConfig(
  context: OperationContext,
  type: ChannelInstance['channelType'],
  given: unknown,
): Result<ChannelInstanceConfig, Refusal> {
  const parsed = channelInstanceConfigSchema.safeParse(given)
  if (!parsed.success) {
    const [issue] = parsed.error.issues
    const where = ['config', ...(issue?.path ?? [])].join('.')
    return err(refusal('INVALID_REQUEST', `${where}: ${issue?.message ?? 'is not valid'}`))
  }
  const config = parsed.data
  const { api_base_url: url, allow_private_network: isPrivate } = config
  const own = context.channels.baseUrlOf(type)
  if (own === null) {
    return err(refusal('INVALID_REQUEST', `channel_type: ${type} is not served by this gateway`))
  }
  const fault = context.channels.faultOfHooks(config.hooks)
  if (fault !== null) return err(refusal('INVALID_REQUEST', `config.${fault}`))
  const isOwn = url === undefined || originIn(url) === originIn(own)
  if (!isOwn && !isPrivate) {
    const words =
      'config.api_base_url: an address that is not the platform’s own needs allow_private_network, set by an owner'
    return err(refusal('INVALID_REQUEST', words))
  }
  const allowed = checkPrivateNetwork(context, { allowPrivateNetwork: isPrivate })
  return allowed.ok ? ok(config) : allowed
}

export function checkChannelAgent(
  { snapshot }: OperationContext,
  reference: string,
): Result<ChannelInstance['agentId'], Refusal> {
  const agent = findAgent(snapshot, reference)
  return agent ? ok(agent.id) : err(notFound('agent'))
}

export const originOfChannel = (
  { channels }: OperationContext,
  instance: Pick<ChannelInstance, 'channelType' | 'config'>,
): string => {
  const { api_base_url: url } = instance.config
  return originIn(typeof url === 'string' ? url : (channels.baseUrlOf(instance.channelType) ?? ''))
}

/** A channel that calls nobody of its own accord has no address. */
const originIn = (url: string): string => (URL.canParse(url) ? new URL(url).origin : '')
