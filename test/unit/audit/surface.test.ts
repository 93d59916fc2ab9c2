/** The checks of what reaches a tenant's agents, and of what they reach; each with its neighbour. */
import { describe, expect, it } from 'vitest'
import type { Severity } from '../../../src/domain/security-finding.ts'
import {
  agent,
  type Change,
  channel,
  customTool,
  exporter,
  found,
  job,
  mcpServer,
  runHook,
  skill,
  webhook,
} from './facts.ts'

type Row = readonly [checkId: string, severity: Severity, change: Change, twin?: Change]

const channels = (...fields: Parameters<typeof channel>[0][]): Change => ({
  tenant: { channels: fields.map((each) => channel(each)), jobs: [], skills: [] },
})
const webhooks = (fields: Parameters<typeof webhook>[0]): Change => ({
  tenant: { webhooks: [webhook(fields)] },
})
const runHooks = (fields: Parameters<typeof runHook>[0]): Change => ({
  tenant: { runHooks: [runHook(fields)] },
})
const tools = (fields: Parameters<typeof customTool>[0]): Change => ({
  tenant: { customTools: [customTool(fields)] },
})
const servers = (fields: Parameters<typeof mcpServer>[0]): Change => ({
  tenant: { mcpServers: [mcpServer(fields)] },
})
const exporters = (fields: Parameters<typeof exporter>[0]): Change => ({
  tenant: { exporter: exporter(fields) },
})
const jobs = (fields: Parameters<typeof job>[0], more: Change['tenant'] = {}): Change => ({
  tenant: { jobs: [job(fields)], ...more },
})

/** Through which strangers come, with nothing else to find but that. */
const OPEN = { groupPolicy: 'allowlist', admitsAnyGroup: true } as const

const CHANNELS: readonly Row[] = [
  [
    'channels.slack.dm.open',
    'critical',
    channels({ dmPolicy: 'open', admitsAnySender: true }),
    channels({ dmPolicy: 'open', admitsAnySender: true, isEnabled: false }),
  ],
  [
    'channels.telegram.dm.open_invalid',
    'warn',
    channels({ type: 'telegram', dmPolicy: 'open' }),
    channels({ type: 'telegram', dmPolicy: 'allowlist' }),
  ],
  [
    'channels.slack.dm.scope_main_multiuser',
    'warn',
    channels({ isOneConversation: true }),
    channels({ isOneConversation: true, dmPolicy: 'allowlist', listedSenders: 1 }),
  ],
  [
    'channels.slack.dm.scope_main_multiuser',
    'warn',
    channels({ isOneConversation: true, dmPolicy: 'allowlist', listedSenders: 2 }),
    channels({ isOneConversation: true, dmPolicy: 'disabled' }),
  ],
  [
    'channels.slack.allowFrom.wildcard',
    'critical',
    channels({ dmPolicy: 'allowlist', admitsAnySender: true }),
    channels({ dmPolicy: 'disabled', admitsAnySender: true }),
  ],
  ['channels.slack.allowFrom.wildcard', 'critical', channels({ admitsAnySender: true })],
  ['channels.slack.allowFrom.invalid_entries', 'warn', channels({ invalidEntries: 1 })],
  [
    'channels.slack.group.open',
    'warn',
    channels({ groupPolicy: 'open' }),
    channels({ groupPolicy: 'disabled', admitsAnyGroup: true }),
  ],
  ['channels.slack.group.open', 'warn', channels(OPEN)],
  [
    'channels.slack.group.no_mention_gate',
    'warn',
    channels({ needsMention: false }),
    channels({ needsMention: false, groupPolicy: 'disabled' }),
  ],
  [
    'channels.slack.credentials_missing',
    'warn',
    channels({ hasCredentials: false }),
    channels({ hasCredentials: false, isEnabled: false }),
  ],
  ['channels.slack.private_url', 'critical', channels({ isPrivate: true })],
  ['channels.slack.plain_http', 'critical', channels({ isPlainHttp: true })],
]

const MCP: readonly Row[] = [
  [
    'mcp.unrestricted',
    'warn',
    { tenant: { mcpServers: [mcpServer({ isUnrestricted: true })] } },
    { tenant: { mcpServers: [mcpServer({ isUnrestricted: true, isEnabled: false })] } },
  ],
  [
    'mcp.private_url',
    'critical',
    { tenant: { mcpServers: [mcpServer({ isPrivate: true })] } },
    { tenant: { mcpServers: [mcpServer({ isPrivate: true, isEnabled: false })] } },
  ],
  ['mcp.plain_http', 'critical', servers({ isPlainHttp: true }), servers({})],
  [
    'mcp.query_in_url',
    'warn',
    servers({ hasQuery: true }),
    servers({ hasQuery: true, isEnabled: false }),
  ],
  [
    'mcp.tools_waiting',
    'info',
    servers({ waitingTools: 2 }),
    servers({ waitingTools: 2, isEnabled: false }),
  ],
]

const HOOKS: readonly Row[] = [
  [
    'hooks.credentials_missing',
    'warn',
    webhooks({ hasCredentials: false }),
    webhooks({ hasCredentials: false, isEnabled: false }),
  ],
  [
    'hooks.token_reuse_gateway_token',
    'critical',
    webhooks({ hasGatewayToken: true }),
    { ...webhooks({ hasGatewayToken: true }), platform: null },
  ],
  [
    'hooks.no_hmac',
    'info',
    webhooks({ isUnsigned: true }),
    webhooks({ isUnsigned: true, isEnabled: false }),
  ],
  [
    'hooks.request_session_key_enabled',
    'warn',
    webhooks({ chosenSessions: [{ hook: 'a', prefixChars: 3 }] }),
  ],
  ['run_hooks.no_secret', 'warn', runHooks({ hasSecret: false })],
  [
    'run_hooks.fail_open',
    'warn',
    runHooks({ letsThroughOnFailure: true }),
    runHooks({ letsThroughOnFailure: true, isEnabled: false }),
  ],
  ['run_hooks.private_url', 'critical', runHooks({ isPrivate: true })],
  ['run_hooks.plain_http', 'critical', runHooks({ isPlainHttp: true })],
]

