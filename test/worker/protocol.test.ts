/** Protocol v3 as its clients know it: `connect`, and the shapes of answers. */
import {
  evictDurableObject,
  listDurableObjectIds,
  runDurableObjectAlarm,
  runInDurableObject,
} from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import {
  bindings,
  connected,
  createKey,
  createTenant,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import { TestSocket } from './support/socket.ts'

const text = expect.any(String)
const count = expect.any(Number)
const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)

let platform: TestSocket
let tenantId: string
let writer: Key
/** Opened first and asked last: a peer that says nothing has 10 s. */
let silent: TestSocket
let silentIds: readonly DurableObjectId[]

beforeAll(async () => {
  await migrate()
  silent = await TestSocket.open('/ws')
  silentIds = await listDurableObjectIds(bindings.CONNECTIONS)
  platform = await operator()
  tenantId = await createTenant(platform, 'acme')
  const config = { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } }
  const owner = await connected({ token: TOKEN, tenant_id: tenantId })
  await owner.ask('config.patch', { raw: config })
  owner.close()
  writer = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'alice' })
}, 60_000)

const hello = async (params: Readonly<Record<string, unknown>>) => {
  const socket = await TestSocket.open('/ws')
  const answer = await socket.ask('connect', params)
  socket.close()
  return answer
}

/** How `connect` ends for those it does not let in: the code of its answer and of the close. */
async function refusedConnect(params: Readonly<Record<string, unknown>>) {
  const socket = await TestSocket.open('/ws')
  const error = await socket.refused('connect', params)
  const { code } = await socket.closed
  return { ...error, closed: code }
}

