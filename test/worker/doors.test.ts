/** The doors themselves: origins, subprotocols, sizes, depths, windows, and HTTP's own manners. */
import { beforeAll, describe, expect, it } from 'vitest'
import { OPERATIONS } from '../../src/api/registry.ts'
import {
  bearer,
  connected,
  createKey,
  createTenant,
  http,
  type Key,
  migrate,
  operator,
  sessionPath,
  TOKEN,
} from './support/gateway.ts'
import { TestSocket, upgrade } from './support/socket.ts'

const ALLOWED = 'https://admin.example'
const SESSION = 'agent:default:ws:direct:doors'

let tenantId: string
let alice: Key

beforeAll(async () => {
  await migrate()
  const platform = await operator()
  tenantId = await createTenant(platform, 'acme')
  const owner = await connected({ token: TOKEN, tenant_id: tenantId })
  await owner.ask('config.patch', {
    raw: {
      gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0, max_message_chars: 1_000_000 },
    },
  })
  owner.close()
  alice = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'alice' })
  platform.close()
}, 60_000)

const encoded = (text: string): string =>
  btoa(text).replaceAll('+', '-').replaceAll('/', '_').replace(/=+$/, '')

const atSession = (): Promise<TestSocket> =>
  TestSocket.open(sessionPath(SESSION), { headers: bearer(alice.key) })

async function statusOf(path: string, headers: Readonly<Record<string, string>>) {
  const response = await upgrade(path, headers)
  response.webSocket?.accept()
  response.webSocket?.close()
  return response
}

describe('an upgrade', () => {
  it('comes from an allowed page, the own one, or from no page', async () => {
    for (const [origin, status] of [
      [ALLOWED, 101],
      ['https://gateway.example', 101],
      ['https://evil.example', 403],
      [`${ALLOWED}.evil.example`, 403],
      ['http://admin.example', 403],
      ['null', 403],
    ] as const) {
      expect((await statusOf('/ws', { origin })).status).toBe(status)
      const headers = { ...bearer(alice.key), origin }
      expect((await statusOf(sessionPath(SESSION), headers)).status).toBe(status)
    }
    expect((await statusOf('/ws', {})).status).toBe(101)
  })

  it('may bring its token as a subprotocol, and is answered the other one alone', async () => {
    const offer = (...protocols: string[]) =>
      statusOf(sessionPath(SESSION), { 'sec-websocket-protocol': protocols.join(', ') })
    const bearing = `bearer.${encoded(alice.key)}`
    const both = await offer('edgeclaw.v3', bearing)
    expect(both.status).toBe(101)
    expect(both.headers.get('sec-websocket-protocol')).toBe('edgeclaw.v3')
    const alone = await offer(bearing)
    expect(alone.headers.get('sec-websocket-protocol')).toBeNull()
    for (const wrong of [`bearer.${encoded('guess')}`, 'bearer.', 'bearer.%%%', 'edgeclaw.v3']) {
      expect((await offer('edgeclaw.v3', wrong)).status).toBe(401)
    }
    expect((await offer(bearing, bearing)).status).toBe(401)
    const headers = { ...bearer(alice.key), 'sec-websocket-protocol': bearing }
    expect((await statusOf(sessionPath(SESSION), headers)).status).toBe(401)
  })

  it('never takes a long-lived token out of the URL', async () => {
    for (const name of ['token', 'access_token', 'api_key', 'whatever']) {
      const url = `${sessionPath(SESSION)}?${name}=${alice.key}`
      expect((await statusOf(url, {})).status).toBe(401)
      expect((await statusOf(url, bearer(alice.key))).status).toBe(401)
    }
    expect((await statusOf(`/ws?token=${TOKEN}`, {})).status).toBe(401)
  })

  it("cannot speak in the gateway's own name", async () => {
    const facts = encodeURIComponent(
      JSON.stringify({
        principal: null,
        sessionKey: SESSION,
        clientAddress: 'x',
        subprotocol: null,
        isOwnOrigin: true,
        isDevelopment: true,
      }),
    )
    const socket = await TestSocket.open('/ws', { headers: { 'x-edgeclaw-internal-facts': facts } })
    expect((await socket.refused('connect', {})).code).toBe('UNAUTHORIZED')
    socket.close()
  })

  it('is what the socket paths are for', async () => {
    expect((await http('/ws')).status).toBe(426)
    expect((await http(sessionPath(SESSION), { headers: bearer(alice.key) })).status).toBe(426)
    expect((await statusOf('/v1/sessions/nonsense/ws', bearer(alice.key))).status).toBe(400)
  })
})

