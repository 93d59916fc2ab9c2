/**
 * The one access policy of an instance: what it sets itself is its own, whole; for the rest the
 * tenant's `channels.defaults` hold. A list or map is taken from one of the two and never joined, so
 * that an instance can say less than its tenant. Tool policies are the exception: all of them hold, for
 * each only narrows.
 */

import type { ChannelConversation, ChannelSender } from '../domain/channel-event.ts'
import type {
  ChannelInstanceConfig,
  ChannelsConfig,
  DmPolicy,
  DmScope,
  GroupPolicy,
  GroupSettings,
} from '../domain/config/channels.ts'
import type { ToolPolicyLevel } from '../domain/config/tool-policy.ts'
import { compileLinearPattern } from '../domain/linear-pattern.ts'
import {
  listAdmits,
  ownerList,
  peerOfEntry,
  type SenderList,
  type SenderNames,
  senderList,
} from './senders.ts'

export interface GroupRule {
  readonly requireMention: boolean | undefined
  readonly allowFrom: SenderList | undefined
  readonly tools: ToolPolicyLevel | undefined
  readonly agent: string | undefined
}

export interface AccessPolicy {
  readonly dmPolicy: DmPolicy
  readonly groupPolicy: GroupPolicy
  readonly allowFrom: SenderList
  readonly groupAllowFrom: { readonly chats: ReadonlySet<string>; readonly senders: SenderList }
  /** By the group's id, or `*`. */
  readonly groups: ReadonlyMap<string, GroupRule>
  readonly requireMention: boolean
  /** Linear-time and global: to be searched for, never tested. */
  readonly mentionPatterns: readonly RegExp[]
  readonly dmScope: DmScope
  /** Outermost first. */
  readonly toolLevels: readonly ToolPolicyLevel[]
  readonly toolsBySender: readonly { readonly who: SenderList; readonly tools: ToolPolicyLevel }[]
  /** Null: no list of its own, not even for another platform. */
  readonly commandsFrom: SenderList | null
  readonly ownersFrom: SenderList
}

const isSet = <Value>(value: Value | undefined): value is Value => value !== undefined

export function resolveAccess(
  { defaults, commands }: ChannelsConfig,
  session: { readonly dmScope: DmScope },
  instance: ChannelInstanceConfig,
  names: SenderNames,
): AccessPolicy {
  const groupEntries = instance.group_allow_from ?? defaults.group_allow_from
  const patterns = instance.mention_patterns ?? defaults.mention_patterns
  return {
    dmPolicy: instance.dm_policy ?? defaults.dm_policy,
    groupPolicy: instance.group_policy ?? defaults.group_policy,
    allowFrom: senderList(instance.allow_from ?? defaults.allow_from, names),
    groupAllowFrom: {
      chats: chatsOf(groupEntries, names),
      senders: senderList(groupEntries, names),
    },
    groups: rulesOf(instance.groups ?? defaults.groups, names),
    requireMention: instance.require_mention ?? defaults.require_mention,
    mentionPatterns: patterns.flatMap(compileMention),
    dmScope: instance.dm_scope ?? session.dmScope,
    toolLevels: [defaults.tools, instance.tools].filter(isSet),
    toolsBySender: Object.entries(instance.tools_by_sender).map(([who, tools]) => ({
      who: senderList([who], names),
      tools,
    })),
    commandsFrom: commands.allowFrom.length === 0 ? null : senderList(commands.allowFrom, names),
    ownersFrom: ownerList(commands.ownerAllowFrom, names),
  }
}

/** Ids of groups as they were written: no platform says that two spellings are one. */
const chatsOf = (entries: readonly string[], { type }: SenderNames): ReadonlySet<string> =>
  new Set(
    entries
      .map((entry) => peerOfEntry(entry, type))
      .filter((id) => id !== null && id !== '') as string[],
  )

const rulesOf = (
  groups: Readonly<Record<string, GroupSettings>>,
  names: SenderNames,
): ReadonlyMap<string, GroupRule> => {
  const rules = new Map<string, GroupRule>()
  for (const [entry, settings] of Object.entries(groups)) {
    const id = peerOfEntry(entry, names.type)
    if (id !== null && id !== '') rules.set(id, ruleOf(settings, names))
  }
  return rules
}

const ruleOf = (settings: GroupSettings, names: SenderNames): GroupRule => ({
  requireMention: settings.require_mention,
  allowFrom: settings.allow_from && senderList(settings.allow_from, names),
  tools: settings.tools,
  agent: settings.agent,
})

/** One that does not compile was refused where it was written; here it calls nobody. */
function compileMention(text: string): readonly RegExp[] {
  const isDelimited = /^\/[\s\S]*\/[a-z]*$/.test(text)
  const source = isDelimited ? text.replace(/\/[a-z]*$/, '/i') : `/${text}/i`
  const compiled = compileLinearPattern(source)
  return compiled.ok ? [compiled.value] : []
}

export interface GroupAccess {
  /** It stands in `groups`, by its id or as any. */
  readonly isNamed: boolean
  readonly requireMention: boolean
  /** Null: all of its members. */
  readonly allowFrom: SenderList | null
  /** Null: the agent of the instance. */
  readonly agent: string | null
  readonly tools: readonly ToolPolicyLevel[]
}

/** What a group says itself, else what `*` says; of tools both hold. */
export function groupAccess(
  { groups, requireMention }: AccessPolicy,
  { id }: ChannelConversation,
): GroupAccess {
  const any = groups.get('*')
  const own = id === '*' ? undefined : groups.get(id)
  return {
    isNamed: own !== undefined || any !== undefined,
    requireMention: own?.requireMention ?? any?.requireMention ?? requireMention,
    allowFrom: own?.allowFrom ?? any?.allowFrom ?? null,
    agent: own?.agent ?? any?.agent ?? null,
    tools: [any?.tools, own?.tools].filter(isSet),
  }
}

/** Every level that narrows the tools of a message, outermost first: channel, group, sender. */
export function toolLevelsOf(
  policy: AccessPolicy,
  conversation: ChannelConversation,
  sender: ChannelSender,
): readonly ToolPolicyLevel[] {
  const group = conversation.kind === 'group' ? groupAccess(policy, conversation).tools : []
  const own = policy.toolsBySender.filter(({ who }) => listAdmits(who, sender))
  return [...policy.toolLevels, ...group, ...own.map(({ tools }) => tools)]
}
