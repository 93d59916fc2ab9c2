import { describe, expect, it } from 'vitest'
import { sealTraceHeaders } from '../../../src/crypto/trace-secret.ts'
import { findTraceExporter, setTraceExporter } from '../../../src/db/trace-exporters.ts'
import { insertTraces, waitingTraces } from '../../../src/db/traces.ts'
import type { Fetch } from '../../../src/domain/model.ts'
import { ExportDelayedError, exportTraces } from '../../../src/gateway/export-traces.ts'
import { Trace } from '../../../src/telemetry/trace.ts'
import { receiveSpans } from '../../support/otlp-receiver.ts'
import { NOW, newTenant, openWorld, settings } from './world.ts'

const ENDPOINT = 'https://traces.example/v1/traces'
const SECRET = 'a-key-of-the-receiver'

async function open(answer: () => Promise<Response>, endpoint = ENDPOINT) {
  const world = openWorld()
  const { services } = world
  const tenantId = await newTenant(world)
  const db = services.database(tenantId)
  const headers = JSON.stringify({ 'x-api-key': SECRET })
  const sealedHeaders = await sealTraceHeaders(services.keyRing, tenantId, headers)
  const exporter = { endpoint, sealedHeaders, allowPrivateNetwork: false, enabled: true }
  await setTraceExporter(db, tenantId, exporter, NOW)
  const trace = new Trace({ runId: 'run_1', parent: null, now: () => NOW })
  trace.root({ name: 'invoke_agent main' }).start({ name: 'chat demo' }).end()
  const collected = trace.collect()
  if (!collected) throw new Error('nothing was kept')
  const run = {
    traceId: trace.traceId,
    runId: 'run_1',
    userId: 'alice',
    agentKey: 'main',
    sessionKey: 'agent:main:ws:direct:1',
    status: 'ok' as const,
    startedAt: NOW,
    ...collected,
  }
  const inserted = await insertTraces(db, tenantId, [run], NOW)
  const requests: { readonly url: string; readonly init: RequestInit }[] = []
  const fetch: Fetch = (url, init = {}) => {
    requests.push({ url: String(url), init })
    return answer()
  }
  return {
    inserted,
    requests,
    send: () => exportTraces({ services, settings: settings(), tenantId, fetch }),
    waiting: () => waitingTraces(db, tenantId, 10),
    exporter: () => findTraceExporter(db, tenantId),
    guarded: () => exportTraces({ services, settings: settings(), tenantId }),
  }
}

describe('sending traces on', () => {
  it('sends what waits once, with the tenant’s headers', async () => {
    const world = await open(async () => new Response(null, { status: 200 }))
    expect(world.inserted).toEqual({ isExported: true })
    expect(await world.send()).toBe(false)
    expect(await world.send()).toBe(false)
    const [request, ...more] = world.requests
    expect(more).toEqual([])
    expect(request?.url).toBe(ENDPOINT)
    const headers = new Headers(request?.init.headers)
    expect(headers.get('x-api-key')).toBe(SECRET)
    expect(headers.get('content-type')).toBe('application/x-protobuf')
    const spans = receiveSpans(request?.init.body as Uint8Array)
    expect(spans.map(({ name }) => name)).toEqual(['invoke_agent main', 'chat demo'])
    expect(await world.exporter()).toMatchObject({ lastError: null, lastSentAt: NOW })
  })

  it.each([
    ['answers 503', async () => new Response(null, { status: 503 })],
    ['answers 429', async () => new Response(null, { status: 429 })],
    ['cannot be reached', () => Promise.reject(new Error(`no way to ${SECRET}`))],
  ])('keeps them for later when the receiver %s', async (_, answer) => {
    const world = await open(answer)
    await expect(world.send()).rejects.toThrow(ExportDelayedError)
    expect(await world.waiting()).toHaveLength(1)
    const exporter = await world.exporter()
    expect(exporter?.lastError).toMatch(/^the receiver of traces/)
    expect(exporter?.lastError).not.toContain(SECRET)
  })

  it.each([400, 401, 302])('lets go of what the receiver answers %i to', async (status) => {
    const world = await open(async () => new Response(null, { status }))
    expect(await world.send()).toBe(false)
    expect(await world.waiting()).toEqual([])
    expect((await world.exporter())?.lastError).toContain(String(status))
  })

  it('reaches no private address, whatever the row says it is', async () => {
    const world = await open(async () => new Response(null), 'https://127.0.0.1:4318/v1/traces')
    await expect(world.guarded()).rejects.toThrow(ExportDelayedError)
    expect(await world.waiting()).toHaveLength(1)
  })
})
