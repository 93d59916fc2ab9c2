/**
 * Three tenants with plants in them: `north`, whose things are asked for, `south`, who asks for them
 * and must never be seen, and `dark`, which is suspended. What is secret holds a canary; ids and
 * keys hold none, since a caller may be told again what it said itself.
 */
import { runInDurableObject } from 'cloudflare:test'
import type { TenantId } from '../../../src/domain/ids.ts'
import { sessionObjectName, tenantObjectName } from '../../../src/domain/object-name.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  expireKey,
  type Headers_,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './gateway.ts'
import {
  plantApproval,
  plantChannelSender,
  plantDevice,
  plantInvitation,
  plantLogin,
  plantNote,
  plantPackages,
  plantPairing,
  plantStanding,
  plantTrace,
} from './plants.ts'
import type { TestSocket } from './socket.ts'

export const NORTH_CANARY = 'nightingale-of-the-north'
export const SOUTH_CANARY = 'salamander-of-the-south'
/** Private to one user of the north. */
export const ALICE_CANARY = 'amaryllis-of-alice'
/** Names of what a call that is allowed may change; left out where nothing may have changed. */
export const SCRATCH = 'scratch'

/** How one caller presents itself at both doors. */
export interface Caller {
  readonly connect: Readonly<Record<string, unknown>>
  readonly headers: Headers_
}

const withKey = ({ key }: Pick<Key, 'key'>): Caller => ({
  connect: { token: key },
  headers: bearer(key),
})

const asUser = (tenantId: string, userId: string): Caller => ({
  connect: { token: TOKEN, tenant_id: tenantId, user_id: userId },
  headers: {
    ...bearer(TOKEN),
    'x-edgeclaw-tenant-id': tenantId,
    'x-edgeclaw-user-id': userId,
  },
})

export interface Plants {
  readonly tenantId: string
  readonly agentKey: string
  readonly note: string
  readonly agentId: string
  readonly providerId: string
  readonly searchProviderId: string
  readonly mcpServerId: string
  readonly skillId: string
  readonly hookId: string
  readonly customToolId: string
  readonly channelId: string
  /** One who asks to be let in there, by their code, and one who was, by their name. */
  readonly channelCode: string
  readonly channelSender: string
  readonly binaryId: string
  readonly keyId: string
  readonly issuerId: string
  /** Of the one whose canary is told, signed in through it. */
  readonly login: string
  readonly member: string
  /** Number of a document of its own; no other tenant has written as many. */
  readonly configVersion: number
  readonly permission: string
  readonly invitation: string
  readonly session: string
  /** A question about a call, and an answer that stands. */
  readonly approval: string
  /** Of a run of the one whose canary is told. */
  readonly trace: string
  readonly standing: string
  /** A browser that asks to be let in, by its code, and one that was, by its name. */
  readonly pairing: string
  readonly device: string
  /** A scheduled job of the one whose canary is told. */
  readonly job: string
}

export interface World {
  readonly operator: TestSocket
  readonly north: Plants
  readonly south: Plants
  /** By least role, with exactly the scope that the role's operations need. */
  readonly alice: Readonly<Record<'viewer' | 'operator' | 'admin', Caller>>
  readonly bob: Readonly<Record<'viewer' | 'operator' | 'admin', Caller>>
  readonly eve: Readonly<Record<'viewer' | 'operator' | 'admin', Caller>>
  readonly northOwner: Caller
  readonly southOwner: Caller
  readonly platform: Caller
  /** The admin's scope, in the hands of a member who is but a viewer. */
  readonly demoted: Caller
  /** May answer approvals, and nothing else. */
  readonly approver: Caller
  /** May pair devices, and nothing else. */
  readonly pairer: Caller
  readonly strangers: Readonly<
    Record<
      | 'wrong key'
      | 'expired key'
      | 'revoked key'
      | 'suspended tenant'
      | 'suspended person'
      | 'key of another network',
      Caller
    >
  >
  /** What the north has configured, as it was set. */
  readonly document: Readonly<Record<string, unknown>>
  /** A number that was not given out before. */
  next(): number
  /** The caller's control socket: opened once, and again when it was closed. */
  socketOf(caller: Caller): Promise<TestSocket>
  /** Every text that the tenant's callers were answered, in frames and bodies. */
  readonly heard: Readonly<Record<'north' | 'south', string[]>>
}

/** Without limits on runs: what is refused here is refused for another reason. */
const documentOf = (canary: string) => ({
  gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0, device_pairing: true },
  session: { identityLinks: { [canary]: ['x'] } },
})

