/**
 * One row for every function of `src/db/` that queries: how it is called, as one tenant, in ways
 * that would touch a neighbour's rows if a tenant filter were missing. A function without a row here
 * fails the isolation test.
 */
import type { Database } from '../../../../src/db/database.ts'
import type { AgentId, BinaryId, ProviderId, TenantId, UserId } from '../../../../src/domain/ids.ts'
import type { AgentPackage } from '../../../../src/domain/sandbox-package.ts'
import { APPROVAL_CASES } from './approval-cases.ts'
import { AUDIT_CASES, SECURITY_AUDIT_CASES, STOP_CASES } from './audit-cases.ts'
import { CHANNEL_INSTANCE_CASES, CHANNEL_PAIRING_CASES } from './channel-cases.ts'
import { instanceOf } from './channel-rows.ts'
import { CONFIG_PERMISSION_CASES } from './config-permission-cases.ts'
import { CRON_JOB_CASES, CRON_RUN_CASES } from './cron-cases.ts'
import { CUSTOM_TOOL_CASES, RUN_HOOK_CASES } from './hook-cases.ts'
import { ISSUER_CASES, LOGIN_CASES, STANDING_CASES } from './identity-cases.ts'
import { INVITATION_CASES, KEY_TREE_CASES, ROTATION_CASES } from './invitation-cases.ts'
import { MCP_CASES } from './mcp-cases.ts'
import { AGENT_FILE_CASES, MEMORY_CASES } from './memory-cases.ts'
import { DEVICE_CASES, PAIRING_CASES } from './pairing-cases.ts'
import { SESSION_CASES } from './session-cases.ts'
import { SKILL_CASES } from './skill-cases.ts'
import { SEALED_VALUE_CASES, TENANT_ROW_CASES } from './tenant-end-cases.ts'
import { ACTIVITY_CASES, TRACE_CASES, TRACE_EXPORTER_CASES } from './trace-cases.ts'
import { USAGE_CASES } from './usage-cases.ts'
import {
  apiKeyHash,
  EMPTY_CONFIG_HASH,
  invitationHash,
  issuerOf,
  loneUser,
  MEMBER,
  NOW,
  OWNER,
  slugOf,
} from './world.ts'

/** The modules under test, loaded by the caller: the real ones, or altered copies of them. */
export interface Repositories {
  readonly activity: typeof import('../../../../src/db/activity.ts')
  readonly agents: typeof import('../../../../src/db/agents.ts')
  readonly 'agent-files': typeof import('../../../../src/db/agent-files.ts')
  readonly memory: typeof import('../../../../src/db/memory.ts')
  readonly approvals: typeof import('../../../../src/db/approvals.ts')
  readonly 'api-key-rotation': typeof import('../../../../src/db/api-key-rotation.ts')
  readonly 'key-tree': typeof import('../../../../src/db/key-tree.ts')
  readonly 'api-keys': typeof import('../../../../src/db/api-keys.ts')
  readonly 'channel-instances': typeof import('../../../../src/db/channel-instances.ts')
  readonly 'channel-pairings': typeof import('../../../../src/db/channel-pairings.ts')
  readonly 'config-permissions': typeof import('../../../../src/db/config-permissions.ts')
  readonly 'cron-jobs': typeof import('../../../../src/db/cron-jobs.ts')
  readonly 'cron-runs': typeof import('../../../../src/db/cron-runs.ts')
  readonly devices: typeof import('../../../../src/db/devices.ts')
  readonly 'audit-records': typeof import('../../../../src/db/audit-records.ts')
  readonly 'emergency-stops': typeof import('../../../../src/db/emergency-stops.ts')
  readonly 'security-audit': typeof import('../../../../src/db/security-audit.ts')
  readonly directory: typeof import('../../../../src/db/directory.ts')
  readonly invitations: typeof import('../../../../src/db/invitations.ts')
  readonly 'jwt-issuers': typeof import('../../../../src/db/jwt-issuers.ts')
  readonly 'login-sessions': typeof import('../../../../src/db/login-sessions.ts')
  readonly 'member-standing': typeof import('../../../../src/db/member-standing.ts')
  readonly 'llm-providers': typeof import('../../../../src/db/llm-providers.ts')
  readonly 'custom-tools': typeof import('../../../../src/db/custom-tools.ts')
  readonly 'run-hooks': typeof import('../../../../src/db/run-hooks.ts')
  readonly 'mcp-servers': typeof import('../../../../src/db/mcp-servers.ts')
  readonly memberships: typeof import('../../../../src/db/memberships.ts')
  readonly pairings: typeof import('../../../../src/db/pairings.ts')
  readonly 'search-providers': typeof import('../../../../src/db/search-providers.ts')
  readonly 'sealed-values': typeof import('../../../../src/db/sealed-values.ts')
  readonly 'secure-cli': typeof import('../../../../src/db/secure-cli.ts')
  readonly 'security-events': typeof import('../../../../src/db/security-events.ts')
  readonly skills: typeof import('../../../../src/db/skills.ts')
  readonly sessions: typeof import('../../../../src/db/sessions.ts')
  readonly 'tenant-config': typeof import('../../../../src/db/tenant-config.ts')
  readonly 'tenant-rows': typeof import('../../../../src/db/tenant-rows.ts')
  readonly tenants: typeof import('../../../../src/db/tenants.ts')
  readonly 'trace-exporters': typeof import('../../../../src/db/trace-exporters.ts')
  readonly traces: typeof import('../../../../src/db/traces.ts')
  readonly usage: typeof import('../../../../src/db/usage.ts')
  readonly versions: typeof import('../../../../src/db/versions.ts')
}

