/** What an agent may set over its tenant's configuration. */
import { z } from 'zod'
import { sandboxPolicySchema } from './sandbox-policy.ts'
import {
  autonomyOverridesSchema,
  execApprovalOverridesSchema,
  shellDenyOverridesSchema,
  toolPolicyLevelSchema,
} from './tool-policy.ts'

export const agentSettingsSchema = z.strictObject({
  tools: toolPolicyLevelSchema.optional(),
  autonomy: autonomyOverridesSchema.optional(),
  exec_approval: execApprovalOverridesSchema.optional(),
  shell_deny_groups: shellDenyOverridesSchema.optional(),
  sandbox: sandboxPolicySchema.optional(),
  temperature: z.number().min(0).max(2).optional(),
  max_output_tokens: z.number().int().positive().optional(),
  context_window_tokens: z.number().int().positive().optional(),
})
export type AgentSettings = z.infer<typeof agentSettingsSchema>
