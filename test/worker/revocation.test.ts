/**
 * What is left of a credential the moment the right behind it ends: nothing, at the next frame of
 * sockets of both kinds, at the next request, at the next step of a run. Caches are warm throughout.
 */
import { evictDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  forgetFailures,
  http,
  type Key,
  migrate,
  operator,
  sessionPath,
  TOKEN,
} from './support/gateway.ts'
import { type EventFrame, TestSocket } from './support/socket.ts'
import { addSlowAgent, HeldVendor } from './support/vendor.ts'

/** From the answer that says so to the last socket that learns of it. */
const AT_ONCE_MS = 1_000

let platform: TestSocket
let tenantId: string
let owner: TestSocket
let vendor: HeldVendor

beforeAll(async () => {
  await migrate()
  platform = await operator()
  tenantId = await createTenant(platform, 'leaving')
  await platform.ask('tenants.users.add', { tenant_id: tenantId, user_id: 'olga', role: 'owner' })
  owner = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'olga' })
  await owner.ask('config.patch', {
    raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
  })
  await addSlowAgent(owner)
  await owner.ask('agents.create', {
    agent_key: 'careful',
    settings: { autonomy: { level: 'supervised' } },
  })
  vendor = new HeldVendor()
}, 60_000)
beforeEach(async () => {
  vendor.hold()
  await forgetFailures()
})
afterAll(() => void vi.unstubAllGlobals())

let count = 0
const newUser = (): string => `user-${++count}`
const newTalk = (agent = 'slow'): string => `agent:${agent}:ws:direct:talk-${++count}`
const of = (user_id: string) => ({ tenant_id: tenantId, user_id })

const at = (sessionKey: string, headers: Readonly<Record<string, string>>): Promise<TestSocket> =>
  TestSocket.open(sessionPath(sessionKey), { headers })

interface Entry {
  readonly connect: Readonly<Record<string, unknown>>
  readonly headers: Readonly<Record<string, string>>
}
const withKey = ({ key }: Key): Entry => ({ connect: { token: key }, headers: bearer(key) })
const asUser = (userId: string): Entry => ({
  connect: { token: TOKEN, ...of(userId) },
  headers: {
    ...bearer(TOKEN),
    'x-edgeclaw-tenant-id': tenantId,
    'x-edgeclaw-user-id': userId,
  },
})

async function begun(socket: TestSocket, sessionKey: string): Promise<void> {
  const params = { sessionKey, message: 'think slowly' }
  socket.sendRaw(JSON.stringify({ type: 'req', id: 'send', method: 'chat.send', params }))
  await socket.find(
    (frame) => frame.type === 'event' && frame.payload['type'] === 'chunk',
    'the first word',
  )
}

/** Asks by the very next frame; a socket that is closed by then answers nothing. */
async function nextFrame(socket: TestSocket): Promise<string> {
  if (!socket.isOpen) return 'refused'
  const id = 'next'
  socket.sendRaw(JSON.stringify({ type: 'req', id, method: 'agents.list', params: {} }))
  const closed = socket.closed.then(() => 'refused')
  const answered = socket
    .answer(id)
    .then(({ ok, error }) =>
      ok ? 'answered' : error?.code === 'TENANT_ACCESS_REVOKED' ? 'refused' : String(error?.code),
    )
  answered.catch(() => undefined)
  return Promise.race([answered, closed])
}

const events = (socket: TestSocket): readonly string[] => socket.events.map(({ event }) => event)
const types = (socket: TestSocket): readonly unknown[] =>
  socket.events.map(({ payload }) => payload['type'])

/** A person with a run under way and sockets of both kinds, everything warm; and a colleague beside. */
async function settle(entry: Entry) {
  const sessionKey = newTalk()
  const control = await connected(entry.connect)
  const idle = await at(newTalk('default'), entry.headers)
  const session = await at(sessionKey, entry.headers)
  for (const socket of [control, idle, session]) await socket.ask('agents.list')
  for (let i = 0; i < 2; i++) {
    expect((await http('/v1/agents', { headers: entry.headers })).status).toBe(200)
  }
  await begun(session, sessionKey)
  // What is injected makes the loop think once more: that is its next step.
  expect(await session.ask('chat.send', { message: 'and then' })).toMatchObject({ injected: true })
  const thoughts = vendor.requests.length
  const bystander = await connected(
    withKey(await createKey(platform, tenantId, { scopes: ['operator.read'], owner: newUser() }))
      .connect,
  )
  const watch = await connected({ token: TOKEN, tenant_id: tenantId })
  await watch.ask('sessions.resume', { sessionKey, afterSeq: 0 })
  return { entry, sessionKey, control, idle, session, bystander, watch, thoughts }
}
type Settled = Awaited<ReturnType<typeof settle>>

