/** One conversation turn as one trace: from the frame to the tool call, listed, shown, and sent on. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { orphansOf, type ReceivedSpan, receiveSpans } from '../support/otlp-receiver.ts'
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
import { TestSocket } from './support/socket.ts'

const ENDPOINT = 'https://traces.example/v1/traces'
const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736'
const OF_SOCKET = 'a3ce929d0e0e47364bf92f3577b34da6'
const CALLER = '00f067aa0ba902b7'
const SECRET = `sk-${'proj-'}${'A1b2C3d4'.repeat(5)}`

interface SpanRow {
  readonly spanId: string
  readonly parentSpanId: string
  readonly name: string
  readonly attributes: Readonly<Record<string, unknown>>
}

let alice: Key
let bob: Key
let owner: TestSocket
const received: ReceivedSpan[] = []
const headers: Headers[] = []

beforeAll(async () => {
  vi.stubGlobal('fetch', async (url: unknown, init?: RequestInit): Promise<Response> => {
    if (String(url) !== ENDPOINT) throw new Error('nothing else is asked')
    headers.push(new Headers(init?.headers))
    received.push(...receiveSpans(new Uint8Array(await new Response(init?.body).arrayBuffer())))
    return new Response(null, { status: 200 })
  })
  await migrate()
  const platform = await operator()
  const tenantId = await createTenant(platform, 'traced')
  owner = await connected({ token: TOKEN, tenant_id: tenantId })
  await owner.ask('config.patch', {
    raw: { gateway: { rate_limit_rpm: 0, rate_limit_session_rpm: 0 } },
  })
  await owner.ask('traces.exporter.set', {
    endpoint: ENDPOINT,
    headers: { 'x-api-key': 'key-of-the-receiver' },
    allow_private_network: true,
  })
  alice = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'alice' })
  bob = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'bob' })
}, 60_000)
afterAll(() => {
  vi.unstubAllGlobals()
})

const WAIT = { timeout: 15_000, interval: 50 }

async function spansOf(socket: TestSocket, traceId: string): Promise<readonly SpanRow[]> {
  const { spans } = await vi.waitFor(() => socket.ask('traces.get', { traceId }), WAIT)
  return spans as readonly SpanRow[]
}

describe('a turn that comes with a traceparent', () => {
  it('is one connected trace below the caller’s span, and holds none of the words', async () => {
    const socket = await connected({ token: alice.key })
    const sessionKey = `agent:default:ws:direct:${SECRET}`
    await socket.ask('chat.send', {
      sessionKey,
      message: `list: .\ntool: ${SECRET} {"token":"${SECRET}"}\nwrite: ${SECRET}: ${SECRET}`,
      traceparent: `00-${TRACE}-${CALLER}-01`,
    })
    const spans = await spansOf(socket, TRACE)
    expect(orphansOf(spans, CALLER)).toEqual([])
    const byName = (name: string) => spans.filter((span) => span.name === name)
    const [entry] = byName('chat.send')
    const [run] = byName('invoke_agent default')
    expect(entry?.parentSpanId).toBe(CALLER)
    expect(run?.parentSpanId).toBe(entry?.spanId)
    const calls = spans.filter(({ attributes }) => attributes['gen_ai.operation.name'] === 'chat')
    expect(calls.length).toBeGreaterThan(1)
    for (const { parentSpanId, attributes } of calls) {
      expect(parentSpanId).toBe(run?.spanId)
      expect(attributes).toMatchObject({
        'gen_ai.usage.input_tokens': expect.any(Number),
        'gen_ai.usage.output_tokens': expect.any(Number),
        'gen_ai.response.finish_reasons': [expect.any(String)],
        'gen_ai.request.model': expect.any(String),
        'gen_ai.response.model': expect.any(String),
        'gen_ai.provider.name': expect.any(String),
      })
    }
    for (const name of ['list_files', 'unknown', 'write_file']) {
      expect(byName(`execute_tool ${name}`)[0]?.parentSpanId).toBe(run?.spanId)
    }
    expect(JSON.stringify(await socket.ask('traces.get', { traceId: TRACE }))).not.toContain(
      'list: .',
    )
    const stored = JSON.stringify(spans)
    expect(stored).not.toContain(SECRET)
    socket.close()
  })

  it('is seen by its user and the admins, and found by nobody else', async () => {
    const mine = await connected({ token: alice.key })
    const other = await connected({ token: bob.key })
    expect((await other.refused('traces.get', { traceId: TRACE })).code).toBe('NOT_FOUND')
    expect(await other.ask('traces.list')).toEqual({ traces: [], nextBefore: null })
    const { traces } = await mine.ask('traces.list')
    expect(traces).toMatchObject([{ traceId: TRACE, userId: 'alice', agentId: 'default' }])
    expect(await owner.ask('traces.list')).toMatchObject({ traces: [{ traceId: TRACE }] })
    const listed = await http('/v1/traces', { headers: bearer(bob.key) })
    expect(listed.json()).toEqual({ traces: [], nextBefore: null })
    const shown = await http(`/v1/traces/${TRACE}`, { headers: bearer(alice.key) })
    expect(shown.status).toBe(200)
    mine.close()
    other.close()
  })

  it('may have brought it with its socket, or with an HTTP request', async () => {
    const sessionKey = 'agent:default:ws:direct:upgrade'
    const socket = await TestSocket.open(sessionPath(sessionKey), {
      headers: { ...bearer(alice.key), traceparent: `00-${OF_SOCKET}-${CALLER}-01` },
    })
    await socket.ask('chat.send', { message: 'hello' })
    const spans = await spansOf(socket, OF_SOCKET)
    expect(orphansOf(spans, CALLER)).toEqual([])
    const ofHttp = '0e0e4736a3ce929d4bf92f3577b34da6'
    const answer = await http('/v1/chat/completions', {
      method: 'POST',
      headers: {
        ...bearer(alice.key),
        'x-edgeclaw-session-key': 'agent:default:ws:direct:http',
        traceparent: `00-${ofHttp}-${CALLER}-01`,
      },
      body: { model: 'default', messages: [{ role: 'user', content: 'hello' }] },
    })
    expect(answer.status).toBe(200)
    const names = (await spansOf(socket, ofHttp)).map(({ name }) => name)
    expect(names).toContain('chat.completions')
    socket.close()
  })

  it('is sent to the tenant’s receiver, whole and without a secret', async () => {
    const wanted = [TRACE, OF_SOCKET]
    await vi.waitFor(() => {
      for (const id of wanted) expect(received.map(({ traceId }) => traceId)).toContain(id)
    }, WAIT)
    const spans = received.filter(({ traceId }) => traceId === TRACE)
    expect(orphansOf(spans, CALLER)).toEqual([])
    expect(spans.map(({ name }) => name)).toContain('execute_tool list_files')
    expect(JSON.stringify(received)).not.toContain(SECRET)
    expect(headers[0]?.get('x-api-key')).toBe('key-of-the-receiver')
    const { exporter } = await owner.ask('traces.exporter.get')
    expect(exporter).toMatchObject({ headers: '***', last_error: null })
  })
})
