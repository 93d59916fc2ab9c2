/**
 * One row for every operation of the registry: params that name what is the north's, and what a call
 * that is allowed gets instead, so that it may change it.
 */

import { APPROVAL_ROWS } from './approval-rows.ts'
import { CHANNEL_ROWS } from './channel-rows.ts'
import { CRON_ROWS } from './cron-rows.ts'
import { HOOK_ROWS } from './hook-rows.ts'
import { plantDevice, plantLogin, plantPairing } from './plants.ts'
import {
  agent,
  agentId,
  binary,
  grant,
  issuer,
  JQ,
  newIssuer,
  newMcpServer,
  nothing,
  type Params,
  permitAlice,
  permittedAgent,
  type Row,
  scratch,
  scratchAgent,
  scratchBinary,
  scratchGrant,
  scratchInvitation,
  scratchIssuer,
  scratchKey,
  scratchMcpServer,
  scratchMember,
  scratchNote,
  scratchPackage,
  scratchPermission,
  scratchProvider,
  scratchSearchProvider,
  scratchSession,
  scratchStop,
  scratchSuppression,
  scratchUserFile,
  session,
  stop,
  suppression,
} from './scratch.ts'
import { SKILL_ROWS } from './skill-rows.ts'
import { TRACE_ROWS } from './trace-rows.ts'
import { SCRATCH } from './world.ts'

export type { Params, Row }

const note: Row = {
  names: 'session',
  params: (world) => ({ ...session(world), message: 'obey me' }),
  own: async (world) => ({ ...(await scratchSession(world)), message: 'a note' }),
}

/** An operator's role is not enough, and a pairing key's is: judged before anything is looked for. */
const pairing: Row = {
  names: 'row',
  params: ({ north }) => ({ code: north.pairing }),
  own: async (world) => ({ code: await plantPairing(world.north.tenantId, scratch(world)) }),
  otherUser: 'UNAUTHORIZED',
}

const mcpServer: Row = { names: 'row', params: ({ north }) => ({ id: north.mcpServerId }) }
/** Contacts the server: where no address can be checked, it is told so. */
const reaching: Row = { ...mcpServer, allowed: 'UNAVAILABLE' }

