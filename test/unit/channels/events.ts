/** Events of channels as tests need them: a friendly one, and what is different about this one. */

import { resolveAccess } from '../../../src/channels/access-policy.ts'
import type { SenderNames } from '../../../src/channels/senders.ts'
import type {
  ChannelConversation,
  ChannelSender,
  InboundDecision,
  InboundMessage,
} from '../../../src/domain/channel-event.ts'
import {
  channelInstanceConfigSchema,
  channelsConfigSchema,
  type DmScope,
} from '../../../src/domain/config/channels.ts'

export const PERSON: ChannelSender = {
  id: '42',
  username: 'anna',
  displayName: 'Anna',
  kind: 'person',
}
export const DIRECT: ChannelConversation = { kind: 'direct', id: '42', threadId: null }
export const GROUP: ChannelConversation = { kind: 'group', id: '-100', threadId: null }

export const message = (changes: Partial<InboundMessage> = {}): InboundMessage => ({
  kind: 'message',
  deliveryId: 'd1',
  sender: PERSON,
  conversation: DIRECT,
  address: {},
  sentAt: null,
  text: 'hello',
  quoted: null,
  isRelayed: false,
  isMention: false,
  isCommand: false,
  files: [],
  albumId: null,
  ...changes,
})

export const decision = (changes: Partial<InboundDecision> = {}): InboundDecision => ({
  kind: 'decision',
  deliveryId: 'd2',
  sender: PERSON,
  conversation: DIRECT,
  address: {},
  sentAt: null,
  approvalId: 'apr_1',
  decision: 'allow-once',
  ...changes,
})

export const TELEGRAM: SenderNames = {
  type: 'telegram',
  normalizeSender: (name) => {
    const text = name.trim().replace(/^@/, '').toLowerCase()
    return /^[a-z0-9_-]+$/.test(text) ? text : null
  },
}

export const policyOf = (
  instance: object = {},
  channels: object = {},
  dmScope: DmScope = 'per-account-channel-peer',
) =>
  resolveAccess(
    channelsConfigSchema.parse(channels),
    { dmScope },
    channelInstanceConfigSchema.parse(instance),
    TELEGRAM,
  )