describe('connect', () => {
  it('makes the gateway token the operator of the platform', async () => {
    expect(await hello({ token: TOKEN })).toEqual({
      protocol: 3,
      role: 'owner',
      scopes: ['operator.admin'],
      user_id: 'system',
      tenant_id: 'ten_default',
      tenant_name: text,
      tenant_slug: 'default',
      is_owner: true,
      is_master_scope: true,
      edition: text,
      server: { name: 'edgeclaw', version: text },
    })
  })

  it('makes the gateway token an admin for a user who is no owner of the gateway', async () => {
    expect(await hello({ token: TOKEN, user_id: 'dana' })).toMatchObject({
      role: 'admin',
      user_id: 'dana',
      is_owner: false,
      is_master_scope: false,
    })
    expect(await hello({ token: TOKEN, user_id: 'system' })).toMatchObject({
      role: 'owner',
      is_master_scope: true,
    })
  })

  it('leads the operator to any tenant by id, hint and slug, a person to where they belong', async () => {
    const home = { tenant_id: tenantId, tenant_slug: 'acme' }
    expect(await hello({ token: TOKEN, tenant_id: tenantId })).toMatchObject(home)
    expect(await hello({ token: TOKEN, tenant_hint: 'acme' })).toMatchObject(home)
    const dana = { token: TOKEN, tenant_id: tenantId, user_id: 'dana' }
    expect(await refusedConnect(dana)).toMatchObject({ code: 'NOT_FOUND', closed: 1008 })
    await platform.ask('tenants.users.add', {
      tenant_id: tenantId,
      user_id: 'dana',
      role: 'viewer',
    })
    expect(await hello(dana)).toMatchObject({ ...home, role: 'viewer', is_owner: false })
    await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: 'owen', role: 'owner' })
    expect(await hello({ ...dana, user_id: 'owen' })).toMatchObject({
      role: 'owner',
      is_owner: true,
      is_master_scope: false,
    })
    const absent = { token: TOKEN, tenant_id: 'ten_nowhere' }
    expect(await refusedConnect(absent)).toMatchObject({ code: 'NOT_FOUND', closed: 1008 })
  })

  it('gives an API key its own tenant, scopes and owner, whatever it claims', async () => {
    const claims = { tenant_id: 'ten_default', user_id: 'system' }
    expect(await hello({ token: writer.key, ...claims })).toMatchObject({
      role: 'operator',
      scopes: ['operator.write'],
      user_id: 'alice',
      tenant_id: tenantId,
      is_owner: false,
      is_master_scope: false,
    })
  })

  it('negotiates version 3 and nothing else', async () => {
    const token = TOKEN
    for (const versions of [
      {},
      { protocolVersion: 3 },
      { minProtocol: 1, maxProtocol: 3 },
      { minProtocol: 3, maxProtocol: 9 },
      { minProtocol: 2 },
    ]) {
      expect(await hello({ token, ...versions })).toMatchObject({ protocol: 3 })
    }
    for (const versions of [
      { protocolVersion: 2 },
      { protocolVersion: 4 },
      { minProtocol: 1, maxProtocol: 2 },
      { minProtocol: 4 },
      { maxProtocol: 2 },
    ]) {
      expect(await refusedConnect({ token, ...versions })).toMatchObject({
        code: 'INVALID_REQUEST',
        details: { minProtocol: 3, maxProtocol: 3 },
        closed: 1008,
      })
    }
  })

  it('refuses whoever shows no valid credential, and closes', async () => {
    for (const params of [
      {},
      { token: '' },
      { token: 'guess' },
      { token: `ec_x_${'y'.repeat(43)}` },
    ]) {
      const refused = await refusedConnect(params)
      expect(refused).toMatchObject({ code: 'UNAUTHORIZED', closed: 1008 })
    }
    expect(await refusedConnect({ token: 7 })).toMatchObject({ code: 'INVALID_REQUEST' })
  })

  it('comes first, comes once, and is small', async () => {
    const eager = await TestSocket.open('/ws')
    expect((await eager.refused('health')).code).toBe('UNAUTHORIZED')
    expect((await eager.closed).code).toBe(1008)
    const again = await connected({ token: TOKEN })
    expect((await again.refused('connect', { token: TOKEN })).code).toBe('FAILED_PRECONDITION')
    expect(await again.ask('health')).toMatchObject({ status: 'ok' })
    again.close()
    const large = await TestSocket.open('/ws')
    large.sendRaw(
      JSON.stringify({
        type: 'req',
        id: 1,
        method: 'connect',
        params: { token: TOKEN, locale: 'x'.repeat(64 * 1024) },
      }),
    )
    expect((await large.closed).code).toBe(1009)
  })

  it('ignores what it does not know, and echoes ids as they came', async () => {
    const socket = await TestSocket.open('/ws')
    const frame = { type: 'req', id: 7, method: 'connect', extra: 1 }
    const params = { token: TOKEN, clientName: 'v3', nested: { a: [1] } }
    socket.sendRaw(JSON.stringify({ ...frame, params }))
    expect(await socket.answer(7)).toMatchObject({ type: 'res', id: 7, ok: true })
    socket.sendRaw(JSON.stringify({ ...frame, id: 'seven', method: 'health', params: null }))
    expect(await socket.answer('seven')).toMatchObject({ id: 'seven', ok: true })
    socket.sendRaw(JSON.stringify({ ...frame, id: 8, method: 'agents.list', params: { x: 1 } }))
    expect(await socket.answer(8)).toMatchObject({ id: 8, ok: true })
    socket.close()
  })
})

