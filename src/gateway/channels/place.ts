/** Where a message of a channel goes, and as whom: its agent, its conversation, its user. */
import type { AccessPolicy } from '../../channels/access-policy.ts'
import { groupAccess } from '../../channels/access-policy.ts'
import { keyPart } from '../../channels/key-part.ts'
import {
  channelSessionKey,
  linkedIdentity,
  type ScopeFacts,
  userOfChannelSender,
} from '../../channels/scope.ts'
import type { SenderNames } from '../../channels/senders.ts'
import { type ChannelInstance, isOfHooks } from '../../domain/channel.ts'
import type { InboundEvent } from '../../domain/channel-event.ts'
import { CHANNEL_USER_PREFIX } from '../../domain/channel-user.ts'
import { type UserId, userIdSchema } from '../../domain/ids.ts'
import type { Principal } from '../../domain/principal.ts'
import { agentOfKey, findAgent, type TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { scopesOfRole } from '../../transport/role-of-scopes.ts'
import { hookOf } from './hook-of.ts'

export interface Place {
  readonly sessionKey: string
  readonly agentKey: string
  /** Whom the conversation and its files belong to; a group's are the group's. */
  readonly owner: UserId
  /** The person alone, wherever they write. */
  readonly person: UserId
}

/** Of a group, or of a hook: the agent that its settings name; null: the instance's. */
function namedAgent(
  { config }: ChannelInstance,
  policy: AccessPolicy,
  { conversation, address }: Pick<InboundEvent, 'conversation' | 'address'>,
): string | null {
  if (conversation.kind === 'group') return groupAccess(policy, conversation).agent
  const hook = hookOf(config, address)
  return hook?.agent ?? null
}

/** Null where the agent that should answer is not there. */
export async function placeOf(
  snapshot: TenantSnapshot,
  instance: ChannelInstance,
  policy: AccessPolicy,
  event: Pick<InboundEvent, 'conversation' | 'sender' | 'address'>,
  names: SenderNames,
): Promise<Place | null> {
  const { conversation } = event
  // A hook has no peers: it chooses among conversations of its own.
  const sender = isOfHooks(instance) ? { ...event.sender, id: conversation.id } : event.sender
  const named = namedAgent(instance, policy, event)
  const agent = named === null ? findAgent(snapshot, instance.agentId) : agentOfKey(snapshot, named)
  if (agent?.status !== 'active') return null
  const identity = linkedIdentity(snapshot.config.session, sender, names)
  const { dmScope } = policy
  const { id: instanceId, channelType: channel } = instance
  const facts: ScopeFacts = { agentKey: agent.key, channel, instanceId, dmScope, identity }
  const person = await userOfChannelSender(facts, sender)
  return {
    sessionKey: await channelSessionKey(facts, conversation, sender),
    agentKey: agent.key,
    person,
    owner:
      conversation.kind === 'group'
        ? await channelUser('group', instanceId, conversation.id)
        : await ownerOfDirect(facts, sender.id, person),
  }
}

/** As wide as the conversation: whoever shares the one shares what the agent keeps for it. */
async function ownerOfDirect(
  { channel, dmScope, identity }: ScopeFacts,
  peer: string,
  person: UserId,
): Promise<UserId> {
  if (dmScope === 'main') return channelUser('main')
  if (identity !== null || dmScope === 'per-account-channel-peer') return person
  return dmScope === 'per-peer' ? channelUser('peer', peer) : channelUser('peer', channel, peer)
}

const channelUser = async (kind: string, ...parts: readonly string[]): Promise<UserId> => {
  const escaped = await Promise.all(parts.map(keyPart))
  return userIdSchema.parse(`${CHANNEL_USER_PREFIX}${[kind, ...escaped].join(':')}`)
}

/** A sender as the rest of the gateway knows whoever asks: their instance vouches for them. */
export const senderPrincipal = (
  { tenantId, authVersion }: TenantSnapshot,
  { id, channelType }: ChannelInstance,
  { sender, conversation }: Pick<InboundEvent, 'conversation' | 'sender'>,
  userId: UserId,
): Principal => ({
  tenantId,
  userId,
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'channel', id, expiresAt: null },
  authVersion,
  clientAddress: '',
  allowedAgents: null,
  channel: {
    name: channelType,
    instanceId: id,
    senderId: sender.id,
    senderName: sender.username,
    ...(conversation.kind === 'group' ? { groupId: conversation.id } : {}),
  },
})

/** Somebody whom the tenant named as an owner of its channels, for the one command that they give. */
export const ownerPrincipal = (sender: Principal): Principal => ({
  ...sender,
  role: 'admin',
  scopes: [...scopesOfRole('admin')],
})
