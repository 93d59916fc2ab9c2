/** Browsers that an admin lets in, and the hostile ones beside them. */
import { beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  bearer,
  bindings,
  connected,
  createKey,
  createTenant,
  expireKey,
  forgetFailures,
  http,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import { ORIGIN, TestSocket, type WireError } from './support/socket.ts'

const SLUG = 'paired'
const OTHER = 'elsewhere'
const CODE = /^[A-HJ-NP-Z2-9]{8}$/
const SECRET = /^[A-Za-z0-9_-]{43}$/

let platform: TestSocket
let admin: TestSocket
let tenantId: string
let otherTenantId: string

const actingAs = (tenant: string, userId: string): Promise<TestSocket> =>
  connected({ token: TOKEN, tenant_id: tenant, user_id: userId })

beforeAll(async () => {
  await migrate()
  platform = await operator()
  tenantId = await createTenant(platform, SLUG)
  otherTenantId = await createTenant(platform, OTHER)
  for (const [tenant, user_id, role] of [
    [tenantId, 'anna', 'admin'],
    [tenantId, 'otto', 'operator'],
    [tenantId, 'vera', 'viewer'],
    [otherTenantId, 'eve', 'admin'],
    [otherTenantId, 'vera', 'viewer'],
  ] as const) {
    await platform.ask('tenants.users.add', { tenant_id: tenant, user_id, role })
  }
  admin = await actingAs(tenantId, 'anna')
  const eve = await actingAs(otherTenantId, 'eve')
  for (const by of [admin, eve]) {
    await by.ask('config.patch', { raw: { gateway: { device_pairing: true, rate_limit_rpm: 0 } } })
  }
  eve.close()
}, 60_000)

beforeEach(async () => {
  await bindings.DB.prepare('DELETE FROM pairings').run()
  await forgetFailures()
})

type Payload = Readonly<Record<string, unknown>>

interface Asking {
  readonly socket: TestSocket
  readonly answer: Payload
  readonly code: string
  readonly secret: string
  status(secret?: string): Promise<Payload>
}

/** A browser that connects without a credential, and is told to wait. */
async function ask(senderId: string, more: Payload = {}, userAgent = 'Browser/1'): Promise<Asking> {
  const socket = await TestSocket.open('/ws', { headers: { 'user-agent': userAgent } })
  const answer = await socket.ask('connect', { sender_id: senderId, tenant_hint: SLUG, ...more })
  const secret = String(answer['pairing_secret'])
  const status = (presented = secret) =>
    socket.ask('browser.pairing.status', { sender_id: senderId, pairing_secret: presented })
  return { socket, answer, code: String(answer['pairing_code']), secret, status }
}

async function refusedConnect(
  params: Payload,
  headers: Readonly<Record<string, string>> = {},
): Promise<WireError> {
  const socket = await TestSocket.open('/ws', { headers })
  const error = await socket.refused('connect', params)
  expect((await socket.closed).code).toBe(1008)
  return error
}

const requests = (): Promise<number | null> =>
  bindings.DB.prepare('SELECT count(*) AS n FROM pairings').first('n')

const connectDevice = (senderId: string, token: unknown): Promise<TestSocket> =>
  connected({ sender_id: senderId, token })

/** Asked, approved, fetched. */
async function pairedDevice(senderId: string, approval: Payload = {}): Promise<string> {
  const { code, status } = await ask(senderId)
  await admin.ask('device.pair.approve', { code, ...approval })
  const { token } = await status()
  return String(token)
}

describe('a browser without a credential', () => {
  it('is given a code, shown to an admin, let in, and handed its token once', async () => {
    const asking = await ask('browser-1', {}, `Browser/1 \u00e9 ${'x'.repeat(300)}`)
    expect(asking.answer).toMatchObject({
      status: 'pending_pairing',
      sender_id: 'browser-1',
      protocol: 3,
      server: { name: 'edgeclaw' },
    })
    expect(asking.code).toMatch(CODE)
    expect(asking.secret).toMatch(SECRET)
    expect(await asking.status()).toEqual({ status: 'pending' })
    const requested = await admin.find(
      (frame) => frame.type === 'event' && frame.event === 'device.pair.requested',
      'the request',
    )
    expect(requested).toMatchObject({ payload: { senderId: 'browser-1', code: asking.code } })
    expect(JSON.stringify(admin.frames)).not.toContain(asking.secret)
    const { pending } = await admin.ask('device.pair.list')
    expect(pending).toEqual([
      expect.objectContaining({
        code: asking.code,
        senderId: 'browser-1',
        channel: 'browser',
        address: 'local',
        userAgent: expect.stringMatching(/^Browser\/1 \?+ x{100,190}$/),
        ageSeconds: expect.any(Number),
      }),
    ])

    // As it is read aloud.
    const typed = `${asking.code.slice(0, 4)}-${asking.code.slice(4)}`.toLowerCase()
    expect(await admin.ask('device.pair.approve', { code: typed })).toMatchObject({
      senderId: 'browser-1',
      user_id: 'device:browser-1',
      role: 'operator',
    })
    const first = await asking.status()
    expect(first).toMatchObject({ status: 'approved' })
    expect(first['token']).toMatch(new RegExp(`^edv_${tenantId.slice(4)}_[A-Za-z0-9_-]{43}$`))
    const days = (Date.parse(String(first['expires_at'])) - Date.now()) / 86_400_000
    expect(days).toBeGreaterThan(29.9)
    expect(days).toBeLessThanOrEqual(30)
    expect(await asking.status()).toEqual({ status: 'approved' })

    const device = await TestSocket.open('/ws')
    const hello = await device.ask('connect', { sender_id: 'browser-1', token: first['token'] })
    expect(hello).toMatchObject({
      role: 'operator',
      user_id: 'device:browser-1',
      tenant_id: tenantId,
      is_master_scope: false,
    })
    expect(await device.ask('agents.list')).toHaveProperty('agents')
    const overHttp = await http('/v1/agents', { headers: bearer(String(first['token'])) })
    expect(overHttp.status).toBe(200)
    expect((await admin.ask('device.pair.list'))['paired']).toEqual([
      expect.objectContaining({ senderId: 'browser-1', pairedBy: 'anna', isDelivered: true }),
    ])
  })

  it('is stored without what would let anybody in', async () => {
    const asking = await ask('browser-1')
    await admin.ask('device.pair.approve', { code: asking.code })
    const { token } = await asking.status()
    const rows = await bindings.DB.prepare('SELECT * FROM pairings').all()
    const text = JSON.stringify(rows.results)
    expect(text).toContain('browser-1')
    expect(text).not.toContain(asking.secret)
    expect(text).not.toContain(String(token))
  })

  it('is told apart from nobody where pairing is off, the tenant is none, or the page is foreign', async () => {
    const off = await createTenant(platform, 'closed')
    const sender_id = 'browser-1'
    const missing = await refusedConnect({})
    expect(missing.code).toBe('UNAUTHORIZED')
    for (const tenant_hint of ['closed', off, 'never-was', 'ten_never']) {
      expect(await refusedConnect({ sender_id, tenant_hint })).toEqual(missing)
    }
    // Allowed to speak to the gateway with a credential of its own, and no more.
    const foreign = { origin: 'https://admin.example' }
    expect(await refusedConnect({ sender_id, tenant_hint: SLUG }, foreign)).toEqual(missing)
    for (const odd of ['', 'with space', 'line\nbreak', '\u202eevil', 'x'.repeat(129)]) {
      expect(await refusedConnect({ sender_id: odd, tenant_hint: SLUG })).toEqual(missing)
    }
    expect(await requests()).toBe(0)
    const own = await TestSocket.open('/ws', { headers: { origin: ORIGIN } })
    expect(await own.ask('connect', { sender_id, tenant_hint: SLUG })).toMatchObject({
      status: 'pending_pairing',
    })
  })

  it('may ask how its request stands and nothing else', async () => {
    for (const method of ['agents.list', 'connect', 'device.pair.list', 'device.pair.approve']) {
      const { socket, code } = await ask(`browser-${method}`)
      expect((await socket.refused(method, { code })).code).toBe('NOT_PAIRED')
      expect((await socket.closed).code).toBe(1008)
    }
  })

  it('is not answered faster than it may ask', async () => {
    const { socket, status } = await ask('browser-1')
    for (let i = 0; i < 10; i++) expect(await status()).toEqual({ status: 'pending' })
    const params = { sender_id: 'browser-1', pairing_secret: 'x' }
    const { code, retryAfterMs } = await socket.refused('browser.pairing.status', params)
    expect(code).toBe('RESOURCE_EXHAUSTED')
    expect(retryAfterMs).toBeGreaterThan(0)
  })

  it('gets its own code again with its secret', async () => {
    const first = await ask('browser-1')
    const again = await ask('browser-1', { pairing_secret: first.secret })
    expect(again.answer).toEqual(first.answer)
    await admin.ask('device.pair.approve', { code: first.code })
    const late = await ask('browser-1', { pairing_secret: first.secret })
    expect(late.answer).toMatchObject({ status: 'pending_pairing', pairing_code: null })
    expect(await late.status()).toHaveProperty('token')
  })
})

describe('a stranger', () => {
  it('who knows the sender’s name gets another code, and takes nothing from the first', async () => {
    const real = await ask('browser-1')
    const squatter = await ask('browser-1', { pairing_secret: 'A'.repeat(43) })
    expect(squatter.code).not.toBe(real.code)
    expect(squatter.secret).not.toBe(real.secret)
    expect(JSON.stringify(squatter.answer)).not.toContain(real.secret)
    await admin.ask('device.pair.approve', { code: real.code })
    expect(await squatter.status()).toEqual({ status: 'pending' })
    expect(await real.status()).toHaveProperty('token')
    // The same name would be the same user, with all that is the first one's.
    const twin = await admin.refused('device.pair.approve', { code: squatter.code })
    expect(twin.code).toBe('ALREADY_EXISTS')
    expect(await squatter.status()).toEqual({ status: 'pending' })
  })

  it('with a wrong secret is told the same as for a sender that never was', async () => {
    const real = await ask('browser-1')
    await admin.ask('device.pair.approve', { code: real.code })
    const method = 'browser.pairing.status'
    const wrong = 'A'.repeat(43)
    const answers = [
      await real.socket.refused(method, { sender_id: 'browser-1', pairing_secret: wrong }),
      await real.socket.refused(method, { sender_id: 'nobody', pairing_secret: real.secret }),
      await real.socket.refused(method, { sender_id: 'browser-1' }),
      await real.socket.refused(method, {}),
    ]
    for (const answer of answers) expect(answer).toEqual(answers[0])
    expect(answers[0]?.code).toBe('NOT_PAIRED')
    expect(await real.status()).toHaveProperty('token')
  })

  it('with a secret of another tenant finds nothing in this one', async () => {
    const real = await ask('browser-1')
    await admin.ask('device.pair.approve', { code: real.code })
    const elsewhere = await ask('browser-1', { tenant_hint: OTHER })
    const params = { sender_id: 'browser-1', pairing_secret: real.secret }
    expect((await elsewhere.socket.refused('browser.pairing.status', params)).code).toBe(
      'NOT_PAIRED',
    )
  })

  it('is refused the fourth open request, until an admin answered one with yes', async () => {
    const asking = [await ask('browser-1'), await ask('browser-1'), await ask('browser-1')]
    const connect = { sender_id: 'browser-1', tenant_hint: SLUG }
    expect((await refusedConnect(connect)).code).toBe('RESOURCE_EXHAUSTED')
    // Asking again is no way around a no.
    await admin.ask('device.pair.deny', { code: asking[0]?.code })
    expect((await refusedConnect(connect)).code).toBe('RESOURCE_EXHAUSTED')
    // Those that were first keep their place.
    expect(await asking[1]?.status()).toEqual({ status: 'pending' })
    await ask('browser-2')
    await bindings.DB.prepare('UPDATE pairings SET expires_at = 1 WHERE sender_id = ?')
      .bind('browser-1')
      .run()
    await ask('browser-1')
    expect(await requests()).toBe(2)
  })
})

describe('approval', () => {
  it('is refused to an operator and a viewer, and to their keys', async () => {
    const { code } = await ask('browser-1')
    const otto = await actingAs(tenantId, 'otto')
    const vera = await actingAs(tenantId, 'vera')
    const key = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'otto' })
    const writer = await connected({ token: key.key })
    for (const by of [otto, vera, writer]) {
      for (const method of ['device.pair.approve', 'device.pair.deny', 'device.pair.list']) {
        expect((await by.refused(method, { code })).code).toBe('UNAUTHORIZED')
      }
      const revoke = { senderId: 'browser-1', channel: 'browser' }
      expect((await by.refused('device.pair.revoke', revoke)).code).toBe('UNAUTHORIZED')
      by.close()
    }
    const device = await connectDevice('browser-0', await pairedDevice('browser-0'))
    expect((await device.refused('device.pair.approve', { code })).code).toBe('UNAUTHORIZED')
    expect(await admin.ask('device.pair.deny', { code })).toMatchObject({ ok: true })
  })

  it('does not know a code of another tenant', async () => {
    const { code, status } = await ask('browser-1')
    const eve = await actingAs(otherTenantId, 'eve')
    for (const method of ['device.pair.approve', 'device.pair.deny']) {
      const foreign = await eve.refused(method, { code })
      expect(foreign.code).toBe('NOT_FOUND')
      expect(foreign).toEqual(await eve.refused(method, { code: 'ZZZZ9999' }))
    }
    expect(await status()).toEqual({ status: 'pending' })
    eve.close()
  })

  it('makes nobody more than an operator, and nobody more than who approves', async () => {
    const { code } = await ask('browser-1')
    for (const role of ['admin', 'owner']) {
      expect((await admin.refused('device.pair.approve', { code, role })).code).toBe(
        'INVALID_REQUEST',
      )
    }
    const keyOf = async (owner: string, ...further: string[]) => {
      const scopes = ['operator.pairing', ...further]
      return connected({ token: (await createKey(platform, tenantId, { scopes, owner })).key })
    }
    const bare = await keyOf('otto')
    expect((await bare.refused('device.pair.approve', { code })).code).toBe('UNAUTHORIZED')
    const ofViewer = await keyOf('vera')
    expect((await ofViewer.refused('device.pair.approve', { code })).code).toBe('UNAUTHORIZED')
    const ofOperator = await keyOf('otto', 'operator.write')
    for (const user_id of ['anna', 'otto', 'device:somebody-else']) {
      const refused = await ofOperator.refused('device.pair.approve', { code, user_id })
      expect(refused.code).toBe('UNAUTHORIZED')
    }
    expect(await ofOperator.ask('device.pair.approve', { code })).toMatchObject({
      role: 'operator',
      user_id: 'device:browser-1',
    })
  })

  it('lets a device act as a member within their role, and ends with their membership', async () => {
    const { code, status } = await ask('browser-1')
    const ghost = await admin.refused('device.pair.approve', { code, user_id: 'ghost' })
    expect(ghost.code).toBe('NOT_FOUND')
    const other = await admin.refused('device.pair.approve', { code, user_id: 'device:browser-9' })
    expect(other.code).toBe('INVALID_REQUEST')
    await admin.ask('device.pair.approve', { code, user_id: 'vera' })
    const { token } = await status()
    const device = await TestSocket.open('/ws')
    expect(await device.ask('connect', { token })).toMatchObject({
      role: 'viewer',
      user_id: 'vera',
    })
    // What else she belongs to is none of this tenant's business.
    const { tenants } = await device.ask('tenants.mine')
    expect(tenants).toEqual([expect.objectContaining({ id: tenantId })])
    await platform.ask('tenants.users.remove', { tenant_id: tenantId, user_id: 'vera' })
    expect((await device.closed).code).toBe(1008)
    expect((await http('/v1/agents', { headers: bearer(String(token)) })).status).toBe(401)
    await platform.ask('tenants.users.add', {
      tenant_id: tenantId,
      user_id: 'vera',
      role: 'viewer',
    })
  })

  it('of a viewer lets nobody write', async () => {
    const token = await pairedDevice('browser-1', { role: 'viewer' })
    const device = await connectDevice('browser-1', token)
    expect(await device.ask('agents.list')).toHaveProperty('agents')
    expect((await device.refused('chat.send', { message: 'hello' })).code).toBe('UNAUTHORIZED')
  })

  it('comes too late for a code that has expired or was answered', async () => {
    const expired = await ask('browser-1')
    await bindings.DB.prepare('UPDATE pairings SET expires_at = 1').run()
    expect((await admin.refused('device.pair.approve', { code: expired.code })).code).toBe(
      'NOT_FOUND',
    )
    expect(await expired.status()).toEqual({ status: 'expired' })
    const denied = await ask('browser-2')
    await admin.ask('device.pair.deny', { code: denied.code })
    expect((await admin.refused('device.pair.approve', { code: denied.code })).code).toBe(
      'NOT_FOUND',
    )
    expect(await denied.status()).toEqual({ status: 'expired' })
    const unfetched = await ask('browser-3')
    await admin.ask('device.pair.approve', { code: unfetched.code })
    await bindings.DB.prepare("UPDATE pairings SET expires_at = 1 WHERE status = 'approved'").run()
    expect(await unfetched.status()).toEqual({ status: 'expired' })
  })

  it('hands the token to one of many who ask at once', async () => {
    const asking = await ask('browser-1')
    const twin = await ask('browser-1', { pairing_secret: asking.secret })
    await admin.ask('device.pair.approve', { code: asking.code })
    const answers = await Promise.all([asking, twin, asking, twin].map(({ status }) => status()))
    expect(answers.filter((answer) => 'token' in answer)).toHaveLength(1)
    expect(answers.every(({ status }) => status === 'approved')).toBe(true)
  })
})

