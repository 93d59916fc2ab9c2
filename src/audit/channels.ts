/** Who is heard over the chat platforms: ids of checks carry the platform, as people look for them. */
import { about, aboutAddresses, type Check, type Found } from './facts.ts'
import { isGroupOpen, isOpenToStrangers } from './strangers.ts'
import type { ChannelFacts } from './surface-facts.ts'

/** One row a check: what it is true of, and what is said then. */
type Row = Omit<Found, 'detail'> & {
  readonly isTrue: (channel: ChannelFacts) => boolean
  readonly detail: (names: string) => string
}

/** With all others' words in it, a conversation is nobody's own. */
const isShared = (channel: ChannelFacts): boolean =>
  channel.isOneConversation &&
  channel.dmPolicy !== 'disabled' &&
  (channel.admitsAnySender || channel.dmPolicy !== 'allowlist' || channel.listedSenders > 1)

const ROWS: readonly Row[] = [
  {
    checkId: 'dm.open',
    severity: 'critical',
    title: 'Strangers may write to agents',
    isTrue: ({ dmPolicy, admitsAnySender }) => dmPolicy === 'open' && admitsAnySender,
    detail: (list) => `dm_policy is open, and allow_from holds *: ${list}.`,
    remediation: 'Set dm_policy to pairing, and take * out of allow_from.',
  },
  {
    checkId: 'dm.open_invalid',
    severity: 'warn',
    title: 'A channel says that it is open, and is not',
    isTrue: ({ dmPolicy, admitsAnySender }) => dmPolicy === 'open' && !admitsAnySender,
    detail: (list) =>
      `dm_policy is open without * in allow_from, so that only lists count: ${list}.`,
    remediation: 'Set dm_policy to allowlist or pairing, as is meant.',
  },
  {
    checkId: 'dm.scope_main_multiuser',
    severity: 'warn',
    title: 'Several people share one conversation',
    isTrue: isShared,
    detail: (list) => `What one says the agent can tell the other: ${list}.`,
    remediation: 'Set dm_scope to per-account-channel-peer.',
  },
  {
    checkId: 'allowFrom.wildcard',
    severity: 'critical',
    title: 'A list of senders admits everybody',
    isTrue: ({ dmPolicy, admitsAnySender }) =>
      admitsAnySender && (dmPolicy === 'allowlist' || dmPolicy === 'pairing'),
    detail: (list) => `allow_from holds *, whatever dm_policy says: ${list}.`,
    remediation: 'Take * out of allow_from, and name the senders.',
  },
  {
    checkId: 'allowFrom.invalid_entries',
    severity: 'warn',
    title: 'Lists hold entries that name nobody',
    isTrue: ({ invalidEntries }) => invalidEntries > 0,
    detail: (list) => `No sender of the platform is called so: ${list}.`,
    remediation: 'Correct allow_from and group_allow_from: ids as the platform spells them.',
  },
  {
    checkId: 'group.open',
    severity: 'warn',
    title: 'Agents answer in whatever group they are brought to',
    isTrue: isGroupOpen,
    detail: (list) => `group_policy is open, or * is among its groups: ${list}.`,
    remediation: 'Set group_policy to allowlist, and name the groups.',
  },
  {
    checkId: 'group.no_mention_gate',
    severity: 'warn',
    title: 'Agents answer whatever is said in groups',
    isTrue: ({ groupPolicy, needsMention }) => groupPolicy !== 'disabled' && !needsMention,
    detail: (list) => `Nobody has to call them: ${list}.`,
    remediation: 'Set require_mention to true, and switch it off in single groups.',
  },
  {
    checkId: 'credentials_missing',
    severity: 'warn',
    title: 'A channel has no credentials that can be read',
    isTrue: ({ hasCredentials }) => !hasCredentials,
    detail: (list) => `No delivery can be proven, so that none is taken: ${list}.`,
    remediation: 'Set its credentials again, or switch it off.',
  },
]

function ofRow(
  channels: readonly ChannelFacts[],
  type: string,
  { isTrue, ...row }: Row,
): readonly Found[] {
  const hit = channels.filter(isTrue)
  // Only what is open by its policy can be closed without knowing what was meant.
  const isMended =
    row.checkId === 'group.open' && hit.some(({ groupPolicy }) => groupPolicy === 'open')
  return about(
    hit.map(({ name, invalidEntries }) =>
      row.checkId === 'allowFrom.invalid_entries' ? `${name} (${invalidEntries})` : name,
    ),
    {
      ...row,
      checkId: `channels.${type}.${row.checkId}`,
      ...(isMended ? { autoFix: true } : {}),
    },
  )
}

export const channelChecks: Check = ({ tenant: { channels } }) => {
  const enabled = channels.filter(({ isEnabled }) => isEnabled)
  const types = [...new Set(enabled.map(({ type }) => type))].sort()
  return types.flatMap((type) => {
    const own = enabled.filter((channel) => channel.type === type)
    return [
      ...ROWS.flatMap((row) => ofRow(own, type, row)),
      ...aboutAddresses(
        `channels.${type}`,
        { one: 'The address of a chat platform', what: 'Messages and bot tokens' },
        own,
      ),
    ]
  })
}

/** What strangers reach through them. */
export const exposureChecks: Check = ({ tenant: { channels } }) => {
  const open = channels.filter(isOpenToStrangers)
  const labels = (
    some: readonly ChannelFacts[],
    agents: 'agentsWithExec' | 'agentsInControl',
  ): string[] =>
    some
      .filter((channel) => channel[agents].length > 0)
      .map((channel) => `${channel.name}: ${channel[agents].join(' ')}`)
  return [
    ...about(labels(open, 'agentsWithExec'), {
      checkId: 'exposure.open_channels_with_exec',
      severity: 'critical',
      title: 'Strangers reach agents that run commands',
      detail: (list) => `Through ${list}.`,
      remediation: 'Close the channel, or deny group:runtime in its tools.',
    }),
    ...about(labels(open.filter(isGroupOpen), 'agentsInControl'), {
      checkId: 'exposure.open_groups_with_control_plane_tools',
      severity: 'critical',
      title: 'Open groups reach agents that schedule, spawn or write elsewhere',
      detail: (list) => `Through ${list}.`,
      remediation:
        'Close the groups, or deny cron, spawn and sessions_send in the channel’s tools.',
    }),
  ]
}
