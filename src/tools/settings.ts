/**
 * What configuration says about tools, brought into the form the gate takes: agent over the
 * agents' defaults over tenant for shell groups, approval, autonomy and access; tool policy only
 * narrows from level to level.
 */
import type { AgentSettings } from '../domain/config/agent-settings.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { Autonomy, ToolPolicyLevel } from '../domain/config/tool-policy.ts'
import type { WorkspaceAccess } from './access.ts'
import { type EffectiveToolPolicy, effectivePolicy } from './policy.ts'
import type { ShellPolicy } from './shell/command.ts'
import { effectiveDenyGroups } from './shell/deny-groups.ts'

export interface ToolSettings {
  readonly policy: EffectiveToolPolicy
  readonly autonomy: Autonomy['level']
  readonly access: WorkspaceAccess
  readonly shell: ShellPolicy
  readonly limitPerHour: number
}

export interface ToolSettingsSources {
  readonly config: TenantConfig
  readonly agent: AgentSettings
  /** Levels that belong to no configuration document: the credential's, channel's, owner's. */
  readonly credential?: ToolPolicyLevel
  readonly channel?: ToolPolicyLevel
  readonly owner?: ToolPolicyLevel
}

export function resolveToolSettings(sources: ToolSettingsSources): ToolSettings {
  const { config, agent } = sources
  const { defaults } = config.agents
  const approval = [agent.exec_approval, defaults.exec_approval, config.tools.execApproval]
  const autonomy = [agent.autonomy, defaults.autonomy, config.autonomy]
  return {
    policy: effectivePolicy({
      ...(sources.credential === undefined ? {} : { credential: sources.credential }),
      tenant: levelOf(config.tools),
      agent: agent.tools ?? defaults.tools ?? {},
      ...(sources.channel === undefined ? {} : { channel: sources.channel }),
      ...(sources.owner === undefined ? {} : { owner: sources.owner }),
    }),
    autonomy: nearest(autonomy, 'level') ?? 'readonly',
    access:
      agent.sandbox?.workspace_access ??
      defaults.sandbox?.workspace_access ??
      config.sandbox.workspace_access ??
      'rw',
    shell: {
      denyGroups: effectiveDenyGroups([
        config.tools.shellDenyGroups,
        defaults.shell_deny_groups ?? {},
        agent.shell_deny_groups ?? {},
      ]),
      allowedCommands: nearest(autonomy, 'allowed_commands') ?? null,
      approval: {
        security: nearest(approval, 'security') ?? 'deny',
        ask: nearest(approval, 'ask') ?? 'always',
        allowlist: nearest(approval, 'allowlist') ?? [],
      },
    },
    limitPerHour: config.tools.rate_limit_per_hour,
  }
}

/** The nearest level that says something; a missing setting then falls back to the closed side. */
const nearest = <Level extends object, Key extends keyof Level>(
  levels: readonly (Level | undefined)[],
  key: Key,
): Level[Key] | undefined => levels.find((level) => level?.[key] !== undefined)?.[key]

/** The tenant's `tools` section holds more than a policy level. */
function levelOf(tools: TenantConfig['tools']): ToolPolicyLevel {
  return {
    ...(tools.profile === undefined ? {} : { profile: tools.profile }),
    ...(tools.allow === undefined ? {} : { allow: tools.allow }),
    ...(tools.deny === undefined ? {} : { deny: tools.deny }),
  }
}
