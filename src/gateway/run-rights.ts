/**
 * What a run may do under the tenant's documents as they are now. For one that acts for others that is
 * what it and all of them may: tools, shell, approval, workspace, sandbox, registered programs.
 */
import type { AgentRecord } from '../domain/agent-record.ts'
import type { SandboxPolicy } from '../domain/config/sandbox-policy.ts'
import { sandboxLevels } from '../domain/config/tenant-config.ts'
import { lineageOf, type RunOrigin } from '../domain/run-origin.ts'
import type { SessionKey } from '../domain/session-key.ts'
import { agentOfKey, type TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { type CredentialedPolicy, resolveCredentialedPolicy } from '../tools/credentialed/policy.ts'
import { settingsBelow, settingsOfReader, settingsOfSubAgent } from '../tools/lineage.ts'
import { createToolRegistry, type ToolRegistry } from '../tools/registry.ts'
import type { ToolCaller, ToolSettings } from '../tools/settings.ts'
import type { CallLive } from './call-live.ts'
import { channelLevels } from './channels/standing.ts'
import { credentialedPolicyOf, toolSettingsOf, toolsOf } from './tool-settings.ts'
import type { TurnRequest } from './turn-request.ts'

export interface Ancestor {
  readonly key: SessionKey
  readonly agent: AgentRecord
}

/** Outermost first; null when one of them is not there, not active, or out of the credential's reach. */
export function ancestorsOf(
  snapshot: TenantSnapshot,
  origin: RunOrigin | null,
): readonly Ancestor[] | null {
  const found: Ancestor[] = []
  for (const key of lineageOf(origin)) {
    const agent = agentOfKey(snapshot, key.agentKey)
    if (agent?.status !== 'active') return null
    found.push({ key, agent })
  }
  return found
}

export interface RunRights {
  settings(live: CallLive): ToolSettings
  registry(live: CallLive): ToolRegistry
  credentialed(live: CallLive): CredentialedPolicy
  sandbox(live: CallLive): readonly SandboxPolicy[]
  /** As the sandbox knows it: `main` where any of the conversations is. */
  readonly sessionKind: SessionKey['kind']
}

type RightsRequest = Pick<TurnRequest, 'principal' | 'workspaceUser' | 'sessionKey' | 'origin'>

export const isReader = (origin: RunOrigin | null): boolean =>
  origin?.kind === 'subagent' && origin.preset === 'reader'

/** A sub-agent's conversation is the parent's by other means: it is judged as of that channel. */
const channelOf = ({ origin, sessionKey }: RightsRequest): string =>
  (origin?.kind === 'subagent' ? lineageOf(origin).at(-1)?.channel : undefined) ??
  sessionKey.channel

const NO_TOOLS = createToolRegistry([])

export function createRunRights(request: RightsRequest): RunRights {
  const { origin, principal, workspaceUser, sessionKey } = request
  const lineage = lineageOf(origin)
  const callerIn = (channel: string, { snapshot }: CallLive): ToolCaller => ({
    credential: principal.credential,
    ownerId: workspaceUser,
    channel,
    ofInstance: channelLevels(snapshot, principal),
  })
  /** An ancestor that is gone while a call is judged leaves nothing to do. */
  const isClosed = ({ snapshot }: CallLive): boolean =>
    isReader(origin) || ancestorsOf(snapshot, origin) === null

  const settings = (live: CallLive): ToolSettings => {
    const { snapshot, agent } = live
    const ofAgent = toolSettingsOf(snapshot, agent, callerIn(channelOf(request), live))
    if (lineage.length === 0) return ofAgent
    const above = (ancestorsOf(snapshot, origin) ?? []).map((ancestor) =>
      toolSettingsOf(snapshot, ancestor.agent, callerIn(ancestor.key.channel, live)),
    )
    const below = settingsBelow(ofAgent, above)
    const narrowed = origin?.kind === 'subagent' ? settingsOfSubAgent(below) : below
    return isClosed(live) ? settingsOfReader(narrowed) : narrowed
  }

  return {
    settings,
    registry: (live) => {
      const { snapshot, agent } = live
      if (lineage.length === 0) return toolsOf(snapshot, agent)
      if (isClosed(live)) return NO_TOOLS
      // What a tenant brings along is granted per agent: a name that one of them has not, none has.
      const above = (ancestorsOf(snapshot, origin) ?? []).map((ancestor) =>
        toolsOf(snapshot, ancestor.agent),
      )
      const { all } = toolsOf(snapshot, agent)
      return createToolRegistry(all.filter(({ name }) => above.every(({ find }) => find(name))))
    },
    credentialed: ({ snapshot, agent }) => {
      if (lineage.length === 0) return credentialedPolicyOf(snapshot, agent)
      const above = (ancestorsOf(snapshot, origin) ?? []).map((ancestor) => ancestor.agent.id)
      const { tenantId, binaries } = snapshot
      return resolveCredentialedPolicy({
        tenantId,
        binaries,
        lineage: [agent.id, ...above.toReversed()],
      })
    },
    sandbox: ({ snapshot, agent }) => {
      // Image and scope are places and no rights: the agent's own stand.
      const above = (ancestorsOf(snapshot, origin) ?? []).flatMap((ancestor) => {
        const { image: _, scope: __, ...rights } = ancestor.agent.settings.sandbox ?? {}
        return [rights]
      })
      const [tenant = {}, ...rest] = sandboxLevels(snapshot.config, agent.settings)
      return [tenant, ...above, ...rest]
    },
    sessionKind: lineage.some(({ kind }) => kind === 'main') ? 'main' : sessionKey.kind,
  }
}
