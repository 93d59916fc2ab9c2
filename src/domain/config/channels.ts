/** Access settings of the channels; each channel instance may narrow them further. */
import { z } from 'zod'
import { choice, settingsObject } from './settings-object.ts'
import { boundedRecord, nameList, toolPolicyLevelSchema } from './tool-policy.ts'

export const dmPolicySchema = choice(['pairing', 'allowlist', 'open', 'disabled'])
export const groupPolicySchema = choice(['allowlist', 'open', 'disabled'])

const groupSchema = settingsObject({
  require_mention: z.boolean().optional().describe('Answers only where it is mentioned.'),
  allow_from: nameList.optional().describe('Senders that are heard in this group.'),
  tools: toolPolicyLevelSchema.optional().describe('Narrows the tools in this group.'),
  agent: z.string().max(100).optional().describe('The agent that speaks in this group.'),
})

export const channelAccessSchema = settingsObject({
  dm_policy: dmPolicySchema
    .default('pairing')
    .describe('Who may write to the agent directly. For the channels, which are not built yet.'),
  group_policy: groupPolicySchema
    .default('allowlist')
    .describe('In which groups it answers. For the channels, which are not built yet.'),
  allow_from: nameList
    .default([])
    .describe('Senders that `allowlist` lets in. For the channels, which are not built yet.'),
  group_allow_from: nameList
    .default([])
    .describe('Groups that `allowlist` lets in. For the channels, which are not built yet.'),
  groups: boundedRecord(groupSchema)
    .default({})
    .describe('Settings of single groups, by id. For the channels, which are not built yet.'),
  require_mention: z
    .boolean()
    .default(true)
    .describe('Answers in groups only where mentioned. For the channels, not built yet.'),
  mention_patterns: nameList
    .default([])
    .describe('Words that count as a mention. For the channels, which are not built yet.'),
  tools: toolPolicyLevelSchema
    .optional()
    .describe('Narrows the tools in every conversation that comes through a channel.'),
})

export const channelsConfigSchema = settingsObject({
  defaults: channelAccessSchema.prefault({}).describe('What holds where a channel says nothing.'),
  commands: settingsObject({
    allowFrom: nameList
      .default([])
      .describe('Who may use commands. For the channels, which are not built yet.'),
    ownerAllowFrom: nameList
      .default([])
      .describe('Who may use an owner’s commands. For the channels, which are not built yet.'),
  })
    .prefault({})
    .describe('Commands that are given in a conversation.'),
})