describe('a frame', () => {
  it('is text, JSON and a request; anything else is INVALID_REQUEST and costs nothing more', async () => {
    const socket = await atSession()
    for (const raw of [
      '',
      'PING',
      '{"type":"req"',
      '[]',
      'null',
      '7',
      '"req"',
      '{"type":"req","method":"health"}',
      '{"type":"req","id":1}',
      '{"type":"res","id":1,"method":"health"}',
      '{"type":"req","id":{},"method":"health"}',
      '{"type":"req","id":1,"method":"health","params":[]}',
      '{"type":"req","id":1,"method":"health","params":"x"}',
      `{"type":"req","id":1,"method":"health","params":{"a":${'['.repeat(100)}${']'.repeat(100)}}}`,
      new Uint8Array([0, 1, 2]).buffer,
    ]) {
      const before = socket.frames.length
      socket.sendRaw(raw)
      await socket.find(() => socket.frames.length > before, 'an answer to garbage')
      expect(socket.frames.at(-1)).toMatchObject({
        type: 'res',
        ok: false,
        error: { code: 'INVALID_REQUEST' },
      })
    }
    expect(await socket.ask('health')).toMatchObject({ status: 'ok' })
    socket.close()
  })

  it('has at most 512 KiB', async () => {
    const socket = await atSession()
    const frame = (size: number): string => {
      const empty = JSON.stringify({ type: 'req', id: 'big', method: 'health', params: { x: '' } })
      return empty.replace('""', `"${'x'.repeat(size - empty.length)}"`)
    }
    socket.sendRaw(frame(512 * 1024))
    expect(await socket.answer('big')).toMatchObject({ ok: true })
    socket.sendRaw(frame(512 * 1024 + 1))
    expect((await socket.closed).code).toBe(1009)
    const wide = await atSession()
    wide.sendRaw('é'.repeat(256 * 1024 + 1))
    expect((await wide.closed).code).toBe(1009)
  })

  it('is answered RESOURCE_EXHAUSTED with retryAfterMs when there are too many', async () => {
    const socket = await atSession()
    for (let i = 0; i < 150; i++) {
      socket.sendRaw(JSON.stringify({ type: 'req', id: `n${i}`, method: 'no.such' }))
    }
    await socket.find(() => socket.frames.length >= 150, 'an answer to each')
    const codes = socket.frames.map((frame) => (frame.type === 'res' ? frame.error?.code : ''))
    const refused = codes.filter((code) => code === 'RESOURCE_EXHAUSTED').length
    expect(refused).toBeGreaterThan(20)
    expect(refused).toBeLessThanOrEqual(50)
    // Answered by id, in whatever order: the last one asked is over the limit in any case.
    expect(await socket.answer('n149')).toMatchObject({
      error: { retryable: true, retryAfterMs: expect.any(Number) },
    })
    socket.close()
  })

  it('of 1 MB unread costs whoever only says to have read its socket, not one that names the marks', async () => {
    const message = 'x'.repeat(200_000)
    const send = { sessionKey: SESSION, message }
    const silent = await atSession()
    for (let i = 0; i < 8 && silent.isOpen; i++) {
      await silent.request('chat.send', send).catch(() => i)
      // What one can know without reading gives nothing back: events are counted, ids are one's own.
      const params = { seq: silent.events.at(-1)?.seq, id: String(i + 1) }
      if (silent.isOpen) silent.sendRaw(JSON.stringify({ type: 'req', method: 'ack', params }))
    }
    expect(await silent.closed).toMatchObject({ code: 1013 })
    const diligent = await atSession()
    for (let i = 0; i < 8; i++) {
      const { ok } = await diligent.request('chat.send', send)
      expect(ok).toBe(true)
      const mark = diligent.frames.findLast((frame) => frame.mark !== undefined)?.mark
      diligent.sendRaw(JSON.stringify({ type: 'req', method: 'ack', params: { mark } }))
    }
    expect(await diligent.ask('health')).toMatchObject({ status: 'ok' })
    diligent.close()
  })
})