async function endsWithoutAnotherStep(watch: TestSocket, thoughts: number): Promise<void> {
  vendor.letGo()
  await watch.agentEvent('run.failed')
  expect(vendor.requests).toHaveLength(thoughts)
}

/** What holds once the right is gone, whatever ended it. */
async function expectGone(
  { entry, control, idle, session, bystander, watch, thoughts }: Settled,
  status: number,
): Promise<void> {
  const endedAt = Date.now()
  const frames = [control, idle, session].map(nextFrame)
  expect((await http('/v1/agents', { headers: entry.headers })).status).toBe(status)
  expect(await Promise.all(frames)).toEqual(['refused', 'refused', 'refused'])
  for (const socket of [control, idle, session]) {
    expect((await socket.closed).code).toBe(1008)
    expect(events(socket)).toContain('tenant.access.revoked')
    const last = socket.events.findLast(({ event }) => event === 'tenant.access.revoked')
    expect(last?.payload).toEqual({ tenant_id: tenantId })
  }
  expect(Date.now() - endedAt).toBeLessThan(AT_ONCE_MS)
  await endsWithoutAnotherStep(watch, thoughts)
  for (const socket of [control, idle, session]) {
    expect(types(socket)).not.toContain('run.completed')
  }
  expect(events(bystander)).not.toContain('tenant.access.revoked')
  watch.close()
  bystander.close()
}

const keyOf = (user: string): Promise<Key> =>
  createKey(platform, tenantId, { scopes: ['operator.write'], owner: user })

describe('access ends at once', () => {
  it('when the key is revoked', async () => {
    const user = newUser()
    const key = await keyOf(user)
    const settled = await settle(withKey(key))
    await owner.ask('api_keys.revoke', { id: key.id })
    await expectGone(settled, 401)
  })

  it('when the key is rotated without an overlap, while the successor is good', async () => {
    const user = newUser()
    const key = await keyOf(user)
    const settled = await settle(withKey(key))
    const next = await owner.ask('api_keys.rotate', { id: key.id, overlap_seconds: 0 })
    await expectGone(settled, 401)
    const successor = bearer(String(next['key']))
    expect((await http('/v1/agents', { headers: successor })).status).toBe(200)
  })

  it('when the membership is removed', async () => {
    const user = newUser()
    await owner.ask('tenants.users.add', { user_id: user, role: 'operator' })
    const settled = await settle(asUser(user))
    await owner.ask('tenants.users.remove', { user_id: user })
    await expectGone(settled, 404)
  })

  it('when the person is suspended, for their keys as for themselves', async () => {
    for (const kind of ['key', 'person'] as const) {
      const user = newUser()
      await owner.ask('tenants.users.add', { user_id: user, role: 'operator' })
      const entry = kind === 'key' ? withKey(await keyOf(user)) : asUser(user)
      const settled = await settle(entry)
      await owner.ask('tenants.users.suspend', { user_id: user })
      await expectGone(settled, kind === 'key' ? 401 : 404)
      await owner.ask('tenants.users.reinstate', { user_id: user })
      expect((await http('/v1/agents', { headers: entry.headers })).status).toBe(200)
      vendor.hold()
    }
  })

  it('when the tenant is suspended, for everybody in it', async () => {
    const user = newUser()
    const settled = await settle(withKey(await keyOf(user)))
    const { bystander } = settled
    await platform.ask('tenants.update', { id: tenantId, status: 'suspended' })
    try {
      expect(await nextFrame(bystander)).toBe('refused')
      await expect(bystander.closed).resolves.toMatchObject({ code: 1008 })
      const frames = [settled.control, settled.idle, settled.session].map(nextFrame)
      expect(await Promise.all(frames)).toEqual(['refused', 'refused', 'refused'])
      for (const socket of [settled.control, settled.idle, settled.session]) {
        expect((await socket.closed).code).toBe(1008)
        expect(events(socket)).toContain('tenant.access.revoked')
      }
      expect((await http('/v1/agents', { headers: settled.entry.headers })).status).toBe(401)
      await endsWithoutAnotherStep(settled.watch, settled.thoughts)
    } finally {
      await platform.ask('tenants.update', { id: tenantId, status: 'active' })
      owner = await connected({ token: TOKEN, tenant_id: tenantId, user_id: 'olga' })
    }
  })

  it('when the key runs out, without anybody asking', async () => {
    const user = newUser()
    const expiring = { scopes: ['operator.write'], owner: user, expiresIn: 2 }
    const expiresAt = Date.now() + 2_000
    const key = await createKey(platform, tenantId, expiring)
    const { headers } = withKey(key)
    const control = await connected({ token: key.key })
    const waiting = await at(newTalk('default'), headers)
    const talk = await at(newTalk('default'), headers)
    await talk.ask('chat.send', { message: 'hello' })
    for (const socket of [control, waiting, talk]) {
      expect((await socket.closed).code).toBe(1008)
      expect(events(socket)).toContain('tenant.access.revoked')
    }
    expect(Date.now()).toBeGreaterThanOrEqual(expiresAt - 50)
    expect(Date.now() - expiresAt).toBeLessThan(AT_ONCE_MS)
    expect((await http('/v1/agents', { headers })).status).toBe(401)
  })
})

