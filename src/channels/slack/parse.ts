/** A proven request of Slack as events. It decides nothing: who may ask and press is judged later. */
import { sha256Hex } from '../../crypto/digest.ts'
import type { Bytes } from '../../crypto/encoding.ts'
import { parseButtonValue } from '../approval-button.ts'
import { parseCommand } from '../commands.ts'
import type { Proven } from '../delivery.ts'
import {
  ACKNOWLEDGED,
  type BotIdentity,
  type ChannelConversation,
  type ChannelSender,
  type InboundEvent,
  type PlatformAnswer,
} from '../platform.ts'
import type { SlackCredentials } from './credentials.ts'
import { isChannelId, isDirectChannel, isTimestamp, isUserId, sentAtOf } from './ids.ts'
import { parseMessage } from './message.ts'
import {
  readMessage,
  type SlackActions,
  type SlackCommand,
  type SlackEnvelope,
  type SlackRequest,
} from './payload.ts'
import { plainText } from './plain-text.ts'
import { addressFor } from './reply-address.ts'

export interface ParseFacts {
  readonly self: BotIdentity | null
  readonly credentials: Pick<SlackCredentials, 'app_id' | 'team_id'>
  readonly proven: Proven
  /** What was signed: names a request that has no id of its own. */
  readonly body: Bytes
}

export interface Parsed {
  readonly events: readonly InboundEvent[]
  readonly answer: PlatformAnswer
}

/** To a command or a button: anything else would be shown as a message. */
const NOTHING_SAID: PlatformAnswer = { status: 200, contentType: 'text/plain', body: '' }

export async function parseRequest(request: SlackRequest, facts: ParseFacts): Promise<Parsed> {
  switch (request.kind) {
    case 'event':
      return parseEnvelope(request.envelope, facts)
    case 'actions':
      return { events: await parseActions(request.actions, facts), answer: NOTHING_SAID }
    case 'command':
      return { events: await parseSlash(request.command, facts), answer: NOTHING_SAID }
    case 'check':
      return { events: [], answer: NOTHING_SAID }
  }
}

/** Slack names the app in all but its own checks of the address, which carry nothing from anybody. */
export function isOfApp(request: SlackRequest, app: string): boolean {
  switch (request.kind) {
    case 'event':
      return isHandshake(request.envelope) || request.envelope.api_app_id === app
    case 'actions':
      return request.actions.api_app_id === app
    case 'command':
      return request.command.api_app_id === app
    case 'check':
      return true
  }
}

const isHandshake = ({ type }: SlackEnvelope): boolean => type === 'url_verification'

/** As it was set, else as the token says; null where nobody knows it yet. */
const teamOf = ({ credentials, self }: ParseFacts): string | null =>
  credentials.team_id ?? self?.teamId ?? null

/**
 * One app sends what it sees in all of its workspaces to one address, and a button or a command names
 * no bot. Until Slack was asked whose the token is, lists of senders alone tell them apart.
 */
function isOurTeam(facts: ParseFacts, ...teams: readonly unknown[]): boolean {
  const ours = teamOf(facts)
  return ours === null || teams.includes(ours)
}

function parseEnvelope(envelope: SlackEnvelope, facts: ParseFacts): Parsed {
  if (isHandshake(envelope) && envelope.challenge) {
    const body = JSON.stringify({ challenge: envelope.challenge })
    return { events: [], answer: { ...ACKNOWLEDGED, body } }
  }
  const message = envelope.type === 'event_callback' ? readMessage(envelope.event) : null
  const bots = (envelope.authorizations ?? []).filter(({ is_bot: isBot }) => isBot)
  const { self } = facts
  const teams = [envelope.team_id, ...bots.map(({ team_id: team }) => team)]
  // One app sends what it sees in all of its workspaces to one address: the bot's id tells them apart.
  const isOthers =
    self !== null && bots.length > 0 && bots.every(({ user_id: id }) => id !== self.id)
  if (message === null || isOthers || !isOurTeam(facts, ...teams)) {
    return { events: [], answer: ACKNOWLEDGED }
  }
  const user = self?.id ?? bots[0]?.user_id ?? null
  const event = parseMessage(message, { user, app: envelope.api_app_id ?? null })
  return { events: event === null ? [] : [event], answer: ACKNOWLEDGED }
}

/** A trigger is made for one press and one command; a repeat of Slack's has the same bytes besides. */
const deliveryIdOf = async (trigger: string | null | undefined, { body }: ParseFacts) =>
  trigger ? `trigger:${trigger}` : `body:${await sha256Hex(body)}`

const personOf = (id: string, name: string | null | undefined, self: BotIdentity | null) =>
  ({
    id,
    username: null,
    displayName: name || id,
    kind: id === self?.id ? 'self' : 'person',
  }) satisfies ChannelSender

const conversationOf = (
  channel: string,
  person: string,
  threadId: string | null,
): ChannelConversation =>
  isDirectChannel(channel)
    ? { kind: 'direct', id: person, threadId }
    : { kind: 'group', id: channel, threadId }

async function parseActions(
  actions: SlackActions,
  facts: ParseFacts,
): Promise<readonly InboundEvent[]> {
  const { type, user, container, team, enterprise } = actions
  const channel = actions.channel?.id ?? container?.channel_id
  if (type !== 'block_actions' || !user || !channel || !isChannelId(channel)) return []
  if (!isUserId(user.id) || !isOurTeam(facts, team?.id, enterprise?.id)) return []
  const [button] = (actions.actions ?? []).filter((action) => action.type === 'button')
  const pressed = parseButtonValue(button?.value ?? '')
  if (pressed === null) return []
  const inThread = container?.thread_ts ?? actions.message?.thread_ts
  const thread = inThread && isTimestamp(inThread) ? inThread : null
  return [
    {
      kind: 'decision',
      deliveryId: await deliveryIdOf(actions.trigger_id, facts),
      sender: personOf(user.id, user.username ?? user.name, facts.self),
      conversation: conversationOf(channel, user.id, thread),
      address: addressFor(channel, thread),
      sentAt: sentAtOf(button?.action_ts) ?? facts.proven.signedAtMs,
      ...pressed,
    },
  ]
}

async function parseSlash(
  command: SlackCommand,
  facts: ParseFacts,
): Promise<readonly InboundEvent[]> {
  const { user_id: user, channel_id: channel } = command
  if (!isUserId(user) || !isChannelId(channel)) return []
  if (!isOurTeam(facts, command.team_id, command.enterprise_id)) return []
  return [
    {
      kind: 'message',
      deliveryId: await deliveryIdOf(command.trigger_id, facts),
      sender: personOf(user, command.user_name, facts.self),
      conversation: conversationOf(channel, user, null),
      // Commands can be given between two people as well, where the bot has no place.
      address: addressFor(isDirectChannel(channel) ? user : channel, null),
      sentAt: facts.proven.signedAtMs,
      text: slashText(command),
      quoted: null,
      isRelayed: false,
      isMention: true,
      isCommand: true,
      files: [],
      albumId: null,
    },
  ]
}

/** `/stop` is what it says; of any other name, as of `/edgeclaw stop`, its words are what is said. */
function slashText({ command, text }: SlackCommand): string {
  const words = plainText(text, null)
  if (parseCommand(command, null) !== null) return `${command} ${words}`.trim()
  if (words === '') return '/help'
  return parseCommand(`/${words}`, null) === null ? words : `/${words}`
}
