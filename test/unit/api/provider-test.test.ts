import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type Behaviour, startHook } from '../gateway/hooks/world.ts'
import { bearer, newKey, newTenant, openWorld, TOKEN, useQuietLog } from '../gateway/world.ts'
import { asked, type Caller, call as callAs } from './control.ts'

useQuietLog()

const KEY = 'the-stored-key-0123456789'

let world: ReturnType<typeof openWorld>
let admin: Caller
let platform: Caller
let server: Awaited<ReturnType<typeof startHook>>
let behaviour: Behaviour

beforeEach(async () => {
  world = openWorld()
  const tenantId = await newTenant(world, { anna: 'admin' })
  admin = await newKey(world, tenantId, { scopes: ['operator.admin'], ownerId: 'anna' })
  platform = { credential: bearer(TOKEN), claims: { tenant: tenantId } }
  behaviour = (response) => void response.end(JSON.stringify({ data: [{ id: 'one' }] }))
  server = await startHook(() => behaviour)
  await asked(world, platform, 'providers.create', {
    name: 'own',
    provider_type: 'openai_compat',
    api_base: new URL(server.url).origin,
    api_key: KEY,
    allow_private_network: true,
  })
})
afterEach(() => server.close())

describe('providers.test', () => {
  it('asks with the stored key and shows the models', async () => {
    const answer = await asked(world, admin, 'providers.test', { name: 'own' })
    expect(answer).toEqual({ ok: true, latencyMs: 0, models: ['one'], error: null })
    expect(server.heard[0]?.headers.authorization).toBe(`Bearer ${KEY}`)
  })

  it('shows no key that the provider echoes, as a model or in its refusal', async () => {
    behaviour = (response) =>
      void response.end(JSON.stringify({ data: [{ id: KEY }, { id: btoa(KEY) }, { id: 'fine' }] }))
    const echoed = await asked(world, admin, 'providers.test', { id: 'own' })
    expect(echoed['models']).toEqual(['fine'])
    behaviour = (response, { headers }) => {
      response.statusCode = 401
      response.end(`no: ${headers.authorization} at ${server.url}`)
    }
    const refused = await asked(world, admin, 'providers.test', { id: 'own' })
    expect(refused).toMatchObject({ ok: false, models: [] })
    expect(JSON.stringify(refused)).not.toMatch(/stored-key|127\.0\.0\.1/)
  })

  it('follows no redirect with the key', async () => {
    behaviour = (response) => void response.writeHead(302, { location: '/elsewhere' }).end()
    expect(await asked(world, admin, 'providers.test', { id: 'own' })).toMatchObject({ ok: false })
    expect(server.heard).toHaveLength(1)
  })

  it('takes in no more than a list is long', async () => {
    behaviour = (response) => void response.end(`{"data":["${'x'.repeat(5 * 1024 * 1024)}"]}`)
    expect(await asked(world, admin, 'providers.test', { id: 'own' })).toMatchObject({
      ok: false,
      error: expect.stringContaining('larger than allowed'),
    })
  })

  it('asks nobody while everything is stopped', async () => {
    await asked(world, admin, 'estop.set', { kind: 'kill-all', reason: 'leak' })
    expect(await asked(world, admin, 'providers.test', { id: 'own' })).toMatchObject({ ok: false })
    expect(server.heard).toEqual([])
  })

  it('knows no provider of another tenant, and no operator may ask', async () => {
    const other = await newTenant(world, { eve: 'admin' })
    const eve = await newKey(world, other, { scopes: ['operator.admin'], ownerId: 'eve' })
    expect(await callAs(world, eve, 'providers.test', { id: 'own' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
    const writer = await newKey(world, other, { scopes: ['operator.write'], ownerId: 'eve' })
    expect(await callAs(world, writer, 'providers.test', { id: 'demo' })).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
    expect(server.heard).toEqual([])
  })
})
