import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { handoverOf } from '../../../../src/gateway/mcp/callback.ts'
import {
  type FakeAuthorizationServer,
  startAuthorizationServer,
} from '../../../support/mcp/authorization-server.ts'
import { protectedBy } from '../../../support/mcp/protected-server.ts'
import { answerJson, type FakeMcp, startFakeMcp } from '../../../support/mcp/server.ts'
import { openMcpWorld } from './world.ts'

let server: FakeMcp
let issuer: FakeAuthorizationServer
let opened: Awaited<ReturnType<typeof openMcpWorld>>

beforeEach(async () => {
  issuer = await startAuthorizationServer()
  server = await startFakeMcp([{ name: 'echo' }])
  server.misbehave = protectedBy(server, () => issuer)
  opened = await openMcpWorld()
  const where = { url: server.url, allow_private_network: true, agents: ['*'] }
  await opened.ask('create', { name: 'files', ...where })
})
afterEach(async () => {
  await server.close()
  await issuer.close()
})

/** The admin's browser: to the page of the authorisation server, and back to the gateway's. */
async function visit(page: string): Promise<URLSearchParams> {
  const { headers } = await fetch(page, { redirect: 'manual' })
  return new URL(headers.get('location') ?? '').searchParams
}

const handoverFrom = (back: URLSearchParams): string =>
  handoverOf({
    state: back.get('state') ?? '',
    code: back.get('code') ?? '',
    iss: back.get('iss'),
    server: back.get('state')?.split('.').at(-1) ?? null,
  })

async function begin(who: 'admin' | 'other' = 'admin') {
  const begun = await opened.call(who, 'authorize', { id: 'files' })
  if (!begun.ok) throw new Error(JSON.stringify(begun.error))
  return String((begun.value as Record<string, unknown>)['authorization_url'])
}

const finish = (who: 'admin' | 'other', code: string) =>
  opened.call(who, 'authorized', { id: 'files', code })

async function authorised() {
  const finished = await finish('admin', handoverFrom(await visit(await begin())))
  if (!finished.ok) throw new Error(JSON.stringify(finished.error))
  await opened.ask('reconnect', { id: 'files' })
}

