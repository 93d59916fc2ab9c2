/** An inbox in workerd: from the platform's delivery to the answer, across whatever goes away between. */
import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import type { TenantId } from '../../src/domain/ids.ts'
import { inboxObjectName, sessionObjectName } from '../../src/domain/object-name.ts'
import {
  bindings,
  connected,
  createTenant,
  http,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import type { TestSocket } from './support/socket.ts'

const SECRET = 'the-secret-of-the-hooks-of-this-test'
const CALLBACK = 'https://callback.example/answers'

interface Called {
  readonly id: string
  readonly body: Readonly<Record<string, unknown>>
}
const called: Called[] = []
/** Answers of the receiver, in their order; then it takes everything. */
let statuses: number[] = []
/** Held back until it is let go. */
let held: Promise<void> | null = null

beforeAll(async () => {
  await migrate()
  vi.stubGlobal('fetch', async (url: unknown, init: RequestInit = {}): Promise<Response> => {
    if (String(url) !== CALLBACK) throw new Error(`nobody asks ${String(url)}`)
    const text = await new Response(init.body as BodyInit).text()
    const id = new Headers(init.headers).get('webhook-id') ?? ''
    called.push({ id, body: JSON.parse(text) })
    await held
    return new Response('', { status: statuses.shift() ?? 200 })
  })
}, 60_000)
afterAll(() => void vi.unstubAllGlobals())
beforeEach(() => {
  called.length = 0
  statuses = []
  held = null
})

let tenants = 0

interface Scene {
  readonly tenantId: TenantId
  readonly id: string
  readonly inbox: DurableObjectStub
  readonly socket: TestSocket
  hook(delivery: string, headers?: Readonly<Record<string, string>>): Promise<number>
}

async function open(): Promise<Scene> {
  const platform = await operator()
  const slug = `inbox-${++tenants}`
  const tenantId = (await createTenant(platform, slug)) as TenantId
  platform.close()
  const socket = await connected({ token: TOKEN, tenant_id: tenantId })
  const { id } = await socket.ask('channels.instances.create', {
    name: 'hooks',
    channel_type: 'webhook',
    agent_id: 'default',
    credentials: {
      proof: 'secret',
      secret: SECRET,
      callback_secret: `whsec_${btoa('of-the-callbacks-of-this-test')}`,
    },
    config: {
      allow_private_network: true,
      hooks: { ci: { message: 'hello from the hook', callback_url: CALLBACK } },
    },
  })
  const inbox = bindings.INBOXES.getByName(inboxObjectName(tenantId, String(id)))
  const hook = async (delivery: string, headers = {}): Promise<number> => {
    const answer = await http(`/hooks/${String(id)}/ci`, {
      method: 'POST',
      headers: { 'x-webhook-secret': SECRET, 'webhook-id': delivery, ...headers },
      body: { build: 7 },
    })
    return answer.status
  }
  return { tenantId, id: String(id), inbox, socket, hook }
}

/** Rows of its deliveries, oldest first. */
const deliveriesOf = (inbox: DurableObjectStub) =>
  runInDurableObject(inbox, (_, { storage }) =>
    storage.sql
      .exec<{ delivery_id: string; state: string; event: string | null }>(
        'SELECT delivery_id, state, event FROM deliveries ORDER BY id',
      )
      .toArray(),
  )

/** The alarm comes, as it would at the time that its timer stands for. */
async function wake(inbox: DurableObjectStub): Promise<void> {
  await runInDurableObject(inbox, async (_, { storage }) => {
    storage.sql.exec("UPDATE timers SET at = 1 WHERE name = 'work'")
    storage.sql.exec("UPDATE deliveries SET due_at = 1 WHERE state NOT IN ('done', 'dead')")
    if ((await storage.getAlarm()) === null) await storage.setAlarm(Date.now() + 3_600_000)
  })
  await runDurableObjectAlarm(inbox)
}

async function until(what: string, isSo: () => Promise<boolean> | boolean): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  throw new Error(`never: ${what}`)
}

const ended = (inbox: DurableObjectStub, count: number) =>
  until(`${count} ended`, async () => {
    const rows = await deliveriesOf(inbox)
    return rows.length === count && rows.every(({ state }) => state === 'done')
  })

/** As a channel's ids stand in a key: what is no letter and no digit is escaped. */
const sessionKeyOf = ({ id }: Scene): string =>
  `agent:default:webhook:direct:${id.replaceAll('_', '=5f')}:ci`

async function asksIn(scene: Scene): Promise<readonly string[]> {
  const { messages } = await scene.socket.ask('chat.history', { sessionKey: sessionKeyOf(scene) })
  return (messages as { role: string; content: string }[])
    .filter(({ role }) => role === 'user')
    .map(({ content }) => content)
}