async function plant(
  by: TestSocket,
  slug: string,
  canary: string,
  said: string,
  userId: string,
): Promise<Plants> {
  const tenantId = await createTenant(by, slug)
  const member = `${userId}-${slug}`
  await by.ask('tenants.users.add', {
    tenant_id: tenantId,
    user_id: `${slug}-owner`,
    role: 'owner',
  })
  await by.ask('tenants.users.add', { tenant_id: tenantId, user_id: `v-${canary}`, role: 'viewer' })
  await by.ask('tenants.users.add', { tenant_id: tenantId, user_id: member, role: 'viewer' })
  const { id: keyId } = await by.ask('api_keys.create', {
    name: canary,
    scopes: ['operator.read'],
    tenant_id: tenantId,
  })
  const owner = await connected({ token: TOKEN, tenant_id: tenantId, user_id: `${slug}-owner` })
  const agentKey = `${slug}-agent`
  const agent = await owner.ask('agents.create', {
    agent_key: agentKey,
    display_name: `${canary} agent`,
    system_prompt: `the prompt of ${canary}`,
  })
  await plantPackages(tenantId, String(agent['id']), [
    { manager: 'apt', name: 'jq', version: '1.6', addedBy: `v-${canary}`, addedAt: 1 },
  ])
  await owner.ask('agents.files.set', {
    agentId: agentKey,
    name: 'SOUL.md',
    content: `the soul of ${canary}`,
  })
  const provider = await owner.ask('providers.create', {
    name: `${slug}-vendor`,
    provider_type: 'openai_compat',
    api_base: `https://${canary}.example/v1`,
    api_key: `key-of-${canary}`,
  })
  const searchProvider = await owner.ask('search.providers.create', {
    name: `${slug}-engine`,
    provider_type: 'searxng',
    api_base: `https://search.${canary}.example`,
    api_key: `search-key-of-${canary}`,
  })
  const mcpServer = await owner.ask('mcp.servers.create', {
    name: `${slug}-server`,
    url: `https://mcp.${canary}.example/mcp`,
    api_key: `mcp-key-of-${canary}`,
  })
  const skill = await owner.ask('skills.create', {
    skill_md: `---\nname: ${slug}-skill\ndescription: The skill of ${canary}.\n---\nDo it for ${canary}.`,
    files: [{ path: 'notes.md', content: `noted for ${canary}` }],
  })
  await owner.ask('skills.grant', { name: skill['id'], agent_id: agentKey })
  // Of no agent's runs: nothing here is asked.
  const hook = await owner.ask('hooks.create', {
    name: `${slug}-hook`,
    url: `https://hook.${canary}.example/`,
    events: ['stop'],
    enabled: false,
  })
  const customTool = await owner.ask('tools.custom.create', {
    name: `custom_${slug.replaceAll(/[^a-z0-9]/g, '')}`,
    kind: 'http',
    description: `the request of ${canary}`,
    origin: 'https://tool.example',
    headers: { 'X-Key': `tool-key-of-${canary}` },
  })
  const channel = await owner.ask('channels.instances.create', {
    name: `${slug}-channel`,
    display_name: `the channel of ${canary}`,
    channel_type: 'webhook',
    agent_id: agentKey,
    credentials: { proof: 'secret', secret: `channel-secret-of-${canary}` },
    config: { hooks: { ci: { message: `called for ${canary}` } } },
  })
  const channelId = String(channel['id'])
  const asks = await plantChannelSender(tenantId, channelId, `asks-${slug}`, 'pending')
  const isIn = await plantChannelSender(tenantId, channelId, `writes-${slug}`, 'approved')
  const binary = await owner.ask('secure_cli.create', {
    name: `${slug}-tool`,
    absolute_path: '/usr/bin/gh',
    description: `the tool of ${canary}`,
    env: { GH_TOKEN: `token-of-${canary}` },
  })
  await owner.ask('secure_cli.grants.grant', { id: binary['id'], agent_id: agentKey })
  const issuer = await owner.ask('issuers.create', {
    name: `issuer ${canary}`,
    issuer: `https://id.${canary}.example`,
    audience: `edgeclaw-${slug}`,
    jwks_url: `https://id.${canary}.example/.well-known/jwks.json`,
    client_secret: `secret-of-${canary}`,
  })
  await owner.ask('config.patch', { raw: documentOf(canary) })
  const permission = await owner.ask('config.permissions.grant', {
    configType: 'gateway',
    userId: `p-${canary}`,
    permission: 'allow',
  })
  const talker = await createKey(by, tenantId, { scopes: ['operator.write'], owner: userId })
  const session = `agent:${agentKey}:ws:direct:${userId}-1`
  const conversation = await connected({ token: talker.key })
  await conversation.ask('chat.send', { sessionKey: session, message: `${canary}: ${said}` })
  await indexed(tenantId, session)
  await conversation.ask('sessions.patch', {
    sessionKey: session,
    label: `label ${canary} ${said}`,
  })
  const { job } = await conversation.ask('cron.create', {
    name: `job ${canary} ${said}`,
    when: '0 0 1 1 *',
    message: `${canary}: ${said}`,
    agentId: agentKey,
  })
  owner.close()
  conversation.close()
  return {
    tenantId,
    agentKey,
    agentId: String(agent['id']),
    providerId: String(provider['id']),
    searchProviderId: String(searchProvider['id']),
    mcpServerId: String(mcpServer['id']),
    skillId: String(skill['id']),
    hookId: String(hook['id']),
    customToolId: String(customTool['id']),
    channelId,
    channelCode: asks.code,
    channelSender: isIn.sender,
    binaryId: String(binary['id']),
    keyId: String(keyId),
    issuerId: String(issuer['id']),
    login: await plantLogin(tenantId, String(issuer['id']), {
      id: `lgs_${slug}`,
      said: canary,
      by: userId,
    }),
    member,
    configVersion: 1,
    permission: String(permission['id']),
    invitation: await plantInvitation(tenantId, { id: `inv_${slug}`, said: canary, by: member }),
    session,
    note: await plantNote(tenantId, String(agent['id']), {
      id: `mem_${slug}`,
      said: `${canary}: ${said}`,
      by: userId,
    }),
    trace: await plantTrace(tenantId, { id: `run_trace_${slug}`, said: canary, by: member }),
    approval: await plantApproval(tenantId, { id: `apr_${slug}`, said: canary, by: member }),
    standing: await plantStanding(tenantId, { id: `sta_${slug}`, said: canary, by: member }),
    pairing: await plantPairing(tenantId, `asking-${canary}`),
    device: await plantDevice(tenantId, `device-of-${slug}`),
    job: (job as { id: string }).id,
  }
}

