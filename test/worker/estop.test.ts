/** The emergency stop: what it stops stands still at once, for its tenant alone, until it is released. */
import { evictDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it, vi } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { tenantObjectName } from '../../src/domain/object-name.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  http,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { EventFrame, ResFrame, TestSocket } from './support/socket.ts'
import { addSlowAgent, HeldVendor } from './support/vendor.ts'

const REASON = 'a leak is looked into'

interface Tenant {
  readonly id: string
  readonly owner: TestSocket
  readonly admin: TestSocket
  readonly alice: TestSocket
  readonly aliceKey: Key
}

let platform: TestSocket
let north: Tenant
let south: Tenant

async function open(slug: string): Promise<Tenant> {
  const id = await createTenant(platform, slug)
  await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'olga', role: 'owner' })
  const owner = await connected({ token: TOKEN, tenant_id: id, user_id: 'olga' })
  await owner.ask('config.patch', {
    raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
  })
  await owner.ask('agents.create', {
    agent_key: 'careful',
    settings: { autonomy: { level: 'supervised' } },
  })
  await owner.ask('agents.create', {
    agent_key: 'talker',
    settings: { tools: { profile: 'minimal' } },
  })
  const adminKey = await createKey(platform, id, { scopes: ['operator.admin'], owner: 'ada' })
  const aliceKey = await createKey(platform, id, { scopes: ['operator.write'], owner: 'alice' })
  return {
    id,
    owner,
    admin: await connected({ token: adminKey.key }),
    alice: await connected({ token: aliceKey.key }),
    aliceKey,
  }
}

beforeAll(async () => {
  await migrate()
  platform = await operator()
  north = await open('stopped')
  south = await open('running')
}, 60_000)

let talks = 0
const newTalk = (agent = 'default'): string => `agent:${agent}:ws:direct:stop-${++talks}`

const say = (by: TestSocket, message: string, sessionKey = newTalk()): Promise<ResFrame> =>
  by.request('chat.send', { sessionKey, message })

const textOf = (answer: ResFrame): string => JSON.stringify(answer.payload ?? answer.error)

const set = async (
  by: TestSocket,
  params: Readonly<Record<string, unknown>>,
): Promise<Readonly<Record<string, unknown>>> => by.ask('estop.set', { reason: REASON, ...params })

/** A run of alice's that waits for a human before its only call. */
async function waitingRun(tenant: Tenant, file: string) {
  const sessionKey = newTalk('careful')
  const id = `waits-${sessionKey}`
  const params = { sessionKey, message: `write: ${file}: it ran` }
  tenant.alice.sendRaw(JSON.stringify({ type: 'req', id, method: 'chat.send', params }))
  const asked = (await tenant.admin.find((frame) => {
    const { type, event, payload } = frame as EventFrame
    return (
      type === 'event' &&
      event === 'exec.approval.requested' &&
      payload['sessionKey'] === sessionKey
    )
  }, 'the question')) as EventFrame
  return { approval: asked.payload['id'], ended: tenant.alice.answer(id), sessionKey }
}

/** As an operator's script might write it: nobody cancels anything, the row alone has to do. */
async function plantStop(tenantId: string): Promise<void> {
  await bindings.DB.batch([
    bindings.DB.prepare(
      `INSERT INTO emergency_stops (id, tenant_id, kind, tools, reason, is_platform, created_by,
         created_at) VALUES ('stp_planted', ?, 'kill-all', '[]', ?, 0, 'olga', 1)`,
    ).bind(tenantId, REASON),
    bindings.DB.prepare('UPDATE tenants SET version = version + 1 WHERE id = ?').bind(tenantId),
  ])
  await evictDurableObject(bindings.TENANTS.getByName(tenantObjectName(tenantId as TenantId)))
}

