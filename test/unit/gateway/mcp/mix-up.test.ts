/** Two servers of one tenant, each with its authorisation server: one honest, one that wants the other's codes. */
import { Hono } from 'hono'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { sealMcpSecret } from '../../../../src/crypto/mcp-secret.ts'
import { findMcpServer, updateMcpServer } from '../../../../src/db/mcp-servers.ts'
import type { App } from '../../../../src/gateway/door.ts'
import {
  CALLBACK_ROUTE,
  handoverOf,
  mcpCallback,
  parseHandover,
} from '../../../../src/gateway/mcp/callback.ts'
import {
  type FakeAuthorizationServer,
  startAuthorizationServer,
} from '../../../support/mcp/authorization-server.ts'
import { protectedBy } from '../../../support/mcp/protected-server.ts'
import { type FakeMcp, startFakeMcp } from '../../../support/mcp/server.ts'
import { openMcpWorld } from './world.ts'

let opened: Awaited<ReturnType<typeof openMcpWorld>>
let servers: Readonly<Record<'honest' | 'evil', FakeMcp>>
let issuers: Readonly<Record<'honest' | 'evil', FakeAuthorizationServer>>
const gateway = new Hono<App>().get(CALLBACK_ROUTE, mcpCallback)

beforeEach(async () => {
  issuers = { honest: await startAuthorizationServer(), evil: await startAuthorizationServer() }
  servers = { honest: await startFakeMcp(), evil: await startFakeMcp() }
  opened = await openMcpWorld()
  for (const name of ['honest', 'evil'] as const) {
    servers[name].misbehave = protectedBy(servers[name], () => issuers[name])
    const where = { url: servers[name].url, allow_private_network: true, agents: ['*'] }
    await opened.ask('create', { name, ...where })
  }
})
afterEach(async () => {
  for (const one of [...Object.values(servers), ...Object.values(issuers)]) await one.close()
})

async function begin(id: string) {
  const begun = await opened.ask('authorize', { id }, 'admin')
  return { page: String(begun['authorization_url']), callback: String(begun['redirect_uri']) }
}

/** The admin's browser, wherever it is sent, until it is back at the gateway. Null: it never came back. */
async function browse(page: string): Promise<URL | null> {
  for (let at = new URL(page), steps = 0; steps < 5; steps++) {
    if (at.origin === 'https://gateway.example') return at
    const { headers } = await fetch(at, { redirect: 'manual' })
    const location = headers.get('location')
    if (location === null) return null
    at = new URL(location)
  }
  return null
}

/** The code that the gateway's page shows, if it shows one. */
async function arrive(back: URL): Promise<string | null> {
  const response = await gateway.request(`${back.pathname}${back.search}`)
  return /<code>([\w-]+)<\/code>/.exec(await response.text())?.[1] ?? null
}

async function signIn(id: string) {
  const back = await browse((await begin(id)).page)
  return finish(id, (back && (await arrive(back))) ?? 'none')
}

const finish = (id: string, code: string) => opened.call('admin', 'authorized', { id, code })

/** Leads whoever comes to the evil server's page on to the honest one's, as the given client. */
function leadOnTo(client: string, callback: string | null) {
  issuers.evil.leadOn = (asked) => {
    const page = new URL(`${issuers.honest.url}/authorize`)
    for (const [name, value] of asked) page.searchParams.set(name, value)
    page.searchParams.set('client_id', client)
    if (callback !== null) page.searchParams.set('redirect_uri', callback)
    return page.href
  }
}

/** A server that speaks of no issuer, as most do. */
function silence(issuer: FakeAuthorizationServer) {
  issuer.iss = null
  issuer.promisesIss = false
}

describe('two servers side by side', () => {
  it('are each authorised, as clients with an address of their own', async () => {
    expect(await signIn('honest')).toMatchObject({ ok: true })
    expect(await signIn('evil')).toMatchObject({ ok: true })
    const [honest, evil] = [issuers.honest, issuers.evil].map(({ clients }) => [
      ...clients.values(),
    ])
    expect(honest).toHaveLength(1)
    expect(evil).toHaveLength(1)
    expect(honest).not.toEqual(evil)
  })

  it('need no issuer in their answers where none is promised', async () => {
    silence(issuers.honest)
    expect(await signIn('honest')).toMatchObject({ ok: true })
    expect(issuers.honest.exchanges).toHaveLength(1)
  })
})

