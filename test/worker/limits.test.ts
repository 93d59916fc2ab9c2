/** What is counted, at the doors: one user's runs over many sessions, a session's, a credential's. */
import { runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { beforeAll, describe, expect, it } from 'vitest'
import { sessionObjectName } from '../../src/domain/object-name.ts'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  type Headers_,
  http,
  type Key,
  migrate,
  operator,
  sessionPath,
  TOKEN,
} from './support/gateway.ts'
import { TestSocket } from './support/socket.ts'

const session = (name: string): string => `agent:default:ws:direct:${name}`

let platform: TestSocket

beforeAll(async () => {
  await migrate()
  platform = await operator()
}, 60_000)

let tenants = 0

async function newTenant(gateway: Readonly<Record<string, unknown>>) {
  const tenantId = await createTenant(platform, `limits-${++tenants}`)
  const owner = await connected({ token: TOKEN, tenant_id: tenantId })
  await owner.ask('config.patch', { raw: { gateway } })
  owner.close()
  const keyOf = (owner: string, scope = 'operator.write'): Promise<Key> =>
    createKey(platform, tenantId, { scopes: [scope], owner })
  return { tenantId, keyOf }
}

const codesOf = (frames: readonly { ok: boolean; error?: { code: string } }[]) =>
  frames.map(({ ok, error }) => (ok ? 'ok' : error?.code))

describe("a user's bucket of runs", () => {
  it('is one, exact, over many sessions, sockets and both doors at once', async () => {
    const { keyOf } = await newTenant({ rate_limit_rpm: 1, rate_limit_burst: 5 })
    const [key, other] = [await keyOf('alice'), await keyOf('alice')]
    const control = await connected({ token: key.key })
    const sockets = await Promise.all(
      Array.from({ length: 8 }, (_, i) =>
        TestSocket.open(sessionPath(session(`s${i}`)), { headers: bearer(other.key) }),
      ),
    )
    const overSockets = [
      ...sockets.map((socket) => socket.request('chat.send', { message: 'hello' })),
      ...Array.from({ length: 8 }, (_, i) =>
        control.request('chat.send', { message: 'hello', sessionKey: session(`c${i}`) }),
      ),
    ]
    const overHttp = Array.from({ length: 8 }, () =>
      http('/v1/chat/completions', {
        method: 'POST',
        headers: bearer(key.key),
        body: { model: 'default', messages: [{ role: 'user', content: 'hello' }] },
      }),
    )
    const codes = codesOf(await Promise.all(overSockets))
    const statuses = (await Promise.all(overHttp)).map(({ status }) => status)
    const started =
      codes.filter((code) => code === 'ok').length +
      statuses.filter((status) => status === 200).length
    expect(started).toBe(5)
    expect(codes.filter((code) => code !== 'ok' && code !== 'RESOURCE_EXHAUSTED')).toEqual([])
    expect(statuses.filter((status) => status !== 200 && status !== 429)).toEqual([])
    const bob = await connected({ token: (await keyOf('bob')).key })
    expect((await bob.request('chat.send', { message: 'hello' })).ok).toBe(true)
    for (const socket of [control, bob, ...sockets]) socket.close()
  })

  it('tells HTTP callers in whole seconds when to come back', async () => {
    const { keyOf } = await newTenant({ rate_limit_rpm: 1, rate_limit_burst: 1 })
    const { key } = await keyOf('alice')
    const body = { model: 'default', messages: [{ role: 'user', content: 'hi' }] }
    const post = () => http('/v1/chat/completions', { method: 'POST', headers: bearer(key), body })
    expect((await post()).status).toBe(200)
    const refused = await post()
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(30)
  })
})