const CUSTOM: readonly Row[] = [
  [
    'custom_tools.unrestricted',
    'warn',
    tools({ isUnrestricted: true }),
    tools({ isUnrestricted: true, isEnabled: false }),
  ],
  ['custom_tools.private_url', 'critical', tools({ isPrivate: true })],
  ['custom_tools.plain_http', 'critical', tools({ isPlainHttp: true })],
  [
    'skills.ungranted',
    'info',
    { tenant: { skills: [skill({ grants: 0, openAgents: [] })] } },
    { tenant: { skills: [skill({ grants: 0, openAgents: [], isEnabled: false })] } },
  ],
  ['traces.exporter.private_url', 'critical', exporters({ isPrivate: true })],
  [
    'traces.exporter.plain_http',
    'critical',
    exporters({ isPlainHttp: true }),
    exporters({ isPlainHttp: true, isEnabled: false }),
  ],
  [
    'traces.exporter.failing',
    'info',
    exporters({ isFailing: true }),
    { tenant: { exporter: null } },
  ],
  ['traces.propagate_to_models', 'info', { tenant: { tracesReachModels: true } }],
]

const SCHEDULES: readonly Row[] = [
  ['cron.operator_rights', 'warn', jobs({ isOperators: true, isAdmins: true })],
  ['cron.admin_rights', 'info', jobs({ isAdmins: true })],
]

for (const [family, rows] of Object.entries({ CHANNELS, MCP, HOOKS, CUSTOM, SCHEDULES })) {
  describe(`the checks of ${family.toLowerCase()}`, () => {
    it.for(rows)('%s (%s)', ([checkId, severity, change, twin]) => {
      expect(found(change)).toEqual([[checkId, severity]])
      if (twin !== undefined) expect(found(twin)).toEqual([])
    })
  })
}

describe('what comes together', () => {
  const idsOf = (change: Change) => found(change).map(([checkId]) => checkId)
  const exec = { ...OPEN, agentsWithExec: ['main'], agentsInControl: ['main'] }

  it('is told beside each of its parts: an open channel, and what it reaches', () => {
    expect(idsOf(channels(exec))).toEqual([
      'exposure.open_channels_with_exec',
      'exposure.open_groups_with_control_plane_tools',
      'channels.slack.group.open',
    ])
    const direct = { ...exec, admitsAnyGroup: false, admitsAnySender: true }
    expect(idsOf(channels(direct))).toEqual([
      'channels.slack.allowFrom.wildcard',
      'exposure.open_channels_with_exec',
    ])
    // Closed, switched off or deaf, it lets nobody reach anything.
    for (const closed of [
      { admitsAnyGroup: false },
      { isEnabled: false },
      { hasCredentials: false },
    ]) {
      const ids = idsOf(channels({ ...exec, ...closed }))
      expect(ids.filter((id) => id.startsWith('exposure'))).toEqual([])
    }
  })

  it('counts an open channel as strangers, as it does an issuer that makes members', () => {
    const open = channel(OPEN)
    const lax = {
      injectionAction: 'warn',
      agents: [agent({ autonomy: 'full' })],
      jobs: [],
      skills: [],
    }
    expect(idsOf({ tenant: { ...lax, channels: [open] } })).toEqual([
      'channels.slack.group.open',
      'input.injection_not_block_public',
      'agents.full_autonomy_exposed',
    ])
    expect(idsOf({ tenant: { ...lax, channels: [] } })).toEqual([])
  })

  it('finds skills and schedules that meet strangers, and none that do not', () => {
    const open = [channel(OPEN)]
    const about = (fields: Change['tenant']) =>
      idsOf({ tenant: { channels: open, jobs: [], skills: [], ...fields } }).slice(1)
    expect(about({ skills: [skill()] })).toEqual(['skills.exposed'])
    expect(about({ skills: [skill({ openAgents: ['other'] })] })).toEqual([])
    for (const named of ['team', 'chn_1']) {
      expect(about({ jobs: [job({ channel: named })] })).toEqual(['cron.delivers_to_open_channel'])
    }
    expect(about({ jobs: [job({ channel: null })] })).toEqual([])
  })

  it('tells schedules of agents that ask nobody', () => {
    const free = agent({ autonomy: 'full', execSecurity: 'full', execAsk: 'off' })
    expect(idsOf(jobs({}, { agents: [free] }))).toEqual([
      'tools.exec.security_full',
      'cron.unattended_exec',
    ])
    expect(idsOf(jobs({ agentKey: 'other' }, { agents: [free] }))).toEqual([
      'tools.exec.security_full',
    ])
  })

  it('judges each platform by itself', () => {
    const ids = idsOf(
      channels({ groupPolicy: 'open' }, { type: 'telegram', groupPolicy: 'open', name: 'club' }),
    )
    expect(ids).toEqual(['channels.slack.group.open', 'channels.telegram.group.open'])
  })

  it('tells a prefix that says nothing beside the choice itself', () => {
    expect(idsOf(webhooks({ chosenSessions: [{ hook: 'a', prefixChars: 2 }] }))).toEqual([
      'hooks.request_session_key_enabled',
      'hooks.request_session_key_prefixes_missing',
    ])
  })
})