describe('answers', () => {
  let admin: TestSocket
  beforeAll(async () => {
    const key = await createKey(platform, tenantId, { scopes: ['operator.admin'], owner: 'ada' })
    admin = await connected({ token: key.key })
  })

  it('agents', async () => {
    const created = await admin.ask('agents.create', { name: 'Helper', agent_key: 'helper' })
    expect(created).toMatchObject({ agent_key: 'helper', provider: 'demo', model: 'demo' })
    const { agents } = (await admin.ask('agents.list')) as { agents: unknown[] }
    expect(agents).toContainEqual({
      id: 'helper',
      name: 'Helper',
      model: 'demo',
      provider: 'demo',
      agentType: 'open',
      status: 'active',
      isRunning: false,
    })
    const byKey = await admin.ask('agents.get', { agentId: 'helper' })
    expect(await admin.ask('agents.get', { agent_id: created['id'] })).toEqual(byKey)
    const idle = { id: 'helper', isRunning: false }
    expect(await admin.ask('agent', { agentId: 'helper' })).toEqual(idle)
    expect((await admin.refused('agents.create', { agent_key: 'helper' })).code).toBe(
      'ALREADY_EXISTS',
    )
  })

  it('status and models', async () => {
    const status = await admin.ask('status')
    expect(Object.keys(status).toSorted()).toEqual(['agentTotal', 'agents', 'clients', 'sessions'])
    expect(status).toMatchObject({ agentTotal: 2, clients: count, sessions: count })
    expect(await admin.ask('models.list')).toEqual({
      models: expect.arrayContaining([{ id: 'demo', provider: 'demo' }]),
    })
    expect(await admin.ask('teams.tasks.active-by-session', { sessionKey: 'x' })).toEqual({
      tasks: [],
    })
  })

  it('tenants.mine', async () => {
    expect(await admin.ask('tenants.mine')).toEqual({
      is_owner: false,
      tenants: [{ id: tenantId, name: text, slug: 'acme', role: 'admin', status: 'active' }],
    })
    expect(await platform.ask('tenants.mine')).toMatchObject({ is_owner: true })
  })

  it('config.get, patch and apply, with the hash that guards them', async () => {
    const { config, hash } = await admin.ask('config.get')
    expect(config).toMatchObject({ gateway: { rate_limit_rpm: 0, max_message_chars: 32_000 } })
    const raw = JSON.stringify({ gateway: { max_message_chars: 900 } })
    const patched = await admin.ask('config.patch', { raw, baseHash: hash })
    expect(Object.keys(patched).toSorted()).toEqual(['config', 'diff', 'hash', 'ok', 'restart'])
    expect(patched).toMatchObject({
      ok: true,
      restart: false,
      config: { gateway: { rate_limit_rpm: 0, max_message_chars: 900 } },
    })
    expect(patched['hash']).not.toBe(hash)
    for (const method of ['config.patch', 'config.apply']) {
      const stale = await admin.refused(method, { raw, baseHash: hash })
      expect(stale.code).toBe('FAILED_PRECONDITION')
    }
    expect(await admin.ask('config.get')).toEqual({
      config: patched['config'],
      hash: patched['hash'],
    })
    await admin.ask('config.patch', { raw: { gateway: { max_message_chars: null } } })
  })

  it("refuses a document that is broken, or sets what is the operator's", async () => {
    for (const raw of [
      'no json',
      '[]',
      { gateway: { token: 'mine' } },
      { gateway: { allowed_origins: ['*'] } },
      { owner_ids: ['ada'] },
      { gateway: { injection_action: 'whatever' } },
    ]) {
      expect((await admin.refused('config.patch', { raw })).code).toBe('INVALID_REQUEST')
    }
  })

  it('providers, whose keys are masked for good', async () => {
    const provider = {
      name: 'vendor',
      provider_type: 'openai_compat',
      api_base: 'https://vendor.example/v1',
      api_key: 'a-vendor-key',
    }
    const created = await admin.ask('providers.create', provider)
    const row = { ...provider, id: text, api_key: '***', enabled: true }
    expect(created).toMatchObject(row)
    const listed = await admin.ask('providers.list')
    expect(listed['providers']).toContainEqual(expect.objectContaining(row))
    expect(JSON.stringify(admin.frames)).not.toContain(provider.api_key)
    for (const api_base of ['http://127.0.0.1:1/v1', 'https://10.0.0.1/v1', 'ftp://x.example']) {
      const refused = await admin.refused('providers.create', { ...provider, name: 'p', api_base })
      expect(refused.code).toBe('INVALID_REQUEST')
    }
    const local = { ...provider, name: 'local', api_base: 'http://127.0.0.1:1/v1' }
    const privately = { ...local, allow_private_network: true }
    expect((await admin.refused('providers.create', privately)).code).toBe('UNAUTHORIZED')
    const owner = await connected({ token: TOKEN, tenant_id: tenantId })
    expect(await owner.ask('providers.create', privately)).toMatchObject({ name: 'local' })
    owner.close()
  })

  it('api_keys: the key once, then its prefix alone', async () => {
    const asked = { name: 'ci', scopes: ['operator.read'], expires_in: 60, owner_id: 'robot' }
    const created = await admin.ask('api_keys.create', asked)
    expect(created).toEqual({
      id: text,
      name: 'ci',
      prefix: text,
      key: expect.stringMatching(/^ec_[a-z0-9]+_[\w-]{43}$/),
      scopes: ['operator.read'],
      expires_at: time,
      created_at: time,
    })
    expect(String(created['key']).startsWith(String(created['prefix']))).toBe(true)
    const listed = JSON.stringify(await admin.ask('api_keys.list'))
    expect(listed).toContain(created['prefix'])
    expect(listed).not.toContain(created['key'])
    const elsewhere = { ...asked, tenant_id: 'ten_default' }
    expect((await admin.refused('api_keys.create', elsewhere)).code).toBe('NOT_FOUND')
  })

  it('tells whoever revokes its own key before closing its socket', async () => {
    const own = await createKey(platform, tenantId, { scopes: ['operator.admin'], owner: 'ada' })
    const socket = await connected({ token: own.key })
    expect(await socket.ask('api_keys.revoke', { id: own.id })).toEqual({ ok: true, id: own.id })
    expect((await socket.closed).code).toBe(1008)
    expect(await refusedConnect({ token: own.key })).toMatchObject({ code: 'UNAUTHORIZED' })
  })

  it('methods that do not exist', async () => {
    for (const method of ['no.such.method', 'constructor', '__proto__', 'toString']) {
      expect((await admin.refused(method)).code).toBe('INVALID_REQUEST')
    }
  })
})