describe('an authorisation', () => {
  it('goes from the admin over the browser to a token for this server alone', async () => {
    const page = new URL(await begin())
    expect(page.searchParams.get('code_challenge_method')).toBe('S256')
    expect(page.searchParams.get('resource')).toBe(server.url)
    expect(page.searchParams.get('redirect_uri')).toMatch(
      /^https:\/\/gateway\.example\/v1\/mcp\/callback\/mcp_[a-z0-9]{20}$/,
    )
    expect(await finish('admin', handoverFrom(await visit(page.href)))).toMatchObject({ ok: true })
    expect(issuer.exchanges[0]?.get('resource')).toBe(server.url)
    const looked = await opened.ask('reconnect', { id: 'files' })
    expect(looked.tools).toHaveLength(1)
    const row = (await opened.snapshot()).mcpServers[0]
    expect(JSON.stringify(row)).not.toContain('access-token')
    const run = opened.beginRun()
    expect(await run.call('mcp_files__echo')).toMatchObject({ isError: false })
    expect(run.dictionary.contains([...issuer.good].at(-1) ?? '')).toBe(true)
    await run.close()
  })

  it('is ended by whoever began it, and by nobody else', async () => {
    const handover = handoverFrom(await visit(await begin('admin')))
    expect(await finish('other', handover)).toMatchObject({
      ok: false,
      error: { code: 'FAILED_PRECONDITION' },
    })
    expect(issuer.exchanges).toEqual([])
    // Nor did the other's try end it for the one who began.
    expect(await finish('admin', handover)).toMatchObject({ ok: true })
  })

  it('is ended once, and only in its time', async () => {
    const handover = handoverFrom(await visit(await begin()))
    expect(await finish('admin', handover)).toMatchObject({ ok: true })
    expect(await finish('admin', handover)).toMatchObject({ ok: false })
    const late = handoverFrom(await visit(await begin()))
    opened.world.clock += 11 * 60_000
    expect(await finish('admin', late)).toMatchObject({ ok: false })
    expect(issuer.exchanges).toHaveLength(1)
  })

  it('is over when the server moves meanwhile', async () => {
    const handover = handoverFrom(await visit(await begin()))
    await opened.ask('update', { id: 'files', url: `${server.origin}/other` })
    expect(await finish('admin', handover)).toMatchObject({ ok: false })
    expect(issuer.exchanges).toEqual([])
  })

  it('sends the gateway to no other private address, whatever the server names', async () => {
    const { misbehave } = server
    const inside = await startFakeMcp()
    // The same machine by another name: not the host that the operator opened.
    const other = inside.origin.replace('127.0.0.1', 'localhost')
    server.misbehave = (seen, response) =>
      seen.url === '/.well-known/oauth-protected-resource/mcp'
        ? answerJson(response, { resource: server.url, authorization_servers: [other] })
        : misbehave?.(seen, response)
    expect(await opened.call('admin', 'authorize', { id: 'files' })).toMatchObject({ ok: false })
    expect(inside.seen).toEqual([])
    await inside.close()
  })

  it('is refused with words of ours alone', async () => {
    const back = await visit(await begin())
    back.set('code', 'guessed')
    const failed = await finish('admin', handoverFrom(back))
    expect(failed).toMatchObject({ ok: false })
    expect(JSON.stringify(failed)).not.toContain('Ignore')
    for (const text of [
      '',
      'no base64!',
      'e30',
      handoverOf({ state: 'x', code: 'y', iss: null }),
    ]) {
      expect(await finish('admin', text || ' ')).toMatchObject({ ok: false })
    }
  })

  it('registers no client where the admin has one', async () => {
    await opened.ask('update', { id: 'files', oauth_client_id: 'ours' })
    expect(new URL(await begin()).searchParams.get('client_id')).toBe('ours')
    expect(issuer.registrations).toEqual([])
  })
})

describe('a token', () => {
  it('that has ended is refreshed by the run, and kept for the next', async () => {
    await authorised()
    issuer.good.clear()
    const run = opened.beginRun()
    expect(await run.call('mcp_files__echo')).toMatchObject({ isError: false })
    const refreshed = issuer.exchanges.at(-1)
    expect(refreshed?.get('grant_type')).toBe('refresh_token')
    expect(refreshed?.get('resource')).toBe(server.url)
    await run.close()
    const exchanges = issuer.exchanges.length
    const next = opened.beginRun()
    expect(await next.call('mcp_files__echo')).toMatchObject({ isError: false })
    expect(issuer.exchanges.length).toBe(exchanges)
    await next.close()
  })

  it('that another run refreshed is taken from there, and not refreshed twice', async () => {
    await authorised()
    const [first, second] = [opened.beginRun(), opened.beginRun()]
    await first.call('mcp_files__echo')
    await second.call('mcp_files__echo')
    issuer.good.clear()
    const exchanges = issuer.exchanges.length
    expect(await first.call('mcp_files__echo')).toMatchObject({ isError: false })
    expect(await second.call('mcp_files__echo')).toMatchObject({ isError: false })
    expect(issuer.exchanges.length).toBe(exchanges + 1)
    await Promise.all([first.close(), second.close()])
  })

  it('that cannot be refreshed ends in words for an admin, and asks nobody to sign in', async () => {
    await authorised()
    const asked = server.seen.length
    issuer.good.clear()
    await issuer.close()
    const run = opened.beginRun()
    const outcome = await run.call('mcp_files__echo')
    expect(outcome).toMatchObject({ isError: true })
    expect(outcome.content).toContain('an admin must set it again')
    expect(server.seen.length - asked).toBeLessThan(5)
    await run.close()
    issuer = await startAuthorizationServer()
  })

  it('is gone with the origin that it was for', async () => {
    await authorised()
    await opened.ask('update', { id: 'files', url: 'http://127.0.0.1:9/mcp' })
    expect((await opened.snapshot()).mcpServers[0]).toMatchObject({ sealedAuthorization: null })
  })
})
