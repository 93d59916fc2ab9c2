/**
 * What becomes of an event of one instance, in the order of the specification: admission, command, rate,
 * and then its session, whose own gates judge what was said. It keeps nothing; the inbox does.
 */
import type { Services } from '../../api/context.ts'
import type { AccessPolicy } from '../../channels/access-policy.ts'
import { decideCommand, parseCommand } from '../../channels/commands.ts'
import { pairingText } from '../../channels/replies.ts'
import { namesSender } from '../../channels/senders.ts'
import { chunkMarkdown, firstChunk } from '../../channels/text/chunk.ts'
import { newId, newPairingCode } from '../../crypto/random.ts'
import { createChannelPairing } from '../../db/channel-pairings.ts'
import type { InboundEvent, InboundMessage } from '../../domain/channel-event.ts'
import { CHANNEL_PAIRING_MS, MAX_PENDING_PER_INSTANCE } from '../../domain/channel-pairing.ts'
import { stopOfNetwork } from '../../domain/emergency-stop.ts'
import type { TenantId } from '../../domain/ids.ts'
import type { Refusal } from '../../domain/refusal.ts'
import type { RunResult } from '../../domain/run-event.ts'
import { securityEvent } from '../../domain/security-event.ts'
import type { TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import { userRunBucket } from '../../transport/rate-limit.ts'
import { createReporter } from '../emit.ts'
import type { Settings } from '../env.ts'
import { answerQuestion, type CommandParts, carryOut } from './command.ts'
import { keepFiles } from './files.ts'
import { clientOf, type OpenedInstance, openInstance } from './instances.ts'
import { laneOf } from './lane.ts'
import { outsideOf, overheardLine, spokenText } from './message-text.ts'
import type { ChannelDoor, Judged, OpenChannel, Overheard } from './open-channel.ts'
import { type Place, placeOf, senderPrincipal } from './place.ts'
import { recipientOf } from './recipient.ts'
import { admissionOf, policyOf } from './standing.ts'

export function createChannelDoor(
  services: Services,
  settings: Settings,
  tenantId: TenantId,
  instanceId: string,
): ChannelDoor {
  // What a client has learned of its platform (a token, its pace) is good as long as nothing changes.
  let last: { readonly snapshot: TenantSnapshot; readonly channel: OpenChannel } | null = null
  return {
    open: async () => {
      const opened = await openInstance(services, tenantId, instanceId)
      const policy = opened && policyOf(opened.snapshot, instanceId)
      if (opened === null || policy === null) return { kind: 'closed' }
      if (stopOfNetwork(opened.snapshot.stops) !== null) return { kind: 'paused' }
      const { snapshot } = opened
      if (last?.snapshot !== snapshot) {
        last = { snapshot, channel: openChannel({ ...opened, services, settings, policy }) }
      }
      return { kind: 'open', channel: last.channel }
    },
  }
}

interface Parts extends OpenedInstance {
  readonly services: Services
  readonly settings: Settings
  readonly policy: AccessPolicy
}

function openChannel(parts: Parts): OpenChannel {
  const { platform, config, services, snapshot } = parts
  const { maxChunk, measure } = platform
  const { tenantId } = snapshot
  const client = clientOf(parts, { settings: parts.settings, tenantId, now: services.now })
  return {
    client,
    editEveryMs: config.streaming ? platform.minEditMs : null,
    retryMs: platform.retryMs ?? null,
    judge: (event, overheard) => judge(event, overheard, { ...parts, client }),
    converse: ({ principal, sessionKey, message, outside }, key) =>
      services.session(snapshot.tenantId, sessionKey).converse({
        principal,
        sessionKey,
        message,
        ...(outside === null ? {} : { outside }),
        // A conversation may go over several instances, whose platforms number alike.
        idempotencyKey: `${parts.instance.id}:${key}`,
        replyTo: { kind: 'none' },
      }),
    recipientOf: (address, to) => recipientOf(address, to, parts),
    split: (markdown) =>
      markdown.trim() === '' ? [] : chunkMarkdown(markdown, { maxChunk, measure }),
    first: (markdown) => firstChunk(markdown, { maxChunk, measure }),
    wordsOf,
    wordsOfRefusal,
    questionOf: (detail) => {
      const { approvalId, tool, command, reason } = detail
      if (typeof approvalId !== 'string') return null
      return {
        approvalId,
        tool: String(tool ?? ''),
        detail: String(command ?? ''),
        reason: String(reason ?? ''),
        choices: ['allow-once', 'allow-always', 'deny'],
      }
    },
  }
}

/** Nothing of what went wrong inside: that is for the admins, who find it in the trace. */
function wordsOf(result: RunResult): string {
  if (result.kind === 'completed') return result.content
  if (result.kind === 'cancelled') return 'Stopped.'
  switch (result.code) {
    case 'ACCESS_REVOKED':
      return 'You may not use this any more.'
    case 'STOPPED':
      return 'Everything here is stopped at the moment.'
    case 'AGENT_TIMEOUT':
      return 'This took too long, and was ended.'
    case 'LIMIT':
      return 'The limit of what may be spent here is reached.'
    default:
      return 'Something went wrong, and there is no answer. Please try again.'
  }
}

/** What was refused is told; by whom and why is for the admins. */
const wordsOfRefusal = ({ code }: Refusal): string =>
  code === 'RESOURCE_EXHAUSTED'
    ? 'The limit of what may be asked here is reached.'
    : 'This message was not taken.'

type JudgeParts = Parts & Pick<OpenChannel, 'client'>

async function judge(
  event: InboundEvent,
  overheard: Overheard,
  parts: JudgeParts,
): Promise<Judged> {
  const { services, snapshot, instance, policy, platform } = parts
  const { tenantId } = snapshot
  const report = createReporter(services, { tenantId })
  const drop = (reason: string): Judged => {
    // Mentions that are missing and bots are everyday, and no evidence of anything.
    const facts = { channel: instance.id, sender: event.sender.id, reason }
    report(securityEvent('sender_refused', facts, 'info'))
    return { kind: 'drop', reason }
  }
  const admission = await admissionOf(event, parts)
  switch (admission.kind) {
    case 'dropped':
      return drop(admission.reason)
    case 'context':
      return event.kind === 'message'
        ? { kind: 'overhear', line: overheardLine(event) }
        : drop(admission.reason)
    case 'pairing':
      return askToPair(event, parts)
    case 'admitted':
  }
  const place = await placeOf(snapshot, instance, policy, event, platform)
  if (place === null) return drop('agent_not_available')
  const command = event.kind === 'message' ? parseCommand(event.text, ownName(parts)) : null
  if (event.kind === 'decision' || command !== null) {
    const decision = decideCommand(policy, event, command?.name ?? 'approve')
    if (decision.kind === 'dropped') return drop(decision.reason)
    if (command !== null && 'isOn' in command) {
      return { kind: 'show', what: command.name, isOn: command.isOn }
    }
    const commanded = commandParts(event, place, parts)
    const text =
      event.kind === 'decision'
        ? await answerQuestion(event.approvalId, event.decision, commanded)
        : command && (await carryOut(command, commanded))
    return { kind: 'answer', text: text ?? '', reason: 'command' }
  }
  return event.kind === 'message' ? toSession(event, overheard, place, parts) : drop('no_message')
}

const ownName = ({ instance }: JudgeParts): string | null => instance.bot?.username ?? null

const commandParts = (event: InboundEvent, place: Place, parts: JudgeParts): CommandParts => ({
  services: parts.services,
  settings: parts.settings,
  snapshot: parts.snapshot,
  principal: senderPrincipal(parts.snapshot, parts.instance, event, place.owner),
  place,
  isGroup: event.conversation.kind === 'group',
  isOwner: namesSender(parts.policy.ownersFrom, event.sender),
})

async function toSession(
  event: InboundMessage,
  overheard: Overheard,
  place: Place,
  parts: JudgeParts,
): Promise<Judged> {
  const { services, settings, snapshot, instance, policy } = parts
  const bucket = userRunBucket(snapshot.config.gateway, settings.rateCeilingRpm)
  if (bucket.ratePerMinute > 0) {
    const limiter = services.userLimiter(snapshot.tenantId, place.person)
    const verdict = await limiter.take([bucket])
    if (!verdict.isAllowed) {
      const reason = 'the sender writes more than they may'
      return { kind: 'later', afterMs: verdict.retryAfterMs, reason }
    }
  }
  const messages = [event, ...overheard.album]
  const files = await keepFiles(messages, place, parts)
  const principal = senderPrincipal(snapshot, instance, event, place.owner)
  return {
    kind: 'run',
    run: {
      principal,
      sessionKey: place.sessionKey,
      message: spokenText(messages, files),
      outside: outsideOf(messages, overheard.lines),
      address: event.address,
      maySeeSteps: decideCommand(policy, event, 'verbose').kind === 'allowed',
    },
  }
}

async function askToPair(event: InboundEvent, parts: JudgeParts): Promise<Judged> {
  const { services, snapshot, instance } = parts
  const { tenantId } = snapshot
  const now = services.now()
  const code = newPairingCode()
  const isNew = await createChannelPairing(
    services.database(tenantId),
    tenantId,
    {
      id: newId('prg'),
      channel: instance.channelType,
      instanceId: instance.id,
      senderId: event.sender.id,
      code,
      displayName: event.sender.displayName.slice(0, 200),
      address: JSON.stringify({ lane: laneOf(event, null), address: event.address }),
      createdAt: now,
      expiresAt: now + CHANNEL_PAIRING_MS,
    },
    MAX_PENDING_PER_INSTANCE,
  )
  // Asked before, or too many wait: silence, or a stranger could make us talk for ever.
  if (!isNew) return { kind: 'drop', reason: 'dm_policy_pairing_required' }
  const report = createReporter(services, { tenantId })
  report(securityEvent('pairing_requested', { channel: instance.id }, 'info'))
  await services
    .tenant(tenantId)
    .publish(
      'channel.pair.requested',
      { channel: instance.name, senderId: event.sender.id },
      { kind: 'admins' },
    )
  return { kind: 'answer', text: pairingText(code), reason: 'dm_policy_pairing_required' }
}
