/** A run as the gateway is asked for it: one person's, in one conversation of one agent. */
import type { AgentRecord } from '../../../src/domain/agent-record.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'
import {
  agentIdSchema,
  runIdSchema,
  tenantIdSchema,
  userIdSchema,
} from '../../../src/domain/ids.ts'
import { parseSessionKey } from '../../../src/domain/session-key.ts'
import type { TenantSnapshot } from '../../../src/domain/tenant-snapshot.ts'
import type { CallLive } from '../../../src/gateway/call-live.ts'
import type { TurnRequest } from '../../../src/gateway/turn-request.ts'
import { settings } from './world.ts'

const tenantId = tenantIdSchema.parse('ten_acme')
const userId = userIdSchema.parse('ada')

const AGENT: AgentRecord = {
  id: agentIdSchema.parse('agt_main'),
  key: 'main',
  displayName: 'main',
  provider: 'demo',
  model: 'demo',
  agentType: 'open',
  status: 'active',
  isDefault: false,
  systemPrompt: '',
  settings: {},
  packages: [],
}

/** @param document the tenant's configuration */
export function liveOf(document: object = {}): CallLive {
  const snapshot: TenantSnapshot = {
    tenantId,
    name: 'Acme',
    slug: 'acme',
    status: 'active',
    version: 1,
    authVersion: 1,
    config: tenantConfigSchema.parse(document),
    configHash: '',
    agents: [AGENT],
    providers: [],
    searchProviders: [],
    agentFiles: [],
    mcpServers: [],
    skills: [],
    customTools: [],
    runHooks: [],
    channelInstances: [],
    binaries: [],
    stops: [],
  }
  return { snapshot, agent: AGENT }
}

export function requestOf(fields: Partial<TurnRequest> = {}): TurnRequest {
  const sessionKey = parseSessionKey('agent:main:ws:direct:c1')
  if (!sessionKey.ok) throw new Error(sessionKey.error)
  return {
    runnerSignKey: null,
    settings: settings(),
    principal: {
      tenantId,
      userId,
      role: 'operator',
      scopes: ['operator.write'],
      isMasterScope: false,
      credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
      authVersion: 1,
      clientAddress: '203.0.113.7',
      allowedAgents: null,
      channel: null,
    },
    sessionKey: sessionKey.value,
    workspaceUser: userId,
    runId: runIdSchema.parse('run_1'),
    callerInstructions: '',
    sampling: {},
    invocation: null,
    isCompaction: false,
    origin: null,
    hops: 0,
    startedAt: 0,
    signal: new AbortController().signal,
    ...fields,
  }
}