describe("a session's bucket", () => {
  it('is shared by its owner and the admins, and no other session pays for it', async () => {
    const { keyOf } = await newTenant({
      rate_limit_rpm: 0,
      rate_limit_session_rpm: 1,
      rate_limit_burst: 3,
    })
    const alice = await connected({ token: (await keyOf('alice')).key })
    const admin = await connected({ token: (await keyOf('ada', 'operator.admin')).key })
    const busy = { sessionKey: session('busy'), message: 'hello' }
    expect((await alice.request('chat.send', busy)).ok).toBe(true)
    expect((await admin.request('chat.send', busy)).ok).toBe(true)
    expect((await alice.request('chat.inject', busy)).ok).toBe(true)
    for (const socket of [alice, admin]) {
      const refused = await socket.refused('chat.send', busy)
      expect(refused).toMatchObject({ code: 'RESOURCE_EXHAUSTED', retryable: true })
    }
    const calm = { sessionKey: session('calm'), message: 'hello' }
    expect((await alice.request('chat.send', calm)).ok).toBe(true)
    alice.close()
    admin.close()
  })
})

describe("a credential's bucket of operations", () => {
  it('is not filled up by reconnecting, and holds at every door', async () => {
    const { keyOf } = await newTenant({ rate_limit_rpm: 0 })
    const { key } = await keyOf('alice')
    const answers: (string | undefined)[] = []
    for (let i = 0; i < 6; i++) {
      const socket = await connected({ token: key })
      const asked = Array.from({ length: 60 }, () => socket.request('agents.list'))
      answers.push(...codesOf(await Promise.all(asked)))
      socket.close()
    }
    const allowed = answers.filter((code) => code === 'ok').length
    expect(answers).toHaveLength(360)
    // 100, and ten more for each second that this took.
    expect(allowed).toBeGreaterThan(60)
    expect(allowed).toBeLessThan(250)
    expect(answers.at(-1)).toBe('RESOURCE_EXHAUSTED')
    const other = await connected({ token: (await keyOf('alice')).key })
    expect((await other.request('agents.list')).ok).toBe(true)
    other.close()
  })
})

describe('a page that is loaded again and again', () => {
  const doors: readonly [string, (key: string) => Promise<TestSocket>][] = [
    ['/ws', (key) => connected({ token: key })],
    ['a session', (key) => TestSocket.open(sessionPath(session('page')), { headers: bearer(key) })],
  ]

  it.each(doors)(
    'pays for what it asked, and not for what its sockets took ahead: %s',
    async (_, open) => {
      const { keyOf } = await newTenant({ rate_limit_rpm: 0 })
      const { key } = await keyOf('alice')
      const answers: (string | undefined)[] = []
      // 6 of the 12 that each socket leases: what is not given back would be refused before the end.
      for (let i = 0; i < 16; i++) {
        const socket = await open(key)
        const asked = Array.from({ length: 6 }, () => socket.request('agents.list'))
        answers.push(...codesOf(await Promise.all(asked)))
        socket.close()
        await socket.closed
      }
      expect(answers).toEqual(Array.from({ length: 96 }, () => 'ok'))
    },
  )
})