describe('a right that shrinks', () => {
  it('acts at the next frame, request and step of somebody who is lowered', async () => {
    const user = newUser()
    await owner.ask('tenants.users.add', { user_id: user, role: 'operator' })
    const settled = await settle(asUser(user))
    const { control, session, entry, sessionKey, watch, thoughts } = settled
    await owner.ask('tenants.users.add', { user_id: user, role: 'viewer' })
    const refused = await session.request('chat.send', { message: 'more' }).catch(() => null)
    expect(refused?.ok ?? false).toBe(false)
    // It may have been known to sessions by the rights that it had: it comes back with fewer.
    expect((await control.closed).code).toBe(1008)
    expect(events(control)).not.toContain('tenant.access.revoked')
    const write = await http('/v1/tools/invoke', {
      method: 'POST',
      headers: entry.headers,
      body: { tool: 'list_files', sessionKey },
    })
    expect([write.status, write.code]).toEqual([403, 'UNAUTHORIZED'])
    expect((await http('/v1/agents', { headers: entry.headers })).status).toBe(200)
    await endsWithoutAnotherStep(watch, thoughts)
    watch.close()
  })

  it('leaves alone who is raised', async () => {
    const user = newUser()
    await owner.ask('tenants.users.add', { user_id: user, role: 'viewer' })
    const control = await connected(asUser(user).connect)
    await owner.ask('tenants.users.add', { user_id: user, role: 'operator' })
    await control.ask('chat.send', { sessionKey: newTalk('default'), message: 'hello' })
    expect(events(control)).not.toContain('tenant.access.revoked')
    control.close()
  })
})

describe('what was begun', () => {
  it('ends a call that waits for a human: the answer to it is worth nothing', async () => {
    const key = await keyOf(newUser())
    const sessionKey = newTalk('careful')
    const session = await at(sessionKey, bearer(key.key))
    const admin = await connected({ token: TOKEN, tenant_id: tenantId })
    const params = { message: 'write: gone.txt: x' }
    session.sendRaw(JSON.stringify({ type: 'req', id: 's', method: 'chat.send', params }))
    const question = (await admin.find(
      (frame) =>
        frame.type === 'event' &&
        frame.event === 'exec.approval.requested' &&
        frame.payload['sessionKey'] === sessionKey,
      'the question',
    )) as EventFrame
    await admin.ask('sessions.resume', { sessionKey, afterSeq: 0 })
    await owner.ask('api_keys.revoke', { id: key.id })
    await session.closed
    await admin.ask('exec.approval.approve', { id: question.payload['id'] })
    await admin.agentEvent('run.failed')
    const row = await bindings.DB.prepare('SELECT status, consumed_at FROM approvals WHERE id = ?')
      .bind(question.payload['id'])
      .first()
    expect(row).toEqual({ status: 'approved', consumed_at: null })
    const { messages } = await admin.ask('chat.history', { sessionKey })
    expect(JSON.stringify(messages)).not.toContain('Created gone.txt')
    admin.close()
  })

  it('is repeated to nobody: an idempotency key answers no revoked one', async () => {
    const user = newUser()
    await owner.ask('tenants.users.add', { user_id: user, role: 'admin' })
    const scopes = ['operator.admin']
    const key = await createKey(platform, tenantId, { scopes, owner: user })
    const create = (token: string) =>
      http('/v1/agents', {
        method: 'POST',
        headers: { ...bearer(token), 'idempotency-key': 'once' },
        body: { agent_key: `made-${user}` },
      })
    expect((await create(key.key)).status).toBe(201)
    expect((await create(key.key)).headers.get('idempotency-replayed')).toBe('true')
    const next = await owner.ask('api_keys.rotate', { id: key.id })
    // The successor is another credential: it is not told what the first one was.
    expect((await create(String(next['key']))).status).toBe(409)
    await owner.ask('api_keys.revoke', { id: key.id })
    expect((await create(key.key)).status).toBe(401)
  })

  it('is answered first where the caller ends its own access, at both kinds of socket', async () => {
    const scopes = ['operator.admin']
    for (const kind of ['control', 'session'] as const) {
      const key = await createKey(platform, tenantId, { scopes, owner: newUser() })
      const socket =
        kind === 'control'
          ? await connected({ token: key.key })
          : await at(newTalk('default'), bearer(key.key))
      expect(await socket.ask('api_keys.revoke', { id: key.id })).toEqual({ ok: true, id: key.id })
      expect((await socket.closed).code).toBe(1008)
      expect(events(socket).at(-1)).toBe('tenant.access.revoked')
    }
  })

  it('reaches sessions that sleep with a socket', async () => {
    const key = await keyOf(newUser())
    const sessionKey = newTalk('default')
    const socket = await at(sessionKey, bearer(key.key))
    await socket.ask('chat.send', { message: 'good night' })
    const stub = bindings.SESSIONS.getByName(
      [tenantId, sessionKey].map(encodeURIComponent).join('/'),
    )
    await evictDurableObject(stub, { webSockets: 'hibernate' })
    await owner.ask('api_keys.revoke', { id: key.id })
    expect((await socket.closed).code).toBe(1008)
    expect(events(socket)).toContain('tenant.access.revoked')
  })
})

