/** What may be spent, at the doors: a vendor that says what each call used, and limits on all of it. */
import { evictDurableObject, runDurableObjectAlarm } from 'cloudflare:test'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { sessionObjectName } from '../../src/domain/object-name.ts'
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
import type { TestSocket } from './support/socket.ts'

/** What each call uses. */
const INPUT = 60
const OUTPUT = 40

const chunk = (delta: unknown, finish: string | null = null): string =>
  `data: ${JSON.stringify({ id: 'c', choices: [{ index: 0, delta, finish_reason: finish }] })}\n\n`

const usage = `data: ${JSON.stringify({
  choices: [],
  usage: { prompt_tokens: INPUT, completion_tokens: OUTPUT },
})}\n\n`

const CALL = {
  tool_calls: [{ index: 0, id: 'c1', function: { name: 'list_files', arguments: '{}' } }],
}

const answerOf = (text: string): Response =>
  new Response(text, { headers: { 'content-type': 'text/event-stream' } })

/** Asks for a tool when it is told to, for as long as it is told to; else it answers. */
class MeteredVendor {
  calls = 0
  /** The call that waits, counted from 1, until it is let go. */
  held: number | null = null

  constructor() {
    vi.stubGlobal('fetch', async (_: unknown, init?: RequestInit): Promise<Response> => {
      this.calls++
      // Asks again: a promise of the test's would not wake what runs in an object.
      while (this.held === this.calls) await new Promise((resolve) => setTimeout(resolve, 5))
      const body = String(init?.body)
      if (body.includes('be cut')) return answerOf(chunk({ content: 'Do' }) + usage)
      const said = body.includes('work on')
        ? chunk(CALL) + chunk({}, 'tool_calls')
        : chunk({ content: 'Done.' }) + chunk({}, 'stop')
      return answerOf(`${said}${usage}data: [DONE]\n\n`)
    })
  }
}

let platform: TestSocket
let vendor: MeteredVendor
let tenants = 0

beforeAll(async () => {
  await migrate()
  platform = await operator()
}, 60_000)
beforeEach(() => {
  vendor = new MeteredVendor()
})
afterEach(() => void vi.restoreAllMocks())
afterAll(() => void vi.unstubAllGlobals())

const PRICE = { input: 10, output: 10 }

interface Tenant {
  readonly id: string
  readonly admin: TestSocket
  limit(budgets: Readonly<Record<string, unknown>>): Promise<void>
  key(owner: string): Promise<Key>
}

async function newTenant(budgets: Readonly<Record<string, unknown>> = {}): Promise<Tenant> {
  const id = await createTenant(platform, `budgets-${++tenants}`)
  await platform.ask('tenants.users.add', { tenant_id: id, user_id: 'olga', role: 'owner' })
  const admin = await connected({ token: TOKEN, tenant_id: id, user_id: 'olga' })
  await admin.ask('providers.create', {
    name: 'metered',
    provider_type: 'openai_compat',
    api_base: 'https://vendor.example/v1',
    api_key: 'key-of-the-metered-vendor',
  })
  const agent = { provider: 'metered', model: 'm' }
  await admin.ask('agents.create', { agent_key: 'worker', ...agent })
  await admin.ask('agents.create', { agent_key: 'other', ...agent })
  const mute = { tools: { deny: ['*'] } }
  await admin.ask('agents.create', { agent_key: 'mute', ...agent, settings: mute })
  const gateway = { rate_limit_rpm: 0, rate_limit_session_rpm: 0 }
  const limit = async (next: Readonly<Record<string, unknown>>): Promise<void> => {
    await admin.ask('config.apply', {
      raw: { gateway, budgets: { prices: { 'metered/m': PRICE }, ...next } },
    })
  }
  await limit(budgets)
  const key = (owner: string) => createKey(platform, id, { scopes: ['operator.write'], owner })
  return { id, admin, limit, key }
}

let talks = 0
const talk = (agent = 'worker'): string => `agent:${agent}:ws:direct:b${++talks}`

const send = (socket: TestSocket, message = 'hello', sessionKey = talk()) =>
  socket.request('chat.send', { sessionKey, message })

const complete = (key: Key, model = 'mute', stream = false) =>
  http('/v1/chat/completions', {
    method: 'POST',
    headers: bearer(key.key),
    body: { model, stream, messages: [{ role: 'user', content: 'hello' }] },
  })

const stubOf = (tenantId: string) => bindings.TENANTS.getByName(encodeURIComponent(tenantId))