describe('a request through an operator', () => {
  it('is approved by somebody else, and fetched with its secret', async () => {
    const otto = await actingAs(tenantId, 'otto')
    const wish = { senderId: 'browser-1', channel: 'browser' }
    const { code, pairing_secret } = await otto.ask('device.pair.request', wish)
    expect(code).toMatch(CODE)
    expect((await otto.refused('device.pair.approve', { code })).code).toBe('UNAUTHORIZED')
    await admin.ask('device.pair.approve', { code })
    const waiting = await ask('browser-1', { pairing_secret })
    expect(await waiting.status()).toHaveProperty('token')
    const telegram = { senderId: 'x', channel: 'telegram' }
    expect((await otto.refused('device.pair.request', telegram)).code).toBe('INVALID_REQUEST')
    otto.close()
  })

  it('is refused where pairing is off', async () => {
    const wish = { senderId: 'browser-1', channel: 'browser' }
    expect((await platform.refused('device.pair.request', wish)).code).toBe('FAILED_PRECONDITION')
  })
})

describe('a device token', () => {
  it('is worth nothing under another sender’s name, altered, or in a URL', async () => {
    const token = await pairedDevice('browser-1')
    expect((await refusedConnect({ sender_id: 'browser-2', token })).code).toBe('UNAUTHORIZED')
    const altered = token.slice(0, -1) + (token.endsWith('A') ? 'B' : 'A')
    expect((await refusedConnect({ token: altered })).code).toBe('UNAUTHORIZED')
    const moved = token.replace(tenantId.slice(4), otherTenantId.slice(4))
    expect((await refusedConnect({ token: moved })).code).toBe('UNAUTHORIZED')
    expect((await http(`/v1/agents?x=${token}`)).status).toBe(401)
    await forgetFailures()
    expect((await http('/v1/agents', { headers: bearer(token) })).status).toBe(200)
  })

  it('locks an address out after five wrong ones, but not for a right one', async () => {
    const token = await pairedDevice('browser-1')
    const wrong = bearer(`edv_${tenantId.slice(4)}_${'x'.repeat(43)}`)
    const statuses: number[] = []
    for (let i = 0; i < 6; i++) statuses.push((await http('/v1/agents', { headers: wrong })).status)
    expect(statuses).toEqual([401, 401, 401, 401, 429, 429])
    expect((await http('/v1/agents', { headers: bearer(token) })).status).toBe(200)
  })

  it('ends with its revocation: the socket within a second, and the next request', async () => {
    const token = await pairedDevice('browser-1')
    const spared = await connectDevice('browser-2', await pairedDevice('browser-2'))
    const device = await connectDevice('browser-1', token)
    const headers = bearer(token)
    expect((await http('/v1/agents', { headers })).status).toBe(200)
    const before = Date.now()
    const sender = { senderId: 'browser-1', channel: 'browser' }
    await admin.ask('device.pair.revoke', sender)
    expect((await device.closed).code).toBe(1008)
    expect(Date.now() - before).toBeLessThan(1_000)
    expect((await http('/v1/agents', { headers })).status).toBe(401)
    expect((await refusedConnect({ ...sender, sender_id: 'browser-1', token })).code).toBe(
      'UNAUTHORIZED',
    )
    expect(await spared.ask('agents.list')).toHaveProperty('agents')
    expect((await admin.refused('device.pair.revoke', sender)).code).toBe('NOT_FOUND')
    const again = await pairedDevice('browser-1')
    expect((await http('/v1/agents', { headers: bearer(again) })).status).toBe(200)
  })

  it('is revoked by nobody of another tenant', async () => {
    const device = await connectDevice('browser-1', await pairedDevice('browser-1'))
    const eve = await actingAs(otherTenantId, 'eve')
    const revoke = async (senderId: string) =>
      eve.refused('device.pair.revoke', { senderId, channel: 'browser' })
    expect(await revoke('browser-1')).toEqual(await revoke('never-was'))
    expect(await device.ask('agents.list')).toHaveProperty('agents')
    eve.close()
  })

  it('ends with its 30 days, and with its tenant', async () => {
    const token = await pairedDevice('browser-1')
    const headers = bearer(token)
    expect((await http('/v1/agents', { headers })).status).toBe(200)
    await platform.ask('tenants.update', { id: tenantId, status: 'suspended' })
    expect((await http('/v1/agents', { headers })).status).toBe(401)
    await platform.ask('tenants.update', { id: tenantId, status: 'active' })
    admin = await actingAs(tenantId, 'anna')
    expect((await http('/v1/agents', { headers })).status).toBe(200)
    await bindings.DB.prepare('UPDATE pairings SET token_expires_at = 1').run()
    await expireKey('none', tenantId)
    expect((await http('/v1/agents', { headers })).status).toBe(401)
  })
})
