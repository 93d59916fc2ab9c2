/** The agent and provider rows as the tenant's snapshot carries them. */
import { z } from 'zod'
import { agentSettingsSchema } from './config/agent-settings.ts'
import { agentIdSchema, providerIdSchema } from './ids.ts'
import { agentPackagesSchema } from './sandbox-package.ts'

export const PROVIDER_TYPES = ['openai_compat', 'openai', 'anthropic', 'google', 'demo'] as const
export type ProviderType = (typeof PROVIDER_TYPES)[number]

export const agentRecordSchema = z.object({
  id: agentIdSchema,
  key: z.string(),
  displayName: z.string(),
  /** Name of the provider row; the model is the vendor's own name. */
  provider: z.string(),
  model: z.string(),
  agentType: z.enum(['open', 'predefined']),
  status: z.enum(['active', 'disabled']),
  isDefault: z.boolean(),
  systemPrompt: z.string(),
  settings: agentSettingsSchema,
  /** On top of the runner's image, in its own image. Changed apart from the rest, by a build. */
  packages: agentPackagesSchema,
})
export type AgentRecord = z.infer<typeof agentRecordSchema>

export const providerRecordSchema = z.object({
  id: providerIdSchema,
  name: z.string(),
  type: z.enum(PROVIDER_TYPES),
  apiBase: z.string().nullable(),
  /** Sealed (`aes-gcm:…`); opened only for the call that needs it. */
  sealedApiKey: z.string().nullable(),
  allowPrivateNetwork: z.boolean(),
  enabled: z.boolean(),
})
export type ProviderRecord = z.infer<typeof providerRecordSchema>
