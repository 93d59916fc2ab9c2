/**
 * What the security audit looks at of a tenant's channels: whom they let in by the rules that hold, and
 * what those reach. Credentials are opened to see whether they can be, and how a hook is proven.
 */
import type { Services } from '../api/context.ts'
import type { ChannelFacts, WebhookFacts } from '../audit/surface-facts.ts'
import { type AccessPolicy, groupAccess, toolLevelsOf } from '../channels/access-policy.ts'
import { peerOfEntry, type SenderNames } from '../channels/senders.ts'
import { hooksSchema } from '../channels/webhook/config.ts'
import { isEqualSecret } from '../crypto/equal.ts'
import type { AgentRecord } from '../domain/agent-record.ts'
import { type ChannelInstance, isOfHooks } from '../domain/channel.ts'
import type { ChannelConversation, ChannelSender } from '../domain/channel-event.ts'
import { channelInstanceConfigSchema } from '../domain/config/channels.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import { isToolAllowed, type PolicySubject } from '../tools/policy.ts'
import { hasAccess } from '../tools/registry.ts'
import { resolveToolSettings } from '../tools/settings.ts'
import { reachOf } from './audit-reach.ts'
import { type Credentials, credentialsOf } from './channels/instances.ts'
import { platformOf } from './channels/platforms.ts'
import { policyOf } from './channels/standing.ts'
import type { Settings } from './env.ts'
import { TOOL_REGISTRY } from './tool-settings.ts'

interface Parts {
  readonly services: Services
  readonly settings: Pick<Settings, 'token'>
}

/** Reach beyond the conversation that they are used in. */
const CONTROL_TOOLS: ReadonlySet<string> = new Set(['cron', 'spawn', 'sessions_send'])

/** Nobody in particular, somewhere in particular. */
const ANYBODY: ChannelSender = { id: '', username: null, displayName: '', kind: 'person' }
const DIRECT: ChannelConversation = { kind: 'direct', id: '', threadId: null }
const SOME_GROUP: ChannelConversation = { kind: 'group', id: '', threadId: null }

export async function channelFacts(
  parts: Parts,
  snapshot: TenantSnapshot,
): Promise<{
  readonly channels: readonly ChannelFacts[]
  readonly webhooks: readonly WebhookFacts[]
}> {
  const channels: ChannelFacts[] = []
  const webhooks: WebhookFacts[] = []
  for (const instance of snapshot.channelInstances) {
    const credentials = await readableCredentials(parts, snapshot, instance)
    if (isOfHooks(instance)) {
      webhooks.push(await webhookOf(parts, instance, credentials))
      continue
    }
    const channel = channelOf(snapshot, instance, credentials !== null)
    if (channel !== null) channels.push(channel)
  }
  return { channels, webhooks }
}

async function readableCredentials(
  { services }: Parts,
  { tenantId }: TenantSnapshot,
  instance: ChannelInstance,
): Promise<Credentials | null> {
  const platform = platformOf(instance.channelType)
  // What is switched off proves nothing, and needs nothing.
  if (platform === null || !instance.enabled) return null
  return credentialsOf(services, tenantId, instance, platform)
}

