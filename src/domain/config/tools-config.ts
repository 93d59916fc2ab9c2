/** The section `tools`: the tenant's level of the policy, and what goes with the calls. */
import { z } from 'zod'
import { choice, settingsObject } from './settings-object.ts'
import {
  boundedRecord,
  execApprovalSchema,
  SHELL_DENY_OVERRIDES,
  shellDenyOverridesSchema,
  toolPolicyLevelSchema,
} from './tool-policy.ts'

const approvalsSchema = settingsObject({
  timeout_seconds: z
    .number()
    .int()
    .min(10)
    .max(3_600)
    .default(120)
    .describe('Seconds after which a question that nobody answered counts as denied.'),
  requester_may_approve: z
    .boolean()
    .default(false)
    .describe('Whoever the run belongs to may approve its calls, without being an admin.'),
  always_days: z
    .number()
    .int()
    .min(1)
    .max(90)
    .default(30)
    .describe('Days that an `allow-always` is in force.'),
})

export const toolsConfigSchema = toolPolicyLevelSchema.extend({
  by_credential: boundedRecord(toolPolicyLevelSchema)
    .default({})
    .describe('Narrows by the credential of a run: its kind (`api_key`, `jwt`, …) or its id.'),
  by_owner: boundedRecord(toolPolicyLevelSchema)
    .default({})
    .describe('Narrows by the user whose conversation it is.'),
  rate_limit_per_hour: z
    .number()
    .int()
    .min(0)
    .default(150)
    .describe('Tool calls of one conversation in an hour; 0: no limit.'),
  shellDenyGroups: shellDenyOverridesSchema.default({}).describe(SHELL_DENY_OVERRIDES),
  execApproval: execApprovalSchema
    .default(() => execApprovalSchema.parse({}))
    .describe('Which commands run, and which a human is asked about.'),
  approvals: approvalsSchema.prefault({}).describe('How questions to humans are answered.'),
  scrub_credentials: z
    .boolean()
    .default(true)
    .describe('Takes what looks like a secret out of everything that leaves.'),
  sessions: settingsObject({
    visibility: choice(['self', 'tree', 'agent', 'all'])
      .default('tree')
      .describe(
        'Which conversations the session tools see: their own, it and its sub-agents’, the agent’s, or all of the person.',
      ),
  })
    .default({ visibility: 'tree' })
    .describe('What the session tools may see.'),
  web_fetch: settingsObject({
    max_bytes: z
      .number()
      .int()
      .min(1)
      .max(10_485_760)
      .default(10_485_760)
      .describe('Bytes of an answer from the web that are read.'),
  })
    .default({ max_bytes: 10_485_760 })
    .describe('Limits of the web tools.'),
})
