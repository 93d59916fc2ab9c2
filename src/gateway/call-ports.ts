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
import type { McpConnections } from './mcp/connections.ts'
import { openSearch } from './search.ts'
import type { TurnRequest } from './turn-request.ts'
import { openToolWeb, openWeb } from './web.ts'

/** The tenant and agent as they are at the call. */
export interface CallLive {
  readonly snapshot: TenantSnapshot
  readonly agent: AgentRecord
}

export type CallPorts = Pick<ToolContext, 'web' | 'search' | 'mcp'>
export type OpenCallPorts = (live: CallLive) => CallPorts

export interface CallPortParts {
  readonly request: TurnRequest
  readonly services: Services
  readonly dictionary: SecretDictionary
  readonly report: Report
  /** Of the whole run: a server is connected to once. */
  readonly mcp: McpConnections
}

export const createCallPorts =
  ({ request, services, dictionary, report, mcp }: CallPortParts): OpenCallPorts =>
  ({ snapshot, agent }) => {
    // The gate refused before it came to this: the ways are closed all the same.
    if (stopOfNetwork(snapshot.stops) !== null) return { web: null, search: null, mcp: null }
    const parts = { request, snapshot, services, report }
    const web = openWeb(parts)
    const { acceptPlaintext } = request.settings
    return {
      web: openToolWeb(parts),
      search: openSearch({ ...parts, dictionary, acceptPlaintext, web }),
      mcp: mcp.port({ snapshot, agent }),
    }
  }
