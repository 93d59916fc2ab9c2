/** What an agent may set over its tenant's configuration. */
import { z } from 'zod'
import { sandboxPolicySchema } from './sandbox-policy.ts'
import { settingsObject } from './settings-object.ts'
import {
  autonomyOverridesSchema,
  execApprovalOverridesSchema,
  SHELL_DENY_OVERRIDES,
  shellDenyOverridesSchema,
  toolPolicyLevelSchema,
} from './tool-policy.ts'

/** Each is asked after the one before it failed: a run waits for all of them. */
const MAX_FALLBACKS = 3

const fallbackSchema = settingsObject({
  provider: z.string().min(1).max(100).describe('The tenant’s name of the provider.'),
  model: z.string().min(1).max(200).describe('As the vendor names it.'),
})

export const agentSettingsSchema = settingsObject({
  tools: toolPolicyLevelSchema
    .optional()
    .describe('Narrows the tools; what the tenant denies stays denied.'),
  autonomy: autonomyOverridesSchema
    .optional()
    .describe('How freely the agent acts, over the tenant’s `autonomy`.'),
  exec_approval: execApprovalOverridesSchema
    .optional()
    .describe('Which commands run and which are asked about, over `tools.execApproval`.'),
  shell_deny_groups: shellDenyOverridesSchema.optional().describe(SHELL_DENY_OVERRIDES),
  sandbox: sandboxPolicySchema
    .optional()
    .describe('Where its commands run; the tighter of this and the tenant’s holds.'),
  fallbacks: z
    .array(fallbackSchema)
    .max(MAX_FALLBACKS)
    .optional()
    .describe(
      'Models that are asked in turn when the agent’s own cannot answer; an admin’s to set.',
    ),
  temperature: z.number().min(0).max(2).optional().describe('Of the model; absent: the vendor’s.'),
  max_output_tokens: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('The longest answer of one model call; a caller can only lower it.'),
  context_window_tokens: z
    .number()
    .int()
    .positive()
    .optional()
    .describe('How much the model can read at once; absent: what is known of the model.'),
  heartbeat_prompt: z
    .string()
    .min(1)
    .max(4_000)
    .optional()
    .describe('What a heartbeat that says nothing of its own asks the agent.'),
})
export type AgentSettings = z.infer<typeof agentSettingsSchema>
