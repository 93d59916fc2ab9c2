/**
 * People and tokens that an issuer vouches for, at the real doors: what is open closes when the issuer
 * does, and tickets open one socket, once. The issuer is played behind the platform's `fetch`.
 */
import { exportJWK, generateKeyPair, SignJWT } from 'jose'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import {
  bearer,
  connected,
  createKey,
  createTenant,
  forgetFailures,
  http,
  type Key,
  migrate,
  operator,
  sessionPath,
  TOKEN,
} from './support/gateway.ts'
import { TestSocket, upgrade } from './support/socket.ts'

const ISSUER = 'https://id.example'
let platform: TestSocket
let tenantId: string
let south: string
let alice: Key
let mint: (claims?: Record<string, unknown>) => Promise<string>

beforeAll(async () => {
  await migrate()
  platform = await operator()
  tenantId = await createTenant(platform, 'acme')
  south = await createTenant(platform, 'south')
  const home = await asOperatorOf(tenantId)
  await home.ask('agents.create', { agent_key: 'talker' })
  home.close()
  alice = await createKey(platform, tenantId, { scopes: ['operator.write'], owner: 'alice' })
  const { privateKey, publicKey } = await generateKeyPair('ES256', { extractable: true })
  const jwk = { ...(await exportJWK(publicKey)), kid: 'one', alg: 'ES256' }
  vi.stubGlobal('fetch', async (input: unknown) =>
    String(input).startsWith(`${ISSUER}/`)
      ? Response.json({ keys: [jwk] })
      : new Response('', { status: 502 }),
  )
  mint = (claims = {}) =>
    new SignJWT({ iss: ISSUER, aud: 'acme', sub: 'anna', ...claims })
      .setProtectedHeader({ alg: 'ES256', kid: 'one', typ: 'JWT' })
      .setIssuedAt()
      .setExpirationTime('10m')
      .sign(privateKey)
})

afterAll(() => void vi.unstubAllGlobals())

/** In a local gateway without a runner only the operator can open the way to an issuer. */
const wanted = (fields: Record<string, unknown> = {}) => ({
  name: 'Staff',
  issuer: ISSUER,
  audience: 'acme',
  jwks_url: `${ISSUER}/.well-known/jwks.json`,
  provision_role: 'operator',
  allow_private_network: true,
  ...fields,
})

const asOperatorOf = (tenant: string) => connected({ token: TOKEN, tenant_id: tenant })
const asOwnerOf = async (tenant: string) => {
  await platform.ask('tenants.users.add', { tenant_id: tenant, user_id: 'olga', role: 'owner' })
  return connected({ token: TOKEN, tenant_id: tenant, user_id: 'olga' })
}

