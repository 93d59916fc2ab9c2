/**
 * What a tool is handed to reach beyond its arguments, opened for each call anew under the
 * configuration that the call was judged by.
 */
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { stopOfNetwork } from '../domain/emergency-stop.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { Report } from './emit.ts'
import { openMemory } from './memory.ts'
import type { RunRelease } from './release.ts'
import { openSearch } from './search.ts'
import type { TurnRequest } from './turn-request.ts'
import { openToolWeb, openWeb } from './web.ts'

/** The tenant and agent as they are at the call. */
export interface CallLive {
  readonly snapshot: TenantSnapshot
  readonly agent: AgentRecord
}

export type CallPorts = Pick<ToolContext, 'web' | 'search' | 'memory'>
export type OpenCallPorts = (live: CallLive) => CallPorts

export interface CallPortParts {
  readonly request: TurnRequest
  readonly services: Services
  readonly dictionary: SecretDictionary
  readonly release: RunRelease
  readonly report: Report
}

export const createCallPorts =
  ({ request, services, dictionary, release, report }: CallPortParts): OpenCallPorts =>
  ({ snapshot, agent }) => {
    const memory = openMemory({
      services,
      tenantId: snapshot.tenantId,
      agentId: agent.id,
      userId: request.workspaceUser,
      release,
    })
    // The gate refused before it came to this: the ways are closed all the same.
    if (stopOfNetwork(snapshot.stops) !== null) return { web: null, search: null, memory }
    const parts = { request, snapshot, services, report }
    const web = openWeb(parts)
    const { acceptPlaintext } = request.settings
    return {
      memory,
      web: openToolWeb(parts),
      search: openSearch({ ...parts, dictionary, acceptPlaintext, web }),
    }
  }
