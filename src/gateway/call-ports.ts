/**
 * What a tool is handed to reach beyond its arguments, opened for each call anew under the
 * configuration that the call was judged by.
 */
import type { Services } from '../api/context.ts'
import { stopOfNetwork } from '../domain/emergency-stop.ts'
import type { Principal } from '../domain/principal.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import type { ToolContext } from '../tools/tool.ts'
import type { CallLive } from './call-live.ts'
import { openChannelFiles } from './channels/answer-files.ts'
import type { ChildrenPort } from './children.ts'
import { openCron } from './cron-port.ts'
import { openCustomTools } from './custom-tools.ts'
import type { Report } from './emit.ts'
import type { McpConnections } from './mcp/connections.ts'
import { openMemory } from './memory.ts'
import type { RunRelease } from './release.ts'
import { openSearch } from './search.ts'
import { openSessions } from './session-tools.ts'
import { openSkills } from './skills.ts'
import { openSubAgents } from './sub-agents.ts'
import type { TurnRequest } from './turn-request.ts'
import { openToolWeb, openWeb } from './web.ts'

export type { CallLive }

export type CallPorts = Pick<
  ToolContext,
  | 'web'
  | 'search'
  | 'mcp'
  | 'custom'
  | 'cron'
  | 'channelFiles'
  | 'subAgents'
  | 'sessions'
  | 'memory'
  | 'skills'
>
/** @param traceparent of the call that is handed them; null: no trace is kept */
export type OpenCallPorts = (live: CallLive, traceparent: string | null) => CallPorts

export interface CallPortParts {
  readonly request: TurnRequest
  readonly services: Services
  readonly dictionary: SecretDictionary
  readonly release: RunRelease
  readonly report: Report
  readonly children: ChildrenPort
  readonly provenance: ProvenancePort
  /** Of the whole run: a server is connected to once. */
  readonly mcp: McpConnections
  /** As the last proof of rights found it. */
  principal(): Principal
}

export const createCallPorts =
  (opened: CallPortParts): OpenCallPorts =>
  (live, traceparent) => {
    const { request, services, dictionary, release, report, mcp } = opened
    const { snapshot, agent } = live
    const within = {
      subAgents: openSubAgents({ ...opened, live, traceparent }),
      sessions: openSessions({ ...opened, live }),
      cron: openCron(request, services),
      channelFiles: openChannelFiles({ request, services, dictionary, release, report }),
      skills: openSkills({ request, services, live }),
      custom: openCustomTools({ ...opened, settings: request.settings, live }),
      memory: openMemory({
        services,
        tenantId: snapshot.tenantId,
        agentId: agent.id,
        userId: request.workspaceUser,
        release,
      }),
    }
    // The gate refused before it came to this: the ways are closed all the same.
    if (stopOfNetwork(snapshot.stops) !== null)
      return { ...within, web: null, search: null, mcp: null }
    const parts = { request, snapshot, services, report }
    const web = openWeb(parts)
    const { acceptPlaintext } = request.settings
    return {
      ...within,
      web: openToolWeb(parts),
      search: openSearch({ ...parts, dictionary, acceptPlaintext, web }),
      mcp: mcp.port({ snapshot, agent }),
    }
  }
