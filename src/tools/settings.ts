/**
 * What configuration says about tools, brought into the form the gate takes: agent over the
 * agents' defaults over tenant for shell groups, approval, autonomy and access; tool policy only
 * narrows from level to level.
 */
import type { AgentSettings } from '../domain/config/agent-settings.ts'
import { effectiveSettings } from '../domain/config/effective.ts'
import type { TenantConfig } from '../domain/config/tenant-config.ts'
import type { Autonomy, ToolPolicyLevel } from '../domain/config/tool-policy.ts'
import type { Principal } from '../domain/principal.ts'
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
  /** On whose behalf; absent where only what holds for everybody is asked. */
  readonly caller?: ToolCaller
}

/** What the levels of the credential, the channel and the session's owner are found by. */
export interface ToolCaller {
  readonly credential: Pick<Principal['credential'], 'kind' | 'id'>
  readonly ownerId: string
  /** Of the session key; `ws` for web chat. */
  readonly channel: string
  /** What the instance that a message came through says of its senders, and of its group. */
  readonly ofInstance?: readonly ToolPolicyLevel[]
}

/** Web chat is no channel of a platform: nobody there but the tenant's own members. */
const WEB_CHAT = 'ws'

export function resolveToolSettings(sources: ToolSettingsSources): ToolSettings {
  const { config, agent } = sources
  const effective = effectiveSettings(config, agent)
  const [ofTenant = {}, ...ofAgent] = effective.tools
  return {
    policy: effectivePolicy({
      tenant: [ofTenant],
      agent: ofAgent,
      ...(sources.caller === undefined ? {} : levelsOfCaller(config, sources.caller)),
    }),
    autonomy: effective.autonomy.level,
    access: effective.sandbox.workspace_access,
    shell: {
      denyGroups: effectiveDenyGroups([effective.shell_deny_groups]),
      allowedCommands: effective.autonomy.allowed_commands ?? null,
      approval: effective.exec_approval,
    },
    limitPerHour: config.tools.rate_limit_per_hour,
  }
}

type CallerLevels = Readonly<Record<'credential' | 'channel' | 'owner', readonly ToolPolicyLevel[]>>

function levelsOfCaller(
  { tools, channels }: TenantConfig,
  { credential, ownerId, channel, ofInstance = [] }: ToolCaller,
): CallerLevels {
  const named = (levels: TenantConfig['tools']['by_owner'], name: string): ToolPolicyLevel[] =>
    Object.hasOwn(levels, name) ? [levels[name] ?? {}] : []
  const ofChannel = channel === WEB_CHAT ? undefined : channels.defaults.tools
  return {
    credential: [
      ...named(tools.by_credential, credential.kind),
      ...named(tools.by_credential, credential.id),
    ],
    channel: [...(ofChannel === undefined ? [] : [ofChannel]), ...ofInstance],
    owner: named(tools.by_owner, ownerId),
  }
}

/** Whether anything is said of this caller that is not said of everybody. */
export const isNarrowedFor = (config: TenantConfig, caller: ToolCaller): boolean =>
  Object.values(levelsOfCaller(config, caller)).some((levels) => levels.length > 0)

/** Whether the credential may do less than others of the same person. */
export const isNarrowedCredential = (
  { tools: { by_credential: levels } }: TenantConfig,
  { kind, id }: ToolCaller['credential'],
): boolean => Object.hasOwn(levels, kind) || Object.hasOwn(levels, id)