/** A day's row is told behind the answer: asked for until it is there. */
const used = async (socket: TestSocket, group_by = 'day') =>
  (await socket.ask('usage.get', { group_by })) as {
    readonly usage: readonly Readonly<Record<string, unknown>>[]
    readonly total: Readonly<Record<string, number>>
    readonly scope: string
  }

const spent = (socket: TestSocket, requests: number) =>
  expect
    .poll(async () => (await used(socket)).total['input_tokens'], { timeout: 10_000 })
    .toBe(requests * INPUT)

describe('requests', () => {
  it('of a burst over sockets and HTTP, exactly the allowed ones pass', async () => {
    const { key, admin } = await newTenant({ per_user: { requests_per_day: 5 } })
    const alice = await key('alice')
    const socket = await connected({ token: alice.key })
    const [sent, completed, journalled] = await Promise.all([
      Promise.all(Array.from({ length: 10 }, () => send(socket))),
      Promise.all(Array.from({ length: 5 }, () => complete(alice))),
      Promise.all(Array.from({ length: 5 }, () => complete(alice, 'worker'))),
    ])
    const statuses = [...completed, ...journalled].map(({ status }) => status)
    const passed = sent.filter(({ ok }) => ok).length + statuses.filter((s) => s === 200).length
    expect(passed).toBe(5)
    for (const { ok, error } of sent) if (!ok) expect(error?.code).toBe('RESOURCE_EXHAUSTED')
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
    expect(vendor.calls).toBe(5)
    const bob = await connected({ token: (await key('bob')).key })
    expect((await send(bob)).ok).toBe(true)
    await spent(admin, 6)
    expect((await used(admin, 'user')).usage).toMatchObject([
      { user_id: 'alice', requests: 5 },
      { user_id: 'bob', requests: 1 },
    ])
    for (const each of [socket, bob, admin]) each.close()
  })

  it('say when to come back, and leave nothing of what was refused', async () => {
    const { key } = await newTenant({ per_user: { requests_per_day: 1 } })
    const alice = await key('alice')
    const socket = await connected({ token: alice.key })
    expect((await send(socket)).ok).toBe(true)
    const sessionKey = talk()
    const { error } = await send(socket, 'hello', sessionKey)
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryable: true })
    expect(error?.message).toMatch(/^your budget of requests for today is used up; it resets at /)
    const untilMidnight = 86_400_000 - (Date.now() % 86_400_000)
    expect(Math.abs((error?.retryAfterMs ?? 0) - untilMidnight)).toBeLessThan(5_000)
    const gone = await socket.refused('chat.history', { sessionKey })
    expect(gone.code).toBe('NOT_FOUND')
    for (const stream of [false, true]) {
      const refused = await complete(alice, 'mute', stream)
      expect(refused.status).toBe(429)
      const wait = Number(refused.headers.get('retry-after'))
      expect(Math.abs(wait - untilMidnight / 1_000)).toBeLessThan(10)
    }
    socket.close()
  })

  it('are not taken by a repeat, which gets the first answer even when all is used up', async () => {
    const { key } = await newTenant({ per_user: { requests_per_day: 1 } })
    const socket = await connected({ token: (await key('alice')).key })
    const params = { sessionKey: talk(), message: 'hello', idempotencyKey: 'k' }
    const first = await socket.ask('chat.send', params)
    expect(await socket.ask('chat.send', params)).toEqual(first)
    expect(vendor.calls).toBe(1)
    socket.close()
  })

  it('are given back by a message that started nothing', async () => {
    const tenant = await newTenant({ per_user: { requests_per_day: 2 } })
    const alice = await tenant.key('alice')
    const socket = await connected({ token: alice.key })
    vendor.held = 1
    const sessionKey = talk()
    // Both find no run: one starts it, the other goes into it.
    const both = [send(socket, 'hello', sessionKey), send(socket, 'and more', sessionKey)]
    await Promise.race(both)
    vendor.held = null
    const answers = await Promise.all(both)
    expect(answers.filter(({ payload }) => payload?.['injected'])).toHaveLength(1)
    await expect
      .poll(async () => {
        const { quotas } = (await socket.ask('quota.usage')) as { quotas: { used: number }[] }
        return quotas[0]?.used
      })
      .toBe(1)
    expect((await send(socket)).ok).toBe(true)
    expect((await send(socket)).ok).toBe(false)
    socket.close()
  })
})

