/** Chat platforms that the tenant connects: which there are, how they are, and who answers there. */
import { z } from 'zod'
import { sealChannelCredentials } from '../crypto/channel-secret.ts'
import { newId } from '../crypto/random.ts'
import {
  type ChannelInstancePatch,
  createChannelInstance,
  deleteChannelInstance,
  updateChannelInstance,
} from '../db/channel-instances.ts'
import { deletePairingsOfInstance } from '../db/channel-pairings.ts'
import type { ChannelInstance } from '../domain/channel.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { ADMIN, VIEWER } from './access.ts'
import { namesOf } from './audit-names.ts'
import {
  type ChannelRow,
  channelCreateFields,
  channelReference,
  channelRow,
  channelUpdateFields,
  checkChannelAgent,
  checkChannelConfig,
  listedChannel,
  namedChannel,
  originOfChannel,
  shownBot,
  toChannelRow,
  toListedChannel,
} from './channel-instance-fields.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

const MAX_INSTANCES = 50

const CONFLICT = refusal(
  'FAILED_PRECONDITION',
  'the channel was changed by somebody else at the same moment; look again',
)

export const channelsList = operation({
  name: 'channels.list',
  summary: 'The chat platforms that the tenant is connected to',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ channels: z.array(listedChannel) }),
  http: { method: 'GET', path: '/v1/channels' },
  run: async ({ principal, snapshot }) => {
    const { allowedAgents } = principal
    const seen = snapshot.channelInstances.filter(
      ({ agentId }) => allowedAgents === null || allowedAgents.includes(agentId),
    )
    return ok({ channels: seen.map((instance) => toListedChannel(snapshot, instance)) })
  },
})

export const channelInstancesList = operation({
  name: 'channels.instances.list',
  summary: 'Channel instances with their settings; credentials are masked',
  access: ADMIN,
  params: z.object({}),
  result: z.object({ instances: z.array(channelRow) }),
  http: { method: 'GET', path: '/v1/channels/instances' },
  run: async (context) =>
    ok({
      instances: context.snapshot.channelInstances.map((one) => toChannelRow(context, one)),
    }),
})

export const channelInstancesGet = operation({
  name: 'channels.instances.get',
  summary: 'One channel instance with its settings; credentials are masked',
  access: ADMIN,
  params: z.object({ id: channelReference }),
  result: channelRow,
  http: { method: 'GET', path: '/v1/channels/instances/{id}' },
  run: async (context, { id }) => {
    const found = namedChannel(context.snapshot, id)
    return found.ok ? ok(toChannelRow(context, found.value)) : found
  },
})

export const channelInstancesCreate = operation({
  name: 'channels.instances.create',
  summary: 'Connects a chat platform; the answer holds the address that it is to deliver to',
  access: ADMIN,
  params: z.object(channelCreateFields),
  result: channelRow,
  http: { method: 'POST', path: '/v1/channels/instances', status: 201 },
  audit: (_, { id, channel_type }) => ({ channel: id, channel_type }),
  run: createInstance,
})

type CreateParams = z.output<z.ZodObject<typeof channelCreateFields>>

export async function createInstance(
  context: OperationContext,
  params: CreateParams,
): Promise<Result<ChannelRow, Refusal>> {
  const { services, principal, snapshot, channels } = context
  const { tenantId } = principal
  const room = checkSnapshotRoom(snapshot, params)
  if (!room.ok) return room
  if (snapshot.channelInstances.length >= MAX_INSTANCES) {
    const most = `a tenant has at most ${MAX_INSTANCES} channels`
    return err(refusal('RESOURCE_EXHAUSTED', most))
  }
  const agent = checkChannelAgent(context, params.agent_id)
  if (!agent.ok) return agent
  const config = checkChannelConfig(context, params.channel_type, params.config)
  if (!config.ok) return config
  const checked = await channels.checkCredentials(params.channel_type, params.credentials)
  if (!checked.ok) return err(refusal('INVALID_REQUEST', `credentials: ${checked.error}`))
  const id = newId('chn')
  const instance: ChannelInstance = {
    id,
    name: params.name,
    displayName: params.display_name,
    channelType: params.channel_type,
    agentId: agent.value,
    sealedCredentials: await sealChannelCredentials(services.keyRing, tenantId, id, checked.value),
    config: params.config,
    bot: null,
    enabled: params.enabled,
    revision: 1,
  }
  const created = await changeTenant(services, tenantId, () =>
    createChannelInstance(services.database(tenantId), tenantId, instance, services.now()),
  )
  if (!created.ok) {
    const taken = `there is a channel ${JSON.stringify(params.name)} already`
    return err(refusal('ALREADY_EXISTS', taken))
  }
  const connected = params.enabled ? await connect(context, created.value) : created.value
  return ok(toChannelRow(context, connected))
}

/** Who it is, and where it delivers; what fails here is told by `channels.instances.test`. */
async function connect(
  { services, principal: { tenantId }, channels }: OperationContext,
  instance: ChannelInstance,
): Promise<ChannelInstance> {
  const probe = await channels.connect(instance)
  if (!probe.ok) return instance
  const known = await changeTenant(services, tenantId, () =>
    updateChannelInstance(
      services.database(tenantId),
      tenantId,
      instance,
      { bot: probe.value.bot },
      services.now(),
    ),
  )
  return known.ok ? known.value : instance
}