describe('an issuer', () => {
  it('opens its tenant, and closes what is open when it is disabled', async () => {
    const owner = await asOperatorOf(tenantId)
    const { id } = await owner.ask('issuers.create', wanted())
    const token = await mint()
    const socket = await TestSocket.open('/ws')
    const elsewhere = await TestSocket.open('/ws')
    expect((await elsewhere.refused('connect', { token, tenant_id: south })).code).toBe(
      'UNAUTHORIZED',
    )
    const hello = await socket.ask('connect', { token, tenant_id: tenantId })
    expect(hello).toMatchObject({
      tenant_id: tenantId,
      user_id: `oidc:${ISSUER}:anna`,
      role: 'operator',
      is_master_scope: false,
    })
    const session = await TestSocket.open(sessionPath('agent:main:ws:direct:anna-1'), {
      headers: bearer(token),
    })
    expect((await http('/v1/agents', { headers: bearer(token) })).status).toBe(200)
    await owner.ask('issuers.update', { id, enabled: false })
    expect((await socket.closed).code).toBe(1008)
    expect((await session.closed).code).toBe(1008)
    expect((await http('/v1/agents', { headers: bearer(token) })).status).toBe(401)
    await owner.ask('issuers.update', { id, enabled: true })
    expect((await http('/v1/agents', { headers: bearer(token) })).status).toBe(200)
    await owner.ask('issuers.delete', { id })
    expect((await http('/v1/agents', { headers: bearer(token) })).status).toBe(401)
    owner.close()
  })

  it('is told apart from another tenant’s by nothing when it is taken', async () => {
    const owner = await asOperatorOf(tenantId)
    const { id } = await owner.ask('issuers.create', wanted({ audience: 'shared' }))
    const theirs = await asOperatorOf(south)
    const taken = await theirs.refused('issuers.create', wanted({ audience: 'shared' }))
    const elsewhere = 'https://keys.elsewhere.example/jwks'
    const wrong = await theirs.refused('issuers.create', wanted({ jwks_url: elsewhere }))
    expect(taken).toEqual(wrong)
    expect(taken.code).toBe('INVALID_REQUEST')
    const own = await theirs.ask('issuers.create', wanted({ audience: 'theirs' }))
    const moved = await theirs.refused('issuers.update', { id: own['id'], audience: 'shared' })
    expect(moved).toEqual(taken)
    for (const method of ['issuers.update', 'issuers.delete', 'issuers.test']) {
      const foreign = await theirs.refused(method, { id })
      const unknown = await theirs.refused(method, { id: 'iss_nobody' })
      expect(foreign).toEqual(unknown)
    }
    await owner.ask('issuers.delete', { id })
    await theirs.ask('issuers.delete', { id: own['id'] })
    owner.close()
    theirs.close()
  })

  it('is written by owners in person alone, and closed by admins', async () => {
    const key = await createKey(platform, tenantId, { scopes: ['operator.admin'], owner: 'ada' })
    const admin = await connected({ token: key.key })
    const owner = await asOwnerOf(tenantId)
    const mapping = (role: string) => ({ claim: 'groups', values: { chiefs: role } })
    const plain = wanted({ allow_private_network: false, audience: 'mapped' })
    const chiefs = { ...plain, role_mapping: mapping('admin') }
    for (const row of [plain, chiefs]) {
      expect((await admin.refused('issuers.create', row)).code).toBe('UNAUTHORIZED')
    }
    for (const role_mapping of [mapping('owner'), mapping('root')]) {
      const refused = await owner.refused('issuers.create', { ...plain, role_mapping })
      expect(refused.code).toBe('INVALID_REQUEST')
    }
    for (const provision_role of ['admin', 'owner']) {
      const refused = await owner.refused('issuers.create', { ...plain, provision_role })
      expect(refused.code).toBe('INVALID_REQUEST')
    }
    for (const wrong of [{ algorithms: ['HS256'] }, { algorithms: ['none'] }, { algorithms: [] }]) {
      expect((await owner.refused('issuers.create', { ...plain, ...wrong })).code).toBe(
        'INVALID_REQUEST',
      )
    }
    expect((await owner.refused('issuers.create', { ...plain, audience: ' ' })).code).toBe(
      'INVALID_REQUEST',
    )
    const { id } = await owner.ask('issuers.create', chiefs)
    // Who may not write such a row may not point it elsewhere either, but may close it.
    const moved = { id, issuer: 'https://evil.example' }
    expect((await admin.refused('issuers.update', moved)).code).toBe('UNAUTHORIZED')
    expect(await admin.ask('issuers.update', { id, enabled: false })).toMatchObject({
      enabled: false,
    })
    expect((await admin.refused('issuers.update', { id, enabled: true })).code).toBe('UNAUTHORIZED')
    await admin.ask('issuers.delete', { id })
    admin.close()
    owner.close()
  })

  it('keeps its secret to itself, and loses it with its address', async () => {
    const owner = await asOwnerOf(tenantId)
    const plain = wanted({ allow_private_network: false, audience: 'secretive' })
    const made = await owner.ask('issuers.create', { ...plain, client_secret: 'hush-hush' })
    expect(JSON.stringify(made)).not.toContain('hush-hush')
    expect(made['client_secret']).toBe('***')
    const { id } = made
    const renamed = await owner.ask('issuers.update', { id, name: 'x', client_secret: '***' })
    expect(renamed['client_secret']).toBe('***')
    const keys = await owner.ask('issuers.update', { id, jwks_url: `${ISSUER}/.well-known/other` })
    expect(keys['client_secret']).toBe('')
    await owner.ask('issuers.delete', { id })
    const network = await owner.refused('issuers.create', wanted({ audience: 'inside' }))
    expect(network.code).toBe('UNAUTHORIZED')
    owner.close()
  })
})

