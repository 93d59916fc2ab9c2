/**
 * What holds for one agent: its own settings over the agents' defaults over the tenant's. One place
 * says which level wins, so that what is shown is what is judged by.
 */

import { HEARTBEAT_PROMPT } from '../cron-job.ts'
import type { SpendingModel } from '../usage.ts'
import type { AgentSettings } from './agent-settings.ts'
import {
  effectiveAccess,
  effectiveImage,
  effectiveMode,
  effectiveScope,
  type SandboxMode,
  type SandboxScope,
  type WorkspaceAccess,
} from './sandbox-policy.ts'
import { sandboxLevels, type TenantConfig } from './tenant-config.ts'
import type { Autonomy, ExecApproval, ShellDenyOverrides, ToolPolicyLevel } from './tool-policy.ts'

export interface EffectiveSettings {
  /** From the outermost; each can only narrow what the ones before it left. */
  readonly tools: readonly ToolPolicyLevel[]
  readonly autonomy: Autonomy
  readonly exec_approval: ExecApproval
  /** What was said of groups; a group that is not named is denied. */
  readonly shell_deny_groups: ShellDenyOverrides
  readonly sandbox: {
    readonly mode: SandboxMode
    readonly scope: SandboxScope
    readonly workspace_access: WorkspaceAccess
    /** Null: the runner's own. */
    readonly image: string | null
  }
  readonly temperature?: number
  readonly max_output_tokens?: number
  readonly context_window_tokens?: number
}

/** The nearest level that says something; what nobody says falls back to the closed side. */
const nearest = <Level extends object, Key extends keyof Level>(
  levels: readonly (Level | undefined)[],
  key: Key,
): Level[Key] | undefined => levels.find((level) => level?.[key] !== undefined)?.[key]

/** A section may hold more than its level of the policy. */
const levelOf = ({ profile, allow, deny }: ToolPolicyLevel): ToolPolicyLevel => ({
  ...(profile === undefined ? {} : { profile }),
  ...(allow === undefined ? {} : { allow }),
  ...(deny === undefined ? {} : { deny }),
})

export function effectiveSettings(config: TenantConfig, agent: AgentSettings): EffectiveSettings {
  const { defaults } = config.agents
  const approval = [agent.exec_approval, defaults.exec_approval, config.tools.execApproval]
  const autonomy = [agent.autonomy, defaults.autonomy, config.autonomy]
  const allowedCommands = nearest(autonomy, 'allowed_commands')
  const sandbox = sandboxLevels(config, agent)
  return {
    tools: [config.tools, defaults.tools ?? {}, agent.tools ?? {}].map(levelOf),
    autonomy: {
      level: nearest(autonomy, 'level') ?? 'readonly',
      ...(allowedCommands === undefined ? {} : { allowed_commands: allowedCommands }),
    },
    exec_approval: {
      security: nearest(approval, 'security') ?? 'deny',
      ask: nearest(approval, 'ask') ?? 'always',
      allowlist: nearest(approval, 'allowlist') ?? [],
    },
    shell_deny_groups: {
      ...config.tools.shellDenyGroups,
      ...defaults.shell_deny_groups,
      ...agent.shell_deny_groups,
    },
    sandbox: {
      mode: effectiveMode(sandbox),
      scope: effectiveScope(sandbox),
      workspace_access: effectiveAccess(sandbox),
      image: effectiveImage(sandbox),
    },
    ...modelSettings(config, agent),
  }
}

export type ModelSettings = Pick<
  EffectiveSettings,
  'temperature' | 'max_output_tokens' | 'context_window_tokens'
>

/** Asked in this order when the agent's own model fails; `provider` is the tenant's name of it. */
export const modelFallbacks = ({ fallbacks = [] }: AgentSettings): readonly SpendingModel[] =>
  fallbacks.map(({ provider, model }) => ({ provider, name: model }))

/** What goes with every call of the model. */
export function modelSettings(config: TenantConfig, agent: AgentSettings): ModelSettings {
  const levels = [agent, config.agents.defaults]
  const temperature = nearest(levels, 'temperature')
  const maxOutput = nearest(levels, 'max_output_tokens')
  const window = nearest(levels, 'context_window_tokens')
  return {
    ...(temperature === undefined ? {} : { temperature }),
    ...(maxOutput === undefined ? {} : { max_output_tokens: maxOutput }),
    ...(window === undefined ? {} : { context_window_tokens: window }),
  }
}

/** What a heartbeat says that has no words of its own. */
export const heartbeatPrompt = (config: TenantConfig, agent: AgentSettings): string =>
  nearest([agent, config.agents.defaults], 'heartbeat_prompt') ?? HEARTBEAT_PROMPT
