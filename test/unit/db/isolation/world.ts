/**
 * Rows of hostile neighbours: every tenant holds the same ids, names, users, times and hashes
 * (wherever the schema lets two tenants share them), so that a query that forgets its tenant meets
 * a neighbour's row at once. What may differ carries the tenant's id. The neighbours hold further
 * rows, and counts that would tip every guard.
 */
import type { Table } from 'drizzle-orm'
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId, UserId } from '../../../../src/domain/ids.ts'
import { hookRows } from './hook-rows.ts'
import { neighbourPartRows, ownPartRows } from './part-rows.ts'
import { unlikeRows } from './unlike-rows.ts'

export const usageRow = (userId: UserId, requests: number) => ({
  day: '2026-11-26',
  userId,
  agentKey: 'main',
  provider: 'demo',
  model: 'demo',
  keyId: 'key_1',
  requests,
  inputTokens: requests,
  outputTokens: requests,
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
  costMicroUsd: requests,
})

/** The tenant that acts, between two that sort before and after it. */
export const US = 'ten_b' as TenantId
export const NEIGHBOURS = ['ten_a', 'ten_c'] as TenantId[]

/** An hour before the time at which the cases act. */
export const BEFORE = 1_000_000_000
export const NOW = BEFORE + 3_600_000
const LONG_AGO = NOW - 400 * 86_400_000

export const OWNER = 'user-owner' as UserId
export const MEMBER = 'user-member' as UserId
export const EMPTY_CONFIG_HASH = '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a'

export const apiKeyHash = (tenantId: TenantId): string => `hash-${tenantId}`
export const invitationHash = (tenantId: TenantId): string => `invited-${tenantId}`
export const loneUser = (tenantId: TenantId): UserId => `user-of-${tenantId}` as UserId
export const issuerOf = (tenantId: TenantId): string => `https://${tenantId}.example`
export const loginHash = (tenantId: string): string => `login-${tenantId}`
export const slugOf = (tenantId: TenantId): string => `slug-${tenantId}`

export type Row = readonly [table: Table, values: Readonly<Record<string, unknown>>]