describe('kill-all', () => {
  it('ends a run in flight within a second, before its next call, and lets none begin', async () => {
    const { ended, sessionKey } = await waitingRun(north, 'never.txt')
    const startedAt = Date.now()
    const { id } = await set(north.admin, { kind: 'kill-all' })
    const answer = await ended
    expect(Date.now() - startedAt).toBeLessThan(1_000)
    expect(textOf(answer)).not.toContain('Created')
    const refused = await say(north.alice, 'hello')
    expect(refused).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
    expect(refused.error?.message).toContain(REASON)
    const injected = await north.alice.request('chat.inject', { sessionKey, message: 'go on' })
    expect(injected.error?.message).toContain(REASON)
    const invoked = await north.alice.request('tools.invoke', { tool: 'list_files' })
    expect(invoked.error?.message).toContain(REASON)
    for (const model of ['talker', 'default']) {
      const completion = await http('/v1/chat/completions', {
        method: 'POST',
        headers: bearer(north.aliceKey.key),
        body: { model, messages: [{ role: 'user', content: 'hello' }] },
      })
      expect([model, completion.status]).not.toEqual([model, 200])
      expect(completion.text).toContain(REASON)
    }
    expect((await say(south.alice, 'hello')).ok).toBe(true)
    await north.owner.ask('estop.release', { id })
    expect((await say(north.alice, 'hello')).ok).toBe(true)
    expect(textOf(await say(north.alice, 'read: never.txt'))).not.toContain('it ran')
  })

  it('ends a run while its model speaks', async () => {
    const vendor = new HeldVendor()
    await addSlowAgent(north.owner)
    const sessionKey = newTalk('slow')
    const params = { sessionKey, message: 'take your time' }
    north.alice.sendRaw(JSON.stringify({ type: 'req', id: 'slow', method: 'chat.send', params }))
    await north.alice.find(
      ({ type, ...frame }) => type === 'event' && JSON.stringify(frame).includes('"So "'),
      'its first word',
    )
    const startedAt = Date.now()
    const { id } = await set(north.admin, { kind: 'kill-all' })
    expect((await north.alice.answer('slow')).payload).toMatchObject({ cancelled: true })
    expect(Date.now() - startedAt).toBeLessThan(1_000)
    await north.owner.ask('estop.release', { id })
    vendor.letGo()
    vi.unstubAllGlobals()
  })

  it('ends a run that nobody cancelled before its approved call', async () => {
    const { approval, ended } = await waitingRun(north, 'unseen.txt')
    await plantStop(north.id)
    await north.admin.ask('exec.approval.approve', { id: approval })
    const answer = await ended
    // Not as one whose access ended: clients log those out.
    expect(answer).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
    expect(textOf(answer)).toContain(REASON)
    await north.owner.ask('estop.release', { id: 'stp_planted' })
    const sessionKey = newTalk('careful')
    expect(textOf(await say(north.alice, 'read: unseen.txt', sessionKey))).not.toContain('it ran')
    const { approval: again, ended: runs } = await waitingRun(north, 'seen.txt')
    await north.admin.ask('exec.approval.approve', { id: again })
    expect(textOf(await runs)).toContain('Created seen.txt')
  })
})

describe('a stop of the network', () => {
  it('takes the ways out from tools, and leaves the model and what stays inside', async () => {
    const { id } = await set(north.admin, { kind: 'network' })
    const fetched = textOf(await say(north.alice, 'fetch: https://example.com/'))
    expect(fetched).toContain(REASON)
    const searched = textOf(await say(north.alice, 'tool: web_search {"query":"x"}'))
    expect(searched).toContain(REASON)
    expect(textOf(await say(north.alice, 'write: inside.txt: fine'))).toContain('Created')
    const foreign = textOf(await say(south.alice, 'fetch: https://example.com/'))
    expect(foreign).not.toContain(REASON)
    await north.owner.ask('estop.release', { id })
    expect(textOf(await say(north.alice, 'fetch: https://example.com/'))).not.toContain(REASON)
  })
})

