/** The policy slice of `tools/`, shared by tenant, agent, channel and session level. */
import { z } from 'zod'

export const SHELL_DENY_GROUPS = [
  'destructive_ops',
  'data_exfiltration',
  'reverse_shell',
  'code_injection',
  'privilege_escalation',
  'dangerous_paths',
  'env_injection',
  'container_escape',
  'crypto_mining',
  'filter_bypass',
  'network_recon',
  'package_install',
  'persistence',
  'process_control',
  'env_dump',
] as const
export type ShellDenyGroup = (typeof SHELL_DENY_GROUPS)[number]

export const TOOL_PROFILES = ['minimal', 'messaging', 'coding', 'full'] as const
export type ToolProfile = (typeof TOOL_PROFILES)[number]

/** Isolates hold the configuration of many tenants: no list or name may grow at will. */
export const MAX_LIST_ENTRIES = 200
export const MAX_NAME_CHARS = 200
export const nameList = z.array(z.string().max(MAX_NAME_CHARS)).max(MAX_LIST_ENTRIES)

export const boundedRecord = <Value extends z.ZodType>(value: Value) =>
  z
    .record(z.string().max(MAX_NAME_CHARS), value)
    .refine((members) => Object.keys(members).length <= MAX_LIST_ENTRIES, 'has too many members')

/** One level of the policy. Every level can only narrow what the level above it left. */
export const toolPolicyLevelSchema = z.strictObject({
  profile: z.enum(TOOL_PROFILES).optional(),
  /** Tool names or `group:…`; an absent list allows what the profile allows. */
  allow: nameList.optional(),
  deny: nameList.optional(),
})
export type ToolPolicyLevel = z.infer<typeof toolPolicyLevelSchema>

const execApprovalFields = {
  security: z.enum(['deny', 'allowlist', 'full']),
  ask: z.enum(['off', 'on-miss', 'always']),
  allowlist: nameList,
}

export const execApprovalSchema = z.strictObject({
  security: execApprovalFields.security.default('full'),
  ask: execApprovalFields.ask.default('off'),
  allowlist: execApprovalFields.allowlist.default([]),
})

/** What an agent sets over its tenant. No defaults: what it does not say must stay the tenant's. */
export const execApprovalOverridesSchema = z.strictObject(execApprovalFields).partial()
export type ExecApproval = z.infer<typeof execApprovalSchema>

/** `true` keeps a group denied, `false` switches it off; a name that is no group counts as denied. */
export const shellDenyOverridesSchema = boundedRecord(z.boolean())
export type ShellDenyOverrides = z.infer<typeof shellDenyOverridesSchema>

const autonomyFields = {
  level: z.enum(['readonly', 'supervised', 'full']),
  /** When set, every simple command's name must be listed. */
  allowed_commands: nameList,
}

export const autonomySchema = z.strictObject({
  level: autonomyFields.level.default('full'),
  allowed_commands: autonomyFields.allowed_commands.optional(),
})

export const autonomyOverridesSchema = z.strictObject(autonomyFields).partial()
export type Autonomy = z.infer<typeof autonomySchema>
