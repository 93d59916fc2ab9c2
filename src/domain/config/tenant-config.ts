/**
 * The tenant's document: every key a tenant may set, with its default. Platform settings (gateway
 * token, owner ids, origins, proxies, runners, ceilings) belong to the operator and are no keys of
 * this document: one that holds them is refused.
 */
import { z } from 'zod'
import { type AgentSettings, agentSettingsSchema } from './agent-settings.ts'
import { budgetsSchema } from './budgets.ts'
import { channelsConfigSchema, dmScopeSchema } from './channels.ts'
import { cronConfigSchema } from './cron.ts'
import { retentionSchema } from './retention.ts'
import { type SandboxPolicy, sandboxPolicySchema } from './sandbox-policy.ts'
import { choice, settingsObject } from './settings-object.ts'
import { autonomySchema, boundedRecord, nameList } from './tool-policy.ts'
import { toolsConfigSchema } from './tools-config.ts'
import { tracesConfigSchema } from './traces.ts'

const perMinute = () => z.number().int().min(0).max(100_000)
const burst = () => z.number().int().min(1).max(1_000)

const gatewaySchema = settingsObject({
  rate_limit_rpm: perMinute()
    .default(20)
    .describe('Runs that a person may start in a minute; 0: no limit but the operator’s.'),
  rate_limit_burst: burst()
    .default(5)
    .describe('Runs that a person, or a conversation, may start at once.'),
  rate_limit_ip_rpm: perMinute()
    .default(120)
    .describe('Runs that may be started from one address in a minute; 0: no limit.'),
  rate_limit_ip_burst: burst()
    .default(30)
    .describe('Runs that may be started from one address at once.'),
  rate_limit_session_rpm: perMinute()
    .default(60)
    .describe('Runs that may be started in one conversation in a minute; 0: no limit.'),
  injection_action: choice(['off', 'log', 'warn', 'block'])
    .default('warn')
    .describe('What happens to a message that reads like a prompt injection.'),
  max_message_chars: z
    .number()
    .int()
    .min(1)
    .max(1_000_000)
    .default(32_000)
    .describe('Characters of one message; what is longer is cut, and the model is told.'),
  device_pairing: z
    .boolean()
    .default(false)
    .describe('Whether browsers without a credential may ask to be let in; an admin decides.'),
})

const sessionSchema = settingsObject({
  dmScope: dmScopeSchema
    .default('per-account-channel-peer')
    .describe('Which direct messages of the channels share a conversation.'),
  identityLinks: boundedRecord(nameList)
    .default({})
    .describe('People by name, each with the ids (`channel:peer`) that they write under.'),
})

const loggingSchema = settingsObject({
  redactPatterns: z
    .array(z.string().max(500))
    .max(100)
    .default([])
    .describe('Patterns of the tenant’s own whose matches are taken out of every output.'),
})

export const tenantConfigSchema = settingsObject({
  gateway: gatewaySchema.prefault({}).describe('What comes in: how fast, how long, how scanned.'),
  tools: toolsConfigSchema.prefault({}).describe('What agents may call, and who is asked.'),
  autonomy: autonomySchema.prefault({}).describe('How freely agents act; each may differ.'),
  sandbox: sandboxPolicySchema
    .prefault({})
    .describe('Where commands run, and how little they get.'),
  session: sessionSchema.prefault({}).describe('How conversations are kept apart.'),
  channels: channelsConfigSchema.prefault({}).describe('Who is heard over the channels.'),
  agents: settingsObject({
    defaults: agentSettingsSchema
      .default({})
      .describe('What holds for every agent that sets nothing of its own.'),
  })
    .prefault({})
    .describe('What all agents have in common.'),
  logging: loggingSchema.prefault({}).describe('What is taken out of logs and outputs.'),
  budgets: budgetsSchema.prefault({}).describe('What may be spent in a day and a month.'),
  cron: cronConfigSchema.prefault({}).describe('Scheduled jobs: how many, how often.'),
  retention: retentionSchema.prefault({}).describe('How long things are kept.'),
  traces: tracesConfigSchema.prefault({}).describe('What is remembered of how runs went.'),
})

/** The parts of a document, each the tenant's to delegate by itself. */
export const CONFIG_SECTIONS = Object.keys(
  tenantConfigSchema.shape,
) as readonly (keyof typeof tenantConfigSchema.shape)[]

/** Defaults filled in: what the gateway reads. The stored document keeps only what was set. */
export type TenantConfig = z.output<typeof tenantConfigSchema>
export type TenantConfigDocument = z.input<typeof tenantConfigSchema>

export const DEFAULT_TENANT_CONFIG: TenantConfig = tenantConfigSchema.parse({})

/** Every level that says something of the sandbox, from the outermost. */
export const sandboxLevels = (
  { sandbox, agents }: TenantConfig,
  agent: AgentSettings,
): readonly SandboxPolicy[] => [sandbox, agents.defaults.sandbox ?? {}, agent.sandbox ?? {}]