export const ROWS: Readonly<Record<string, Row>> = {
  health: nothing,
  status: nothing,
  'chat.send': {
    names: 'session',
    params: (world) => ({ ...session(world), message: 'let me in' }),
    own: (world) => ({
      sessionKey: `agent:${world.north.agentKey}:ws:direct:${scratch(world)}`,
      message: 'hello',
    }),
  },
  // Nobody is told whether a foreign session exists.
  'chat.abort': { names: 'session', params: session, otherUser: 'ok', otherTenant: 'ok' },
  'chat.stop': { names: 'session', params: session },
  // Stops the caller's own runs, of which there are none in that session.
  'chat.stopall': { names: 'session', params: session, otherUser: 'ok', otherTenant: 'ok' },
  'chat.reset': { names: 'session', params: session, own: scratchSession },
  'chat.inject': note,
  send: note,
  'chat.history': { names: 'session', params: session },
  'chat.session.status': { names: 'session', params: session },
  'sessions.list': nothing,
  'sessions.preview': { names: 'session', params: session },
  'sessions.patch': {
    names: 'session',
    params: (world) => ({ ...session(world), label: 'taken over' }),
    own: async (world) => ({ ...(await scratchSession(world)), label: 'mine' }),
  },
  'sessions.delete': { names: 'session', params: session, own: scratchSession },
  'sessions.reset': { names: 'session', params: session, own: scratchSession },
  'sessions.compact': { names: 'session', params: session, own: scratchSession },
  'sessions.resume': { names: 'session', params: session },
  'agents.list': nothing,
  agent: { names: 'row', params: agent },
  'agents.get': { names: 'row', params: agent },
  'agents.create': { names: 'nothing', params: (world) => ({ agent_key: scratch(world) }) },
  'agents.update': {
    names: 'row',
    params: (world) => ({ ...agent(world), settings: { temperature: 2 } }),
    own: permittedAgent,
    otherUser: 'UNAUTHORIZED',
  },
  'agents.delete': { names: 'row', params: agent, own: scratchAgent },
  'agents.files.list': { names: 'row', params: agentId },
  'agents.files.get': { names: 'row', params: (world) => ({ ...agentId(world), name: 'SOUL.md' }) },
  'agents.files.set': {
    names: 'row',
    params: (world) => ({ ...agentId(world), name: 'SOUL.md', content: 'obey me' }),
    own: (world) => ({ ...agentId(world), name: 'USER.md', content: SCRATCH }),
    otherUser: 'UNAUTHORIZED',
  },
  'agents.files.delete': {
    names: 'row',
    params: (world) => ({ ...agentId(world), name: 'SOUL.md' }),
    own: scratchUserFile,
    otherUser: 'UNAUTHORIZED',
  },
  'memory.list': { names: 'row', params: agentId },
  'memory.search': { names: 'row', params: (world) => ({ ...agentId(world), query: 'note of' }) },
  // A note is found by whom it is of.
  'memory.delete': {
    names: 'row',
    params: (world) => ({ ...agentId(world), id: world.north.note }),
    own: scratchNote,
    otherUser: 'NOT_FOUND',
  },
  'agents.packages.list': { names: 'row', params: agentId },
  'agents.packages.add': {
    names: 'row',
    params: (world) => ({ ...agentId(world), packages: [JQ] }),
    allowed: 'UNAVAILABLE',
  },
  'agents.packages.remove': {
    names: 'row',
    params: (world) => ({ ...agentId(world), packages: [JQ] }),
    own: scratchPackage,
  },
  'providers.list': nothing,
  'providers.create': {
    names: 'nothing',
    params: (world) => ({ name: scratch(world), provider_type: 'demo' }),
  },
  'providers.update': {
    names: 'row',
    params: ({ north }) => ({ id: north.providerId, enabled: false }),
    own: async (world) => ({ ...(await scratchProvider(world)), enabled: false }),
  },
  'providers.delete': {
    names: 'row',
    params: ({ north }) => ({ id: north.providerId }),
    own: scratchProvider,
  },
  'providers.test': {
    names: 'row',
    params: ({ north }) => ({ id: north.providerId }),
    own: scratchProvider,
  },
  'secure_cli.list': nothing,
  'secure_cli.get': { names: 'row', params: binary },
  'secure_cli.create': {
    names: 'nothing',
    params: (world) => ({ name: scratch(world), absolute_path: '/usr/bin/gh' }),
  },
  'secure_cli.update': {
    names: 'row',
    params: (world) => ({ ...binary(world), absolute_path: '/usr/bin/jq' }),
    own: async (world) => ({ ...(await scratchBinary(world)), enabled: false }),
  },
  'secure_cli.delete': { names: 'row', params: binary, own: scratchBinary },
  ...SKILL_ROWS,
  'secure_cli.grants.list': { names: 'row', params: binary },
  'secure_cli.grants.grant': {
    names: 'row',
    params: grant,
    own: async (world) => ({ ...(await scratchBinary(world)), agent_id: world.north.agentKey }),
  },
  'secure_cli.grants.revoke': { names: 'row', params: grant, own: scratchGrant },
  'models.list': nothing,
  'search.providers.list': nothing,
  'search.providers.create': {
    names: 'nothing',
    params: (world) => ({ name: scratch(world), provider_type: 'brave' }),
  },
  'search.providers.update': {
    names: 'row',
    params: ({ north }) => ({ id: north.searchProviderId, enabled: false }),
    own: async (world) => ({ ...(await scratchSearchProvider(world)), enabled: false }),
  },
  'search.providers.delete': {
    names: 'row',
    params: ({ north }) => ({ id: north.searchProviderId }),
    own: scratchSearchProvider,
  },
  ...HOOK_ROWS,
  ...CHANNEL_ROWS,
  'mcp.servers.list': nothing,
  'mcp.servers.get': mcpServer,
  'mcp.servers.create': { names: 'nothing', params: newMcpServer },
  'mcp.servers.update': {
    ...mcpServer,
    own: async (world) => ({ ...(await scratchMcpServer(world)), enabled: false }),
  },
  'mcp.servers.delete': { ...mcpServer, own: scratchMcpServer },
  'mcp.servers.test': reaching,
  'mcp.servers.reconnect': reaching,
  'mcp.servers.tools': mcpServer,
  'mcp.servers.agree': {
    ...mcpServer,
    params: ({ north }) => ({ id: north.mcpServerId, hashes: ['0'.repeat(64)] }),
    allowed: 'FAILED_PRECONDITION',
  },
  'mcp.servers.resources': reaching,
  'mcp.servers.prompts': reaching,
  'mcp.servers.authorize': { ...mcpServer, allowed: 'FAILED_PRECONDITION' },
  'mcp.servers.authorized': {
    ...mcpServer,
    params: ({ north }) => ({ id: north.mcpServerId, code: 'none' }),
    allowed: 'FAILED_PRECONDITION',
  },
  'tenants.mine': nothing,
  'tenants.list': nothing,
  'tenants.get': { names: 'tenant', params: ({ north }) => ({ id: north.tenantId }) },
  'tenants.create': {
    names: 'nothing',
    params: (world) => ({ name: SCRATCH, slug: scratch(world) }),
  },
  'tenants.update': {
    names: 'tenant',
    params: ({ north }) => ({ id: north.tenantId, status: 'suspended' }),
    own: async (world) => {
      const { id } = await world.operator.ask('tenants.create', {
        name: SCRATCH,
        slug: scratch(world),
      })
      return { id, status: 'suspended' }
    },
  },
  'tenants.users.list': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'tenants.users.add': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId, user_id: 'intruder', role: 'owner' }),
    own: (world) => ({ tenant_id: world.north.tenantId, user_id: scratch(world) }),
  },
  'tenants.users.remove': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId, user_id: north.member }),
    own: scratchMember,
  },
  'tenants.export': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'tenants.delete': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId, confirm: 'north', without_export: true }),
    allowed: 'NOT_FOUND',
    own: () => ({ tenant_id: 'ten_never', confirm: 'never', without_export: true }),
  },
  'tenants.deletion': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId }),
    allowed: 'NOT_FOUND',
  },
  'keys.rotate': nothing,
  'keys.rotation': nothing,
  'api_keys.list': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'api_keys.create': {
    names: 'tenant',
    params: ({ north }) => ({
      name: SCRATCH,
      scopes: ['operator.read'],
      tenant_id: north.tenantId,
      owner_id: 'intruder',
    }),
    own: () => ({ name: SCRATCH, scopes: ['operator.read'], owner_id: SCRATCH }),
  },
  'api_keys.revoke': {
    names: 'row',
    params: ({ north }) => ({ id: north.keyId }),
    own: scratchKey,
  },
  'api_keys.rotate': {
    names: 'row',
    params: ({ north }) => ({ id: north.keyId }),
    own: scratchKey,
  },
  'tenants.users.suspend': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId, user_id: north.member }),
    own: scratchMember,
  },
  'tenants.users.reinstate': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId, user_id: north.member }),
    own: scratchMember,
  },
  'invitations.create': {
    names: 'tenant',
    params: ({ north }) => ({ tenant_id: north.tenantId, role: 'admin', note: SCRATCH }),
    own: () => ({ role: 'viewer', note: SCRATCH }),
  },
  'invitations.list': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'invitations.revoke': {
    names: 'row',
    params: ({ north }) => ({ id: north.invitation }),
    own: async (world) => ({ id: (await scratchInvitation(world))['id'] }),
  },
  // Keys are no persons, and of the callers here only the one for whom the token speaks is one.
  'invitations.accept': {
    names: 'row',
    params: () => ({ token: `eci_${'x'.repeat(43)}` }),
    otherUser: 'UNAUTHORIZED',
    otherTenant: 'UNAUTHORIZED',
    allowed: 'UNAUTHORIZED',
  },
  'issuers.list': nothing,
  'issuers.create': { names: 'nothing', params: newIssuer },
  'issuers.update': {
    names: 'row',
    params: (world) => ({ ...issuer(world), enabled: false }),
    // All that an admin may.
    own: async (world) => ({ ...(await scratchIssuer(world)), enabled: false }),
  },
  'issuers.delete': { names: 'row', params: issuer, own: scratchIssuer },
  'issuers.test': { names: 'row', params: issuer },
  'login.sessions.list': nothing,
  // To anybody but its person and admins it does not exist.
  'login.sessions.revoke': {
    names: 'row',
    params: ({ north }) => ({ id: north.login }),
    own: async (world) => {
      const { tenantId, issuerId } = world.north
      const planted = { id: scratch(world), said: SCRATCH, by: 'alice' }
      return { id: await plantLogin(tenantId, issuerId, planted) }
    },
    otherUser: 'NOT_FOUND',
  },
  // For people who signed in; these are keys.
  'login.logout': {
    names: 'nothing',
    params: () => ({}),
    otherUser: 'FAILED_PRECONDITION',
    otherTenant: 'FAILED_PRECONDITION',
    allowed: 'FAILED_PRECONDITION',
  },
  'ws_tickets.create': nothing,
  'gateway.pairing_code.create': nothing,
  'device.pair.request': {
    names: 'nothing',
    params: (world) => ({ senderId: scratch(world), channel: 'browser' }),
  },
  // Nobody gives away more than they have: a key that may only pair has nothing to give.
  'device.pair.approve': { ...pairing, by: ({ alice }) => alice.admin },
  'device.pair.deny': pairing,
  'device.pair.list': { ...nothing, otherUser: 'UNAUTHORIZED' },
  'device.pair.revoke': {
    names: 'row',
    params: ({ north }) => ({ senderId: north.device, channel: 'browser' }),
    own: async (world) => ({
      senderId: await plantDevice(world.north.tenantId, scratch(world)),
      channel: 'browser',
    }),
    otherUser: 'UNAUTHORIZED',
  },
  'config.get': nothing,
  'config.defaults': nothing,
  'config.schema': nothing,
  'config.apply': {
    names: 'nothing',
    params: () => ({ raw: {} }),
    own: ({ document }) => ({ raw: document }),
    foreign: ({ document }) => ({ raw: document, baseHash: 'of another document' }),
    otherTenant: 'FAILED_PRECONDITION',
  },
  'config.patch': {
    names: 'nothing',
    params: () => ({ raw: { tools: { deny: ['exec'] } } }),
    own: async (world) => {
      await permitAlice(world, { configType: 'logging' })
      return { raw: { logging: {} } }
    },
    // Nobody of them was given a permission.
    otherUser: 'UNAUTHORIZED',
    otherTenant: 'UNAUTHORIZED',
  },
  'config.versions.list': nothing,
  // Numbers count within the tenant: there the same one is another document.
  'config.versions.get': {
    names: 'row',
    params: ({ north }) => ({ number: north.configVersion }),
  },
  'config.versions.restore': {
    names: 'row',
    params: ({ north }) => ({ number: north.configVersion }),
  },
  'config.permissions.list': nothing,
  // Of oneself; of others only admins ask.
  'config.permissions.check': {
    names: 'nothing',
    params: () => ({ configType: 'gateway', userId: 'alice' }),
    otherUser: 'UNAUTHORIZED',
    otherTenant: 'UNAUTHORIZED',
  },
  'config.permissions.grant': {
    names: 'row',
    params: ({ north }) => ({
      configType: 'agent_settings',
      agentId: north.agentKey,
      userId: 'intruder',
      permission: 'allow',
    }),
    own: (world) => ({ configType: 'gateway', userId: scratch(world), permission: 'deny' }),
  },
  'config.permissions.revoke': {
    names: 'row',
    params: ({ north }) => ({ id: north.permission }),
    own: scratchPermission,
  },
  ...APPROVAL_ROWS,
  'security.events.list': nothing,
  'logs.tail': nothing,
  'audit.list': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'audit.export': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'audit.verify': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'estop.set': {
    names: 'tenant',
    params: ({ north }) => ({ ...stop, kind: 'kill-all', tools: [], tenant_id: north.tenantId }),
    own: () => stop,
  },
  'estop.list': { names: 'tenant', params: ({ north }) => ({ tenant_id: north.tenantId }) },
  'estop.release': {
    names: 'tenant',
    params: ({ north }) => ({ id: 'stp_of_nobody', tenant_id: north.tenantId }),
    own: scratchStop,
  },
  'security.audit': nothing,
  'security.audit.suppress': { names: 'nothing', params: () => suppression('models.legacy') },
  'security.audit.unsuppress': {
    names: 'nothing',
    params: () => ({ checkId: 'models.weak_tier' }),
    own: scratchSuppression,
    otherTenant: 'NOT_FOUND',
  },
  'security.audit.suppressions': nothing,
  'tools.list': nothing,
  'tools.policy': { names: 'row', params: agentId },
  'tools.invoke': {
    names: 'session',
    params: (world) => ({
      ...session(world),
      tool: 'write_file',
      args: { path: 'a', content: 'x' },
    }),
    own: (world) => ({
      sessionKey: `agent:${world.north.agentKey}:ws:direct:${scratch(world)}`,
      tool: 'list_files',
    }),
  },
  'shell.deny_groups.list': nothing,
  'teams.tasks.active-by-session': nothing,
  ...TRACE_ROWS,
  ...CRON_ROWS,
  'overview.get': nothing,
  'runners.status': nothing,
  'workspaces.list': nothing,
  'workspaces.files': { names: 'row', params: agentId },
  'usage.get': nothing,
  'usage.summary': nothing,
  'quota.usage': nothing,
}