describe('a delivery', () => {
  it('is stored, answered with yes, run once and answered once, however often it comes', async () => {
    const scene = await open()
    expect(await scene.hook('w-1')).toBe(200)
    expect(await deliveriesOf(scene.inbox)).toMatchObject([{ delivery_id: 'ci:w-1' }])
    expect(await scene.hook('w-1')).toBe(200)
    await ended(scene.inbox, 1)
    expect(await scene.hook('w-1')).toBe(200)
    await wake(scene.inbox)
    expect(called).toHaveLength(1)
    expect(called[0]?.body).toMatchObject({ type: 'hook.answered', data: { hook: 'ci' } })
    const asks = await asksIn(scene)
    expect(asks).toHaveLength(1)
    expect(asks[0]).toContain('hello from the hook')
    // What was said is gone from it: the conversation has it.
    expect((await deliveriesOf(scene.inbox))[0]?.event).toBeNull()
  })

  it('is not stored where it proves nothing', async () => {
    const scene = await open()
    expect(await scene.hook('w-1', { 'x-webhook-secret': `${SECRET}x` })).toBe(401)
    expect(await scene.hook('w-1', { 'x-webhook-secret': '' })).toBe(401)
    const tables = await runInDurableObject(scene.inbox, (_, { storage }) =>
      storage.sql.exec("SELECT name FROM sqlite_master WHERE name = 'deliveries'").toArray(),
    )
    expect(tables).toEqual([])
    expect(called).toEqual([])
  })

  it('is one run, when inbox and session go away behind the answer', async () => {
    const scene = await open()
    expect(await scene.hook('w-1')).toBe(200)
    await evictDurableObject(scene.inbox)
    // Begun or not: it may not have come to it.
    await evictDurableObject(
      bindings.SESSIONS.getByName(sessionObjectName(scene.tenantId, sessionKeyOf(scene))),
    ).catch(() => undefined)
    expect(await scene.hook('w-1')).toBe(200)
    await until('answered', async () => {
      await wake(scene.inbox)
      return called.length > 0
    })
    await ended(scene.inbox, 1)
    expect(await asksIn(scene)).toHaveLength(1)
    expect(new Set(called.map(({ id }) => id)).size).toBe(1)
  })

  it('keeps its answer while the receiver is away, and says it when it is back', async () => {
    const scene = await open()
    statuses = [503, 503]
    await scene.hook('w-1')
    await until('refused', () => called.length === 1)
    await evictDurableObject(scene.inbox)
    for (const count of [2, 3]) {
      await wake(scene.inbox)
      await until(`asked ${count} times`, () => called.length === count)
    }
    await ended(scene.inbox, 1)
    expect(new Set(called.map(({ id }) => id)).size).toBe(1)
    expect(await asksIn(scene)).toHaveLength(1)
  })

  it('waits while the channel’s tenant has everything stopped', async () => {
    const scene = await open()
    const { id } = await scene.socket.ask('estop.set', { kind: 'network', reason: 'drill' })
    expect(await scene.hook('w-1')).toBe(200)
    await wake(scene.inbox)
    expect(called).toEqual([])
    await scene.socket.ask('estop.release', { id })
    await until('answered', async () => {
      await wake(scene.inbox)
      return called.length === 1
    })
  })
})

describe('an inbox', () => {
  it('is put aside by a channel that is off, begun anew by an admin, and erased with it', async () => {
    const scene = await open()
    statuses = [410]
    await scene.hook('w-1')
    await until('put aside', async () => (await deliveriesOf(scene.inbox))[0]?.state === 'dead')
    const { deliveries } = await scene.socket.ask('channels.deliveries.list', { id: 'hooks' })
    expect(deliveries).toMatchObject([{ delivery_id: 'ci:w-1' }])
    expect(await scene.socket.ask('channels.deliveries.replay', { id: 'hooks' })).toEqual({
      replayed: 1,
    })
    await ended(scene.inbox, 1)
    // What was answered is only said again: there is no second run.
    expect(await asksIn(scene)).toHaveLength(1)
    expect(called).toHaveLength(2)
    await scene.socket.ask('channels.instances.delete', { id: 'hooks' })
    expect(await scene.hook('w-2')).toBe(404)
    const left = await runInDurableObject(scene.inbox, async (_, { storage }) => [
      storage.sql
        .exec(
          "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_cf%' ESCAPE '\\'",
        )
        .toArray(),
      await storage.getAlarm(),
    ])
    expect(left).toEqual([[], null])
  })
})
