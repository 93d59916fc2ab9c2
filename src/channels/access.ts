/**
 * Whether a message of a channel is heard: one pure decision with its reason. It asks nobody and tells
 * nobody; signature and repeats are judged before it, rate and content after it. Closed by default: an
 * empty list admits nobody, and no entry stands for more than it says.
 */
import type {
  Audience,
  ChannelSender,
  InboundEvent,
  InboundMessage,
} from '../domain/channel-event.ts'
import { type AccessPolicy, groupAccess } from './access-policy.ts'
import { isEmptyList, listAdmits, namesSender } from './senders.ts'

export interface AdmissionFacts {
  readonly isEnabled: boolean
  /** An admin let the sender in, by pairing; counts in direct conversations alone. */
  readonly isPaired: boolean
}

export type AdmittedReason = 'dm_policy_open' | 'dm_policy_allowlisted' | 'group_policy_allowed'

export type DroppedReason =
  | 'instance_disabled'
  | 'dm_policy_disabled'
  | 'dm_policy_not_allowlisted'
  /** A button, or a text of somebody else's, is no request to be let in. */
  | 'dm_policy_pairing_required'
  | 'group_policy_disabled'
  | 'group_policy_empty_allowlist'
  | 'group_policy_not_allowlisted'
  /** The group is let in, its member is not. */
  | 'group_sender_not_allowlisted'
  | 'sender_bot'
  | 'sender_self'

export type Admission =
  | { readonly kind: 'admitted'; readonly reason: AdmittedReason }
  /** Not answered; what was said is kept for when the agent is asked. */
  | { readonly kind: 'context'; readonly reason: 'mention_required' }
  /** The sender may ask to be let in. */
  | { readonly kind: 'pairing'; readonly reason: 'dm_policy_pairing_required' }
  | { readonly kind: 'dropped'; readonly reason: DroppedReason }

const admitted = (reason: AdmittedReason): Admission => ({ kind: 'admitted', reason })
const dropped = (reason: DroppedReason): Admission => ({ kind: 'dropped', reason })

/** A text that is longer is no call by name any more; bounds the work of the patterns. */
const MAX_MENTION_CHARS = 4_000

export function decideAdmission(
  policy: AccessPolicy,
  event: InboundEvent,
  facts: AdmissionFacts,
): Admission {
  if (!facts.isEnabled) return dropped('instance_disabled')
  return event.conversation.kind === 'direct'
    ? decideDirect(policy, event, facts)
    : decideGroup(policy, event)
}

/** An agent that hears bots talks with another one for ever; that hears itself, alone. */
function refusedKind({ kind }: ChannelSender): Admission | null {
  if (kind === 'self') return dropped('sender_self')
  return kind === 'bot' ? dropped('sender_bot') : null
}

function decideDirect(
  { dmPolicy, allowFrom }: AccessPolicy,
  event: InboundEvent,
  { isPaired }: AdmissionFacts,
): Admission {
  if (dmPolicy === 'disabled') return dropped('dm_policy_disabled')
  const refused = refusedKind(event.sender)
  if (refused !== null) return refused
  if (dmPolicy === 'open' && allowFrom.hasAny) return admitted('dm_policy_open')
  if (listAdmits(allowFrom, event.sender)) return admitted('dm_policy_allowlisted')
  if (dmPolicy === 'allowlist') return dropped('dm_policy_not_allowlisted')
  if (isPaired) return admitted('dm_policy_allowlisted')
  if (dmPolicy === 'open') return dropped('dm_policy_not_allowlisted')
  const isRequest = event.kind === 'message' && !event.isRelayed
  return { kind: isRequest ? 'pairing' : 'dropped', reason: 'dm_policy_pairing_required' }
}

function decideGroup(policy: AccessPolicy, event: InboundEvent): Admission {
  const group = groupAccess(policy, event.conversation)
  const barred = groupBarred(policy, event)
  if (barred !== null) return dropped(barred)
  const refused = refusedKind(event.sender)
  if (refused !== null) return refused
  if (group.allowFrom !== null && !listAdmits(group.allowFrom, event.sender)) {
    return dropped('group_sender_not_allowlisted')
  }
  const isCalled = event.kind === 'decision' || !group.requireMention || isMentioned(policy, event)
  if (!isCalled) return { kind: 'context', reason: 'mention_required' }
  return admitted('group_policy_allowed')
}

/** Whether a group is let in at all, by itself or by a member; null where it is. */
export function groupBarred(
  policy: AccessPolicy,
  { conversation, sender }: Audience,
): DroppedReason | null {
  const { groupPolicy, groupAllowFrom, groups } = policy
  const { isNamed } = groupAccess(policy, conversation)
  if (groupPolicy === 'disabled') return 'group_policy_disabled'
  if (groupPolicy === 'open' || isNamed) return null
  if (groupAllowFrom.chats.has('*') || groupAllowFrom.chats.has(conversation.id)) return null
  // By id alone: a name can be chosen so that it is a group's id.
  if (namesSender(groupAllowFrom.senders, { id: sender.id, username: null })) return null
  const isEmpty =
    groups.size === 0 && groupAllowFrom.chats.size === 0 && isEmptyList(groupAllowFrom.senders)
  return isEmpty ? 'group_policy_empty_allowlist' : 'group_policy_not_allowlisted'
}

/** A text that was only passed on calls nobody by a name that stands in it. */
function isMentioned({ mentionPatterns }: AccessPolicy, message: InboundMessage): boolean {
  if (message.isMention || message.isCommand) return true
  if (message.isRelayed) return false
  const text = message.text.slice(0, MAX_MENTION_CHARS)
  // `search` begins at the start each time; `test` would go on where it last ended.
  return mentionPatterns.some((pattern) => text.search(pattern) >= 0)
}