export function rowsOf(tenantId: TenantId): Row[] {
  const isUs = tenantId === US
  const times = { createdAt: BEFORE, updatedAt: BEFORE }
  const member = (userId: UserId, role: string, status = 'active'): Row => [
    schema.memberships,
    { tenantId, userId, role, status, ...times },
  ]
  const invitation = (id: string, createdBy = OWNER): Row => [
    schema.invitations,
    {
      tenantId,
      id,
      tokenHash: id === 'inv_1' ? invitationHash(tenantId) : `${invitationHash(tenantId)}-${id}`,
      role: 'operator',
      note: `for ${tenantId}`,
      createdBy,
      acceptedBy: null,
      acceptedAt: null,
      revokedAt: null,
      expiresAt: NOW + 3_600_000,
      createdAt: BEFORE,
    },
  ]
  const apiKey = (id: string, hash: string, ownerId = MEMBER, createdBy = OWNER): Row => [
    schema.apiKeys,
    {
      tenantId,
      id,
      hash,
      prefix: `ec_${tenantId}`,
      name: `key of ${tenantId}`,
      scopes: ['operator.read'],
      ownerId,
      createdBy,
      expiresAt: null,
      revokedAt: null,
      lastUsedAt: null,
      createdAt: BEFORE,
    },
  ]
  const rotatedKey = (): Row => {
    const [table, values] = apiKey('key_rotated', `${apiKeyHash(tenantId)}-rotated`)
    return [table, { ...values, rotatedTo: isUs ? 'key_1' : null }]
  }
  const agent = (id: string, key: string, isDefault: boolean): Row => [
    schema.agents,
    {
      tenantId,
      id,
      key,
      displayName: `agent of ${tenantId}`,
      provider: 'demo',
      model: 'demo',
      agentType: 'open',
      status: 'active',
      isDefault,
      systemPrompt: '',
      settings: {},
      ...times,
    },
  ]
  const provider = (id: string, name: string): Row => [
    schema.llmProviders,
    {
      tenantId,
      id,
      name,
      type: 'openai_compat',
      apiBase: `https://${tenantId}.example`,
      sealedApiKey: 'aes-gcm:same',
      allowPrivateNetwork: false,
      enabled: true,
      ...times,
    },
  ]
  const searchProvider = (id: string, name: string): Row => [
    schema.searchProviders,
    {
      tenantId,
      id,
      name,
      type: 'searxng',
      apiBase: `https://${tenantId}.example`,
      sealedApiKey: 'aes-gcm:same',
      allowPrivateNetwork: false,
      enabled: true,
      ...times,
    },
  ]
  const mcpServer = (id: string, name: string): Row => [
    schema.mcpServers,
    {
      tenantId,
      id,
      name,
      transport: 'streamable-http',
      url: `https://mcp.${tenantId}.example/mcp`,
      sealedHeaders: 'aes-gcm:same',
      tools: [],
      allowedAgents: ['*'],
      ...times,
    },
  ]
  const session = (sessionKey: string, userId: UserId): Row => [
    schema.sessionIndex,
    {
      tenantId,
      sessionKey,
      agentKey: 'main',
      channel: 'ws',
      userId,
      label: `label of ${tenantId}`,
      model: null,
      provider: null,
      messageCount: isUs ? 1 : 7,
      inputTokens: 0,
      outputTokens: 0,
      ...times,
    },
  ]
  const version = (number: number): Row => [
    schema.configVersions,
    {
      tenantId,
      number,
      document: JSON.stringify({ logging: { redactPatterns: [tenantId] } }),
      hash: EMPTY_CONFIG_HASH,
      createdBy: loneUser(tenantId),
      createdAt: BEFORE,
    },
  ]
  const permission = (id: string, userId: string): Row => [
    schema.configPermissions,
    {
      tenantId,
      id,
      agentId: '*',
      scope: '*',
      configType: 'gateway',
      userId,
      permission: isUs ? 'deny' : 'allow',
      grantedBy: loneUser(tenantId),
      createdAt: BEFORE,
    },
  ]
  const event = (id: string): Row => [
    schema.securityEvents,
    {
      tenantId,
      id,
      name: 'auth_failed',
      severity: 'warn',
      fields: { count: isUs ? 1 : 7 },
      context: { tenant: tenantId },
      createdAt: BEFORE,
    },
  ]
  const binary = (id: string, name: string): Row => [
    schema.secureCliBinaries,
    {
      tenantId,
      id,
      name,
      absolutePath: '/usr/bin/gh',
      description: `of ${tenantId}`,
      denyArgs: [tenantId],
      denyVerbose: [],
      hosts: [],
      sealedEnv: 'aes-gcm:same',
      envSetAt: NOW,
      timeoutSeconds: 60,
      isGlobal: false,
      enabled: true,
      ...times,
    },
  ]
  const grant = (binaryId: string, agentId: string): Row => [
    schema.secureCliGrants,
    {
      tenantId,
      binaryId,
      agentId,
      denyArgs: [tenantId],
      grantedBy: loneUser(tenantId),
      createdAt: BEFORE,
    },
  ]
  const approval = (id: string, status: string, createdAt = BEFORE): Row => [
    schema.approvals,
    {
      tenantId,
      id,
      agentId: 'agt_1',
      agentKey: 'main',
      sessionKey: 'agent:main:ws:direct:1',
      runId: id === 'apr_9' ? 'run_9' : 'run_1',
      callId: id === 'apr_9' ? 'call_9' : 'call_1',
      tool: 'exec',
      arguments: JSON.stringify({ command: `echo ${tenantId}` }),
      cwd: '',
      envNames: [],
      access: 'rw',
      network: 'none',
      policyVersion: '1',
      manifestRoot: '',
      standing: null,
      reason: 'autonomy',
      bindingHash: 'hash',
      status,
      requestedBy: OWNER,
      sessionOwner: OWNER,
      createdAt,
      expiresAt: NOW + 3_600_000,
    },
  ]
  const standing = (id: string, matchHash: string): Row => [
    schema.standingApprovals,
    {
      tenantId,
      id,
      agentKey: 'main',
      tool: 'exec',
      argv: ['echo', tenantId],
      cwd: '',
      matchHash,
      isRevoked: false,
      createdBy: loneUser(tenantId),
      createdAt: BEFORE,
      expiresAt: NOW + 3_600_000,
    },
  ]
  const auditRecord = (sequence: number): Row => [
    schema.auditRecords,
    {
      tenantId,
      sequence,
      record: JSON.stringify({ kind: isUs ? 'change' : 'event', tenant: tenantId }),
      previousMac: 'same',
      mac: `mac-${tenantId}`,
      createdAt: BEFORE,
    },
  ]
  const stop = (id: string, isPlatform: boolean): Row => [
    schema.emergencyStops,
    {
      tenantId,
      id,
      kind: 'tools',
      tools: ['exec'],
      reason: `of ${tenantId}`,
      isPlatform,
      createdBy: OWNER,
      createdAt: BEFORE,
    },
  ]
  const suppression = (checkId: string): Row => [
    schema.auditSuppressions,
    {
      tenantId,
      checkId,
      reason: `because of ${tenantId}`,
      createdBy: OWNER,
      createdAt: BEFORE,
      expiresAt: null,
    },
  ]
  const issuer = (id: string, name = issuerOf(tenantId)): Row => [
    schema.jwtIssuers,
    {
      tenantId,
      id,
      name: `issuer of ${tenantId}`,
      kind: 'oidc',
      issuer: name,
      audience: 'edgeclaw',
      jwksUrl: `${name}/jwks`,
      algorithms: ['ES256'],
      provisionRole: isUs ? null : 'operator',
      roleMapping: {},
      clientId: tenantId,
      sealedClientSecret: 'aes-gcm:same',
      allowPrivateNetwork: false,
      enabled: true,
      ...times,
    },
  ]
  const login = (id: string, tokenHash: string, userId = MEMBER, expiresAt = NOW + 1_000): Row => [
    schema.loginSessions,
    {
      tenantId,
      id,
      tokenHash,
      issuerId: 'iss_1',
      userId,
      role: isUs ? 'viewer' : 'admin',
      address: tenantId,
      userAgent: '',
      expiresAt,
      revokedAt: null,
      createdAt: BEFORE,
    },
  ]
  const pairing = (id: string, status: string, fields: Readonly<Record<string, unknown>>): Row => [
    schema.pairings,
    {
      tenantId,
      id,
      kind: 'device',
      channel: 'browser',
      instanceId: '',
      senderId: `sender-${id}`,
      code: null,
      secretHash: 'secret',
      status,
      address: '203.0.113.7',
      userAgent: `browser of ${tenantId}`,
      createdAt: BEFORE,
      expiresAt: NOW + 3_600_000,
      ...fields,
    },
  ]
  const device = (id: string, fields: Readonly<Record<string, unknown>> = {}): Row =>
    pairing(id, 'approved', {
      tokenHash: `token-${id}-${tenantId}`,
      tokenExpiresAt: NOW + 3_600_000,
      tokenDeliveredAt: BEFORE,
      userId: MEMBER,
      decidedBy: OWNER,
      decidedByKey: 'key_1',
      decidedAt: BEFORE,
      ...fields,
    })
  const own: Row[] = [
    [
      schema.tenants,
      {
        id: tenantId,
        slug: slugOf(tenantId),
        name: `name of ${tenantId}`,
        status: isUs ? 'active' : tenantId === NEIGHBOURS[0] ? 'suspended' : 'deleting',
        version: isUs ? 3 : 9,
        authVersion: isUs ? 4 : 8,
        ...times,
      },
    ],
    [
      schema.tenantConfig,
      {
        tenantId,
        document: '{}',
        hash: EMPTY_CONFIG_HASH,
        updatedBy: loneUser(tenantId),
        updatedAt: BEFORE,
      },
    ],
    member(OWNER, 'owner'),
    member(MEMBER, isUs ? 'admin' : 'owner'),
    member(loneUser(tenantId), 'viewer'),
    apiKey('key_1', apiKeyHash(tenantId)),
    // Of somebody who is a member next door only: here its maker alone vouches for it.
    rotatedKey(),
    apiKey('key_vouched', `${apiKeyHash(tenantId)}-vouched`, 'user-elsewhere' as UserId, MEMBER),
    invitation('inv_1'),
    invitation('inv_3', MEMBER),
    // By somebody who is no member here; next door they are one below owner.
    invitation('inv_2', 'user-inviter' as UserId),
    agent('agt_1', 'main', true),
    agent('agt_2', 'helper', false),
    issuer('iss_1'),
    login('lgs_1', loginHash(tenantId)),
    // Over: a new one sweeps its own tenant's away.
    login('lgs_old', `${loginHash(tenantId)}-old`, OWNER, BEFORE),
    provider('prv_1', 'demo'),
    searchProvider('sea_1', 'engine'),
    mcpServer('mcp_1', 'files'),
    ...hookRows(tenantId, '1', times),
    binary('bin_1', 'gh'),
    binary('bin_2', 'git'),
    grant('bin_1', 'agt_1'),
    session('agent:main:ws:direct:1', OWNER),
    session('agent:main:ws:direct:2', MEMBER),
    // Sparse: what matters are the oldest, which a write prunes, and the newest, which it counts from.
    version(1),
    version(30),
    version(isUs ? 210 : 240),
    permission('cpm_1', MEMBER),
    event('sev_1'),
    event('sev_2'),
    approval('apr_1', 'pending'),
    approval('apr_2', 'approved'),
    // Older than any is kept: a write prunes its own tenant's.
    approval('apr_old', 'denied', LONG_AGO),
    standing('sta_1', 'match'),
    pairing('par_1', 'pending', { code: 'CODE' }),
    // A write sweeps what has expired, in its own tenant.
    pairing('par_old', 'pending', { code: 'GONE', expiresAt: BEFORE }),
    pairing('par_due', 'approved', { userId: OWNER }),
    device('dev_1'),
    device('dev_2', { status: 'approved_viewer' }),
    [schema.usage, { tenantId, ...usageRow(OWNER, isUs ? 1 : 7) }],
    auditRecord(1),
    auditRecord(2),
    stop('stp_1', false),
    stop('stp_2', true),
    suppression('budgets.none'),
    ...ownPartRows(tenantId),
    ...unlikeRows(tenantId, { member, apiKey, pairing, login }),
  ]
  if (isUs) return own
  return [
    ...own,
    member('user-elsewhere' as UserId, 'owner'),
    member('user-new' as UserId, 'viewer', 'suspended'),
    member('user-inviter' as UserId, 'viewer'),
    invitation('inv_9'),
    apiKey('key_9', `hash-9-${tenantId}`),
    agent('agt_9', 'elsewhere', false),
    auditRecord(3),
    stop('stp_9', false),
    suppression('keys.no_expiry'),
    issuer('iss_9', `https://9.${tenantId}.example`),
    login('lgs_9', `${loginHash(tenantId)}-9`),
    provider('prv_9', 'elsewhere'),
    searchProvider('sea_9', 'elsewhere'),
    mcpServer('mcp_9', 'elsewhere'),
    ...hookRows(tenantId, '9', times),
    binary('bin_9', 'elsewhere'),
    grant('bin_9', 'agt_9'),
    grant('bin_1', 'agt_9'),
    grant('bin_2', 'agt_2'),
    session('agent:main:ws:direct:9', OWNER),
    permission('cpm_9', 'user-elsewhere'),
    event('sev_9'),
    approval('apr_9', 'pending'),
    approval('apr_8', 'approved'),
    standing('sta_8', 'match-9'),
    pairing('par_9', 'pending', { code: 'CODE9' }),
    pairing('par_8', 'denied', { senderId: 'sender-new' }),
    // Here it only asks: next door it was let in.
    device('dev_8', { senderId: 'sender-par_1' }),
    device('dev_9', { userId: 'user-elsewhere' as UserId }),
    ...neighbourPartRows(tenantId),
  ]
}
