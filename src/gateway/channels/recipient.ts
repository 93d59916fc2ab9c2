/**
 * Where something goes that is said now, to an address of earlier. A group is asked for as such:
 * whoever of it was last heard may have left. A hook is called back as it says now, whatever it said
 * when it was called.
 */
import { groupBarred } from '../../channels/access.ts'
import { type ChannelInstance, isOfHooks } from '../../domain/channel.ts'
import type { Audience, ChannelSender, ReplyAddress, ToldTo } from '../../domain/channel-event.ts'
import { hookOf } from './hook-of.ts'
import type { Recipient } from './open-channel.ts'
import { admissionOf, presence, type StandingParts } from './standing.ts'

export async function recipientOf(
  address: ReplyAddress,
  to: ToldTo,
  parts: StandingParts,
): Promise<Recipient> {
  const { instance } = parts
  if (isOfHooks(instance)) return hookRecipient(instance, address)
  if (to === 'anyone') return { kind: 'open', address }
  const reason = await refusalOf(to, parts)
  if (reason === null) return { kind: 'open', address }
  return { kind: 'refused', reason: `whoever it was for is not let in any more: ${reason}` }
}

async function refusalOf(audience: Audience, parts: StandingParts): Promise<string | null> {
  const { conversation, sender } = audience
  if (conversation.kind === 'group') return groupBarred(parts.policy, audience)
  const person: ChannelSender = { ...sender, displayName: '', kind: 'person' }
  const admission = await admissionOf(presence(person, conversation), parts)
  return admission.kind === 'admitted' ? null : admission.reason
}

function hookRecipient({ config }: ChannelInstance, address: ReplyAddress): Recipient {
  const hook = hookOf(config, address)
  if (hook === null) return { kind: 'refused', reason: 'the hook is gone' }
  const now = { ...address, callback: hook.callback_url ?? null }
  return { kind: now.callback === null ? 'nowhere' : 'open', address: now }
}
