/**
 * Commands that are given in a conversation: what a text commands, and whether its sender may. It does
 * nothing and answers nobody. A slash before other words is an ordinary message.
 */
import {
  APPROVAL_CHOICES,
  type ApprovalChoice,
  type InboundEvent,
} from '../domain/channel-event.ts'
import { type AccessPolicy, groupAccess } from './access-policy.ts'
import { listAdmits, namesSender } from './senders.ts'

type PlainCommand = 'stop' | 'stopall' | 'reset' | 'status' | 'help'
type SwitchCommand = 'reasoning' | 'verbose'
export type CommandName = PlainCommand | SwitchCommand | 'approve'

export type ChannelCommand =
  | { readonly name: PlainCommand }
  /** Null: the other way round than it is. */
  | { readonly name: SwitchCommand; readonly isOn: boolean | null }
  | { readonly name: 'approve'; readonly approvalId: string; readonly decision: ApprovalChoice }
  /** Meant as a command, and not understood: its sender is told how it is written. */
  | { readonly name: 'approve' | SwitchCommand; readonly problem: string }

const COMMAND = /^\/([A-Za-z]{1,20})(?:@([A-Za-z0-9_.]{1,64}))?(?:\s+(\S[\s\S]*))?$/
/** Longer is no command, whatever it begins with. */
const MAX_COMMAND_CHARS = 400
const APPROVAL_ID = /^[A-Za-z0-9_-]{1,100}$/

const isChoice = (text: string): text is ApprovalChoice =>
  (APPROVAL_CHOICES as readonly string[]).includes(text)

/**
 * @param text as the sender typed it themselves; nothing that they quote or pass on
 * @param ownName of the bot: `/stop@another` is for another one
 * @returns null for an ordinary message
 */
export function parseCommand(text: string, ownName: string | null): ChannelCommand | null {
  const trimmed = text.trim()
  if (trimmed.length > MAX_COMMAND_CHARS) return null
  const match = COMMAND.exec(trimmed)
  if (match === null) return null
  const [, word = '', addressee, rest = ''] = match
  if (addressee !== undefined && addressee.toLowerCase() !== ownName?.toLowerCase()) return null
  const name = word.toLowerCase()
  switch (name) {
    case 'stop':
    case 'stopall':
    case 'reset':
    case 'status':
    case 'help':
      // More words than the command make a sentence of it.
      return rest === '' ? { name } : null
    case 'reasoning':
    case 'verbose':
      return parseSwitch(name, rest)
    case 'approve':
      return parseApprove(rest)
    default:
      return null
  }
}

function parseSwitch(name: SwitchCommand, rest: string): ChannelCommand {
  const word = rest.toLowerCase()
  if (word === '') return { name, isOn: null }
  if (word === 'on' || word === 'off') return { name, isOn: word === 'on' }
  return { name, problem: `Write /${name} on or /${name} off.` }
}

function parseApprove(rest: string): ChannelCommand {
  const [approvalId = '', word = '', ...more] = rest.split(/\s+/)
  const decision = word.toLowerCase()
  if (more.length > 0 || !APPROVAL_ID.test(approvalId) || !isChoice(decision)) {
    return { name: 'approve', problem: `Write /approve <id> ${APPROVAL_CHOICES.join('|')}.` }
  }
  return { name: 'approve', approvalId, decision }
}

/** They reach beyond the sender's own conversation. */
const OWNER_COMMANDS: readonly CommandName[] = ['approve', 'stopall']
/** They would show all members what is meant for one. */
const DIRECT_COMMANDS: readonly CommandName[] = ['reasoning', 'verbose']

export type CommandRefusal =
  | 'command_sender_bot'
  | 'command_sender_self'
  /** Forwarded, or written by a hook or another bot: whoever wrote it is not its sender. */
  | 'command_relayed'
  | 'command_not_in_groups'
  | 'command_not_owner'
  | 'command_not_allowed'

export type CommandDecision =
  | { readonly kind: 'allowed'; readonly reason: 'command_owner' | 'command_allowlisted' }
  | { readonly kind: 'dropped'; readonly reason: CommandRefusal }

const refused = (reason: CommandRefusal): CommandDecision => ({ kind: 'dropped', reason })

/**
 * For an event that was admitted: who is heard may not command by that alone. Whom an admin paired is
 * on no list. A pressed button is `approve`.
 */
export function decideCommand(
  policy: AccessPolicy,
  event: InboundEvent,
  name: CommandName,
): CommandDecision {
  const { sender, conversation } = event
  if (sender.kind === 'self') return refused('command_sender_self')
  if (sender.kind === 'bot') return refused('command_sender_bot')
  if (event.kind === 'message' && event.isRelayed) return refused('command_relayed')
  const isDirect = conversation.kind === 'direct'
  if (!isDirect && DIRECT_COMMANDS.includes(name)) return refused('command_not_in_groups')
  // By name alone: what everybody may do is no owner's.
  if (namesSender(policy.ownersFrom, sender)) return { kind: 'allowed', reason: 'command_owner' }
  if (OWNER_COMMANDS.includes(name)) return refused('command_not_owner')
  return mayCommand(policy, event)
    ? { kind: 'allowed', reason: 'command_allowlisted' }
    : refused('command_not_allowed')
}

/** The list of its own, where there is one; else those of the channel. */
function mayCommand(policy: AccessPolicy, { sender, conversation }: InboundEvent): boolean {
  if (policy.commandsFrom !== null) return listAdmits(policy.commandsFrom, sender)
  if (listAdmits(policy.allowFrom, sender)) return true
  if (conversation.kind === 'direct') return false
  const { allowFrom } = groupAccess(policy, conversation)
  return allowFrom !== null && listAdmits(allowFrom, sender)
}