describe('Idempotency-Key', () => {
  const post = (path: string, headers: Headers_, body: unknown, method = 'POST') =>
    http(path, { method, headers, body })

  async function open() {
    const { keyOf, tenantId } = await newTenant({ rate_limit_rpm: 0 })
    const { key } = await keyOf('ada', 'operator.admin')
    const keyed = (idempotencyKey: string, token = key): Headers_ => ({
      ...bearer(token),
      'idempotency-key': idempotencyKey,
    })
    return { keyOf, tenantId, key, keyed }
  }

  it('lets a request act once, and answers its repeat the same', async () => {
    const { keyed } = await open()
    const body = { agent_key: 'once', name: 'Once' }
    const all = await Promise.all(
      Array.from({ length: 5 }, () => post('/v1/agents', keyed('k1'), body)),
    )
    expect(all.filter(({ status }) => status === 201).length).toBeGreaterThan(0)
    for (const { status, code } of all) {
      expect([201, 409]).toContain(status)
      if (status === 409) expect(code).toBe('FAILED_PRECONDITION')
    }
    const first = all.find(({ status }) => status === 201)
    const repeat = await post('/v1/agents', keyed('k1'), body)
    expect([repeat.status, repeat.text]).toEqual([201, first?.text])
    expect(repeat.headers.get('idempotency-replayed')).toBe('true')
    const unkeyed = await post('/v1/agents', keyed('k2'), body)
    expect([unkeyed.status, unkeyed.code]).toEqual([409, 'ALREADY_EXISTS'])
  })

  it('refuses the same key with another body, and allows it for another operation', async () => {
    const { keyed } = await open()
    expect((await post('/v1/agents', keyed('k'), { agent_key: 'one' })).status).toBe(201)
    const reused = await post('/v1/agents', keyed('k'), { agent_key: 'two' })
    expect([reused.status, reused.code]).toEqual([409, 'ALREADY_EXISTS'])
    const other = await post('/v1/agents/one', keyed('k'), { name: 'One' }, 'PUT')
    expect(other.status).toBe(200)
  })

  it('belongs to its tenant and principal', async () => {
    const [north, south] = [await open(), await open()]
    const body = { agent_key: 'same' }
    for (const token of [north.key, south.key]) {
      expect((await post('/v1/agents', north.keyed('k', token), body)).status).toBe(201)
    }
    const { key } = await north.keyOf('bob', 'operator.admin')
    const bob = await post('/v1/agents', north.keyed('k', key), body)
    expect([bob.status, bob.code]).toEqual([409, 'ALREADY_EXISTS'])
    expect(bob.headers.get('idempotency-replayed')).toBeNull()
  })

  it('is free again after a refusal, and is left by nobody who may not act', async () => {
    const { keyed, keyOf } = await open()
    const wrong = await post('/v1/agents', keyed('k'), { agent_key: 'NOT A KEY' })
    expect(wrong.status).toBe(400)
    expect((await post('/v1/agents', keyed('k'), { agent_key: 'right' })).status).toBe(201)
    const { key } = await keyOf('vera', 'operator.read')
    const refused = await post('/v1/agents', keyed('v', key), { agent_key: 'x' })
    expect([refused.status, refused.code]).toEqual([403, 'UNAUTHORIZED'])
  })

  it('keeps no answer that holds a secret', async () => {
    const { keyed } = await open()
    const body = { name: 'ci', scopes: ['operator.read'] }
    const created = await post('/v1/api-keys', keyed('k'), body)
    expect(created.status).toBe(201)
    const repeat = await post('/v1/api-keys', keyed('k'), body)
    expect([repeat.status, repeat.code]).toEqual([409, 'ALREADY_EXISTS'])
    expect(repeat.text).not.toContain('ec_')
    const listed = (await http('/v1/api-keys', { headers: keyed('k') })).json()
    const named = (listed['keys'] as { name: string }[]).filter(({ name }) => name === 'ci')
    expect(named).toHaveLength(1)
  })

  it('is 1 to 200 printable characters', async () => {
    const { keyed } = await open()
    for (const key of ['x'.repeat(201), 'a b']) {
      const answer = await post('/v1/agents', keyed(key), { agent_key: 'x' })
      expect([answer.status, answer.code]).toEqual([400, 'INVALID_REQUEST'])
    }
  })

  it('of a completion finds the run again, whole and as a stream', async () => {
    const { keyed } = await open()
    const body = { model: 'default', messages: [{ role: 'user', content: 'say it once' }] }
    const path = '/v1/chat/completions'
    const [first, second] = await Promise.all([
      post(path, keyed('c'), body),
      post(path, keyed('c'), body),
    ])
    const runOf = ({ headers }: { headers: Headers }) => headers.get('x-edgeclaw-run-id')
    expect([first.status, second.status]).toEqual([200, 200])
    expect(runOf(first)).toMatch(/^run_/)
    expect(runOf(second)).toBe(runOf(first))
    const again = await post(path, keyed('c'), body)
    expect(runOf(again)).toBe(runOf(first))
    expect(again.json()['choices']).toEqual(first.json()['choices'])
    const other = await post(path, keyed('c'), { ...body, stream: true })
    expect(other.status).toBe(409)
    const streams = [
      await post(path, keyed('s'), { ...body, stream: true }),
      await post(path, keyed('s'), { ...body, stream: true }),
    ]
    const textOf = (sse: string) =>
      [...sse.matchAll(/^data: (\{.*\})$/gm)]
        .flatMap(
          ([, json]) =>
            (JSON.parse(json ?? '') as { choices: { delta?: { content?: string } }[] }).choices,
        )
        .map(({ delta }) => delta?.content ?? '')
        .join('')
    expect(textOf(streams[0]?.text ?? '')).toContain('say it once')
    expect(textOf(streams[1]?.text ?? '')).toBe(textOf(streams[0]?.text ?? ''))
  })

  it('of a tool called by hand calls it once', async () => {
    const { keyed } = await open()
    const body = { tool: 'write_file', args: { path: 'once.txt', content: 'once' } }
    const path = '/v1/tools/invoke'
    const [first, second] = await Promise.all([
      post(path, keyed('t'), body),
      post(path, keyed('t'), body),
    ])
    expect([first.status, second.status]).toEqual([200, 200])
    expect(first.json()['run_id']).toMatch(/^run_/)
    expect(second.json()['run_id']).toBe(first.json()['run_id'])
    expect((await post(path, keyed('t'), body)).json()).toEqual(first.json())
    const other = await post(path, keyed('t'), { ...body, args: { path: 'b', content: '' } })
    expect([other.status, other.code]).toEqual([409, 'ALREADY_EXISTS'])
    const fresh = await post(path, keyed('t2'), body)
    expect(fresh.json()['run_id']).not.toBe(first.json()['run_id'])
  })

  it('of a message that names no session finds the conversation that its first try opened', async () => {
    const { key } = await open()
    const socket = await connected({ token: key })
    const message = { message: 'hello', idempotencyKey: 'm1' }
    const [first, second] = await Promise.all([
      socket.ask('chat.send', message),
      socket.ask('chat.send', message),
    ])
    expect(second['runId']).toBe(first['runId'])
    const other = await socket.ask('chat.send', { ...message, idempotencyKey: 'm2' })
    expect(other['runId']).not.toBe(first['runId'])
    const reused = await socket.refused('chat.send', { ...message, message: 'bye' })
    expect(reused.code).toBe('ALREADY_EXISTS')
    socket.close()
  })
})

