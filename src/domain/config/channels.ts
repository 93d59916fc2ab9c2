/** Access settings of the channels; each channel instance may narrow them further. */
import { z } from 'zod'
import { toolPolicyLevelSchema } from './tool-policy.ts'

export const dmPolicySchema = z.enum(['pairing', 'allowlist', 'open', 'disabled'])
export const groupPolicySchema = z.enum(['allowlist', 'open', 'disabled'])

const groupSchema = z.strictObject({
  require_mention: z.boolean().optional(),
  allow_from: z.array(z.string()).optional(),
  tools: toolPolicyLevelSchema.optional(),
  agent: z.string().optional(),
})

export const channelAccessSchema = z.strictObject({
  dm_policy: dmPolicySchema.default('pairing'),
  group_policy: groupPolicySchema.default('allowlist'),
  allow_from: z.array(z.string()).default([]),
  group_allow_from: z.array(z.string()).default([]),
  groups: z.record(z.string(), groupSchema).default({}),
  require_mention: z.boolean().default(true),
  mention_patterns: z.array(z.string().max(200)).default([]),
  tools: toolPolicyLevelSchema.optional(),
})

export const channelsConfigSchema = z.strictObject({
  defaults: channelAccessSchema.prefault({}),
  commands: z
    .strictObject({
      allowFrom: z.array(z.string()).default([]),
      ownerAllowFrom: z.array(z.string()).default([]),
    })
    .prefault({}),
})