describe('HTTP', () => {
  it('answers everybody on /health', async () => {
    const answer = await http('/health')
    expect(answer.json()).toEqual({ status: 'ok', protocol: 3 })
  })

  it('tells the shapes of its own wire', async () => {
    const admin = bearer(
      (await createKey(await operator(), tenantId, { scopes: ['operator.admin'], owner: 'ada' }))
        .key,
    )
    const agents = (await http('/v1/agents', { headers: admin })).json()
    expect(agents['agents']).toEqual([
      expect.objectContaining({
        id: expect.stringMatching(/^agt_/),
        agent_key: 'default',
        display_name: expect.any(String),
        status: 'active',
        provider: 'demo',
        model: 'demo',
        agent_type: expect.any(String),
        is_default: true,
      }),
    ])
    const created = await http('/v1/agents', {
      method: 'POST',
      headers: admin,
      body: { agent_key: 'http', display_name: 'Over HTTP' },
    })
    expect(created.status).toBe(201)
    const { id } = created.json()
    for (const reference of [id, 'http']) {
      const found = await http(`/v1/agents/${reference}`, { headers: admin })
      expect(found.json()).toMatchObject({ id, agent_key: 'http' })
    }
    const providers = (await http('/v1/providers', { headers: admin })).json()
    expect(providers['providers']).toEqual([
      expect.objectContaining({ name: 'demo', provider_type: 'demo', enabled: true }),
    ])
    const models = (await http('/v1/models', { headers: admin })).json()
    expect(models).toMatchObject({ object: 'list', data: [{ id: 'default', object: 'model' }, {}] })
  })

  it('errs in one shape, with the status of the code', async () => {
    const headers = bearer(alice.key)
    const admin = bearer(TOKEN)
    for (const [path, request, status, code] of [
      ['/v1/agents', {}, 401, 'UNAUTHORIZED'],
      ['/v1/agents', { method: 'POST', headers, body: {} }, 403, 'UNAUTHORIZED'],
      ['/v1/agents/nobody', { headers }, 404, 'NOT_FOUND'],
      [
        '/v1/agents',
        { method: 'POST', headers: admin, body: { agent_key: 'default' } },
        409,
        'ALREADY_EXISTS',
      ],
      ['/v1/agents/default', { method: 'DELETE', headers: admin }, 412, 'FAILED_PRECONDITION'],
      [
        '/v1/agents',
        { method: 'POST', headers: admin, body: '{"agent_key":' },
        400,
        'INVALID_REQUEST',
      ],
      ['/v1/agents', { method: 'POST', headers: admin, body: '"text"' }, 400, 'INVALID_REQUEST'],
      ['/v1/sessions?limit=many', { headers }, 400, 'INVALID_REQUEST'],
      ['/v1/agents', { headers: { authorization: 'Basic dTpw' } }, 401, 'UNAUTHORIZED'],
    ] as const) {
      const answer = await http(path, request)
      expect([path, answer.status, answer.code]).toEqual([path, status, code])
      expect(answer.json()).toEqual({
        error: expect.objectContaining({ code, message: expect.any(String) }),
      })
      expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
      expect(answer.headers.get('cache-control')).toBe('no-store')
    }
  })

  it('knows no other path: 404 with a valid credential, 401 without', async () => {
    for (const path of ['/v1/nothing', '/v1/', '/v1/agents/a/b/c', '/v1/sessions//x']) {
      for (const method of ['GET', 'POST', 'DELETE']) {
        expect((await http(path, { method })).status).toBe(401)
        expect((await http(path, { method, headers: bearer(alice.key) })).status).toBe(404)
      }
    }
    expect((await http('/v1/health', { headers: bearer(alice.key) })).status).toBe(404)
  })

  it('reads no body beyond 1 MB, whether its length is told or not', async () => {
    const headers = bearer(TOKEN)
    const body = JSON.stringify({ agent_key: 'large', system_prompt: 'x'.repeat(1_000_000) })
    const told = await http('/v1/agents', { method: 'POST', headers, body })
    expect([told.status, told.code]).toEqual([413, 'INVALID_REQUEST'])
    let isCancelled = false
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024).fill(0x20)),
      cancel: () => {
        isCancelled = true
      },
    })
    const chunked = await http('/v1/agents', { method: 'POST', headers, body: endless })
    expect([chunked.status, chunked.code]).toEqual([413, 'INVALID_REQUEST'])
    expect(isCancelled).toBe(true)
    const completion = await http('/v1/chat/completions', { method: 'POST', headers, body })
    expect(completion.status).toBe(413)
    const fitting = { agent_key: 'fitting', unknown: 'x'.repeat(900_000) }
    const fits = await http('/v1/agents', { method: 'POST', headers, body: fitting })
    expect(fits.status).toBe(201)
  })

  it('reads no JSON that is nested too deep', async () => {
    const nested = (depth: number): string => `{"a":${'['.repeat(depth)}${']'.repeat(depth)}}`
    const post = (body: string) =>
      http('/v1/agents', { method: 'POST', headers: bearer(TOKEN), body })
    const deep = await post(nested(100_000))
    expect([deep.status, deep.code]).toEqual([400, 'INVALID_REQUEST'])
    expect(deep.text).toContain('nested')
    expect((await post(nested(20))).text).not.toContain('nested')
  })

  it('answers pages by exact origin, never by a wildcard with credentials', async () => {
    const preflight = (origin: string) =>
      http('/v1/agents', {
        method: 'OPTIONS',
        headers: { origin, 'access-control-request-method': 'POST' },
      })
    const allowed = await preflight(ALLOWED)
    expect(allowed.status).toBe(204)
    expect(allowed.headers.get('access-control-allow-origin')).toBe(ALLOWED)
    expect((await preflight('https://evil.example')).status).toBe(403)
    const answer = await http('/v1/agents', { headers: { ...bearer(alice.key), origin: ALLOWED } })
    expect(answer.headers.get('access-control-allow-origin')).toBe(ALLOWED)
    expect(answer.headers.get('access-control-allow-credentials')).not.toBe('true')
    const evil = { ...bearer(alice.key), origin: 'https://evil.example' }
    expect((await http('/v1/agents', { headers: evil })).status).toBe(403)
  })

  it('lets only the gateway token act for others, under either name of the headers', async () => {
    const mine = async (headers: Readonly<Record<string, string>>) => {
      const { text } = await http('/v1/status', { headers })
      return (JSON.parse(text) as { agentTotal?: number }).agentTotal
    }
    await http('/v1/agents', {
      method: 'POST',
      headers: { ...bearer(TOKEN), 'x-goclaw-tenant-id': tenantId, 'x-goclaw-user-id': 'system' },
      body: { agent_key: 'by-alias' },
    })
    const there = await mine({ ...bearer(TOKEN), 'x-edgeclaw-tenant-id': tenantId })
    expect(there).toBe(await mine(bearer(alice.key)))
    const claiming = { ...bearer(alice.key), 'x-edgeclaw-tenant-id': 'ten_default' }
    expect(await mine(claiming)).toBe(there)
    const sessions = await http('/v1/sessions', {
      headers: { ...bearer(alice.key), 'x-edgeclaw-user-id': 'system' },
    })
    expect(sessions.status).toBe(200)
    const nowhere = { ...bearer(TOKEN), 'x-edgeclaw-tenant-id': 'ten_nowhere' }
    expect((await http('/v1/status', { headers: nowhere })).status).toBe(404)
  })

  it('lets a header name the agent, under either name, over the model', async () => {
    const complete = (headers: Readonly<Record<string, string>>, model: string) =>
      http('/v1/chat/completions', {
        method: 'POST',
        headers: { ...bearer(alice.key), ...headers },
        body: { model, messages: [{ role: 'user', content: 'hi' }] },
      })
    expect((await complete({}, 'gpt-4o')).status).toBe(404)
    for (const name of ['x-edgeclaw-agent-id', 'x-goclaw-agent-id']) {
      const answer = await complete({ [name]: 'default' }, 'gpt-4o')
      expect([answer.status, answer.json()['model']]).toEqual([200, 'gpt-4o'])
      expect((await complete({ [name]: 'nobody' }, 'default')).status).toBe(404)
    }
  })

  it('lists every one of its operations in the OpenAPI document', async () => {
    const document = (await http('/v1/openapi.json', { headers: bearer(alice.key) })).json() as {
      openapi: string
      paths: Record<string, Record<string, Record<string, unknown>>>
    }
    expect(document.openapi).toBe('3.1.0')
    const listed = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => [method, path, operationId]),
    )
    const declared = OPERATIONS.flatMap(({ name, http: binding }) =>
      binding ? [[binding.method.toLowerCase(), binding.path, name]] : [],
    )
    for (const operation of declared) expect(listed).toContainEqual(operation)
    for (const [path, methods] of Object.entries(document.paths)) {
      for (const described of Object.values(methods)) {
        const names = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
        const inPath = ((described['parameters'] ?? []) as { in: string; name: string }[])
          .filter((parameter) => parameter.in === 'path')
          .map(({ name }) => name)
        expect(inPath).toEqual(names)
        expect(described['responses']).toBeDefined()
      }
    }
  })
})
