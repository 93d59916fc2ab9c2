/** Access settings of the channels; each channel instance may narrow them further. */
import { z } from 'zod'
import { boundedRecord, nameList, toolPolicyLevelSchema } from './tool-policy.ts'

export const dmPolicySchema = z.enum(['pairing', 'allowlist', 'open', 'disabled'])
export const groupPolicySchema = z.enum(['allowlist', 'open', 'disabled'])

const groupSchema = z.strictObject({
  require_mention: z.boolean().optional(),
  allow_from: nameList.optional(),
  tools: toolPolicyLevelSchema.optional(),
  agent: z.string().max(100).optional(),
})

export const channelAccessSchema = z.strictObject({
  dm_policy: dmPolicySchema.default('pairing'),
  group_policy: groupPolicySchema.default('allowlist'),
  allow_from: nameList.default([]),
  group_allow_from: nameList.default([]),
  groups: boundedRecord(groupSchema).default({}),
  require_mention: z.boolean().default(true),
  mention_patterns: nameList.default([]),
  tools: toolPolicyLevelSchema.optional(),
})

export const channelsConfigSchema = z.strictObject({
  defaults: channelAccessSchema.prefault({}),
  commands: z
    .strictObject({
      allowFrom: nameList.default([]),
      ownerAllowFrom: nameList.default([]),
    })
    .prefault({}),
})
