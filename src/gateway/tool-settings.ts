/** Which tools there are, and what a tenant's documents make of them for one agent. */
import type { AgentRecord } from '../domain/agent-record.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { Principal } from '../domain/principal.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { BUILTIN_TOOLS } from '../tools/builtin/tools.ts'
import { type CredentialedPolicy, resolveCredentialedPolicy } from '../tools/credentialed/policy.ts'
import { createToolRegistry, type ToolRegistry } from '../tools/registry.ts'
import {
  isNarrowedFor,
  resolveToolSettings,
  type ToolCaller,
  type ToolSettings,
} from '../tools/settings.ts'
import { dynamicToolsOf } from './dynamic-tools.ts'

/** The tools that every tenant has. */
export const TOOL_REGISTRY = createToolRegistry(BUILTIN_TOOLS)

/** Of snapshots that never change: a newer one is another object. */
const registries = new WeakMap<TenantSnapshot, WeakMap<AgentRecord, ToolRegistry>>()

/** The tools that an agent has for its calls: the built-in ones, and what its tenant brings along. */
export function toolsOf(snapshot: TenantSnapshot, agent: AgentRecord): ToolRegistry {
  const ofTenant = registries.get(snapshot) ?? new WeakMap<AgentRecord, ToolRegistry>()
  const known = ofTenant.get(agent)
  if (known) return known
  const own = dynamicToolsOf(snapshot, agent)
  const registry = own.length === 0 ? TOOL_REGISTRY : createToolRegistry([...BUILTIN_TOOLS, ...own])
  registries.set(snapshot, ofTenant.set(agent, registry))
  return registry
}

/** Of documents that never change: another configuration or agent is another object. */
const resolved = new WeakMap<TenantConfig, WeakMap<AgentRecord, ToolSettings>>()

/** What holds for this caller; for nearly all of them that is what holds for everybody. */
export function toolSettingsOf(
  { config }: TenantSnapshot,
  agent: AgentRecord,
  caller: ToolCaller,
): ToolSettings {
  if (isNarrowedFor(config, caller)) {
    return resolveToolSettings({ config, agent: agent.settings, caller })
  }
  const ofConfig = resolved.get(config) ?? new WeakMap<AgentRecord, ToolSettings>()
  const known = ofConfig.get(agent)
  if (known) return known
  const settings = resolveToolSettings({ config, agent: agent.settings })
  resolved.set(config, ofConfig.set(agent, settings))
  return settings
}

export const credentialedPolicyOf = (
  { tenantId, binaries }: TenantSnapshot,
  agent: AgentRecord,
): CredentialedPolicy => resolveCredentialedPolicy({ tenantId, binaries, lineage: [agent.id] })

/** What an agent's model is offered; empty for an agent that may only talk. */
export function offeredTools(snapshot: TenantSnapshot, agent: AgentRecord, caller: ToolCaller) {
  const { policy, access } = toolSettingsOf(snapshot, agent, caller)
  return toolsOf(snapshot, agent).specs(policy, access)
}

/** Whoever speaks for themselves, in a web conversation of their own. */
export const callerOf = ({ credential, userId }: Principal): ToolCaller => ({
  credential,
  ownerId: userId,
  channel: 'ws',
})
