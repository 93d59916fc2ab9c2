/** Things of the north's that a call which is allowed may change: made for that call alone. */
import { plantNote, plantPackages } from './plants.ts'
import { type Caller, SCRATCH, SCRATCH_IDS, type World } from './world.ts'

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
  /** Who is allowed, where the least that the operation asks for is too little for what `own` asks. */
  readonly by?: (world: World) => Caller
  /** What a call that is allowed is told by a gateway that has no runner; else `ok`. */
  readonly allowed?: string
}

export const nothing: Row = { names: 'nothing', params: () => ({}) }

export const scratch = (world: World): string => `${SCRATCH}-${world.next()}`
export const session = ({ north }: World): Params => ({ sessionKey: north.session })
export const agent = ({ north }: World): Params => ({ id: north.agentKey })
export const agentId = ({ north }: World): Params => ({ agentId: north.agentKey })

export const JQ = { manager: 'apt', name: 'jq' }

/** A conversation of alice's own that may go. */
export async function scratchSession(world: World): Promise<Params> {
  const sessionKey = `agent:${world.north.agentKey}:ws:direct:${scratch(world)}`
  const socket = await world.socketOf(world.alice.operator)
  await socket.ask('chat.send', { sessionKey, message: 'hello' })
  return { sessionKey }
}

export async function scratchAgent(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('agents.create', { agent_key: scratch(world) })
  return { id }
}

/** An agent of its own, with one package as a build would have left it. */
export async function scratchPackage(world: World): Promise<Params> {
  const { id } = await scratchAgent(world)
  const agentId = String(id)
  await plantPackages(world.north.tenantId, agentId, [
    { ...JQ, version: '1.6', addedBy: SCRATCH, addedAt: 1 },
  ])
  return { agentId, packages: [JQ] }
}

/** What alice may change with a permission that an admin gave her. */
export async function permitAlice(world: World, permission: Params): Promise<void> {
  const socket = await world.socketOf(world.alice.admin)
  const granted = { userId: 'alice', permission: 'allow', ...permission }
  await socket.ask('config.permissions.grant', granted)
}

export async function permittedAgent(world: World): Promise<Params> {
  const { id } = await scratchAgent(world)
  await permitAlice(world, { configType: 'agent_settings', agentId: id })
  return { id, settings: { temperature: 1 } }
}

export async function scratchPermission(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const said = { configType: 'logging', userId: scratch(world), permission: 'allow' }
  const { id } = await socket.ask('config.permissions.grant', said)
  return { id }
}

/** A note that the agent made of alice. */
export async function scratchNote(world: World): Promise<Params> {
  const { tenantId, agentId, agentKey } = world.north
  const planted = { id: `mem_${world.next()}`, said: scratch(world), by: 'alice' }
  return { agentId: agentKey, id: await plantNote(tenantId, agentId, planted) }
}

export async function scratchUserFile(world: World): Promise<Params> {
  const file = { ...agentId(world), name: 'USER.md' }
  const socket = await world.socketOf(world.alice.operator)
  await socket.ask('agents.files.set', { ...file, content: SCRATCH })
  return file
}

export async function scratchProvider(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('providers.create', {
    name: scratch(world),
    provider_type: 'demo',
  })
  return { id }
}

export async function scratchSearchProvider(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('search.providers.create', {
    name: scratch(world),
    provider_type: 'brave',
  })
  return { id }
}

export const newMcpServer = (world: World) => {
  const name = scratch(world)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, 32)
  return { name: name.replaceAll(/^-|-$/g, ''), url: 'https://mcp.example/mcp' }
}

export async function scratchMcpServer(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('mcp.servers.create', newMcpServer(world))
  return { id }
}

const scratchName = (world: World): string =>
  scratch(world)
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '')

export const newHook = (world: World) => ({
  name: scratchName(world).slice(0, 32),
  url: 'https://hook.example/',
  events: ['stop'],
  enabled: false,
})

export async function scratchHook(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('hooks.create', newHook(world))
  return { id }
}

export const newCustomTool = (world: World) => ({
  name: `custom_${scratchName(world).slice(0, 32)}`,
  kind: 'http',
  description: 'asks',
  origin: 'https://tool.example',
})

export async function scratchCustomTool(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('tools.custom.create', newCustomTool(world))
  return { id }
}

export async function scratchBinary(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('secure_cli.create', {
    name: scratch(world),
    absolute_path: '/usr/bin/gh',
    env: { GH_TOKEN: 'of-a-scratch-binary' },
  })
  return { id }
}

export async function scratchKey(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('api_keys.create', { name: SCRATCH, scopes: ['operator.read'] })
  return { id }
}

export async function scratchMember(world: World): Promise<Params> {
  const member = { tenant_id: world.north.tenantId, user_id: scratch(world) }
  await world.operator.ask('tenants.users.add', member)
  return member
}

export async function scratchInvitation(world: World): Promise<Params> {
  const socket = await world.socketOf(world.northOwner)
  return socket.ask('invitations.create', { role: 'viewer', note: SCRATCH })
}

export async function scratchGrant(world: World): Promise<Params> {
  const grant = { ...(await scratchBinary(world)), agent_id: world.north.agentKey }
  await (await world.socketOf(world.alice.admin)).ask('secure_cli.grants.grant', grant)
  return grant
}

/** Of alice's own: far enough ahead to run in nobody's test. */
export async function scratchJob(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.operator)
  const { job } = await socket.ask('cron.create', {
    name: scratch(world),
    when: '0 0 1 1 *',
    message: SCRATCH,
    agentId: world.north.agentKey,
  })
  const { id } = job as { id: string }
  SCRATCH_IDS.add(id)
  return { jobId: id }
}

export const newIssuer = (world: World) => {
  const issuer = `https://${scratch(world)}.example`
  return { name: SCRATCH, issuer, audience: SCRATCH, jwks_url: `${issuer}/.well-known/jwks.json` }
}

export async function scratchIssuer(world: World): Promise<Params> {
  const socket = await world.socketOf(world.northOwner)
  const { id } = await socket.ask('issuers.create', newIssuer(world))
  return { id }
}

export const issuer = ({ north }: World): Params => ({ id: north.issuerId })
/** Of a tool that no other row calls: it stays in force. */
export const stop = { kind: 'tools', tools: ['edit'], reason: SCRATCH }

export async function scratchStop(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  const { id } = await socket.ask('estop.set', stop)
  return { id }
}

export const suppression = (checkId: string): Params => ({ checkId, reason: `${SCRATCH} reason` })

export async function scratchSuppression(world: World): Promise<Params> {
  const socket = await world.socketOf(world.alice.admin)
  await socket.ask('security.audit.suppress', suppression('models.weak_tier'))
  return { checkId: 'models.weak_tier' }
}

export const binary = ({ north }: World): Params => ({ id: north.binaryId })
export const grant = (world: World): Params => ({
  ...binary(world),
  agent_id: world.north.agentKey,
})

export const planted = (world: World) => ({
  id: scratch(world),
  said: SCRATCH,
  by: world.north.member,
})