describe('tokens and dollars', () => {
  it('end a run in flight before its next model call, with the sentence', async () => {
    const { key, admin } = await newTenant({ per_user: { tokens_per_day: 150 } })
    const socket = await connected({ token: (await key('alice')).key })
    const { ok, error } = await send(socket, 'work on')
    expect(ok).toBe(false)
    expect(error?.code).toBe('RESOURCE_EXHAUSTED')
    expect(error?.message).toMatch(/^your budget of tokens for today is used up/)
    const failed = await socket.agentEvent('run.failed')
    expect(JSON.stringify(failed.payload)).toContain('your budget of tokens for today is used up')
    // 100 after the first call, 200 after the second: over by less than one call.
    expect(vendor.calls).toBe(2)
    await spent(admin, 2)
    expect((await send(socket)).error?.code).toBe('RESOURCE_EXHAUSTED')
    expect(vendor.calls).toBe(2)
    socket.close()
    admin.close()
  })

  it('are counted of a run that was stopped roughly, and as the vendor told where its model failed', async () => {
    const tenant = await newTenant()
    const socket = await connected({ token: (await tenant.key('alice')).key })
    const sessionKey = talk()
    vendor.held = 2
    const answer = send(socket, 'work on', sessionKey)
    await expect.poll(() => vendor.calls).toBe(2)
    await socket.ask('chat.abort', { sessionKey })
    vendor.held = null
    expect((await answer).payload).toMatchObject({ cancelled: true })
    const input = async () => (await used(tenant.admin)).total['input_tokens'] ?? 0
    // The second call was sent: whoever leaves before its end does not have it for nothing.
    await expect.poll(input, { timeout: 10_000 }).toBeGreaterThan(2 * INPUT)
    const before = await input()
    // Cut off before its end, but with a word of what it cost.
    expect((await send(socket, 'be cut')).error?.code).toBe('UNAVAILABLE')
    await expect.poll(input, { timeout: 10_000 }).toBe(before + INPUT)
    expect((await used(tenant.admin)).total).toMatchObject({ requests: 2 })
    socket.close()
    tenant.admin.close()
  })

  it('act on a run in flight as soon as they are set', async () => {
    const tenant = await newTenant()
    const socket = await connected({ token: (await tenant.key('alice')).key })
    vendor.held = 3
    const answer = send(socket, 'work on')
    await expect.poll(() => vendor.calls).toBe(3)
    await tenant.limit({ tenant: { tokens_per_month: 1 } })
    vendor.held = null
    const { error } = await answer
    expect(error?.message).toMatch(/^the budget of this tenant of tokens for this month is used up/)
    expect(vendor.calls).toBe(3)
    socket.close()
    tenant.admin.close()
  })

  it('are apart for keys, users, agents and tenants', async () => {
    const tenant = await newTenant({ per_key: { tokens_per_day: 100 } })
    const neighbour = await newTenant({ per_key: { tokens_per_day: 100 } })
    const [one, two] = [await tenant.key('alice'), await tenant.key('alice')]
    expect((await complete(one)).status).toBe(200)
    expect((await complete(one)).status).toBe(429)
    expect((await complete(one, 'worker')).status).toBe(429)
    expect((await complete(two)).status).toBe(200)
    expect((await complete(await neighbour.key('alice'))).status).toBe(200)
    await tenant.limit({ per_agent: { usd_per_day: 0.001 } })
    expect((await complete(two)).status).toBe(429)
    const socket = await connected({ token: two.key })
    expect((await send(socket, 'hello', talk('other'))).ok).toBe(true)
    await spent(tenant.admin, 3)
    expect((await send(socket, 'hello', talk('other'))).error?.message).toMatch(
      /^the budget of this agent of US dollars for today is used up/,
    )
    expect((await send(socket, 'hello', talk('worker'))).ok).toBe(true)
    expect((await used(neighbour.admin)).total).toMatchObject({ requests: 1, input_tokens: INPUT })
    for (const each of [socket, tenant.admin, neighbour.admin]) each.close()
  })

  it('refuse a model without a price, and name what is to be set; a priced one passes', async () => {
    const tenant = await newTenant()
    await tenant.limit({ tenant: { usd_per_day: 100 }, prices: {} })
    const alice = await tenant.key('alice')
    const socket = await connected({ token: alice.key })
    const { error } = await send(socket)
    expect(error).toMatchObject({ code: 'RESOURCE_EXHAUSTED' })
    expect(error?.message).toContain('metered/m')
    expect(error?.message).toContain('budgets.prices')
    expect(error?.retryAfterMs).toBeUndefined()
    expect((await complete(alice)).status).toBe(429)
    expect(vendor.calls).toBe(0)
    await tenant.limit({ tenant: { usd_per_day: 100 } })
    expect((await send(socket)).ok).toBe(true)
    socket.close()
    tenant.admin.close()
  })

  it('begin anew with the month, as the clock says', async () => {
    const tenant = await newTenant({ per_user: { tokens_per_month: 100 } })
    const alice = await tenant.key('alice')
    expect((await complete(alice)).status).toBe(200)
    expect((await complete(alice)).status).toBe(429)
    const now = new Date()
    const next = Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1)
    const clock = vi.spyOn(Date, 'now')
    clock.mockReturnValue(next - 1)
    expect((await complete(alice)).status).toBe(429)
    clock.mockReturnValue(next)
    expect((await complete(alice)).status).toBe(200)
    expect((await complete(alice)).status).toBe(429)
    tenant.admin.close()
  })

  it('hold over an eviction of the tenant’s object', async () => {
    const tenant = await newTenant({ per_user: { tokens_per_day: 100 } })
    const alice = await tenant.key('alice')
    expect((await complete(alice)).status).toBe(200)
    await tenant.admin.ask('usage.summary')
    await evictDurableObject(stubOf(tenant.id))
    expect((await complete(alice)).status).toBe(429)
    expect((await used(tenant.admin)).total).toMatchObject({ requests: 1, input_tokens: INPUT })
    tenant.admin.close()
  })

  it('are told again by the session when the tenant’s object died before it wrote them down', async () => {
    const tenant = await newTenant()
    const socket = await connected({ token: (await tenant.key('alice')).key })
    const sessionKey = talk()
    expect((await send(socket, 'hello', sessionKey)).ok).toBe(true)
    await evictDurableObject(stubOf(tenant.id))
    vi.spyOn(Date, 'now').mockReturnValue(Date.now() + 31_000)
    const id = sessionObjectName(tenant.id as TenantId, sessionKey)
    await runDurableObjectAlarm(bindings.SESSIONS.getByName(id))
    await spent(tenant.admin, 1)
    expect((await used(tenant.admin)).total).toMatchObject({ requests: 1 })
    socket.close()
    tenant.admin.close()
  })

  it('count nothing of a call by hand, which asks no model', async () => {
    const tenant = await newTenant({ per_user: { requests_per_day: 0 } })
    const socket = await connected({ token: (await tenant.key('alice')).key })
    const call = { tool: 'list_files', agentId: 'worker' }
    expect((await socket.request('tools.invoke', call)).ok).toBe(true)
    expect((await send(socket)).error?.message).toBe('your budget allows no requests')
    expect((await used(tenant.admin)).usage).toEqual([])
    socket.close()
    tenant.admin.close()
  })
})