export const channelInstancesUpdate = operation({
  name: 'channels.instances.update',
  summary: 'Changes a channel; another address erases its credentials unless they come anew',
  access: ADMIN,
  params: z.object({ id: channelReference, ...channelUpdateFields }),
  result: channelRow,
  http: { method: 'PUT', path: '/v1/channels/instances/{id}' },
  audit: (params, { id }) => ({ channel: id, changed: namesOf(params) }),
  run: async (context, params) => {
    const found = namedChannel(context.snapshot, params.id)
    if (!found.ok) return found
    if (params.revision !== undefined && params.revision !== found.value.revision)
      return err(CONFLICT)
    const patch = await patchOf(context, found.value, params)
    if (!patch.ok) return patch
    const updated = await update(context, found.value, patch.value)
    if (!updated.ok) return updated
    const isReconnected = patch.value.sealedCredentials != null || patch.value.enabled === true
    const now = isReconnected ? await connect(context, updated.value) : updated.value
    return ok(toChannelRow(context, now))
  },
})

type UpdateParams = z.infer<z.ZodObject<typeof channelUpdateFields>>

async function patchOf(
  context: OperationContext,
  instance: ChannelInstance,
  params: UpdateParams,
): Promise<Result<ChannelInstancePatch, Refusal>> {
  const { services, principal, snapshot, channels } = context
  const room = checkSnapshotRoom(snapshot, params)
  if (!room.ok) return room
  const agent = params.agent_id === undefined ? null : checkChannelAgent(context, params.agent_id)
  if (agent !== null && !agent.ok) return agent
  if (params.config !== undefined) {
    const config = checkChannelConfig(context, instance.channelType, params.config)
    if (!config.ok) return config
  }
  const next = { channelType: instance.channelType, config: params.config ?? instance.config }
  const isMoved = originOfChannel(context, next) !== originOfChannel(context, instance)
  const given =
    params.credentials === undefined
      ? null
      : await channels.checkCredentials(instance.channelType, params.credentials)
  if (given !== null && !given.ok) {
    return err(refusal('INVALID_REQUEST', `credentials: ${given.error}`))
  }
  const sealed =
    given === null
      ? null
      : await sealChannelCredentials(services.keyRing, principal.tenantId, instance.id, given.value)
  return ok({
    ...(params.display_name === undefined ? {} : { displayName: params.display_name }),
    ...(agent === null ? {} : { agentId: agent.value }),
    ...(params.config === undefined ? {} : { config: params.config }),
    ...(params.enabled === undefined ? {} : { enabled: params.enabled }),
    // What was set for one destination is for no other.
    ...(sealed !== null || isMoved ? { sealedCredentials: sealed, bot: null } : {}),
  })
}

async function update(
  { services, principal: { tenantId } }: OperationContext,
  instance: ChannelInstance,
  patch: ChannelInstancePatch,
): Promise<Result<ChannelInstance, Refusal>> {
  const updated = await changeTenant(services, tenantId, () =>
    updateChannelInstance(services.database(tenantId), tenantId, instance, patch, services.now()),
  )
  if (!updated.ok) return err(CONFLICT)
  services.inBackground(services.inbox(tenantId, instance.id).changed())
  return updated
}

export const channelsToggle = operation({
  name: 'channels.toggle',
  summary: 'Switches a channel on or off, at once',
  access: ADMIN,
  params: z.object({ id: channelReference, enabled: z.boolean() }),
  result: channelRow,
  http: { method: 'POST', path: '/v1/channels/instances/{id}/toggle' },
  audit: ({ enabled }, { id }) => ({ channel: id, enabled: String(enabled) }),
  run: async (context, { id, enabled }) => {
    const found = namedChannel(context.snapshot, id)
    if (!found.ok) return found
    const updated = await update(context, found.value, { enabled })
    if (!updated.ok) return updated
    const now = enabled ? await connect(context, updated.value) : updated.value
    return ok(toChannelRow(context, now))
  },
})

export const channelInstancesDelete = operation({
  name: 'channels.instances.delete',
  summary: 'Disconnects a platform, with whoever was paired through it and what waits there',
  access: ADMIN,
  params: z.object({ id: channelReference }),
  result: z.object({ ok: z.literal(true), id: z.string() }),
  http: { method: 'DELETE', path: '/v1/channels/instances/{id}' },
  audit: (_, { id }) => ({ channel: id }),
  run: async (context, params) => {
    const { services, principal, channels } = context
    const { tenantId } = principal
    const found = namedChannel(context.snapshot, params.id)
    if (!found.ok) return found
    const { id } = found.value
    await channels.disconnect(found.value)
    const db = services.database(tenantId)
    await changeTenant(services, tenantId, () => deleteChannelInstance(db, tenantId, id))
    await deletePairingsOfInstance(db, tenantId, id)
    await services.inboxEnd(tenantId, id).erase()
    return ok({ ok: true as const, id })
  },
})

export const channelInstancesTest = operation({
  name: 'channels.instances.test',
  summary: 'Asks the platform who the channel is, and tells it where to deliver',
  access: ADMIN,
  params: z.object({ id: channelReference }),
  result: z.object({
    ok: z.boolean(),
    bot: z.object({ id: z.string(), username: z.string().nullable() }).nullable(),
    registered: z.boolean().nullable(),
    error: z.string().nullable(),
  }),
  http: { method: 'POST', path: '/v1/channels/instances/{id}/test' },
  run: async (context, { id }) => {
    const { services, principal, channels, snapshot } = context
    const { tenantId } = principal
    const found = namedChannel(snapshot, id)
    if (!found.ok) return found
    const probe = await channels.connect(found.value)
    if (!probe.ok) return ok({ ok: false, bot: null, registered: null, error: probe.error })
    const { bot, isRegistered } = probe.value
    const changed = { bot }
    if (JSON.stringify(bot) !== JSON.stringify(found.value.bot)) {
      await changeTenant(services, tenantId, () =>
        updateChannelInstance(
          services.database(tenantId),
          tenantId,
          found.value,
          changed,
          services.now(),
        ),
      )
    }
    return ok({ ok: true, bot: shownBot(bot), registered: isRegistered, error: null })
  },
})