describe('a stop of tools', () => {
  it('stops those that are named, in runs and in dry runs, and says why', async () => {
    const { id } = await set(north.admin, { kind: 'tools', tools: ['write_file', 'group:web'] })
    expect(textOf(await say(north.alice, 'write: stopped.txt: x'))).toContain(REASON)
    expect(textOf(await say(north.alice, 'list: .'))).not.toContain(REASON)
    const judged = await north.alice.ask('tools.invoke', {
      tool: 'write_file',
      args: { path: 'a', content: 'x' },
      dryRun: true,
    })
    expect(judged).toMatchObject({ decision: 'deny' })
    expect(JSON.stringify(judged)).toContain(REASON)
    expect(textOf(await say(south.alice, 'write: stopped.txt: x'))).toContain('Created')
    await north.owner.ask('estop.release', { id })
    expect(textOf(await say(north.alice, 'write: stopped.txt: x'))).toContain('Created')
  })

  it('is refused where it would stop nothing', async () => {
    for (const params of [
      { kind: 'tools', tools: [] },
      { kind: 'tools', tools: ['exce'] },
      { kind: 'tools', tools: ['group:shell'] },
      { kind: 'network', tools: ['exec'] },
      { kind: 'kill-all', reason: '  ' },
    ]) {
      const refused = await north.admin.refused('estop.set', { reason: REASON, ...params })
      expect(refused.code, JSON.stringify(params)).toBe('INVALID_REQUEST')
    }
    expect(await north.admin.ask('estop.list')).toEqual({ stops: [] })
  })

  it('is one of twenty at most, which keep out no stop of another kind', async () => {
    const ids: unknown[] = []
    for (let i = 0; i < 20; i++) {
      ids.push((await set(north.admin, { kind: 'tools', tools: ['edit'] }))['id'])
    }
    const refused = await north.admin.refused('estop.set', { kind: 'tools', tools: ['edit'] })
    expect(refused.code).toBe('RESOURCE_EXHAUSTED')
    ids.push((await north.admin.ask('estop.set', { kind: 'network' }))['id'])
    for (const id of ids) await north.owner.ask('estop.release', { id })
    expect(await north.admin.ask('estop.list')).toEqual({ stops: [] })
  })
})

describe('who may', () => {
  it('set: an admin; release: an owner; neither: a member', async () => {
    const params = { kind: 'tools', tools: ['edit'] }
    expect((await north.alice.refused('estop.set', { reason: REASON, ...params })).code).toBe(
      'UNAUTHORIZED',
    )
    const { id } = await set(north.admin, params)
    expect((await north.admin.refused('estop.release', { id })).code).toBe('UNAUTHORIZED')
    const { stops } = await north.admin.ask('estop.list')
    expect(stops).toMatchObject([
      { id, kind: 'tools', tools: ['edit'], reason: REASON, is_platform: false, created_by: 'ada' },
    ])
    expect((await south.owner.refused('estop.release', { id })).code).toBe('NOT_FOUND')
    expect((await south.owner.refused('estop.release', { id, tenant_id: north.id })).code).toBe(
      'NOT_FOUND',
    )
    await north.owner.ask('estop.release', { id })
    expect((await north.owner.refused('estop.release', { id })).code).toBe('NOT_FOUND')
    const { records } = await north.admin.ask('audit.list', { limit: 500 })
    const told = (records as { name: string; fields: Record<string, string> }[])
      .filter(({ fields }) => fields['id'] === id)
      .map(({ name }) => name)
    expect(told).toEqual(['estop.release', 'estop.set'])
  })

  it('stop all tenants: the platform alone, which alone releases that', async () => {
    for (const by of [north.owner, north.admin]) {
      const refused = await by.refused('estop.set', { reason: REASON, kind: 'network', all: true })
      expect(refused.code).toBe('UNAUTHORIZED')
      const foreign = { reason: REASON, kind: 'network', tenant_id: south.id }
      expect((await by.refused('estop.set', foreign)).code).toBe('NOT_FOUND')
    }
    const stopped = await set(platform, { kind: 'kill-all', all: true })
    expect(Number(stopped['tenants'])).toBeGreaterThanOrEqual(2)
    for (const tenant of [north, south]) {
      expect((await say(tenant.alice, 'hello')).error?.message).toContain(REASON)
      const { id } = stopped
      expect((await tenant.owner.refused('estop.release', { id })).code).toBe('UNAUTHORIZED')
      expect((await say(tenant.alice, 'hello')).ok).toBe(false)
    }
    await platform.ask('estop.release', { id: stopped['id'], all: true })
    for (const tenant of [north, south]) {
      expect((await say(tenant.alice, 'hello')).ok).toBe(true)
      expect(await tenant.admin.ask('audit.verify')).toMatchObject({ ok: true })
    }
    const { id } = await set(platform, { kind: 'kill-all', tenant_id: south.id })
    expect((await say(north.alice, 'hello')).ok).toBe(true)
    expect((await say(south.alice, 'hello')).ok).toBe(false)
    await platform.ask('estop.release', { id, tenant_id: south.id })
    expect((await say(south.alice, 'hello')).ok).toBe(true)
  })
})
