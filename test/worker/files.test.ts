/**
 * Files over HTTP: whose they are, which paths are none, what a link is worth and for how long, and
 * what an upload may be.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import {
  bearer,
  createKey,
  createTenant,
  forgetFailures,
  type Headers_,
  http,
  type Key,
  migrate,
  operator,
  TOKEN,
} from './support/gateway.ts'
import { gateway, ORIGIN, type TestSocket } from './support/socket.ts'

const PNG = '\x89PNG\r\n\x1a\n and so on'
const bytesOf = (text: string): Uint8Array<ArrayBuffer> =>
  Uint8Array.from(text, (char) => char.charCodeAt(0))

let platform: TestSocket
let north: string
let south: string
let alice: Key
let bob: Key
let admin: Key
let foreign: Key

beforeAll(async () => {
  await migrate()
  platform = await operator()
  north = await createTenant(platform, 'north')
  south = await createTenant(platform, 'south')
  const write = ['operator.write']
  alice = await createKey(platform, north, { scopes: write, owner: 'alice' })
  bob = await createKey(platform, north, { scopes: write, owner: 'bob' })
  admin = await createKey(platform, north, { scopes: ['operator.admin'], owner: 'ada' })
  foreign = await createKey(platform, south, { scopes: ['operator.admin'], owner: 'alice' })
}, 60_000)
afterAll(() => {
  vi.useRealTimers()
  platform.close()
})

const get = (path: string, key?: Key, headers: Headers_ = {}) =>
  http(path, { headers: { ...(key ? bearer(key.key) : {}), ...headers } })

const put = (path: string, key: Key, body: string) =>
  http(path, { method: 'PUT', headers: bearer(key.key), body })

const sign = (key: Key, body: unknown) =>
  http('/v1/files/sign', { method: 'POST', headers: bearer(key.key), body })

async function linkOf(key: Key, body: unknown): Promise<string> {
  const signed = await sign(key, body)
  expect(signed.status, signed.text).toBe(200)
  return String(signed.json()['url'])
}

async function upload(key: Key, body: BodyInit, query = '', headers: Headers_ = {}) {
  const response = await gateway.fetch(
    new Request(`${ORIGIN}/v1/media/upload${query}`, {
      method: 'POST',
      headers: { ...bearer(key.key), ...headers },
      body,
    }),
  )
  return { status: response.status, body: (await response.json()) as Record<string, unknown> }
}

describe('a file', () => {
  it('goes out as an attachment that nothing runs in, whole, in part, or not again', async () => {
    const html = '<script>alert(1)</script>'
    expect((await put('/v1/files/notes/%C3%A9t%C3%A9.html', alice, html)).status).toBe(200)
    const file = await get('/v1/files/notes/%C3%A9t%C3%A9.html', alice)
    expect(file.status).toBe(200)
    expect(file.text).toBe(html)
    expect(Object.fromEntries(file.headers)).toMatchObject({
      'content-type': 'application/octet-stream',
      'content-disposition': `attachment; filename="_t_.html"; filename*=UTF-8''%C3%A9t%C3%A9.html`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'cache-control': 'private, no-store',
      'x-edgeclaw-untrusted': 'true',
    })
    const path = '/v1/files/notes/%C3%A9t%C3%A9.html'
    for (const [range, status, text] of [
      ['bytes=1-6', 206, 'script'],
      ['bytes=-9', 206, '</script>'],
      ['bytes=16-', 206, html.slice(16)],
      ['bytes=900-', 416, ''],
      ['bytes=6-1', 200, html],
      ['bytes=0-1,3-4', 200, html],
      ['lines=1-2', 200, html],
    ] as const) {
      const part = await get(path, alice, { range })
      expect([part.status, part.text], range).toEqual([status, text])
    }
    const etag = String(file.headers.get('etag'))
    expect((await get(path, alice, { 'if-none-match': etag })).status).toBe(304)
    const gone = () => http(path, { method: 'DELETE', headers: bearer(alice.key) })
    expect((await gone()).status).toBe(200)
    expect((await get(path, alice)).status).toBe(404)
    expect((await gone()).status).toBe(404)
  })

  it('is its owner’s: others have their own, and admins read what they name', async () => {
    await put('/v1/files/mine.txt', alice, 'alice’s own')
    expect((await get('/v1/files/mine.txt', alice)).text).toBe('alice’s own')
    expect((await get('/v1/files/mine.txt', bob)).status).toBe(404)
    expect((await get('/v1/files/mine.txt?user=alice', bob)).status).toBe(403)
    expect((await get('/v1/files/mine.txt', admin)).status).toBe(404)
    expect((await get('/v1/files/mine.txt?user=alice', admin)).text).toBe('alice’s own')
    // The same user id in another tenant is somebody else.
    expect((await get('/v1/files/mine.txt', foreign)).status).toBe(404)
    const asNorth = { 'x-edgeclaw-tenant-id': north }
    expect((await get('/v1/files/mine.txt', foreign, asNorth)).status).toBe(404)
    expect((await put('/v1/files/mine.txt?user=alice', admin, 'planted')).status).toBe(403)
    expect((await sign(bob, { path: 'mine.txt', user: 'alice' })).status).toBe(403)
    const reader = await createKey(platform, north, { scopes: ['operator.read'], owner: 'alice' })
    expect((await get('/v1/files/mine.txt', reader)).status).toBe(200)
    expect((await put('/v1/files/mine.txt', reader, 'x')).status).toBe(403)
    expect((await get('/v1/files/mine.txt')).status).toBe(401)
    expect((await get('/v1/files/mine.txt?agentId=nobody', alice)).status).toBe(404)
    expect((await get('/v1/files/mine.txt', alice)).text).toBe('alice’s own')
  })

  it.each([
    '..%2fmine.txt',
    '%2e%2e%2fmine.txt',
    'a/%2e%2e%2f%2e%2e/mine.txt',
    '%252e%252e%252fmine.txt',
    'mine.txt%00',
    'a%00b',
    '%2fetc%2fpasswd',
    '/etc/passwd',
    '..%5cmine.txt',
    '%c0%ae%c0%ae/mine.txt',
    'a%0ab',
    '.edgeclaw/state',
    '.EDGECLAW/state',
    '.ssh/id_ed25519',
    '.aws/credentials',
    '~/.ssh/id_ed25519',
    '%u002e%u002e/mine.txt',
    '',
  ])('is not behind %j', async (path) => {
    expect((await get(`/v1/files/${path}`, alice)).status).toBe(400)
    expect((await put(`/v1/files/${path}`, alice, 'x')).status).toBe(400)
    // Nobody without a credential is told which paths are refused.
    expect((await get(`/v1/files/${path}`)).status).toBe(401)
  })

  it('is not larger than a workspace takes, whatever its sender declares', async () => {
    const large = 'x'.repeat(10 * 1024 * 1024 + 1)
    expect((await put('/v1/files/large.txt', alice, large)).status).toBe(413)
    expect((await get('/v1/files/large.txt', alice)).status).toBe(404)
  })
})

describe('a signed link', () => {
  it('reads one file without a credential, for five minutes', async () => {
    await put('/v1/files/report final.txt'.replace(' ', '%20'), alice, 'figures')
    const url = await linkOf(alice, { path: 'report final.txt' })
    expect(url).toMatch(/^\/v1\/files\/report%20final\.txt\?ft=/)
    expect((await http(url)).text).toBe('figures')
    expect((await http(url)).status).toBe(200)
    const now = Date.now()
    vi.useFakeTimers({ now: now + 299_000, toFake: ['Date'] })
    expect((await http(url)).status).toBe(200)
    vi.setSystemTime(now + 301_000)
    expect((await http(url)).status).toBe(401)
    vi.useRealTimers()
    await forgetFailures()
  })

  it('is for its own path, method, user and tenant alone', async () => {
    await put('/v1/files/one.txt', alice, 'one')
    await put('/v1/files/two.txt', alice, 'two')
    const url = await linkOf(alice, { path: 'one.txt' })
    const [, ft = ''] = url.split('?ft=')
    const [payload = '', tag = ''] = ft.split('.')
    const forged = (change: (grant: Record<string, unknown>) => void): string => {
      const padded = payload.replaceAll('-', '+').replaceAll('_', '/')
      const grant = JSON.parse(atob(padded)) as Record<string, unknown>
      change(grant)
      const text = btoa(JSON.stringify(grant)).replaceAll('+', '-').replaceAll('/', '_')
      return `/v1/files/one.txt?ft=${text.replaceAll('=', '')}.${tag}`
    }
    for (const wrong of [
      `/v1/files/two.txt?ft=${ft}`,
      `/v1/files/ONE.txt?ft=${ft}`,
      `/v1/files/one.txt?ft=${payload}.`,
      `/v1/files/one.txt?ft=${payload}`,
      `/v1/files/one.txt?ft=${payload}.${tag}.x`,
      '/v1/files/one.txt?ft=',
      forged((grant) => Object.assign(grant, { userId: 'bob' })),
      forged((grant) => Object.assign(grant, { tenantId: south })),
      forged((grant) => Object.assign(grant, { expiresAt: Number.MAX_SAFE_INTEGER })),
      forged((grant) => Object.assign(grant['holder'] as object, { isMasterScope: true })),
    ]) {
      const answer = await http(wrong)
      expect([answer.status, answer.text.includes('one')], wrong).toEqual([401, false])
    }
    // What else the request says is not heard, and a second credential is one too many.
    expect((await http(`${url}&user=bob&agentId=nobody`)).text).toBe('one')
    expect((await get(url, bob)).status).toBe(401)
    for (const method of ['PUT', 'DELETE', 'POST'])
      expect((await http(url, { method, body: 'x' })).status, method).toBe(401)
    expect((await get('/v1/files/one.txt', alice)).text).toBe('one')
    await forgetFailures()
  })

  it.each(['', '..', 'a/../b', '/etc/passwd', 'a\\b', 'a\u0000b', '.ssh/x', '%2e%2e/a'])(
    'is not given for %j',
    async (path) => {
      expect((await sign(alice, { path })).status).toBe(400)
    },
  )

  it('dies with the credential that asked for it, and with its owner’s place', async () => {
    const scopes = ['operator.write']
    const carol = await createKey(platform, north, { scopes, owner: 'carol' })
    await put('/v1/files/hers.txt', carol, 'hers')
    const byKey = await linkOf(carol, { path: 'hers.txt' })
    expect((await http(byKey)).text).toBe('hers')
    await platform.ask('api_keys.revoke', { id: carol.id, tenant_id: north })
    expect((await http(byKey)).status).toBe(401)

    const person = { tenant_id: north, user_id: 'dora' }
    await platform.ask('tenants.users.add', { ...person, role: 'admin' })
    const asDora = {
      ...bearer(TOKEN),
      'x-edgeclaw-tenant-id': north,
      'x-edgeclaw-user-id': 'dora',
    }
    const signed = await http('/v1/files/sign', {
      method: 'POST',
      headers: asDora,
      body: { path: 'hers.txt', user: 'carol' },
    })
    const byPlace = String(signed.json()['url'])
    expect((await http(byPlace)).text).toBe('hers')
    // A lesser role keeps its own files, and no longer reads those of others.
    await platform.ask('tenants.users.add', { ...person, role: 'viewer' })
    expect((await http(byPlace)).status).toBe(403)
    await platform.ask('tenants.users.remove', person)
    expect((await http(byPlace)).status).toBe(401)
    await forgetFailures()
  })
})

describe('an upload', () => {
  it('lands in media/ of one’s own workspace, labelled, under a name that is none of its own', async () => {
    const sent = await upload(alice, bytesOf(PNG), '?filename=..%2F..%2Fmy%20cat%00.exe')
    expect(sent.status).toBe(201)
    expect(sent.body).toMatchObject({ media_type: 'image/png', untrusted: true, size: PNG.length })
    expect(sent.body['path']).toMatch(/^media\/med_[A-Za-z0-9]+-[A-Za-z0-9_-]+\.png$/)
    const file = await get(`/v1/files/${sent.body['path']}`, alice)
    expect(file.headers.get('content-type')).toBe('image/png')
    expect(file.headers.get('x-edgeclaw-untrusted')).toBe('true')
    expect((await get(`/v1/files/${sent.body['path']}`, bob)).status).toBe(404)
    const form = new FormData()
    form.append('file', new File(['a,b\n1,2\n'], 'table.CSV', { type: 'image/png' }))
    const table = await upload(alice, form)
    expect(table.body).toMatchObject({ media_type: 'text/plain' })
    expect(table.body['path']).toMatch(/-table\.csv$/)
  })

  it('is refused where it is no medium, too large, or nobody’s to send', async () => {
    for (const text of [
      'MZ\x90\0\x03',
      '\x7fELF\x02\x01',
      'PK\x03\x04',
      '<!doctype html><script>1</script>',
      ' \n<svg onload="x"/>',
      '<?xml version="1.0"?>',
      'plain, then \0 nothing',
      '',
    ]) {
      const sent = await upload(alice, bytesOf(text), '?filename=cat.png', {
        'content-type': 'image/png',
      })
      expect(sent.status, JSON.stringify(text)).toBe(415)
    }
    expect((await upload(alice, new FormData())).status).toBe(400)
    const two = new FormData()
    for (const name of ['a.txt', 'b.txt']) two.append('file', new File(['x'], name))
    expect((await upload(alice, two)).status).toBe(400)
    const large = bytesOf(PNG + 'x'.repeat(10 * 1024 * 1024))
    expect((await upload(alice, large)).status).toBe(413)
    const reader = await createKey(platform, north, { scopes: ['operator.read'], owner: 'rita' })
    expect((await upload(reader, bytesOf(PNG))).status).toBe(403)
    const anyone = await http('/v1/media/upload', { method: 'POST', body: PNG })
    expect(anyone.status).toBe(401)
  })
})
