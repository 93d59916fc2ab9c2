/**
 * The tenant's document: every key a tenant may set, with its default. Platform settings (gateway
 * token, owner ids, origins, proxies, runners, ceilings) belong to the operator and are no keys of
 * this document: one that holds them is refused.
 */
import { z } from 'zod'
import { type AgentSettings, agentSettingsSchema } from './agent-settings.ts'
import { channelsConfigSchema } from './channels.ts'
import { type SandboxPolicy, sandboxPolicySchema } from './sandbox-policy.ts'
import {
  autonomySchema,
  boundedRecord,
  execApprovalSchema,
  nameList,
  shellDenyOverridesSchema,
  toolPolicyLevelSchema,
} from './tool-policy.ts'

const gatewaySchema = z.strictObject({
  /** Starts of runs per user and minute; 0 switches the tenant's own limit off, not the platform's. */
  rate_limit_rpm: z.number().int().min(0).max(100_000).default(20),
  rate_limit_burst: z.number().int().min(1).max(1_000).default(5),
  rate_limit_ip_rpm: z.number().int().min(0).max(100_000).default(120),
  rate_limit_ip_burst: z.number().int().min(1).max(1_000).default(30),
  rate_limit_session_rpm: z.number().int().min(0).max(100_000).default(60),
  injection_action: z.enum(['off', 'log', 'warn', 'block']).default('warn'),
  max_message_chars: z.number().int().min(1).max(1_000_000).default(32_000),
})

const toolsSchema = toolPolicyLevelSchema.extend({
  /** Narrows by the credential that a run goes back to: its kind (`api_key`, `jwt`, …) or its id. */
  by_credential: boundedRecord(toolPolicyLevelSchema).default({}),
  /** Narrows by the user whose conversation it is. */
  by_owner: boundedRecord(toolPolicyLevelSchema).default({}),
  rate_limit_per_hour: z.number().int().min(0).default(150),
  shellDenyGroups: shellDenyOverridesSchema.default({}),
  execApproval: execApprovalSchema.default(() => execApprovalSchema.parse({})),
  approvals: z
    .strictObject({
      /** Unanswered for so long, a question counts as denied. */
      timeout_seconds: z.number().int().min(10).max(3_600).default(120),
      /** Whoever the run belongs to may approve its calls, without being an admin. */
      requester_may_approve: z.boolean().default(false),
      /** How long an `allow-always` is in force. */
      always_days: z.number().int().min(1).max(90).default(30),
    })
    .prefault({}),
  scrub_credentials: z.boolean().default(true),
  sessions: z
    .strictObject({ visibility: z.enum(['self', 'tree', 'agent', 'all']).default('tree') })
    .default({ visibility: 'tree' }),
  web_fetch: z
    .strictObject({ max_bytes: z.number().int().min(1).max(10_485_760).default(10_485_760) })
    .default({ max_bytes: 10_485_760 }),
})

const sessionSchema = z.strictObject({
  dmScope: z
    .enum(['main', 'per-peer', 'per-channel-peer', 'per-account-channel-peer'])
    .default('per-account-channel-peer'),
  identityLinks: boundedRecord(nameList).default({}),
})

const loggingSchema = z.strictObject({
  redactPatterns: z.array(z.string().max(500)).max(100).default([]),
})

/** Absent: no limit. 0: nothing is allowed. */
const budgetLimitSchema = z.strictObject({
  requests_per_day: z.number().int().min(0).optional(),
  requests_per_month: z.number().int().min(0).optional(),
  tokens_per_day: z.number().int().min(0).optional(),
  tokens_per_month: z.number().int().min(0).optional(),
  usd_per_day: z.number().min(0).optional(),
  usd_per_month: z.number().min(0).optional(),
})

/** US dollars per million tokens. Cached tokens without a price of their own cost what others do. */
const modelPriceSchema = z.strictObject({
  input: z.number().min(0),
  output: z.number().min(0),
  cache_read: z.number().min(0).optional(),
  cache_write: z.number().min(0).optional(),
})

const budgetsSchema = z.strictObject({
  tenant: budgetLimitSchema.optional(),
  per_user: budgetLimitSchema.optional(),
  per_agent: budgetLimitSchema.optional(),
  per_key: budgetLimitSchema.optional(),
  /** The part of a limit at which the admins are warned. */
  warn_at: z.number().min(0).max(1).default(0.8),
  /** By `provider/model`, the provider as the tenant named it; over the list prices that are known. */
  prices: boundedRecord(modelPriceSchema).default({}),
})

const retentionSchema = z.strictObject({
  transcripts_days: z.number().int().min(1).optional(),
  events_days: z.number().int().min(1).max(7).default(7),
  audit_days: z.number().int().min(1).optional(),
  usage_days: z.number().int().min(1).optional(),
})

const sections = {
  gateway: gatewaySchema,
  tools: toolsSchema,
  autonomy: autonomySchema,
  sandbox: sandboxPolicySchema,
  session: sessionSchema,
  channels: channelsConfigSchema,
  agents: z.strictObject({ defaults: agentSettingsSchema.default({}) }),
  logging: loggingSchema,
  budgets: budgetsSchema,
  retention: retentionSchema,
}

export const tenantConfigSchema = z.strictObject({
  gateway: sections.gateway.prefault({}),
  tools: sections.tools.prefault({}),
  autonomy: sections.autonomy.prefault({}),
  sandbox: sections.sandbox.prefault({}),
  session: sections.session.prefault({}),
  channels: sections.channels.prefault({}),
  agents: sections.agents.prefault({}),
  logging: sections.logging.prefault({}),
  budgets: sections.budgets.prefault({}),
  retention: sections.retention.prefault({}),
})

/** Defaults filled in: what the gateway reads. The stored document keeps only what was set. */
export type TenantConfig = z.output<typeof tenantConfigSchema>
export type TenantConfigDocument = z.input<typeof tenantConfigSchema>

export const DEFAULT_TENANT_CONFIG: TenantConfig = tenantConfigSchema.parse({})

/** Every level that says something of the sandbox, from the outermost. */
export const sandboxLevels = (
  { sandbox, agents }: TenantConfig,
  agent: AgentSettings,
): readonly SandboxPolicy[] => [sandbox, agents.defaults.sandbox ?? {}, agent.sandbox ?? {}]