describe('a key with lists', () => {
  it('opens nothing where addresses cannot be told apart', async () => {
    const made = await owner.ask('api_keys.create', {
      name: 'bound',
      scopes: ['operator.read'],
      allowed_networks: ['0.0.0.0/0'],
    })
    const headers = bearer(String(made['key']))
    expect((await http('/v1/agents', { headers })).status).toBe(401)
    const forged = { ...headers, 'cf-connecting-ip': '203.0.113.7' }
    expect((await http('/v1/agents', { headers: forged })).status).toBe(401)
  })

  it('reaches its agents through every door, and hears of no other', async () => {
    const user = newUser()
    const made = await owner.ask('api_keys.create', {
      name: 'listed',
      scopes: ['operator.write'],
      owner_id: user,
      allowed_agents: ['default'],
    })
    const headers = bearer(String(made['key']))
    const listed = await connected({ token: String(made['key']) })
    const whole = await connected(withKey(await keyOf(user)).connect)
    const hidden = newTalk('careful')
    await whole.ask('chat.send', { sessionKey: hidden, message: 'between us' })
    await listed.ask('chat.send', { sessionKey: newTalk('default'), message: 'hello' })
    for (const [method, params] of [
      ['chat.send', { sessionKey: hidden, message: 'x' }],
      ['chat.send', { agentId: 'careful', message: 'x' }],
      ['agent', { agentId: 'careful' }],
      ['agents.get', { id: 'careful' }],
      ['chat.history', { sessionKey: hidden }],
      ['sessions.preview', { sessionKey: hidden }],
      ['sessions.delete', { sessionKey: hidden }],
      ['sessions.resume', { sessionKey: hidden }],
      ['tools.invoke', { sessionKey: hidden, tool: 'list_files' }],
    ] as const) {
      expect((await listed.refused(method, params)).code, method).toBe('NOT_FOUND')
    }
    const completion = (model: string, more: Readonly<Record<string, string>> = {}) =>
      http('/v1/chat/completions', {
        method: 'POST',
        headers: { ...headers, ...more },
        body: { model, messages: [{ role: 'user', content: 'hello' }] },
      })
    expect((await completion('default')).status).toBe(200)
    expect((await completion('careful')).status).toBe(404)
    expect((await completion('default', { 'x-edgeclaw-session-key': hidden })).status).toBe(404)
    const models = await http('/v1/models', { headers })
    expect(models.text).toContain('"default"')
    expect(models.text).not.toContain('careful')
    expect(
      (await http(sessionPath(hidden), { headers: { ...headers, upgrade: 'websocket' } })).status,
    ).toBe(404)
    const { sessions } = await listed.ask('sessions.list')
    expect(JSON.stringify(sessions)).not.toContain(hidden)
    expect(JSON.stringify(listed.frames)).not.toContain('between us')
    expect(JSON.stringify(whole.frames)).toContain('between us')
    const { runIds } = await listed.ask('chat.stopall')
    expect(runIds).toEqual([])
    for (const socket of [listed, whole]) socket.close()
  })
})

describe('authentication by a warm key', () => {
  it('asks the tenant once, and D1 for nothing', async () => {
    const { key } = await keyOf(newUser())
    const ask = () => http('/v1/models', { headers: bearer(key) })
    for (let i = 0; i < 2; i++) expect((await ask()).status).toBe(200)
    const tables = ['api_keys', 'memberships', 'tenants', 'agents', 'tenant_config']
    const rename = (from: string, to: string) =>
      bindings.DB.batch(
        tables.map((table) =>
          bindings.DB.prepare(`ALTER TABLE ${table}${from} RENAME TO ${table}${to}`),
        ),
      )
    await rename('', '_away')
    try {
      expect((await ask()).status).toBe(200)
    } finally {
      await rename('_away', '')
    }
  })
})
