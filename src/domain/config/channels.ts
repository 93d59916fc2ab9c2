/**
 * Access settings of the channels: the tenant's defaults, and what one instance says instead. What a
 * message may do by them is decided in channels/access.ts.
 */
import { z } from 'zod'
import { compileLinearPattern } from '../linear-pattern.ts'
import { choice, settingsObject } from './settings-object.ts'
import {
  boundedRecord,
  MAX_LIST_ENTRIES,
  MAX_NAME_CHARS,
  nameList,
  toolPolicyLevelSchema,
} from './tool-policy.ts'

export const dmPolicySchema = choice(['pairing', 'allowlist', 'open', 'disabled'])
export type DmPolicy = z.infer<typeof dmPolicySchema>
export const groupPolicySchema = choice(['allowlist', 'open', 'disabled'])
export type GroupPolicy = z.infer<typeof groupPolicySchema>
export const dmScopeSchema = choice([
  'main',
  'per-peer',
  'per-channel-peer',
  'per-account-channel-peer',
])
export type DmScope = z.infer<typeof dmScopeSchema>

const MAX_URL_CHARS = 500

/** Strangers' texts run through it: one that could run for ever is refused where it is written. */
const mentionPattern = z
  .string()
  .max(MAX_NAME_CHARS)
  .check((context) => {
    const compiled = compileLinearPattern(context.value)
    if (compiled.ok) return
    const message = `is refused as a pattern: ${compiled.error.reason}`
    context.issues.push({ code: 'custom', message, input: context.value })
  })

const groupSchema = settingsObject({
  require_mention: z.boolean().optional().describe('Answers only where it is mentioned.'),
  allow_from: nameList
    .optional()
    .describe('Senders that are heard in this group; absent: all of its members.'),
  tools: toolPolicyLevelSchema.optional().describe('Narrows the tools in this group.'),
  agent: z.string().max(100).optional().describe('The agent that speaks in this group.'),
})
export type GroupSettings = z.infer<typeof groupSchema>

const accessFields = {
  dm_policy: dmPolicySchema.describe('Who may write to the agent directly.'),
  group_policy: groupPolicySchema.describe('In which groups it answers.'),
  allow_from: nameList.describe(
    'Senders that are let in directly: ids or unique names, `channel:` before them where one platform alone is meant; `*`: all.',
  ),
  group_allow_from: nameList.describe(
    'Groups that `allowlist` lets in, beside those under `groups`; a sender’s id lets them in wherever they write.',
  ),
  groups: boundedRecord(groupSchema).describe(
    'Settings of single groups, by id; `*`: all. What stands here is let in by `allowlist`.',
  ),
  require_mention: z.boolean().describe('Answers in groups only where mentioned.'),
  mention_patterns: z
    .array(mentionPattern)
    .max(MAX_LIST_ENTRIES)
    .describe('Patterns that count as a mention, whatever their case.'),
  tools: toolPolicyLevelSchema.describe(
    'Narrows the tools in every conversation that comes through a channel.',
  ),
}

export const channelAccessSchema = settingsObject({
  dm_policy: accessFields.dm_policy.default('pairing'),
  group_policy: accessFields.group_policy.default('allowlist'),
  allow_from: accessFields.allow_from.default([]),
  group_allow_from: accessFields.group_allow_from.default([]),
  groups: accessFields.groups.default({}),
  require_mention: accessFields.require_mention.default(true),
  mention_patterns: accessFields.mention_patterns.default([]),
  tools: accessFields.tools.optional(),
})

export const channelsConfigSchema = settingsObject({
  defaults: channelAccessSchema.prefault({}).describe('What holds where a channel says nothing.'),
  commands: settingsObject({
    allowFrom: nameList
      .default([])
      .describe('Who may use commands; empty: whom the lists of the channel name.'),
    ownerAllowFrom: nameList
      .default([])
      .describe(
        'Who may use an owner’s commands, one by one: an id, or a name with its `channel:` before it; `*` names nobody here.',
      ),
  })
    .prefault({})
    .describe('Commands that are given in a conversation.'),
})
export type ChannelsConfig = z.output<typeof channelsConfigSchema>

/** What one instance sets. Access fields have no defaults: what it does not say must stay the tenant's. */
export const channelInstanceConfigSchema = settingsObject({
  dm_policy: accessFields.dm_policy.optional(),
  group_policy: accessFields.group_policy.optional(),
  allow_from: accessFields.allow_from.optional(),
  group_allow_from: accessFields.group_allow_from.optional(),
  groups: accessFields.groups.optional(),
  require_mention: accessFields.require_mention.optional(),
  mention_patterns: accessFields.mention_patterns.optional(),
  dm_scope: dmScopeSchema
    .optional()
    .describe('Which direct messages share a conversation; absent: as the tenant says.'),
  tools: accessFields.tools.optional(),
  tools_by_sender: boundedRecord(toolPolicyLevelSchema)
    .default({})
    .describe('Narrows the tools of single senders, by id (a name can be changed); `*`: of all.'),
  api_base_url: z
    .url({ protocol: /^https?$/, hostname: /./ })
    .max(MAX_URL_CHARS)
    .optional()
    .describe('Where the platform’s API is; absent: at the platform’s own address.'),
  allow_private_network: z
    .boolean()
    .default(false)
    .describe('Whether that address may lie in a private network. An owner’s to set.'),
  streaming: z
    .boolean()
    .default(true)
    .describe(
      'Whether an answer is shown while it grows, where the platform lets messages change.',
    ),
  hooks: boundedRecord(z.record(z.string().max(MAX_NAME_CHARS), z.json()))
    .default({})
    .describe('Hooks of the webhook channel, by name.'),
})
export type ChannelInstanceConfig = z.output<typeof channelInstanceConfigSchema>