type Call<Module> = (module: Module, db: Database, tenantId: TenantId) => PromiseLike<unknown>

/** Functions of `Module` by name, each with its calls. */
export type CasesOf<Module> = { readonly [Name in keyof Module]?: readonly Call<Module>[] }
export type Cases = { readonly [File in keyof Repositories]: CasesOf<Repositories[File]> }

/** What a caller's object could carry past the types; it must lead nowhere. */
const SMUGGLED_TENANT = { tenantId: 'ten_a' }
const SMUGGLED: object = { ...SMUGGLED_TENANT, id: 'agt_9' }

const agent = (id: string): AgentId => id as AgentId
const binary = (id: string): BinaryId => id as BinaryId
const grantOf = (binaryId: string, agentId: string) => ({
  binaryId: binary(binaryId),
  agentId: agent(agentId),
  denyArgs: ['new'],
  grantedBy: OWNER,
  ...SMUGGLED_TENANT,
})
const destination = { absolutePath: '/usr/bin/gh', hosts: [], agentId: agent('agt_1') }
const packageChange = {
  base: [],
  next: [
    { manager: 'apt', name: 'jq', version: '1.6', addedBy: OWNER, addedAt: NOW },
  ] satisfies AgentPackage[],
}
const suspends = (userId: string) => ({
  userId: userId as UserId,
  status: 'suspended' as const,
  ...SMUGGLED_TENANT,
})
const provider = (id: string): ProviderId => id as ProviderId

