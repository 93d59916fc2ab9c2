/** The policy slice of `tools/`, shared by tenant, agent, channel and session level. */
import { z } from 'zod'
import { choice, settingsObject } from './settings-object.ts'

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
export const toolPolicyLevelSchema = settingsObject({
  profile: choice(TOOL_PROFILES)
    .optional()
    .describe('The set of tools to begin with; absent: all of them.'),
  allow: nameList
    .optional()
    .describe(
      'Tool names, names ending in `*`, or `group:…`; absent: everything that the profile has.',
    ),
  deny: nameList
    .optional()
    .describe('The same, taken away again: a denial wins over every `allow`, at every level.'),
})
export type ToolPolicyLevel = z.infer<typeof toolPolicyLevelSchema>

const EXEC_SECURITY = 'What runs at all: nothing, what the allowlist has, or everything.'
const EXEC_ASK = 'Whether a human is asked: never, for what is not on the allowlist, or always.'
const EXEC_ALLOWLIST = 'Globs over whole commands; every command of a line has to match one.'

const execApprovalFields = {
  security: choice(['deny', 'allowlist', 'full']).describe(EXEC_SECURITY),
  ask: choice(['off', 'on-miss', 'always']).describe(EXEC_ASK),
  allowlist: nameList.describe(EXEC_ALLOWLIST),
}

export const execApprovalSchema = settingsObject({
  security: execApprovalFields.security.default('full').describe(EXEC_SECURITY),
  ask: execApprovalFields.ask.default('off').describe(EXEC_ASK),
  allowlist: execApprovalFields.allowlist.default([]).describe(EXEC_ALLOWLIST),
})

/** What an agent sets over its tenant. No defaults: what it does not say must stay the tenant's. */
export const execApprovalOverridesSchema = settingsObject(execApprovalFields).partial()
export type ExecApproval = z.infer<typeof execApprovalSchema>

/** `true` keeps a group denied, `false` switches it off; a name that is no group counts as denied. */
export const shellDenyOverridesSchema = boundedRecord(z.boolean())
export type ShellDenyOverrides = z.infer<typeof shellDenyOverridesSchema>
export const SHELL_DENY_OVERRIDES =
  'By shell group: true denies it, false switches the denial off; all are denied unless said here.'

const LEVEL = 'Reading tools only, asking before every change, or acting freely.'
const ALLOWED_COMMANDS = 'When set, the only programs that a command line may name.'

const autonomyFields = {
  level: choice(['readonly', 'supervised', 'full']).describe(LEVEL),
  allowed_commands: nameList.describe(ALLOWED_COMMANDS),
}

export const autonomySchema = settingsObject({
  level: autonomyFields.level.default('full').describe(LEVEL),
  allowed_commands: autonomyFields.allowed_commands.optional().describe(ALLOWED_COMMANDS),
})

export const autonomyOverridesSchema = settingsObject(autonomyFields).partial()
export type Autonomy = z.infer<typeof autonomySchema>
