import { describe, expect, it } from 'vitest'
import type { AgentRecord } from '../../../src/domain/agent-record.ts'
import type { AgentSettings } from '../../../src/domain/config/agent-settings.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import {
  agentIdSchema,
  runIdSchema,
  tenantIdSchema,
  userIdSchema,
} from '../../../src/domain/ids.ts'
import type { Principal } from '../../../src/domain/principal.ts'
import type { RunOrigin } from '../../../src/domain/run-origin.ts'
import { parseSessionKey } from '../../../src/domain/session-key.ts'
import { reachedBy, type TenantSnapshot } from '../../../src/domain/tenant-snapshot.ts'
import { ancestorsOf, createRunRights } from '../../../src/gateway/run-rights.ts'
import { isToolAllowed } from '../../../src/tools/policy.ts'

const agent = (key: string, settings: AgentSettings = {}): AgentRecord => ({
  id: agentIdSchema.parse(`agt_${key}`),
  key,
  displayName: key,
  provider: 'demo',
  model: 'demo',
  agentType: 'open',
  status: 'active',
  isDefault: false,
  systemPrompt: '',
  settings,
  packages: [],
})

const PARENT = agent('parent', { sandbox: { mode: 'non-main', image: 'parents', scope: 'shared' } })
const HELPER = agent('helper')

const binary = (name: string, ...grantees: string[]) => ({
  id: `bin_${name}`,
  name,
  absolutePath: `/usr/bin/${name}`,
  description: '',
  denyArgs: [],
  denyVerbose: [],
  hosts: [],
  isGlobal: false,
  enabled: true,
  hasCredential: true,
  grants: grantees.map((key) => ({
    agentId: agentIdSchema.parse(`agt_${key}`),
    denyArgs: [`-${key}`],
  })),
})

const snapshotOf = (agents: readonly AgentRecord[], document: object = {}): TenantSnapshot => ({
  tenantId: tenantIdSchema.parse('ten_acme'),
  name: 'Acme',
  slug: 'acme',
  status: 'active',
  version: 1,
  authVersion: 1,
  config: tenantConfigSchema.parse(document),
  configHash: '',
  agents,
  providers: [],
  searchProviders: [],
  agentFiles: [],
  mcpServers: [],
  skills: [],
  customTools: [],
  runHooks: [],
  channelInstances: [],
  binaries: [binary('gh', 'parent', 'helper'), binary('aws', 'helper')] as never,
  stops: [],
})

const keyOf = (text: string) => {
  const key = parseSessionKey(text)
  if (!key.ok) throw new Error(key.error)
  return key.value
}

const principal: Principal = {
  tenantId: tenantIdSchema.parse('ten_acme'),
  userId: userIdSchema.parse('ada'),
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '203.0.113.7',
  allowedAgents: null,
  channel: null,
}

const originOf = (parent: string, fields: object = {}): RunOrigin => ({
  kind: 'subagent',
  parentSessionKey: parent,
  parentRunId: runIdSchema.parse('run_1'),
  lineage: [parent],
  owner: principal.userId,
  preset: null,
  hasSeenUntrusted: false,
  ...fields,
})

const rightsOf = (origin: RunOrigin | null, sessionKey = 'agent:helper:subagent:task-x') =>
  createRunRights({
    principal,
    workspaceUser: principal.userId,
    sessionKey: keyOf(sessionKey),
    origin,
  })

const WEB = 'agent:parent:ws:direct:c1'

describe('the rights of a run that acts for another', () => {
  const snapshot = snapshotOf([PARENT, HELPER])
  const live = { snapshot, agent: HELPER }

  it('hold the programs that all of them were granted, with what is denied to any', () => {
    const granted = (origin: RunOrigin | null) =>
      rightsOf(origin)
        .credentialed(live)
        .binaries.filter(({ isGranted }) => isGranted)
        .map(({ name, denyArgs }) => [name, denyArgs])
    expect(granted(null)).toEqual([
      ['gh', ['-helper']],
      ['aws', ['-helper']],
    ])
    expect(granted(originOf(WEB))).toEqual([['gh', ['-helper', '-parent']]])
  })

  it('hold the tightest sandbox, and the place of their own agent', () => {
    const levels = rightsOf(originOf(WEB)).sandbox(live)
    expect(levels.map(({ mode }) => mode)).toContain('non-main')
    expect(JSON.stringify(levels)).not.toMatch(/parents|shared/)
    expect(rightsOf(originOf('agent:parent:main')).sessionKind).toBe('main')
    expect(rightsOf(originOf(WEB)).sessionKind).toBe('subagent')
  })

  it('are judged as of the parent’s channel', () => {
    const channels = { defaults: { tools: { deny: ['exec'] } } }
    const narrowed = { snapshot: snapshotOf([PARENT, HELPER], { channels }), agent: HELPER }
    const mayExec = (parent: string) =>
      isToolAllowed(
        { name: 'exec', group: 'runtime' },
        rightsOf(originOf(parent)).settings(narrowed).policy,
      )
    expect(mayExec(WEB)).toBe(true)
    expect(mayExec('agent:parent:telegram:direct:42')).toBe(false)
  })

  it('are none once an agent that it acts for is gone, disabled, or out of reach', () => {
    const gone = snapshotOf([HELPER])
    const disabled = snapshotOf([{ ...PARENT, status: 'disabled' }, HELPER])
    const unreached = reachedBy({ allowedAgents: [HELPER.id] }, snapshot)
    for (const closed of [gone, disabled, unreached]) {
      expect(ancestorsOf(closed, originOf(WEB))).toBeNull()
      const rights = rightsOf(originOf(WEB))
      const now = { snapshot: closed, agent: HELPER }
      expect(rights.registry(now).all).toEqual([])
      expect(isToolAllowed({ name: 'read_file', group: 'fs' }, rights.settings(now).policy)).toBe(
        false,
      )
    }
    expect(ancestorsOf(snapshot, originOf(WEB))?.map((known) => known.agent.key)).toEqual([
      'parent',
    ])
  })

  it('are no tools at all for a reader, and all of its agent’s for nobody’s', () => {
    expect(rightsOf(originOf(WEB, { preset: 'reader' })).registry(live).all).toEqual([])
    expect(rightsOf(originOf(WEB)).registry(live).find('spawn')).toBeDefined()
    const { policy, access } = rightsOf(originOf(WEB)).settings(live)
    const offered = rightsOf(originOf(WEB)).registry(live).specs(policy, access)
    expect(offered.map(({ name }) => name)).not.toContain('spawn')
    expect(offered.map(({ name }) => name)).toContain('read_file')
  })
})
