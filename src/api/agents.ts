/** The tenant's agents. On the socket an agent's id is its key, as protocol v3 has it. */
import { z } from 'zod'
import { canonicalJson } from '../crypto/canonical-json.ts'
import { newId } from '../crypto/random.ts'
import { createAgent, deleteAgent, updateAgent } from '../db/agents.ts'
import { eraseMemory } from '../db/memory.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { type AgentSettings, agentSettingsSchema } from '../domain/config/agent-settings.ts'
import { changedSettings } from '../domain/config/diff.ts'
import { effectiveSettings } from '../domain/config/effective.ts'
import { AGENT_SETTINGS } from '../domain/config/permissions.ts'
import {
  autonomySchema,
  execApprovalSchema,
  shellDenyOverridesSchema,
  toolPolicyLevelSchema,
} from '../domain/config/tool-policy.ts'
import { agentIdSchema } from '../domain/ids.ts'
import { notFound, type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import { findAgent, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { ADMIN, OPERATOR, VIEWER } from './access.ts'
import { toldPaths } from './config-audit.ts'
import { actsAsAdmin, checkMayChange, needsAdmin } from './config-rights.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { checkSnapshotRoom, MAX_SETTINGS_CHARS } from './snapshot-room.ts'
import { changeTenant } from './tenant-change.ts'

const AGENT_KEY = /^[a-z0-9][a-z0-9_-]{0,63}$/
const MAX_PROMPT_CHARS = 20_000
/** The snapshot of a tenant is held whole by isolates that it shares with others. */
const MAX_AGENTS = 200

const effectiveRow = z.object({
  tools: z.array(toolPolicyLevelSchema).readonly(),
  autonomy: autonomySchema,
  exec_approval: execApprovalSchema,
  shell_deny_groups: shellDenyOverridesSchema,
  sandbox: z.object({
    mode: z.string(),
    scope: z.string(),
    workspace_access: z.string(),
    image: z.string().nullable(),
  }),
  temperature: z.number().optional(),
  max_output_tokens: z.number().optional(),
  context_window_tokens: z.number().optional(),
})

const agentRow = z.object({
  id: z.string(),
  agent_key: z.string(),
  display_name: z.string(),
  status: z.string(),
  provider: z.string(),
  model: z.string(),
  agent_type: z.string(),
  is_default: z.boolean(),
  system_prompt: z.string(),
  settings: agentSettingsSchema,
})

const toRow = (agent: AgentRecord): z.infer<typeof agentRow> => ({
  id: agent.id,
  agent_key: agent.key,
  display_name: agent.displayName,
  status: agent.status,
  provider: agent.provider,
  model: agent.model,
  agent_type: agent.agentType,
  is_default: agent.isDefault,
  system_prompt: agent.systemPrompt,
  settings: agent.settings,
})

const listedAgent = z.object({
  id: z.string(),
  name: z.string(),
  model: z.string(),
  provider: z.string(),
  agentType: z.string(),
  status: z.string(),
  isRunning: z.boolean(),
})

const runningAgents = async ({
  services,
  principal,
}: OperationContext): Promise<ReadonlySet<string>> =>
  new Set((await services.tenant(principal.tenantId).runningRuns()).map(({ agentKey }) => agentKey))

/** Whoever is to choose is offered the first. */
const defaultFirst = (agents: readonly AgentRecord[]): readonly AgentRecord[] =>
  agents.toSorted((a, b) => Number(b.isDefault) - Number(a.isDefault))

export const agentsList = operation({
  name: 'agents.list',
  summary: 'The agents of the tenant, the default one first',
  access: VIEWER,
  params: z.object({}),
  result: z.object({ agents: z.array(listedAgent) }),
  http: { method: 'GET', path: '/v1/agents' },
  run: async (context) => {
    const busy = await runningAgents(context)
    const agents = defaultFirst(context.snapshot.agents).map((agent) => ({
      id: agent.key,
      name: agent.displayName,
      model: agent.model,
      provider: agent.provider,
      agentType: agent.agentType,
      status: agent.status,
      isRunning: busy.has(agent.key),
    }))
    return ok({ agents })
  },
  presentHttp: (_output, { snapshot }) => ({ agents: defaultFirst(snapshot.agents).map(toRow) }),
})

/** Requests name an agent by `agentId`, `agent_id` or `id`: its key or its id. */
export const agentReference = {
  agentId: z.string().max(100).optional(),
  agent_id: z.string().max(100).optional(),
  id: z.string().max(100).optional(),
}
interface AgentReference {
  readonly agentId?: string | undefined
  readonly agent_id?: string | undefined
  readonly id?: string | undefined
}

export function namedAgent(
  snapshot: TenantSnapshot,
  named: AgentReference,
): Result<AgentRecord, Refusal> {
  const reference = named.agentId ?? named.agent_id ?? named.id
  if (reference === undefined) return err(refusal('INVALID_REQUEST', 'agentId is missing'))
  const agent = findAgent(snapshot, reference)
  return agent ? ok(agent) : err(notFound('agent'))
}

export const agentStatus = operation({
  name: 'agent',
  summary: 'Whether an agent has a run in progress',
  access: VIEWER,
  params: z.object(agentReference),
  result: z.object({ id: z.string(), isRunning: z.boolean() }),
  run: async (context, params) => {
    const agent = namedAgent(context.snapshot, params)
    if (!agent.ok) return agent
    const busy = await runningAgents(context)
    return ok({ id: agent.value.key, isRunning: busy.has(agent.value.key) })
  },
})

export const agentsGet = operation({
  name: 'agents.get',
  summary: 'One agent with its settings, and what they come to',
  access: VIEWER,
  params: z.object(agentReference),
  result: agentRow.extend({
    /** Its own settings over the agents' defaults over the tenant's. */
    effective: effectiveRow,
  }),
  http: { method: 'GET', path: '/v1/agents/{id}' },
  run: async ({ snapshot }, params) => {
    const agent = namedAgent(snapshot, params)
    if (!agent.ok) return agent
    const effective = effectiveSettings(snapshot.config, agent.value.settings)
    return ok({ ...toRow(agent.value), effective })
  },
})

/** Settings may come as one object or as its members beside the agent's own fields. */
const agentFields = {
  name: z.string().min(1).max(200).optional(),
  display_name: z.string().min(1).max(200).optional(),
  provider: z.string().max(100).optional(),
  model: z.string().min(1).max(200).optional(),
  agent_type: z.enum(['open', 'predefined']).optional(),
  status: z.enum(['active', 'disabled']).optional(),
  system_prompt: z.string().max(MAX_PROMPT_CHARS).optional(),
  settings: agentSettingsSchema.optional(),
  ...agentSettingsSchema.partial().shape,
}
type AgentFields = z.output<z.ZodObject<typeof agentFields>>

function settingsOf(fields: AgentFields, base: AgentSettings): AgentSettings {
  const own = Object.fromEntries(
    Object.keys(agentSettingsSchema.shape)
      .map((name) => [name, fields[name as keyof AgentSettings]])
      .filter(([, value]) => value !== undefined),
  )
  return agentSettingsSchema.parse({ ...base, ...fields.settings, ...own })
}

/** Settings that an agent gives up: what its tenant says holds again. */
const unset = z
  .array(z.enum(Object.keys(agentSettingsSchema.shape) as [keyof AgentSettings]))
  .optional()
  .describe('Settings that are taken back; what the tenant says holds for them')

type AgentUpdate = AgentFields & { readonly unset?: z.output<typeof unset> }

const updatedSettings = (fields: AgentUpdate, base: AgentSettings): AgentSettings => {
  const kept = Object.entries(base).filter(
    ([name]) => !fields.unset?.includes(name as keyof AgentSettings),
  )
  return settingsOf(fields, Object.fromEntries(kept))
}

/** Its settings bear the names that they have in requests as well. */
function changedPaths(before: AgentRecord, after: AgentRecord): string[] {
  const flat = ({ settings, ...own }: z.infer<typeof agentRow>) => ({ ...settings, ...own })
  return changedSettings(flat(toRow(before)), flat(toRow(after))).map(({ path }) => path)
}

/** Without the admin's role: an agent's settings, by permission, and nothing else of it. */
async function checkMayUpdate(
  context: OperationContext,
  agent: AgentRecord,
  fields: AgentUpdate,
): Promise<Result<null, Refusal>> {
  if (actsAsAdmin(context.principal)) return ok(null)
  const isDelegated = (name: string): boolean =>
    ['settings', 'unset'].includes(name) ||
    name in agentReference ||
    name in agentSettingsSchema.shape
  const other = Object.keys(fields).find((name) => !isDelegated(name))
  if (other !== undefined) return err(needsAdmin(`the ${other} of an agent`))
  // Whom a conversation is sent to is the admin's to say, as with the agent's own provider.
  const { fallbacks = [] } = updatedSettings(fields, agent.settings)
  if (canonicalJson(fallbacks) !== canonicalJson(agent.settings.fallbacks ?? []))
    return err(needsAdmin('the fallbacks of an agent'))
  return checkMayChange(context, { types: [AGENT_SETTINGS], agentId: agent.id })
}

function checkFields(
  { snapshot, catalog }: OperationContext,
  fields: AgentFields,
): Result<null, Refusal> {
  const checked = catalog.checkAgentSettings(settingsOf(fields, {}))
  if (!checked.ok) return err(refusal('INVALID_REQUEST', checked.error))
  const { fallbacks = [] } = settingsOf(fields, {})
  const unknown = fallbacks.find(({ provider }) =>
    snapshot.providers.every(({ name }) => name !== provider),
  )
  if (unknown) {
    const name = JSON.stringify(unknown.provider)
    return err(refusal('INVALID_REQUEST', `provider ${name} of a fallback is not configured`))
  }
  const { system_prompt: _, ...rest } = fields
  if (JSON.stringify(rest).length > MAX_SETTINGS_CHARS) {
    return err(
      refusal(
        'INVALID_REQUEST',
        `an agent's settings are at most ${MAX_SETTINGS_CHARS} characters`,
      ),
    )
  }
  return checkSnapshotRoom(snapshot, fields)
}

/**
 * Provider and model must go together: a demo agent with a vendor's model name cannot answer. Runs look a
 * provider up by its name alone, so that an agent with another's id would be made and never answer.
 */
function chosenModel(
  snapshot: TenantSnapshot,
  provider: string,
  model: string | undefined,
  context: OperationContext,
): Result<string, Refusal> {
  const row = snapshot.providers.find(({ name }) => name === provider)
  if (!row)
    return err(refusal('INVALID_REQUEST', `provider ${JSON.stringify(provider)} is not configured`))
  const chosen = model ?? context.catalog.modelsOf(row.type)[0]
  return chosen === undefined ? err(refusal('INVALID_REQUEST', 'model is missing')) : ok(chosen)
}

export const agentsCreate = operation({
  name: 'agents.create',
  summary: 'Creates an agent',
  access: ADMIN,
  params: z.object({
    ...agentFields,
    agent_key: z
      .string()
      .regex(AGENT_KEY, 'must be lower-case letters, digits, - and _')
      .optional(),
  }),
  result: agentRow.extend({ ok: z.literal(true), agentId: z.string(), name: z.string() }),
  http: { method: 'POST', path: '/v1/agents', status: 201 },
  audit: (_, { id, agent_key }) => ({ agent: id, agent_key }),
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const displayName = params.display_name ?? params.name ?? params.agent_key
    const key =
      params.agent_key ??
      displayName
        ?.toLowerCase()
        .replaceAll(/[^a-z0-9_-]+/g, '-')
        .replace(/^[-_]+/, '')
    if (!displayName || !key || !AGENT_KEY.test(key))
      return err(refusal('INVALID_REQUEST', 'agent_key is missing'))
    if (snapshot.agents.length >= MAX_AGENTS) {
      return err(refusal('RESOURCE_EXHAUSTED', `a tenant has at most ${MAX_AGENTS} agents`))
    }
    const room = checkFields(context, params)
    if (!room.ok) return room
    const provider = params.provider ?? 'demo'
    const model = chosenModel(snapshot, provider, params.model, context)
    if (!model.ok) return model
    const created = await changeTenant(services, principal.tenantId, () =>
      createAgent(
        services.database(principal.tenantId),
        principal.tenantId,
        {
          id: agentIdSchema.parse(newId('agt')),
          key,
          displayName,
          provider,
          model: model.value,
          agentType: params.agent_type ?? 'open',
          status: params.status ?? 'active',
          systemPrompt: params.system_prompt ?? '',
          settings: settingsOf(params, {}),
        },
        services.now(),
      ),
    )
    if (!created.ok)
      return err(refusal('ALREADY_EXISTS', `there is an agent ${JSON.stringify(key)} already`))
    return ok({ ok: true as const, agentId: key, name: displayName, ...toRow(created.value) })
  },
})

export const agentsUpdate = operation({
  name: 'agents.update',
  summary: 'Changes an agent; what is not named stays',
  // The least that anybody needs; whoever is no admin needs a permission for this agent's settings.
  access: OPERATOR,
  params: z.object({ ...agentReference, ...agentFields, unset }),
  result: agentRow.extend({
    ok: z.literal(true),
    changed: z.array(z.string()).describe('What is not as it was; no longer set counts as well'),
  }),
  http: { method: 'PUT', path: '/v1/agents/{id}' },
  audit: async (_, { id, changed }) =>
    changed.length === 0 ? null : { agent: id, ...(await toldPaths(changed)) },
  run: async (context, params) => {
    const { services, principal, snapshot } = context
    const found = namedAgent(snapshot, params)
    if (!found.ok) return found
    const agent = found.value
    const mayUpdate = await checkMayUpdate(context, agent, params)
    if (!mayUpdate.ok) return mayUpdate
    const room = checkFields(context, params)
    if (!room.ok) return room
    const provider = params.provider ?? agent.provider
    const isMoved = provider !== agent.provider
    const model = chosenModel(
      snapshot,
      provider,
      params.model ?? (isMoved ? undefined : agent.model),
      context,
    )
    if (!model.ok) return model
    const updated = await changeTenant(services, principal.tenantId, () =>
      updateAgent(
        services.database(principal.tenantId),
        principal.tenantId,
        agent.id,
        {
          displayName: params.display_name ?? params.name ?? agent.displayName,
          provider,
          model: model.value,
          agentType: params.agent_type ?? agent.agentType,
          status: params.status ?? agent.status,
          systemPrompt: params.system_prompt ?? agent.systemPrompt,
          settings: updatedSettings(params, agent.settings),
        },
        services.now(),
      ),
    )
    if (!updated.ok) return err(notFound('agent'))
    const changed = changedPaths(agent, updated.value)
    return ok({ ok: true as const, ...toRow(updated.value), changed })
  },
})

const IS_DEFAULT = refusal('FAILED_PRECONDITION', 'the default agent cannot be deleted')

export const agentsDelete = operation({
  name: 'agents.delete',
  summary: 'Deletes an agent; the default one stays',
  access: ADMIN,
  params: z.object(agentReference),
  result: z.object({ ok: z.literal(true) }),
  http: { method: 'DELETE', path: '/v1/agents/{id}' },
  audit: (params) => ({ agent: params.id ?? params.agentId ?? params.agent_id ?? '' }),
  run: async ({ services, principal: { tenantId }, snapshot }, params) => {
    const agent = namedAgent(snapshot, params)
    if (!agent.ok) return agent
    const { id: agentId, isDefault } = agent.value
    if (isDefault) return err(IS_DEFAULT)
    const database = services.database(tenantId)
    // What it noted goes first: whatever breaks off, an admin still finds an agent to delete again.
    await eraseMemory(database, tenantId, { agentId })
    const deleted = await changeTenant(services, tenantId, () =>
      deleteAgent(database, tenantId, agentId),
    )
    if (!deleted.ok) return err(deleted.error === 'is_default' ? IS_DEFAULT : notFound('agent'))
    // And what a run noted in between; from here on it notes nothing.
    await eraseMemory(database, tenantId, { agentId })
    return ok({ ok: true as const })
  },
})