describe('warnings', () => {
  it('come to admins once, and to nobody else', async () => {
    const tenant = await newTenant({ per_user: { tokens_per_day: 500 }, warn_at: 0.4 })
    const alice = await connected({ token: (await tenant.key('alice')).key })
    const warnings = (socket: TestSocket) =>
      socket.events.filter(({ event }) => event === 'budget.warning')
    for (let i = 0; i < 4; i++) expect((await send(alice)).ok).toBe(true)
    await spent(tenant.admin, 4)
    expect((await send(alice)).ok).toBe(true)
    const { payload } = (await tenant.admin.find(
      (frame) => frame.type === 'event' && frame.event === 'budget.warning',
      'the warning',
    )) as { payload: Record<string, unknown> }
    expect(payload).toMatchObject({
      scope: 'user',
      subject: 'alice',
      measure: 'tokens',
      period: 'day',
      limit: 500,
      used: 200,
    })
    expect((await send(alice)).error?.code).toBe('RESOURCE_EXHAUSTED')
    expect(warnings(tenant.admin)).toHaveLength(1)
    expect(warnings(alice)).toEqual([])
    await runDurableObjectAlarm(stubOf(tenant.id))
    await expect
      .poll(async () => {
        const page = await tenant.admin.ask('security.events.list', { name: 'budget_warning' })
        return (page['events'] as unknown[]).length
      })
      .toBe(1)
    alice.close()
    tenant.admin.close()
  })
})

