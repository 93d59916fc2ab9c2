/** Tool calls through layers three to five: judge, confine, run, release, cut. */
import type { KeyedCall, ToolPort } from '../agent/ports.ts'
import type { Services } from '../api/context.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { Result } from '../domain/result.ts'
import type { ActivityPhase } from '../domain/run-event.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { ToolOutcome } from '../domain/tool.ts'
import type { ProvenancePort } from '../domain/untrusted.ts'
import type { ExecAssignments } from '../isolation/runner-client.ts'
import type { SecretDictionary } from '../output/secret-dictionary.ts'
import type { ToolBudgetPort } from '../tools/budget.ts'
import { BUILTIN_TOOLS } from '../tools/builtin/tools.ts'
import { resolveCredentialedPolicy } from '../tools/credentialed/policy.ts'
import { checkCall, invoke, type PreparedCall, type RefusedCall } from '../tools/invoke.ts'
import { createToolRegistry } from '../tools/registry.ts'
import { resolveToolSettings, type ToolSettings } from '../tools/settings.ts'
import { createCredentials, releasedRefusal } from './credentials.ts'
import type { Report } from './emit.ts'
import type { RunRelease } from './release.ts'
import { confineRun } from './sandbox.ts'
import { presentResult } from './tool-result.ts'
import type { TurnRequest } from './turn-request.ts'

export interface ToolPortParts {
  readonly request: TurnRequest
  /** The tenant and agent as they are now. */
  readonly live: () => { readonly snapshot: TenantSnapshot; readonly agent: AgentRecord }
  readonly services: Services
  readonly budget: ToolBudgetPort
  readonly assignments: ExecAssignments
  readonly provenance: ProvenancePort
  /** Every value that was opened for this run. */
  readonly dictionary: SecretDictionary
  readonly release: RunRelease
  readonly report: Report
  onActivity(phase: ActivityPhase, detail?: Readonly<Record<string, unknown>>): void
}

export interface RunToolPort extends ToolPort {
  isSandboxAvailable(): boolean
}

const REGISTRY = createToolRegistry(BUILTIN_TOOLS)

const INTERRUPTED: ToolOutcome = {
  content: 'The gateway was interrupted during this call; whether it took effect is unknown.',
  isError: true,
}

/** Of documents that never change: another configuration or agent is another object. */
const resolved = new WeakMap<TenantConfig, WeakMap<AgentRecord, ToolSettings>>()

export function toolSettingsOf({ config }: TenantSnapshot, agent: AgentRecord): ToolSettings {
  const ofConfig = resolved.get(config) ?? new WeakMap<AgentRecord, ToolSettings>()
  const known = ofConfig.get(agent)
  if (known) return known
  const settings = resolveToolSettings({ config, agent: agent.settings })
  resolved.set(config, ofConfig.set(agent, settings))
  return settings
}

/** No runner builds a container that reaches a list of hosts and nothing else. */
const HAS_EGRESS = false

const credentialedPolicyOf = ({ tenantId, binaries }: TenantSnapshot, agent: AgentRecord) =>
  resolveCredentialedPolicy({ tenantId, binaries, lineage: [agent.id], hasEgress: HAS_EGRESS })

/** What an agent's model is offered; empty for an agent that may only talk. */
export function offeredTools(snapshot: TenantSnapshot, agent: AgentRecord) {
  const { policy, access } = toolSettingsOf(snapshot, agent)
  return REGISTRY.specs(policy, access)
}

export function createToolPort(parts: ToolPortParts): RunToolPort {
  const { request, services, release, report } = parts

  const confined = (isResumed: boolean) => {
    const { runnerSignKey: signKey } = request
    const { assignments } = parts
    return confineRun({ request, ...parts.live(), services, signKey, assignments, isResumed })
  }

  const judge = (
    { call, callKey }: KeyedCall,
    isResumed: boolean,
  ): Result<PreparedCall, RefusedCall> => {
    const { snapshot, agent } = parts.live()
    const settings = toolSettingsOf(snapshot, agent)
    return checkCall(call, {
      registry: REGISTRY,
      policy: settings.policy,
      autonomy: settings.autonomy,
      access: settings.access,
      shell: settings.shell,
      credentialed: credentialedPolicyOf(snapshot, agent),
      budget: {
        // A resumed call was counted when it began.
        limitPerHour: isResumed ? 0 : settings.limitPerHour,
        window: parts.budget.readToolCallWindow(),
        now: services.now(),
      },
      identity: {
        tenantId: snapshot.tenantId,
        agentId: agent.id,
        sessionKey: request.sessionKey.text,
        runId: request.runId,
        callId: callKey,
        policyVersion: snapshot.version,
        workspaceRoot: null,
      },
      carriesSecret: parts.dictionary.contains,
      approval: null,
    })
  }

  const run = async (
    keyed: KeyedCall,
    { isResumed, signal }: { isResumed: boolean; signal: AbortSignal },
  ): Promise<ToolOutcome> => {
    if (isResumed && REGISTRY.find(keyed.call.name)?.isIdempotent === false) return INTERRUPTED
    const checked = judge(keyed, isResumed)
    if (!checked.ok) {
      for (const event of checked.error.events) report(releasedRefusal(event, release))
      return { content: checked.error.message, isError: true }
    }
    if (!isResumed) parts.budget.writeToolCallWindow(checked.value.budget)
    parts.onActivity('tool_exec', { tool: keyed.call.name })
    const { snapshot, agent } = parts.live()
    const { access, policy } = toolSettingsOf(snapshot, agent)
    const { workspace, sandbox } = confined(isResumed)
    const outcome = await invoke(checked.value, {
      callId: keyed.callKey,
      isResumed,
      workspace,
      sandbox,
      web: null,
      access,
      policy,
      credentialed: credentialedPolicyOf(snapshot, agent),
      credentials: createCredentials({
        services,
        tenantId: snapshot.tenantId,
        agentId: agent.id,
        dictionary: parts.dictionary,
        acceptPlaintext: request.settings.acceptPlaintext,
        report,
      }),
      hasSeenUntrusted: parts.provenance.hasSeenUntrusted(),
      signal,
      onActivity: parts.onActivity,
    })
    if (outcome.untrusted !== undefined) parts.provenance.sawUntrusted()
    return presentResult(outcome, {
      callKey: keyed.callKey,
      config: snapshot.config,
      release,
      report,
      workspace: access === 'rw' ? workspace : null,
    })
  }

  return {
    specs: () => {
      const { snapshot, agent } = parts.live()
      return offeredTools(snapshot, agent)
    },
    isParallelSafe: (name) => REGISTRY.find(name)?.isParallelSafe ?? true,
    isSandboxAvailable: () => confined(false).sandbox !== null,
    run,
  }
}