describe('a socket that never connects', () => {
  it('is closed after 10 s, and has written nothing', async () => {
    expect(silent.frames).toEqual([])
    expect((await silent.closed).code).toBe(1008)
    const [id, ...others] = silentIds
    expect(others).toEqual([])
    if (!id) throw new Error('the socket has no object')
    const stub = bindings.CONNECTIONS.get(id)
    await evictDurableObject(stub)
    const trace = await runInDurableObject(stub, async (_, { storage }) => [
      (await storage.list()).size,
      await storage.getAlarm(),
    ])
    expect(trace).toEqual([0, null])
  })
})

/** As if its last request were that long ago; the object is one, its alarm is run by hand. */
async function silentFor(ms: number, socket: { readonly id: DurableObjectId }) {
  const stub = bindings.CONNECTIONS.get(socket.id)
  await runInDurableObject(stub, async (_, state) => {
    for (const server of state.getWebSockets()) {
      const attachment = server.deserializeAttachment() as object
      server.serializeAttachment({ ...attachment, heardAt: Date.now() - ms })
    }
  })
  return runDurableObjectAlarm(stub)
}

describe('a connected socket', () => {
  async function open() {
    const before = new Set((await listDurableObjectIds(bindings.CONNECTIONS)).map(String))
    const socket = await connected({ token: writer.key })
    const ids = await listDurableObjectIds(bindings.CONNECTIONS)
    const id = ids.find((candidate) => !before.has(String(candidate)))
    if (!id) throw new Error('the socket has no object')
    return { socket, id }
  }

  it('is closed once it was silent for ten minutes, and not before', async () => {
    const { socket, id } = await open()
    expect(await silentFor(9 * 60_000, { id })).toBe(true)
    expect(await socket.ask('health')).toMatchObject({ status: 'ok' })
    expect(await silentFor(11 * 60_000, { id })).toBe(true)
    expect(await socket.closed).toMatchObject({ code: 1001 })
  })

  it('stays as long as it pings', async () => {
    const { socket, id } = await open()
    socket.sendRaw('ping')
    while (!socket.texts.includes('pong')) await socket.ask('health')
    expect(await silentFor(60 * 60_000, { id })).toBe(true)
    expect(await socket.ask('health')).toMatchObject({ status: 'ok' })
    socket.close()
  })

  it('is answered when it does not wait for the answer to connect', async () => {
    const socket = await TestSocket.open('/ws')
    const frame = (id: string, method: string, params: object) =>
      socket.sendRaw(JSON.stringify({ type: 'req', id, method, params }))
    frame('c', 'connect', { token: writer.key })
    frame('d', 'connect', { token: writer.key })
    expect(await socket.answer('c')).toMatchObject({ ok: true })
    expect(await socket.answer('d')).toMatchObject({ error: { code: 'FAILED_PRECONDITION' } })
    socket.close()
  })
})