describe('an authorisation server that leads on to an honest one', () => {
  it('gets no code of the client that the honest one knows', async () => {
    silence(issuers.honest)
    expect(await signIn('honest')).toMatchObject({ ok: true })
    const [client = '', [callback = ''] = []] = [...issuers.honest.clients][0] ?? []
    leadOnTo(client, callback)
    const back = await browse((await begin('evil')).page)
    expect(back?.searchParams.get('code')).toBeTruthy()
    expect(back?.href).toContain(callback)
    // The page shows it to nobody.
    expect(back && (await arrive(back))).toBeNull()
    // And put together by hand it is refused, and the beginning is over.
    const { searchParams, pathname } = back as URL
    const answer = {
      state: searchParams.get('state') ?? '',
      code: searchParams.get('code') ?? '',
      iss: null,
    }
    const arrivedAt = pathname.split('/').at(-1) ?? ''
    const refused = await finish('evil', handoverOf({ ...answer, server: arrivedAt }))
    expect(refused).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
    expect(JSON.stringify(refused)).toContain('led you on to another one')
    const own = handoverOf({ ...answer, server: answer.state.split('.').at(-1) ?? '' })
    expect(await finish('evil', own)).toMatchObject({ ok: false })
    expect(issuers.evil.exchanges).toEqual([])
  })

  it('cannot have the honest one send its client’s code to the evil server’s address', async () => {
    expect(await signIn('honest')).toMatchObject({ ok: true })
    leadOnTo([...issuers.honest.clients.keys()][0] ?? '', null)
    expect(await browse((await begin('evil')).page)).toBeNull()
  })

  it('is found out by the issuer, where it has made itself a client (RFC 9207)', async () => {
    const { page, callback } = await begin('evil')
    issuers.honest.clients.set('made-by-evil', [callback])
    leadOnTo('made-by-evil', null)
    const back = await browse(page)
    const code = back && (await arrive(back))
    expect(parseHandover(code ?? '')?.iss).toBe(issuers.honest.url)
    const refused = await finish('evil', code ?? '')
    expect(refused).toMatchObject({ ok: false })
    expect(JSON.stringify(refused)).toContain('names another issuer')
    expect(issuers.evil.exchanges).toEqual([])
  })
})

describe('an answer', () => {
  it('without the issuer that was promised is refused, and said why', async () => {
    issuers.honest.iss = null
    const refused = await signIn('honest')
    expect(refused).toMatchObject({ ok: false, error: { code: 'FAILED_PRECONDITION' } })
    expect(JSON.stringify(refused)).toContain('names no issuer')
    expect(issuers.honest.exchanges).toEqual([])
  })

  it('that names another issuer is refused, promised or not', async () => {
    for (const promisesIss of [true, false]) {
      issuers.honest.promisesIss = promisesIss
      for (const iss of ['https://attacker.example', `${issuers.honest.url}/`]) {
        issuers.honest.iss = iss
        expect(JSON.stringify(await signIn('honest'))).toContain('names another issuer')
      }
    }
    expect(issuers.honest.exchanges).toEqual([])
  })
})

describe('a client from before servers had addresses of their own', () => {
  async function store(client: object) {
    const { world, tenantId, snapshot } = opened
    const id = (await snapshot()).mcpServers.find(({ name }) => name === 'honest')?.id ?? ''
    const row = await findMcpServer(world.db, tenantId, id)
    if (row === null) throw new Error('no server')
    const { keyRing } = world.services
    const text = JSON.stringify({ client })
    const sealedAuthorization = await sealMcpSecret(
      keyRing,
      tenantId,
      id,
      'sealed_authorization',
      text,
    )
    await updateMcpServer(world.db, tenantId, row, { sealedAuthorization }, world.clock)
  }

  it('is registered anew once, and kept from then on', async () => {
    const redirect_uris = ['https://gateway.example/v1/mcp/callback']
    await store({ client_id: 'shared', redirect_uris, issuer: issuers.honest.url })
    expect(await signIn('honest')).toMatchObject({ ok: true })
    expect(issuers.honest.registrations).toHaveLength(1)
    expect(await signIn('honest')).toMatchObject({ ok: true })
    expect(issuers.honest.registrations).toHaveLength(1)
  })

  it('that was the shared document is not used again', async () => {
    await store({ client_id: 'https://gateway.example/v1/mcp/client.json' })
    const { page } = await begin('honest')
    expect(new URL(page).searchParams.get('client_id')).toBe('registered-1')
  })

  it('that an admin made by hand stays', async () => {
    await store({ client_id: 'by-hand', issuer: issuers.honest.url })
    const { page } = await begin('honest')
    expect(new URL(page).searchParams.get('client_id')).toBe('by-hand')
    expect(issuers.honest.registrations).toEqual([])
  })
})