/** Null for settings that cannot be read: such a channel hears nobody. */
function channelOf(
  snapshot: TenantSnapshot,
  instance: ChannelInstance,
  hasCredentials: boolean,
): ChannelFacts | null {
  const policy = policyOf(snapshot, instance.id)
  const config = channelInstanceConfigSchema.safeParse(instance.config)
  const names = platformOf(instance.channelType)
  if (policy === null || !config.success || names === null) return null
  const { id, name, channelType: type, enabled } = instance
  const agents = agentsOf(snapshot, instance, policy)
  const may = toolsOfAnybody(snapshot, instance, policy)
  return {
    id,
    name,
    type,
    isEnabled: enabled,
    dmPolicy: policy.dmPolicy,
    admitsAnySender: policy.allowFrom.hasAny,
    listedSenders: policy.allowFrom.ids.size,
    groupPolicy: policy.groupPolicy,
    admitsAnyGroup: policy.groupAllowFrom.chats.has('*') || policy.groups.has('*'),
    needsMention: groupAccess(policy, SOME_GROUP).requireMention,
    isOneConversation: policy.dmScope === 'main',
    invalidEntries: invalidEntries(config.data, names),
    hasCredentials,
    agents: agents.map(({ key }) => key),
    agentsWithExec: agents
      .filter((agent) => may(agent, DIRECT, runsCommands) || may(agent, SOME_GROUP, runsCommands))
      .map(({ key }) => key),
    agentsInControl: agents
      .filter((agent) => may(agent, SOME_GROUP, ({ name }) => CONTROL_TOOLS.has(name)))
      .map(({ key }) => key),
    ...reachOf(config.data.api_base_url ?? null, config.data.allow_private_network),
  }
}

/** The instance's own, and those that single groups name. */
function agentsOf(
  { agents }: TenantSnapshot,
  { agentId }: ChannelInstance,
  { groups }: AccessPolicy,
): readonly AgentRecord[] {
  const named = new Set([...groups.values()].map(({ agent }) => agent))
  return agents.filter(
    ({ id, key, status }) =>
      status === 'active' && (id === agentId || named.has(key) || named.has(id)),
  )
}

const runsCommands = ({ group }: PolicySubject): boolean => group === 'runtime'

/** Whether somebody of whom nothing is said has a tool of a kind there. */
const toolsOfAnybody =
  ({ config }: TenantSnapshot, { id, channelType }: ChannelInstance, access: AccessPolicy) =>
  (
    { settings: agent }: AgentRecord,
    where: ChannelConversation,
    isOfKind: (tool: PolicySubject) => boolean,
  ): boolean => {
    const caller = {
      credential: { kind: 'channel' as const, id },
      ownerId: ANYBODY.id,
      channel: channelType,
      ofInstance: toolLevelsOf(access, where, ANYBODY),
    }
    const settings = resolveToolSettings({ config, agent, caller })
    return TOOL_REGISTRY.all.some(
      (tool) =>
        isOfKind(tool) && isToolAllowed(tool, settings.policy) && hasAccess(tool, settings.access),
    )
  }

/** Of the instance's own lists; the tenant's hold entries for all platforms. */
function invalidEntries(
  { allow_from = [], group_allow_from = [] }: ReturnType<typeof channelInstanceConfigSchema.parse>,
  names: SenderNames,
): number {
  const namesNobody = (entry: string): boolean => {
    const peer = peerOfEntry(entry, names.type)
    if (peer === null || peer === '') return true
    return peer !== '*' && (names.normalizeSender(peer) ?? '') === ''
  }
  // A group's id may look like no sender's: only what is for another platform is wrong there for certain.
  const isElsewhere = (entry: string): boolean => (peerOfEntry(entry, names.type) ?? '') === ''
  return allow_from.filter(namesNobody).length + group_allow_from.filter(isElsewhere).length
}

const UNSIGNED: ReadonlySet<string | undefined> = new Set(['bearer', 'secret'])

async function webhookOf(
  { settings: { token } }: Parts,
  { name, enabled, config }: ChannelInstance,
  credentials: Credentials | null,
): Promise<WebhookFacts> {
  const { proof, secret } = credentials ?? {}
  const hooks = hooksSchema.safeParse(config['hooks'] ?? {})
  return {
    name,
    isEnabled: enabled,
    hasCredentials: credentials !== null,
    isUnsigned: UNSIGNED.has(proof),
    hasGatewayToken: token !== null && secret !== undefined && (await isEqualSecret(secret, token)),
    chosenSessions: Object.entries(hooks.success ? hooks.data : {})
      .filter(([, hook]) => hook.allow_session_key)
      .map(([hook, { session_prefix: prefix = '' }]) => ({ hook, prefixChars: prefix.length })),
  }
}