export const CASES: Cases = {
  'agent-files': AGENT_FILE_CASES,
  memory: MEMORY_CASES,
  'audit-records': AUDIT_CASES,
  'emergency-stops': STOP_CASES,
  'security-audit': SECURITY_AUDIT_CASES,
  agents: {
    selectAgents: [(m, db, t) => m.selectAgents(db, t)],
    createAgent: [
      (m, db, t) =>
        m.createAgent(
          db,
          t,
          {
            id: agent('agt_3'),
            ...SMUGGLED_TENANT,
            key: 'elsewhere',
            displayName: 'new',
            provider: 'demo',
            model: 'demo',
            agentType: 'open',
            status: 'active',
            systemPrompt: '',
            settings: {},
          },
          NOW,
        ),
    ],
    updateAgent: [
      (m, db, t) => m.updateAgent(db, t, agent('agt_1'), { displayName: 'changed' }, NOW),
      (m, db, t) => m.updateAgent(db, t, agent('agt_9'), { displayName: 'changed' }, NOW),
      (m, db, t) => m.updateAgent(db, t, agent('agt_1'), { ...SMUGGLED }, NOW),
    ],
    setAgentPackages: [
      (m, db, t) => m.setAgentPackages(db, t, agent('agt_1'), packageChange, NOW),
      (m, db, t) => m.setAgentPackages(db, t, agent('agt_9'), packageChange, NOW),
    ],
    deleteAgent: [
      (m, db, t) => m.deleteAgent(db, t, agent('agt_2')),
      (m, db, t) => m.deleteAgent(db, t, agent('agt_1')),
      (m, db, t) => m.deleteAgent(db, t, agent('agt_9')),
    ],
  },
  approvals: APPROVAL_CASES,
  'channel-instances': CHANNEL_INSTANCE_CASES,
  'channel-pairings': CHANNEL_PAIRING_CASES,
  'config-permissions': CONFIG_PERMISSION_CASES,
  'api-key-rotation': ROTATION_CASES,
  'key-tree': KEY_TREE_CASES,
  'api-keys': {
    findApiKeyGrant: [
      (m, db, t) => m.findApiKeyGrant(db, t, 'key_vouched'),
      (m, db, t) => m.findApiKeyGrant(db, t, 'key_1'),
      (m, db, t) => m.findApiKeyGrant(db, t, 'key_9'),
      // Whoever stands behind the key that made it is suspended next door only.
      (m, db, t) => m.findApiKeyGrant(db, t, 'key_below'),
    ],
    listApiKeys: [
      (m, db, t) => m.listApiKeys(db, t),
      (m, db, t) => m.listApiKeys(db, t, { limit: 200, after: 'key_vouched' }),
      (m, db, t) => m.listApiKeys(db, t, { limit: 200, after: 'key_9' }),
    ],
    findApiKeyRow: [
      (m, db, t) => m.findApiKeyRow(db, t, 'key_1'),
      (m, db, t) => m.findApiKeyRow(db, t, 'key_9'),
    ],
    createApiKeyRow: [
      (m, db, t) =>
        m.createApiKeyRow(
          db,
          t,
          {
            id: 'key_9',
            ...SMUGGLED_TENANT,
            hash: 'hash-new',
            prefix: 'ec_new',
            name: 'new',
            scopes: ['operator.admin'],
            ownerId: OWNER,
            createdBy: OWNER,
            expiresAt: null,
          },
          NOW,
        ),
    ],
    revokeApiKey: [
      (m, db, t) => m.revokeApiKey(db, t, 'key_1', NOW),
      (m, db, t) => m.revokeApiKey(db, t, 'key_9', NOW),
    ],
    touchApiKey: [
      (m, db, t) => m.touchApiKey(db, t, 'key_1', NOW),
      (m, db, t) => m.touchApiKey(db, t, 'key_9', NOW),
    ],
  },
  'trace-exporters': TRACE_EXPORTER_CASES,
  activity: ACTIVITY_CASES,
  traces: TRACE_CASES,
  'cron-jobs': CRON_JOB_CASES,
  'cron-runs': CRON_RUN_CASES,
  devices: DEVICE_CASES,
  'mcp-servers': MCP_CASES,
  skills: SKILL_CASES,
  'custom-tools': CUSTOM_TOOL_CASES,
  'run-hooks': RUN_HOOK_CASES,
  pairings: PAIRING_CASES,
  directory: {
    findTenant: [(m, db, t) => m.findTenant(db, t)],
    findTenantBySlug: [(m, db, t) => m.findTenantBySlug(db, slugOf(t))],
    listTenantsOfUser: [(m, db, t) => m.listTenantsOfUser(db, loneUser(t))],
    findApiKey: [(m, db, t) => m.findApiKey(db, apiKeyHash(t))],
    findChannelTenant: [(m, db, t) => m.findChannelTenant(db, instanceOf(t))],
    findInvitation: [(m, db, t) => m.findInvitation(db, invitationHash(t))],
    findIssuers: [(m, db, t) => m.findIssuers(db, issuerOf(t), ['edgeclaw', 'other'])],
  },
  'jwt-issuers': ISSUER_CASES,
  'login-sessions': LOGIN_CASES,
  'member-standing': STANDING_CASES,
  invitations: INVITATION_CASES,
  'llm-providers': {
    selectProviders: [(m, db, t) => m.selectProviders(db, t)],
    createProvider: [
      (m, db, t) =>
        m.createProvider(
          db,
          t,
          {
            id: provider('prv_9'),
            ...SMUGGLED_TENANT,
            name: 'elsewhere',
            type: 'openai',
            apiBase: null,
            sealedApiKey: 'aes-gcm:new',
            allowPrivateNetwork: false,
            enabled: true,
          },
          NOW,
        ),
    ],
    updateProvider: [
      (m, db, t) => m.updateProvider(db, t, provider('prv_1'), { enabled: false }, NOW),
      (m, db, t) => m.updateProvider(db, t, provider('prv_9'), { apiBase: 'https://x' }, NOW),
      (m, db, t) => m.updateProvider(db, t, provider('prv_1'), { ...SMUGGLED }, NOW),
    ],
    deleteProvider: [
      (m, db, t) => m.deleteProvider(db, t, provider('prv_1')),
      (m, db, t) => m.deleteProvider(db, t, provider('prv_9')),
    ],
  },
  memberships: {
    forgetRemoval: [
      (m, db, t) => m.forgetRemoval(db, t, OWNER),
      (m, db, t) => m.forgetRemoval(db, t, MEMBER),
      // A member here who was removed next door, and the other way round.
      (m, db, t) => m.forgetRemoval(db, t, 'user-returned' as UserId),
      (m, db, t) => m.forgetRemoval(db, t, 'user-elsewhere' as UserId),
    ],
    listMemberships: [(m, db, t) => m.listMemberships(db, t)],
    findMembership: [
      (m, db, t) => m.findMembership(db, t, MEMBER),
      (m, db, t) => m.findMembership(db, t, 'user-elsewhere' as UserId),
    ],
    setMembership: [
      (m, db, t) => m.setMembership(db, t, { userId: MEMBER, role: 'viewer' }, NOW),
      (m, db, t) =>
        m.setMembership(db, t, { userId: MEMBER, role: 'viewer', ...SMUGGLED_TENANT }, NOW),
      // The only owner here; the neighbours have others.
      (m, db, t) => m.setMembership(db, t, { userId: OWNER, role: 'viewer' }, NOW),
    ],
    removeMembership: [
      (m, db, t) => m.removeMembership(db, t, MEMBER, NOW),
      (m, db, t) => m.removeMembership(db, t, OWNER, NOW),
      (m, db, t) => m.removeMembership(db, t, 'user-elsewhere' as UserId, NOW),
    ],
    setMembershipStatus: [
      (m, db, t) => m.setMembershipStatus(db, t, suspends(MEMBER), NOW),
      // The only owner here; the neighbours have others.
      (m, db, t) => m.setMembershipStatus(db, t, suspends(OWNER), NOW),
      (m, db, t) => m.setMembershipStatus(db, t, suspends('user-elsewhere'), NOW),
    ],
  },
  'search-providers': {
    selectSearchProviders: [(m, db, t) => m.selectSearchProviders(db, t)],
    createSearchProvider: [
      (m, db, t) =>
        m.createSearchProvider(
          db,
          t,
          {
            id: 'sea_9',
            ...SMUGGLED_TENANT,
            name: 'elsewhere',
            type: 'brave',
            apiBase: null,
            sealedApiKey: 'aes-gcm:new',
            allowPrivateNetwork: false,
            enabled: true,
          },
          NOW,
        ),
    ],
    updateSearchProvider: [
      (m, db, t) => m.updateSearchProvider(db, t, 'sea_1', { enabled: false }, NOW),
      (m, db, t) => m.updateSearchProvider(db, t, 'sea_9', { apiBase: 'https://x' }, NOW),
      (m, db, t) => m.updateSearchProvider(db, t, 'sea_1', { ...SMUGGLED }, NOW),
    ],
    deleteSearchProvider: [
      (m, db, t) => m.deleteSearchProvider(db, t, 'sea_1'),
      (m, db, t) => m.deleteSearchProvider(db, t, 'sea_9'),
    ],
  },
  'security-events': {
    insertSecurityEvents: [
      (m, db, t) =>
        m.insertSecurityEvents(db, t, [
          {
            id: 'sev_9',
            ...SMUGGLED_TENANT,
            name: 'tool_denied',
            severity: 'warn',
            fields: {},
            context: {},
            createdAt: NOW,
          },
        ]),
    ],
    listSecurityEvents: [
      (m, db, t) => m.listSecurityEvents(db, t, { limit: 200 }),
      (m, db, t) => m.listSecurityEvents(db, t, { limit: 200, severity: 'warn', since: 1 }),
      (m, db, t) => m.listSecurityEvents(db, t, { limit: 200, until: NOW }),
      (m, db, t) =>
        m.listSecurityEvents(db, t, {
          limit: 200,
          name: 'auth_failed',
          before: { createdAt: NOW, id: 'sev_1' },
        }),
    ],
  },
  'secure-cli': {
    selectBinaries: [(m, db, t) => m.selectBinaries(db, t)],
    selectGrants: [(m, db, t) => m.selectGrants(db, t)],
    findSealedEnv: [
      (m, db, t) => m.findSealedEnv(db, t, binary('bin_1')),
      (m, db, t) => m.findSealedEnv(db, t, binary('bin_9')),
      (m, db, t) =>
        m.findSealedEnv(db, t, binary('bin_1'), { ...destination, packagesAddedAt: -1 }),
      (m, db, t) =>
        m.findSealedEnv(db, t, binary('bin_1'), {
          ...destination,
          agentId: agent('agt_9'),
          packagesAddedAt: -1,
        }),
      (m, db, t) =>
        m.findSealedEnv(db, t, binary('bin_9'), { ...destination, packagesAddedAt: null }),
    ],
    createBinary: [
      (m, db, t) =>
        m.createBinary(
          db,
          t,
          {
            id: binary('bin_9'),
            ...SMUGGLED_TENANT,
            name: 'elsewhere',
            absolutePath: '/usr/bin/aws',
            description: '',
            denyArgs: [],
            denyVerbose: [],
            hosts: [],
            sealedEnv: 'aes-gcm:new',
            timeoutSeconds: 60,
            isGlobal: false,
            enabled: true,
          },
          NOW,
        ),
    ],
    updateBinary: [
      (m, db, t) => m.updateBinary(db, t, binary('bin_1'), { enabled: false }, NOW),
      (m, db, t) => m.updateBinary(db, t, binary('bin_9'), { absolutePath: '/bin/x' }, NOW),
      (m, db, t) => m.updateBinary(db, t, binary('bin_1'), { ...SMUGGLED }, NOW),
    ],
    deleteBinary: [
      (m, db, t) => m.deleteBinary(db, t, binary('bin_1')),
      (m, db, t) => m.deleteBinary(db, t, binary('bin_2')),
      (m, db, t) => m.deleteBinary(db, t, binary('bin_9')),
    ],
    listGrants: [
      (m, db, t) => m.listGrants(db, t, binary('bin_1')),
      (m, db, t) => m.listGrants(db, t, binary('bin_9')),
    ],
    grantBinary: [
      (m, db, t) => m.grantBinary(db, t, grantOf('bin_2', 'agt_2'), NOW),
      (m, db, t) => m.grantBinary(db, t, grantOf('bin_1', 'agt_1'), NOW),
      (m, db, t) => m.grantBinary(db, t, grantOf('bin_9', 'agt_1'), NOW),
      (m, db, t) => m.grantBinary(db, t, grantOf('bin_1', 'agt_9'), NOW),
    ],
    revokeGrant: [
      (m, db, t) => m.revokeGrant(db, t, binary('bin_1'), agent('agt_1')),
      (m, db, t) => m.revokeGrant(db, t, binary('bin_1'), agent('agt_9')),
      (m, db, t) => m.revokeGrant(db, t, binary('bin_9'), agent('agt_9')),
    ],
  },
  sessions: SESSION_CASES,
  'tenant-config': {
    selectConfig: [(m, db, t) => m.selectConfig(db, t)],
    loadConfig: [(m, db, t) => m.loadConfig(db, t)],
    writeConfig: [
      (m, db, t) => m.writeConfig(db, t, configChange(EMPTY_CONFIG_HASH), NOW),
      (m, db, t) => m.writeConfig(db, t, configChange('of another document'), NOW),
    ],
    listConfigVersions: [
      (m, db, t) => m.listConfigVersions(db, t),
      (m, db, t) => m.listConfigVersions(db, t, { limit: 2, before: 200 }),
    ],
    findConfigVersion: [
      (m, db, t) => m.findConfigVersion(db, t, 1),
      (m, db, t) => m.findConfigVersion(db, t, 240),
    ],
  },
  'sealed-values': SEALED_VALUE_CASES,
  'tenant-rows': TENANT_ROW_CASES,
  tenants: {
    loadSnapshot: [(m, db, t) => m.loadSnapshot(db, t)],
    createTenant: [
      (m, db) =>
        m.createTenant(
          db,
          'ten_new' as TenantId,
          {
            name: 'new',
            slug: 'new',
            agentId: agent('agt_1'),
            providerId: provider('prv_1'),
            createdBy: OWNER,
            ownerId: OWNER,
          },
          NOW,
        ),
    ],
    updateTenant: [
      (m, db, t) => m.updateTenant(db, t, { name: 'changed' }, NOW),
      (m, db, t) => m.updateTenant(db, t, { ...SMUGGLED }, NOW),
    ],
  },
  usage: USAGE_CASES,
  versions: {
    bumpVersion: [(m, db, t) => m.bumpVersion(db, t)],
    bumpAuthVersion: [(m, db, t) => m.bumpAuthVersion(db, t)],
    readVersions: [(m, db, t) => m.readVersions(db, t)],
  },
}

const configChange = (baseHash: string) => ({
  document: { gateway: { rate_limit_rpm: 7 } },
  baseHash,
  userId: OWNER,
})
