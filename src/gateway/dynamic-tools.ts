/**
 * Tools that a tenant brings along beside the built-in ones, for one agent. All of it is in the
 * snapshot: what a model is offered needs no look at anybody's server.
 */
import type { AgentRecord } from '../domain/agent-record.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { Tool } from '../tools/tool.ts'

export const dynamicToolsOf = (
  _snapshot: TenantSnapshot,
  _agent: AgentRecord,
): readonly Tool[] => []
