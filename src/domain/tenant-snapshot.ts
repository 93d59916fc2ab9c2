/** Everything a warm request needs to know of its tenant, so that it reads D1 zero times. */
import type { AgentRecord, ProviderRecord } from './agent-record.ts'
import type { BudgetStop } from './budget.ts'
import type { ChannelInstance } from './channel.ts'
import type { TenantConfig } from './config/tenant-config.ts'
import type { AgentFile } from './context-file.ts'
import type { GrantedBinary } from './credentialed-binary.ts'
import type { CustomTool } from './custom-tool.ts'
import type { EmergencyStops } from './emergency-stop.ts'
import type { AgentId, TenantId } from './ids.ts'
import type { McpServer } from './mcp.ts'
import type { RunHook } from './run-hook.ts'
import type { SearchProvider } from './search-provider.ts'
import type { Skill } from './skill.ts'

export interface TenantSnapshot {
  readonly tenantId: TenantId
  readonly name: string
  readonly slug: string
  /** Suspended: closed to all but the platform's operator. Deleting: closed to everybody. */
  readonly status: 'active' | 'suspended' | 'deleting'
  /** Rises with every change of configuration, agents, providers or registered binaries. */
  readonly version: number
  /** Rises with every change of keys, memberships or status: cached credentials die with it. */
  readonly authVersion: number
  readonly config: TenantConfig
  readonly configHash: string
  readonly agents: readonly AgentRecord[]
  /** Of all agents. */
  readonly agentFiles: readonly AgentFile[]
  readonly providers: readonly ProviderRecord[]
  /** By name: the first that is enabled is asked first. */
  readonly searchProviders: readonly SearchProvider[]
  /** By name. */
  readonly mcpServers: readonly McpServer[]
  /** By name. */
  readonly skills: readonly Skill[]
  readonly customTools: readonly CustomTool[]
  /** By name: in this order they are asked. */
  readonly runHooks: readonly RunHook[]
  /** By name. */
  readonly channelInstances: readonly ChannelInstance[]
  readonly binaries: readonly GrantedBinary[]
  /** In force: what they stop stands still. */
  readonly stops: EmergencyStops
}

/** What one freshness hop answers: the snapshot travels only when the caller's copy is old. */
export type TenantState =
  | { readonly found: false }
  | {
      readonly found: true
      readonly version: number
      readonly authVersion: number
      readonly snapshot: TenantSnapshot | null
      /** Why the budgets allow nothing more, for whoever asked. */
      readonly stop?: BudgetStop
    }

/** Both versions only ever rise, so their sum changes with either: one number to compare. */
export const epochOf = (snapshot: Pick<TenantSnapshot, 'version' | 'authVersion'>): number =>
  snapshot.version + snapshot.authVersion

/** The tenant as a credential with a list of agents sees it: beyond the list there are none. */
export const reachedBy = (
  { allowedAgents }: { readonly allowedAgents: readonly AgentId[] | null },
  snapshot: TenantSnapshot,
): TenantSnapshot =>
  allowedAgents === null
    ? snapshot
    : { ...snapshot, agents: snapshot.agents.filter(({ id }) => allowedAgents.includes(id)) }

/** As a filter of lists: nothing, or the keys of the agents that the caller reaches. */
export const reachedAgentKeys = (
  { allowedAgents }: { readonly allowedAgents: readonly AgentId[] | null },
  snapshot: TenantSnapshot,
): { readonly agentKeys?: readonly string[] } =>
  allowedAgents === null
    ? {}
    : {
        agentKeys: reachedBy({ allowedAgents }, snapshot).agents.map(({ key }) => key),
      }

/** Whether the agent of a session's key is one that the caller reaches. */
export const mayReach = (
  { allowedAgents }: { readonly allowedAgents: readonly AgentId[] | null },
  snapshot: TenantSnapshot,
  agentKey: string,
): boolean =>
  allowedAgents === null ||
  snapshot.agents.some(({ id, key }) => key === agentKey && allowedAgents.includes(id))

/**
 * The agent that a session's key names. Not by its id: budgets, usage and lists go by keys, and under
 * another name a run would be counted for an agent that there is not.
 */
export const agentOfKey = (snapshot: TenantSnapshot, key: string): AgentRecord | undefined =>
  snapshot.agents.find((agent) => agent.key === key)

/** As people name one: by id, or by key. No agent is reached by a key that is another's id. */
export const findAgent = (snapshot: TenantSnapshot, keyOrId: string): AgentRecord | undefined =>
  snapshot.agents.find(({ id }) => id === keyOrId) ?? agentOfKey(snapshot, keyOrId)

export const defaultAgent = (snapshot: TenantSnapshot): AgentRecord | undefined =>
  snapshot.agents.find((agent) => agent.isDefault) ?? snapshot.agents[0]