describe('what was used', () => {
  it('is everybody’s own, and for admins the tenant’s', async () => {
    const tenant = await newTenant()
    const [alice, bob] = [await tenant.key('alice'), await tenant.key('bob')]
    expect((await complete(alice)).status).toBe(200)
    for (let i = 0; i < 2; i++) expect((await complete(bob, 'worker')).status).toBe(200)
    await spent(tenant.admin, 3)
    const [asAlice, asBob] = await Promise.all(
      [alice, bob].map(({ key }) => connected({ token: key })),
    )
    if (!asAlice || !asBob) throw new Error('no sockets')
    const own = await used(asAlice, 'user')
    expect(own).toMatchObject({ scope: 'own', total: { requests: 1, input_tokens: INPUT } })
    expect(own.usage.map(({ user_id }) => user_id)).toEqual(['alice'])
    expect((await used(asAlice, 'key')).usage).toMatchObject([{ key_id: alice.id, requests: 1 }])
    expect(JSON.stringify(await asAlice.ask('usage.summary'))).not.toContain('"requests":3')
    const all = await used(tenant.admin, 'agent')
    expect(all).toMatchObject({
      scope: 'tenant',
      usage: [
        { agent: 'worker', requests: 2, cost_usd: 0.002 },
        { agent: 'mute', requests: 1, cost_usd: 0.001 },
      ],
      total: { requests: 3, output_tokens: 3 * OUTPUT, cost_usd: 0.003 },
    })
    await tenant.limit({ prices: {} })
    const summary = await tenant.admin.ask('usage.summary')
    const counted = { requests: 3, input_tokens: 3 * INPUT, cost_usd: 0.003 }
    expect(summary).toMatchObject({
      scope: 'tenant',
      today: counted,
      month: counted,
      by_model: [{ provider: 'metered', model: 'm', unpriced: true, ...counted }],
    })
    const overHttp = await http('/v1/usage?group_by=model', { headers: bearer(bob.key) })
    expect(overHttp.json()).toMatchObject({ scope: 'own', total: { requests: 2 } })
    for (const path of ['/v1/usage/summary', '/v1/usage/quota'])
      expect((await http(path, { headers: bearer(bob.key) })).status).toBe(200)
    for (const each of [asAlice, asBob, tenant.admin]) each.close()
  })

  it('is refused for a range that is none, and empty where nothing was', async () => {
    const { admin } = await newTenant()
    for (const params of [
      { from: '2026-02-30' },
      { from: '2026-11-02', to: '2026-11-01' },
      { group_by: 'tenant' },
      { limit: 0 },
    ])
      expect((await admin.refused('usage.get', params)).code).toBe('INVALID_REQUEST')
    const none = await admin.ask('usage.get', { from: '2020-01-01', to: '2020-01-31' })
    expect(none).toMatchObject({ usage: [], truncated: false, total: { requests: 0 } })
    admin.close()
  })

  it('stands beside the limits: one’s own in numbers, the agents’ and the tenant’s for admins', async () => {
    const day = { requests_per_day: 10 }
    const tenant = await newTenant({ tenant: day, per_user: day, per_agent: day, per_key: day })
    const alice = await tenant.key('alice')
    expect((await complete(alice)).status).toBe(200)
    const bob = await tenant.key('bob')
    expect((await complete(bob)).status).toBe(200)
    interface Quota {
      readonly scope: string
      readonly subject?: string
      readonly used: number | null
      readonly limit: number
      readonly resets_at: string
    }
    const quotasOf = async (socket: TestSocket) =>
      (await socket.ask('quota.usage'))['quotas'] as readonly Quota[]
    const socket = await connected({ token: alice.key })
    const own = await quotasOf(socket)
    const find = (list: readonly Quota[], scope: string, subject?: string) =>
      list.find((quota) => quota.scope === scope && quota.subject === subject)
    expect(find(own, 'user', 'alice')).toMatchObject({ used: 1, limit: 10, exhausted: false })
    expect(find(own, 'key', alice.id)).toMatchObject({ used: 1 })
    expect(find(own, 'agent', 'mute')).toMatchObject({ used: null, exhausted: false })
    expect(find(own, 'tenant')).toBeUndefined()
    expect(find(own, 'user', 'alice')?.resets_at).toMatch(/T00:00:00.000Z$/)
    expect(JSON.stringify(own)).not.toMatch(/bob/)
    const all = await quotasOf(tenant.admin)
    expect(find(all, 'tenant')).toMatchObject({ used: 2, limit: 10 })
    expect(find(all, 'agent', 'mute')).toMatchObject({ used: 2 })
    socket.close()
    tenant.admin.close()
  })
})
