/**
 * Two isolates over one storage: what begins in one of them ends in it when the right behind it is
 * taken away in the other, with both caches warm and within a second.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { GatewayClient } from '../../src/cli/client.ts'
import { type BundleHost, hostBundle, TOKEN } from '../support/bundle-host.ts'
import { areRefused, call, configure, makeKey } from '../support/isolates.ts'
import { type GatedVendor, startGatedOpenai } from '../support/vendors/gated-openai.ts'

const AT_ONCE_MS = 1_000

let host: BundleHost
let vendor: GatedVendor
let one: string
let two: string

const statuses = (token: string): Promise<readonly number[]> =>
  Promise.all([one, two].map(async (base) => (await call(base, '/v1/agents', { token })).status))

async function warm(token: string): Promise<void> {
  for (let i = 0; i < 2; i++) expect(await statuses(token)).toEqual([200, 200])
}

/** A socket of a page, which has no credential to begin with. */
async function bareSocket(base: string) {
  const socket = new WebSocket(`${base.replace('http', 'ws')}/ws`)
  const answers = new Map<string, (payload: Record<string, unknown>) => void>()
  socket.addEventListener('message', ({ data }) => {
    const { id, payload } = JSON.parse(String(data))
    answers.get(id)?.(payload)
  })
  await new Promise((opened) => socket.addEventListener('open', opened))
  let last = 0
  return {
    close: () => socket.close(),
    ask: (method: string, params: Readonly<Record<string, unknown>>) =>
      new Promise<Record<string, unknown>>((answered) => {
        const id = String(++last)
        answers.set(id, answered)
        socket.send(JSON.stringify({ type: 'req', id, method, params }))
      }),
  }
}

/** Asks in one isolate, is approved in the other, and fetches its token where it asked. */
async function pairedDevice(sender: string): Promise<string> {
  const page = await bareSocket(one)
  const { pairing_code, pairing_secret } = await page.ask('connect', {
    sender_id: sender,
    tenant_hint: 'default',
  })
  const approve = `/v1/devices/pairings/${pairing_code}/approve`
  expect((await call(two, approve, { method: 'POST', body: {} })).status).toBe(200)
  const { token } = await page.ask('browser.pairing.status', { sender_id: sender, pairing_secret })
  page.close()
  return String(token)
}

const opens = (url: string): Promise<boolean> =>
  new Promise((done) => {
    const socket = new WebSocket(url)
    socket.addEventListener('open', () => {
      socket.close()
      done(true)
    })
    socket.addEventListener('error', () => done(false))
  })

const ticketUrl = async (base: string, opener: string, token: string): Promise<string> => {
  const { status, body } = await call(base, '/v1/ws-tickets', { token, method: 'POST' })
  expect(status).toBe(200)
  return `${opener.replace('http', 'ws')}/ws?ticket=${body['ticket']}`
}

beforeAll(async () => {
  vendor = await startGatedOpenai()
  host = await hostBundle(['storage', 'one', 'two'])
  const [, first = '', second = ''] = host.urls
  ;[one, two] = [first, second]
  await configure(one, {
    gateway: {
      rate_limit_rpm: 0,
      rate_limit_session_rpm: 0,
      rate_limit_ip_rpm: 0,
      device_pairing: true,
    },
  })
  const provider = {
    name: 'local',
    provider_type: 'openai_compat',
    api_base: vendor.url,
    api_key: 'local-test-key-0123456789',
    allow_private_network: true,
  }
  expect((await call(one, '/v1/providers', { method: 'POST', body: provider })).status).toBe(201)
  const worker = { name: 'Worker', agent_key: 'worker', provider: 'local', model: 'local' }
  expect((await call(one, '/v1/agents', { method: 'POST', body: worker })).status).toBe(201)
})

afterAll(async () => {
  await host?.close()
  await vendor?.close()
})

