/** Rows of the security matrix for chat platforms and whoever writes there. */
import { plantChannelSender } from './plants.ts'
import { nothing, type Params, type Row, scratch } from './scratch.ts'
import type { World } from './world.ts'

const channel: Row = { names: 'row', params: ({ north }) => ({ id: north.channelId }) }

const newChannel = (world: World) => ({
  name: scratch(world),
  channel_type: 'webhook',
  agent_id: world.north.agentKey,
  credentials: { proof: 'secret', secret: 'of-a-scratch-channel-alone' },
})

async function scratchChannel(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('channels.instances.create', newChannel(world))
  return { id }
}

const asking: Row = {
  names: 'row',
  params: ({ north }) => ({ channel: north.channelId, code: north.channelCode }),
  own: async (world) => {
    const { tenantId, channelId } = world.north
    const { code } = await plantChannelSender(tenantId, channelId, scratch(world), 'pending')
    return { channel: channelId, code }
  },
}

export const CHANNEL_ROWS: Readonly<Record<string, Row>> = {
  'channels.list': nothing,
  'channels.status': nothing,
  'channels.instances.list': nothing,
  'channels.instances.get': channel,
  'channels.instances.create': { names: 'nothing', params: newChannel, otherTenant: 'NOT_FOUND' },
  'channels.instances.update': {
    ...channel,
    params: ({ north }) => ({ id: north.channelId, enabled: false }),
    own: async (world) => ({ ...(await scratchChannel(world)), enabled: false }),
  },
  'channels.slack.install': {
    names: 'nothing',
    params: (world) => ({
      name: scratch(world),
      agent_id: world.north.agentKey,
      client_id: '1.2',
      client_secret: 'of-a-scratch-app',
      signing_secret: 'of-a-scratch-app',
    }),
    otherTenant: 'NOT_FOUND',
  },
  'channels.slack.installed': {
    names: 'nothing',
    params: () => ({ code: 'none' }),
    allowed: 'FAILED_PRECONDITION',
    otherTenant: 'FAILED_PRECONDITION',
  },
  'channels.toggle': {
    ...channel,
    params: ({ north }) => ({ id: north.channelId, enabled: false }),
    own: async (world) => ({ ...(await scratchChannel(world)), enabled: false }),
  },
  'channels.instances.delete': { ...channel, own: scratchChannel },
  'channels.instances.test': channel,
  'channels.deliveries.list': channel,
  'channels.deliveries.replay': channel,
  'channels.deliveries.discard': {
    ...channel,
    params: ({ north }) => ({ id: north.channelId, deliveries: [1] }),
  },
  'channel.pair.list': nothing,
  'channel.pair.approve': asking,
  'channel.pair.deny': asking,
  'channel.pair.revoke': {
    names: 'row',
    params: ({ north }) => ({ channel: north.channelId, sender_id: north.channelSender }),
    own: async (world) => {
      const { tenantId, channelId } = world.north
      const sender = scratch(world)
      await plantChannelSender(tenantId, channelId, sender, 'approved')
      return { channel: channelId, sender_id: sender }
    },
  },
}
