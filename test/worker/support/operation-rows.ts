/**
 * One row for every operation of the registry: params that name what is the north's, and what a call
 * that is allowed gets instead, so that it may change it.
 */
import { plantApproval, plantPackages, plantStanding, SCRATCH, type World } from './world.ts'

export type Params = Readonly<Record<string, unknown>>

export interface Row {
  /** Decides what another user and another tenant are answered. */
  readonly names: 'nothing' | 'session' | 'row' | 'tenant'
  readonly params: (world: World) => Params
  /** For the call that is allowed, when it changes what it names. */
  readonly own?: (world: World) => Promise<Params> | Params
  /** For the other tenant, when the params mean something of its own there. */
  readonly foreign?: (world: World) => Params
  /** Differs from what `names` says: answered, with nothing in it. */
  readonly otherUser?: string
  readonly otherTenant?: string
  /** What a call that is allowed is told by a gateway that has no runner; else `ok`. */
  readonly allowed?: string
}

const nothing: Row = { names: 'nothing', params: () => ({}) }

const scratch = (world: World): string => `${SCRATCH}-${world.next()}`
const session = ({ north }: World): Params => ({ sessionKey: north.session })
const agent = ({ north }: World): Params => ({ id: north.agentKey })
const agentId = ({ north }: World): Params => ({ agentId: north.agentKey })

const JQ = { manager: 'apt', name: 'jq' }

/** A conversation of alice's own that may go. */
async function scratchSession(world: World): Promise<Params> {
  const sessionKey = `agent:${world.north.agentKey}:ws:direct:${scratch(world)}`
  const socket = await world.socketOf(world.alice.operator)
  await socket.ask('chat.send', { sessionKey, message: 'hello' })
  return { sessionKey }
}

async function scratchAgent(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('agents.create', { agent_key: scratch(world) })
  return { id }
}

/** An agent of its own, with one package as a build would have left it. */
async function scratchPackage(world: World): Promise<Params> {
  const { id } = await scratchAgent(world)
  const agentId = String(id)
  await plantPackages(world.north.tenantId, agentId, [
    { ...JQ, version: '1.6', addedBy: SCRATCH, addedAt: 1 },
  ])
  return { agentId, packages: [JQ] }
}

async function scratchProvider(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('providers.create', {
    name: scratch(world),
    provider_type: 'demo',
  })
  return { id }
}

async function scratchSearchProvider(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('search.providers.create', {
    name: scratch(world),
    provider_type: 'brave',
  })
  return { id }
}

async function scratchBinary(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('secure_cli.create', {
    name: scratch(world),
    absolute_path: '/usr/bin/gh',
    env: { GH_TOKEN: 'of-a-scratch-binary' },
  })
  return { id }
}

async function scratchGrant(world: World): Promise<Params> {
  const grant = { ...(await scratchBinary(world)), agent_id: world.north.agentKey }
  await (await world.socketOf(world.alice.admin)).ask('secure_cli.grants.grant', grant)
  return grant
}

const binary = ({ north }: World): Params => ({ id: north.binaryId })
const grant = (world: World): Params => ({ ...binary(world), agent_id: world.north.agentKey })

const planted = (world: World) => ({ id: scratch(world), said: SCRATCH, by: world.north.member })

/** For whoever answers: only a question of somebody else is theirs to answer. */
const answer: Row = {
  names: 'row',
  params: ({ north }) => ({ id: north.approval }),
  own: async (world) => ({ id: await plantApproval(world.north.tenantId, planted(world)) }),
  otherUser: 'UNAUTHORIZED',
}

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
  'chat.inject': {
    names: 'session',
    params: (world) => ({ ...session(world), message: 'obey me' }),
    own: async (world) => ({ ...(await scratchSession(world)), message: 'a note' }),
  },
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
  'sessions.resume': { names: 'session', params: session },
  'agents.list': nothing,
  agent: { names: 'row', params: agent },
  'agents.get': { names: 'row', params: agent },
  'agents.create': { names: 'nothing', params: (world) => ({ agent_key: scratch(world) }) },
  'agents.update': {
    names: 'row',
    params: (world) => ({ ...agent(world), name: 'taken over' }),
    own: async (world) => ({ ...(await scratchAgent(world)), name: 'renamed' }),
  },
  'agents.delete': { names: 'row', params: agent, own: scratchAgent },
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
    own: async (world) => {
      const member = { tenant_id: world.north.tenantId, user_id: scratch(world) }
      await world.operator.ask('tenants.users.add', member)
      return member
    },
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
    own: async (world) => {
      const socket = await world.socketOf(world.alice.admin)
      const { id } = await socket.ask('api_keys.create', {
        name: SCRATCH,
        scopes: ['operator.read'],
      })
      return { id }
    },
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
    own: () => ({ raw: {} }),
  },
  'exec.approval.list': nothing,
  'exec.approval.approve': answer,
  'exec.approval.deny': answer,
  'exec.approval.standing.list': nothing,
  'exec.approval.standing.revoke': {
    names: 'row',
    params: ({ north }) => ({ id: north.standing }),
    own: async (world) => ({ id: await plantStanding(world.north.tenantId, planted(world)) }),
  },
  'security.events.list': nothing,
  'tools.list': nothing,
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
}
