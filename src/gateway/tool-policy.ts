/** An agent's tools as they come out of all levels, each with the rule that decided: what an editor shows. */
import type { DecidedBy, PolicyAsker, ToolPolicyView } from '../api/tool-judgement.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { SHELL_DENY_GROUPS, type ShellDenyGroup } from '../domain/config/tool-policy.ts'
import { stopOfTool } from '../domain/emergency-stop.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { decideAutonomy } from '../tools/autonomy.ts'
import { decidingRule, levelsOf, type PolicyRule } from '../tools/policy.ts'
import { hasAccess } from '../tools/registry.ts'
import type { ToolCaller, ToolSettings } from '../tools/settings.ts'
import type { Tool } from '../tools/tool.ts'
import { placeOf as channelPlaceOf } from './channels/place.ts'
import { platformOf } from './channels/platforms.ts'
import { channelLevels, policyOf } from './channels/standing.ts'
import { toolSettingsOf, toolsOf } from './tool-settings.ts'

const WEB_CHAT = 'ws'

async function callerOf(snapshot: TenantSnapshot, asker: PolicyAsker): Promise<ToolCaller> {
  const { credential, channel } = asker
  if (channel === null) return { credential, ownerId: asker.ownerId ?? '', channel: WEB_CHAT }
  const facts = { name: channel.instanceId, ...channel }
  return {
    credential,
    ownerId: asker.ownerId ?? (await ownerIn(snapshot, channel)),
    channel: 'channel',
    ofInstance: channelLevels(snapshot, { channel: facts }),
  }
}

/** Whose the conversation would be: a group's, or the person's as the channel tells them apart. */
async function ownerIn(
  snapshot: TenantSnapshot,
  { instanceId, senderId, groupId }: NonNullable<PolicyAsker['channel']>,
): Promise<string> {
  const instance = snapshot.channelInstances.find(({ id }) => id === instanceId)
  const policy = policyOf(snapshot, instanceId)
  const names = instance && platformOf(instance.channelType)
  if (!instance || policy === null || !names) return ''
  const place = await channelPlaceOf(
    snapshot,
    instance,
    policy,
    {
      conversation: {
        kind: groupId === undefined ? 'direct' : 'group',
        id: groupId ?? senderId,
        threadId: null,
      },
      sender: { id: senderId, username: null, displayName: '', kind: 'person' },
      address: {},
    },
    names,
  )
  return place?.owner ?? ''
}

export async function toolPolicy(
  snapshot: TenantSnapshot,
  agent: AgentRecord,
  asker: PolicyAsker,
): Promise<ToolPolicyView> {
  const settings = toolSettingsOf(snapshot, agent, await callerOf(snapshot, asker))
  const { policy, shell, autonomy, access, limitPerHour } = settings
  return {
    tools: toolsOf(snapshot, agent).all.map((tool) => judged(tool, settings, snapshot)),
    levels: levelsOf(policy).map(({ level, place, profile, allow, deny }) => ({
      level,
      place: placeOf({ level, place }),
      ...(profile === undefined ? {} : { profile }),
      ...(allow === undefined ? {} : { allow: [...allow] }),
      ...(deny === undefined ? {} : { deny: [...deny] }),
    })),
    shell: {
      denyGroups: SHELL_DENY_GROUPS.map((name) => ({
        name,
        denied: shell.denyGroups.has(name),
        decidedBy: groupSaidBy(snapshot, agent, name),
      })),
      allowedCommands: shell.allowedCommands === null ? null : [...shell.allowedCommands],
      approval: {
        security: shell.approval.security,
        ask: shell.approval.ask,
        allowlist: [...shell.approval.allowlist],
      },
    },
    autonomy,
    workspaceAccess: access,
    limitPerHour,
  }
}

const AGENT_PLACES = ['defaults', 'own']

export const placeOf = ({ level, place }: Pick<PolicyRule, 'level' | 'place'>): string =>
  (level === 'agent' ? AGENT_PLACES[place] : undefined) ?? String(place)

export const ofRule = ({ level, place, rule, entry }: PolicyRule): DecidedBy => ({
  level,
  place: placeOf({ level, place }),
  rule,
  entry,
})

/** In the order of the gate: the first that refuses is who decides. */
function judged(
  tool: Tool,
  { policy, access, autonomy }: ToolSettings,
  { stops }: TenantSnapshot,
): ToolPolicyView['tools'][number] {
  const { name, group } = tool
  const refused = (decidedBy: DecidedBy) => ({
    name,
    group,
    allowed: false,
    asks: false,
    decidedBy,
  })
  const stop = stopOfTool(stops, tool)
  if (stop !== null) return refused({ level: 'estop', place: '0', rule: stop.kind, entry: stop.id })
  const rule = decidingRule(tool, policy)
  if (rule !== null && !rule.isAllowed) return refused(ofRule(rule))
  if (!hasAccess(tool, access)) {
    return refused({ level: 'sandbox', place: '0', rule: 'workspace_access', entry: access })
  }
  // What its guard finds of a single call may ask for less, never for more.
  const decision = decideAutonomy(autonomy, {
    isReadOnlyTool: tool.isReadOnly,
    isReadOnlyCall: false,
  })
  if (decision === 'deny') {
    return refused({ level: 'autonomy', place: '0', rule: 'autonomy.level', entry: autonomy })
  }
  const decidedBy = rule === null ? null : ofRule(rule)
  return { name, group, allowed: true, asks: decision === 'ask', decidedBy }
}

/** The nearest that names the group, as it is resolved for a call. */
function groupSaidBy(
  { config }: TenantSnapshot,
  { settings }: AgentRecord,
  group: ShellDenyGroup,
): ToolPolicyView['shell']['denyGroups'][number]['decidedBy'] {
  if (settings.shell_deny_groups?.[group] !== undefined) return 'agent'
  if (config.agents.defaults.shell_deny_groups?.[group] !== undefined) return 'defaults'
  return config.tools.shellDenyGroups[group] === undefined ? 'default' : 'tenant'
}