/** The session's index row is written behind the answer. */
async function indexed(tenantId: string, sessionKey: string): Promise<void> {
  const query = bindings.DB.prepare(
    'SELECT 1 FROM session_index WHERE tenant_id = ? AND session_key = ?',
  ).bind(tenantId, sessionKey)
  for (let i = 0; i < 1_000; i++) {
    if ((await query.first()) !== null) return
  }
  throw new Error('the session never reached the index')
}

async function threeRoles(by: TestSocket, tenantId: string, owner: string) {
  const [viewer, writer, admin] = [
    await createKey(by, tenantId, { scopes: ['operator.read'], owner }),
    await createKey(by, tenantId, { scopes: ['operator.write'], owner }),
    await createKey(by, tenantId, { scopes: ['operator.admin'], owner }),
  ]
  return { viewer: withKey(viewer), operator: withKey(writer), admin: withKey(admin) }
}

/** Other documents, and in the end the same again: numbers that the south does not have. */
async function writeVersions({ tenantId }: Plants): Promise<number> {
  const owner = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'north-owner' })
  await owner.ask('config.patch', { raw: { gateway: { rate_limit_burst: 7 } } })
  await owner.ask('config.patch', { raw: { gateway: { rate_limit_burst: null } } })
  const { versions } = await owner.ask('config.versions.list', { limit: 1 })
  owner.close()
  return (versions as { number: number }[])[0]?.number ?? 0
}