describe('a session socket', () => {
  async function open(name: string, isBegun: boolean) {
    const { keyOf, tenantId } = await newTenant({ rate_limit_rpm: 0 })
    const { key } = await keyOf('alice')
    const socket = await TestSocket.open(sessionPath(session(name)), { headers: bearer(key) })
    if (isBegun) await socket.ask('chat.send', { message: 'hello' })
    const objectName = sessionObjectName(tenantId as never, session(name))
    const stub = bindings.SESSIONS.getByName(objectName)
    const silentFor = async (ms: number) => {
      await runInDurableObject(stub, async (_, state) => {
        for (const server of state.getWebSockets()) {
          const attachment = server.deserializeAttachment() as object
          server.serializeAttachment({ ...attachment, heardAt: Date.now() - ms })
        }
        if (isBegun) state.storage.sql.exec("UPDATE timers SET at = 1 WHERE name = 'silence'")
      })
      return runDurableObjectAlarm(stub)
    }
    return { socket, silentFor }
  }

  for (const isBegun of [true, false]) {
    const what = isBegun ? 'a session' : 'a session that nobody has begun'
    it(`of ${what} is closed once it was silent for ten minutes, and not before`, async () => {
      const { socket, silentFor } = await open(`silent-${isBegun}`, isBegun)
      expect(await silentFor(9 * 60_000)).toBe(true)
      expect(await socket.ask('health')).toMatchObject({ status: 'ok' })
      expect(await silentFor(11 * 60_000)).toBe(true)
      expect(await socket.closed).toMatchObject({ code: 1001 })
    })
  }
})
