/** The rows of run hooks as they are asked for and answered. A signing secret is shown once, if at all. */
import { z } from 'zod'
import { isWebhookSecret } from '../crypto/standard-webhook.ts'
import { byIdOrName } from '../domain/by-reference.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { HOOK_FAILURE_MODES, HOOK_NAME, RUN_HOOK_EVENTS, type RunHook } from '../domain/run-hook.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { OperationContext } from './context.ts'
import { checkAgents } from './mcp-server-fields.ts'
import { checkPrivateNetwork } from './provider-fields.ts'

const MASKED = '***'
const MAX_AGENTS = 200

const eventsSchema = z
  .array(z.enum(RUN_HOOK_EVENTS))
  .min(1)
  .max(RUN_HOOK_EVENTS.length)
  .refine((events) => new Set(events).size === events.length, 'names an event twice')
const agentsSchema = z.array(z.string().max(64)).min(1).max(MAX_AGENTS)
/** Absent in a new hook: one is made, and shown in the answer. */
const secretSchema = z
  .string()
  .max(200)
  .refine(isWebhookSecret, 'must be whsec_ and 24 to 64 bytes in base64')

export const createFields = {
  name: z.string().max(64).regex(HOOK_NAME, 'must be small letters and digits, single _ or -'),
  url: z.string().max(2_000),
  events: eventsSchema,
  agents: agentsSchema.default(['*']),
  failure: z.enum(HOOK_FAILURE_MODES).default('default'),
  allow_private_network: z.boolean().default(false),
  enabled: z.boolean().default(true),
  secret: secretSchema.optional(),
}

export const updateFields = {
  url: z.string().max(2_000).optional(),
  events: eventsSchema.optional(),
  agents: agentsSchema.optional(),
  failure: z.enum(HOOK_FAILURE_MODES).optional(),
  allow_private_network: z.boolean().optional(),
  enabled: z.boolean().optional(),
  secret: secretSchema.optional(),
  /** Makes a new secret, and shows it in the answer. */
  renew: z.boolean().default(false),
}

export const listedHook = z.object({
  id: z.string(),
  name: z.string(),
  events: z.array(z.enum(RUN_HOOK_EVENTS)),
  agents: z.array(z.string()),
  failure: z.enum(HOOK_FAILURE_MODES),
  enabled: z.boolean(),
})

export const toListed = (hook: RunHook): z.infer<typeof listedHook> => ({
  id: hook.id,
  name: hook.name,
  events: [...hook.events],
  agents: [...hook.agents],
  failure: hook.failure,
  enabled: hook.enabled,
})

export const hookRow = listedHook.extend({
  url: z.string(),
  allow_private_network: z.boolean(),
  /** Masked; empty where there is none, and the hook is not called. Once, where it was just made. */
  secret: z.string(),
})

export const toRow = (hook: RunHook, shown: string | null = null): z.infer<typeof hookRow> => ({
  ...toListed(hook),
  url: hook.url,
  allow_private_network: hook.allowPrivateNetwork,
  secret: shown ?? (hook.sealedSecret === null ? '' : MASKED),
})

export function namedHook({ runHooks }: TenantSnapshot, named: string): Result<RunHook, Refusal> {
  const found = byIdOrName(runHooks, named)
  return found ? ok(found) : err(notFound('hook'))
}

export function checkHook(
  context: OperationContext,
  hook: Pick<RunHook, 'url' | 'allowPrivateNetwork' | 'agents'>,
): Result<null, Refusal> {
  const allowed = checkPrivateNetwork(context, hook)
  if (!allowed.ok) return allowed
  const address = context.runHooks.checkAddress(hook)
  if (!address.ok) return err(refusal('INVALID_REQUEST', `the URL is refused: ${address.error}`))
  return checkAgents(context, hook.agents)
}