describe('a paired device', () => {
  it('is known to both isolates, and to neither once it is revoked in one of them', async () => {
    for (const [revoker, other, sender] of [
      [one, two, 'browser-a'],
      [two, one, 'browser-b'],
    ] as const) {
      const token = await pairedDevice(sender)
      await warm(token)
      const { client } = await GatewayClient.connect({ url: other, token })
      expect(await client.request('agents.list')).toHaveProperty('agents')
      const waiting = await ticketUrl(revoker, other, token)
      const path = `/v1/devices/browser/${sender}`
      expect((await call(revoker, path, { method: 'DELETE' })).status).toBe(200)
      const revokedAt = Date.now()
      expect((await client.closed).code).toBe(1008)
      expect(Date.now() - revokedAt).toBeLessThan(AT_ONCE_MS)
      expect(await opens(waiting)).toBe(false)
      expect(await statuses(token)).toSatisfy(areRefused)
    }
  })
})

describe('a ticket of a key', () => {
  it('opens one socket in the other isolate, and none once the key was revoked', async () => {
    const { id, key } = await makeKey(one, 'ticket')
    await warm(key)
    const good = await ticketUrl(one, two, key)
    expect(await opens(good)).toBe(true)
    expect(await opens(good)).toBe(false)
    const waiting = await ticketUrl(one, two, key)
    expect((await call(one, `/v1/api-keys/${id}`, { method: 'DELETE' })).status).toBe(200)
    expect(await opens(waiting)).toBe(false)
  })
})

describe('a tenant', () => {
  it('that is suspended in one isolate is closed in both, and open in both again after', async () => {
    const made = await call(one, '/v1/tenants', {
      method: 'POST',
      body: { name: 'North', slug: 'north' },
    })
    expect(made.status).toBe(201)
    const tenant_id = String(made.body['id'])
    const { key } = await makeKey(one, 'north', { tenant_id })
    for (const [changer, other] of [
      [one, two],
      [two, one],
    ] as const) {
      await warm(key)
      const { client } = await GatewayClient.connect({ url: other, token: key })
      const change = (status: string) =>
        call(changer, `/v1/tenants/${tenant_id}`, { method: 'PATCH', body: { status } })
      expect((await change('suspended')).status).toBe(200)
      const suspendedAt = Date.now()
      expect((await client.closed).code).toBe(1008)
      expect(Date.now() - suspendedAt).toBeLessThan(AT_ONCE_MS)
      expect(await statuses(key)).toSatisfy(areRefused)
      expect((await change('active')).status).toBe(200)
    }
    await warm(key)
  })
})

describe('a run in flight', () => {
  it('takes no further step in its isolate once its key is revoked in the other', async () => {
    const { id, key } = await makeKey(one, 'runner')
    await warm(key)
    const { client } = await GatewayClient.connect({ url: two, token: key })
    const { client: admin } = await GatewayClient.connect({ url: two, token: TOKEN })
    const sessionKey = 'agent:worker:ws:direct:in-flight'
    const answered = client
      .request('chat.send', { sessionKey, message: 'begin' })
      .catch((error: unknown) => error)
    const asked = await vendor.next()
    const steps = vendor.count()
    await admin.request('sessions.resume', { sessionKey, afterSeq: 0 })
    const ended = new Promise<unknown>((resolve) => {
      admin.onEvent(({ event, payload }) => {
        const { type, payload: inner } = payload as { type: string; payload: unknown }
        if (event === 'agent' && type === 'run.failed') resolve(inner)
      })
    })
    expect((await call(one, `/v1/api-keys/${id}`, { method: 'DELETE' })).status).toBe(200)
    asked.answer({ calls: [{ name: 'list_files', arguments: {} }] })
    expect(await ended).toMatchObject({ error: expect.any(String) })
    expect(await answered).toBeInstanceOf(Error)
    expect(vendor.count()).toBe(steps)
    const history = JSON.stringify(await admin.request('chat.history', { sessionKey }))
    expect(history).toContain('begin')
    // The call was asked for and not made.
    expect(history).not.toContain('workspace is empty')
    admin.close()
  })
})
