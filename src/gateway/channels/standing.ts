/**
 * What a sender is worth at this moment: as the instance's lists and pairings are now. A run that was
 * begun in their name ends at its next step when they are let out.
 */
import type { Services } from '../../api/context.ts'
import { type Admission, decideAdmission } from '../../channels/access.ts'
import { type AccessPolicy, resolveAccess, toolLevelsOf } from '../../channels/access-policy.ts'
import type { SenderNames } from '../../channels/senders.ts'
import { isSenderPaired } from '../../db/channel-pairings.ts'
import { type ChannelInstance, isOfHooks } from '../../domain/channel.ts'
import type {
  ChannelConversation,
  ChannelSender,
  InboundEvent,
} from '../../domain/channel-event.ts'
import { channelInstanceConfigSchema } from '../../domain/config/channels.ts'
import type { ToolPolicyLevel } from '../../domain/config/tool-policy.ts'
import type { Principal } from '../../domain/principal.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { namedHook } from './hook-of.ts'
import { platformOf } from './platforms.ts'

type ChannelFacts = NonNullable<Principal['channel']>

/** Of an instance that is gone, or cannot be read, nothing is left. */
const NOTHING: ToolPolicyLevel = { deny: ['*'] }

/** Of rows and documents that never change: another snapshot holds others. */
const policies = new WeakMap<TenantSnapshot, Map<string, AccessPolicy | null>>()

/** Null for an instance that is not there, or whose settings cannot be read. */
export function policyOf(snapshot: TenantSnapshot, instanceId: string): AccessPolicy | null {
  const known = policies.get(snapshot) ?? new Map<string, AccessPolicy | null>()
  policies.set(snapshot, known)
  const found = known.get(instanceId)
  if (found !== undefined) return found
  const instance = snapshot.channelInstances.find(({ id }) => id === instanceId)
  const resolved = instance === undefined ? null : resolve(snapshot, instance)
  known.set(instanceId, resolved)
  return resolved
}

function resolve({ config }: TenantSnapshot, instance: ChannelInstance): AccessPolicy | null {
  const own = channelInstanceConfigSchema.safeParse(instance.config)
  const names: SenderNames | null = platformOf(instance.channelType)
  if (!own.success || names === null) return null
  return resolveAccess(config.channels, config.session, own.data, names)
}

const senderOf = ({ senderId, senderName = null }: ChannelFacts): ChannelSender => ({
  id: senderId,
  username: senderName,
  displayName: '',
  kind: 'person',
})

const conversationOf = ({ senderId, groupId }: ChannelFacts): ChannelConversation =>
  groupId === undefined
    ? { kind: 'direct', id: senderId, threadId: null }
    : { kind: 'group', id: groupId, threadId: null }

/** How a channel narrows the tools of whoever writes through it: channel, group, sender. */
export function channelLevels(
  snapshot: TenantSnapshot,
  { channel }: Pick<Principal, 'channel'>,
): readonly ToolPolicyLevel[] {
  if (channel === null) return []
  const policy = policyOf(snapshot, channel.instanceId)
  if (policy === null) return [NOTHING]
  return toolLevelsOf(policy, conversationOf(channel), senderOf(channel))
}

/**
 * Whom the database said to be paired while a snapshot was in force: whoever is let out raises the
 * tenant's version in the same step, and another snapshot knows nobody yet. Strangers are not kept, of
 * whom there may be any number.
 */
const paired = new WeakMap<TenantSnapshot, Set<string>>()

async function isPairedNow(
  { services, snapshot, instance }: Pick<StandingParts, 'services' | 'snapshot' | 'instance'>,
  senderId: string,
): Promise<boolean> {
  const { id: instanceId, channelType: channel } = instance
  const known = paired.get(snapshot) ?? new Set<string>()
  paired.set(snapshot, known)
  const key = JSON.stringify([instanceId, senderId])
  if (known.has(key)) return true
  const { tenantId } = snapshot
  const sender = { channel, instanceId, senderId }
  const isPaired = await isSenderPaired(services.database(tenantId), tenantId, sender)
  if (isPaired) known.add(key)
  return isPaired
}

export interface StandingParts {
  readonly services: Services
  readonly snapshot: TenantSnapshot
  readonly instance: ChannelInstance
  readonly policy: AccessPolicy
}

/**
 * A hook's call was let in by its secret. Of pairings the database is asked where lists let nobody in,
 * once as long as nothing of the tenant changes.
 */
export async function admissionOf(event: InboundEvent, parts: StandingParts): Promise<Admission> {
  const { instance, policy } = parts
  if (isOfHooks(instance)) return { kind: 'admitted', reason: 'dm_policy_allowlisted' }
  const decide = (isPaired: boolean) =>
    decideAdmission(policy, event, { isEnabled: true, isPaired })
  const byLists = decide(false)
  if (byLists.kind === 'admitted' || decide(true).kind === byLists.kind) return byLists
  return decide(await isPairedNow(parts, event.sender.id))
}

/** As whoever is somewhere would be judged there: by no word of theirs. */
export const presence = (
  sender: ChannelSender,
  conversation: ChannelConversation,
): InboundEvent => ({
  kind: 'decision',
  deliveryId: '',
  sender,
  conversation,
  address: {},
  sentAt: null,
  approvalId: '',
  decision: 'deny',
})

/** Whether the sender would be heard now. */
export async function isSenderAdmitted(
  principal: Principal,
  snapshot: TenantSnapshot,
  services: Services,
): Promise<boolean> {
  const { channel, credential } = principal
  if (channel === null || credential.id !== channel.instanceId) return false
  const instance = snapshot.channelInstances.find(({ id }) => id === channel.instanceId)
  const policy = policyOf(snapshot, channel.instanceId)
  if (!instance?.enabled || policy === null) return false
  // A hook is let in by its secret, for as long as its instance has it.
  if (isOfHooks(instance)) return namedHook(instance.config, channel.senderId) !== null
  const event = presence(senderOf(channel), conversationOf(channel))
  const admission = await admissionOf(event, { services, snapshot, instance, policy })
  return admission.kind === 'admitted'
}