describe('a ticket', () => {
  // The lockout is not what these are about.
  beforeEach(forgetFailures)
  const ask = async (key = alice.key): Promise<string> => {
    const answer = await http('/v1/ws-tickets', { method: 'POST', headers: bearer(key) })
    expect(answer.json()).toMatchObject({ expires_in: 60 })
    return String(answer.json()['ticket'])
  }
  const status = async (path: string): Promise<number> => {
    const response = await upgrade(path)
    response.webSocket?.accept()
    response.webSocket?.close()
    return response.status
  }
  const conversation = sessionPath('agent:talker:ws:direct:alice-1')

  it('opens a session’s socket as who asked for it, once', async () => {
    const ticket = await ask()
    const socket = await TestSocket.open(`${conversation}?ticket=${ticket}`)
    expect((await socket.ask('chat.send', { message: 'hello' }))['content']).toBeTypeOf('string')
    expect(await status(`${conversation}?ticket=${ticket}`)).toBe(401)
    socket.close()
  })

  it('opens a control socket without a token, once, whatever is claimed', async () => {
    const ticket = await ask()
    const socket = await TestSocket.open(`/ws?ticket=${ticket}`)
    const claims = { user_id: 'system', tenant_id: south }
    expect(await socket.ask('connect', claims)).toMatchObject({
      user_id: 'alice',
      tenant_id: tenantId,
      role: 'operator',
    })
    expect(await status(`/ws?ticket=${ticket}`)).toBe(401)
    expect(await status(`${conversation}?ticket=${ticket}`)).toBe(401)
    socket.close()
  })

  it('is one of two that come at once', async () => {
    const ticket = await ask()
    const both = await Promise.all([1, 2].map(() => status(`${conversation}?ticket=${ticket}`)))
    expect(both.toSorted()).toEqual([101, 401])
  })

  it('is worth nothing after the key behind it was revoked, before and after the upgrade', async () => {
    const key = await createKey(platform, tenantId, { scopes: ['operator.read'], owner: 'bob' })
    const [before, after] = [await ask(key.key), await ask(key.key)]
    const waiting = await TestSocket.open(`/ws?ticket=${after}`)
    await platform.ask('api_keys.revoke', { id: key.id, tenant_id: tenantId })
    expect(await status(`/ws?ticket=${before}`)).toBe(401)
    expect((await waiting.refused('connect')).code).toBe('TENANT_ACCESS_REVOKED')
    expect((await waiting.closed).code).toBe(1008)
  })

  it('of another tenant, or made up, opens nothing and leaves nothing', async () => {
    const ticket = await ask()
    const moved = ticket.replace(`_${tenantId.slice(4)}_`, `_${south.slice(4)}_`)
    const nobodys = ticket.replace(`_${tenantId.slice(4)}_`, '_nobody_')
    for (const forged of [
      moved,
      nobodys,
      `${ticket.slice(0, -1)}${ticket.endsWith('A') ? 'B' : 'A'}`,
    ]) {
      expect(await status(`${conversation}?ticket=${forged}`)).toBe(401)
    }
    expect(await status(`${conversation}?ticket=${ticket}`)).toBe(101)
  })

  it('opens nothing but sockets', async () => {
    const ticket = await ask()
    expect((await http(`/v1/agents?ticket=${ticket}`)).status).toBe(401)
    expect((await http('/v1/agents', { headers: bearer(ticket) })).status).toBe(401)
    expect(await status(`${conversation}?ticket=${ticket}`)).toBe(101)
  })
})