export async function createWorld(): Promise<World> {
  await migrate()
  const by = await operator()
  const planted = await plant(by, 'north', NORTH_CANARY, ALICE_CANARY, 'alice')
  const north = { ...planted, configVersion: await writeVersions(planted) }
  const south = await plant(by, 'south', SOUTH_CANARY, 'of eve', 'eve')
  const { tenantId } = north
  const owner = 'alice'
  const demoted = await createKey(by, tenantId, { scopes: ['operator.admin'], owner: north.member })
  const approver = await createKey(by, tenantId, {
    scopes: ['operator.approvals'],
    owner,
  })
  const pairer = await createKey(by, tenantId, { scopes: ['operator.pairing'], owner })
  const scopes = ['operator.admin']
  const revoked = await createKey(by, tenantId, { scopes, owner })
  await by.ask('api_keys.revoke', { id: revoked.id, tenant_id: tenantId })
  const dark = await createTenant(by, 'dark')
  const suspended = await createKey(by, dark, { scopes, owner })
  await by.ask('tenants.update', { id: dark, status: 'suspended' })
  const sue = { tenant_id: tenantId, user_id: 'sue' }
  await by.ask('tenants.users.add', { ...sue, role: 'admin' })
  const ofSuspended = await createKey(by, tenantId, { scopes, owner: 'sue' })
  await by.ask('tenants.users.suspend', sue)
  const bound = { name: 'bound', scopes, tenant_id: tenantId, allowed_networks: ['192.0.2.0/24'] }
  const elsewhere = { key: String((await by.ask('api_keys.create', bound))['key']) }
  const callers = {
    alice: await threeRoles(by, tenantId, 'alice'),
    bob: await threeRoles(by, tenantId, 'bob'),
    eve: await threeRoles(by, south.tenantId, 'eve'),
  }
  const expired = await createKey(by, tenantId, { scopes, owner, expiresIn: 3_600 })
  await expireKey(expired.id, tenantId)
  let last = 0
  const heard = { north: [] as string[], south: [] as string[] }
  const southern = new Set<Caller>(Object.values(callers.eve))
  const southOwner = asUser(south.tenantId, 'south-owner')
  southern.add(southOwner)
  const sockets = new Map<Caller, TestSocket>()
  return {
    heard,
    document: documentOf(NORTH_CANARY),
    socketOf: async (caller) => {
      const known = sockets.get(caller)
      if (known?.isOpen) return known
      const listened = southern.has(caller) ? heard.south : heard.north
      const socket = await connected(caller.connect, { onText: (text) => listened.push(text) })
      sockets.set(caller, socket)
      return socket
    },
    operator: by,
    north,
    south,
    ...callers,
    northOwner: asUser(tenantId, 'north-owner'),
    southOwner,
    platform: {
      connect: { token: TOKEN, tenant_id: tenantId },
      headers: { ...bearer(TOKEN), 'x-edgeclaw-tenant-id': tenantId },
    },
    demoted: withKey(demoted),
    approver: withKey(approver),
    pairer: withKey(pairer),
    strangers: {
      'wrong key': withKey({ key: `ec_${tenantId.slice(4)}_${'x'.repeat(43)}` }),
      'expired key': withKey(expired),
      'revoked key': withKey(revoked),
      'suspended tenant': withKey(suspended),
      'suspended person': withKey(ofSuspended),
      'key of another network': withKey(elsewhere),
    },
    next: () => ++last,
  }
}

/** Change with every use of a key, or follow the session's own stores with a delay. */
const VOLATILE_COLUMNS = [
  'last_used_at',
  'message_count',
  'input_tokens',
  'output_tokens',
  'updated_at',
]
/**
 * What the gates saw is written down because a call was refused; the trail is copied behind the answers,
 * and what was consumed some time after it was.
 */
const EVIDENCE_TABLES = ['security_events', 'activity', 'audit_records', 'd1_migrations', 'usage']

/** Ids of what an allowed call made, and goes on by itself: rows that name them are nobody's change. */
export const SCRATCH_IDS = new Set<string>()

const isKept = (row: unknown): boolean => {
  const text = JSON.stringify(row)
  return !text.includes(SCRATCH) && ![...SCRATCH_IDS].some((id) => text.includes(id))
}

function stable(row: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(row).filter(([name]) => !VOLATILE_COLUMNS.includes(name)),
  )
}

const belongsTo =
  (tenantId: string) =>
  (row: Readonly<Record<string, unknown>>): boolean =>
    (row['tenant_id'] ?? row['id']) === tenantId

/** All that the north's stores hold, but for scratch: the same before and after a refusal. */
export async function contentsOf({ north }: World): Promise<unknown> {
  const tables = await bindings.DB.prepare(
    "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
  ).all<{ name: string }>()
  const names = tables.results.map(({ name }) => name)
  const wanted = names.filter((name) => !EVIDENCE_TABLES.includes(name))
  const dumps = await bindings.DB.batch<Record<string, unknown>>(
    wanted.map((name) => bindings.DB.prepare(`SELECT * FROM "${name}"`)),
  )
  const tenantId = north.tenantId as TenantId
  return {
    database: wanted.map((name, i) => [
      name,
      (dumps[i]?.results ?? []).filter(belongsTo(north.tenantId)).map(stable).filter(isKept),
    ]),
    session: await objectContents(
      bindings.SESSIONS.getByName(sessionObjectName(tenantId, north.session)),
      (table) => table !== 'timers',
    ),
    names: await objectContents(
      bindings.TENANTS.getByName(tenantObjectName(tenantId)),
      (table) => table === 'names',
      // A caller's own limiter is entered when it is first asked, whatever the answer comes to.
      (row) => row['kind'] !== 'limiter',
    ),
  }
}

const objectContents = (
  stub: DurableObjectStub,
  isWanted: (table: string) => boolean,
  isTold: (row: Readonly<Record<string, unknown>>) => boolean = () => true,
): Promise<unknown> =>
  runInDurableObject(stub, async (_, { storage }) =>
    storage.sql
      .exec<{ name: string }>(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
      )
      .toArray()
      .filter(({ name }) => isWanted(name))
      .map(({ name }) => [
        name,
        storage.sql.exec(`SELECT * FROM "${name}"`).toArray().filter(isTold).filter(isKept),
      ]),
  )
