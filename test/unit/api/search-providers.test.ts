import { describe, expect, it } from 'vitest'
import type { OperationContext } from '../../../src/api/context.ts'
import { findOperation } from '../../../src/api/registry.ts'
import { openSearchKey } from '../../../src/crypto/provider-key.ts'
import { authenticate } from '../../../src/gateway/authenticate.ts'
import { contextOf } from '../../../src/gateway/dispatch.ts'
import { RATE_TAKEN } from '../../../src/gateway/operation-rate.ts'
import { bearer, newKey, newTenant, openWorld, settings, TOKEN } from '../gateway/world.ts'

const KEY = 'brave-key-0123456789'

/** An admin of a tenant, and the operator of the gateway in the same tenant. */
async function open() {
  const world = openWorld()
  const tenantId = await newTenant(world)
  const { credential } = await newKey(world, tenantId, { scopes: ['operator.admin'] })
  const facts = { clientAddress: '203.0.113.7', isDevelopment: false }
  const call = async (
    who: 'admin' | 'operator',
    name: string,
    params: unknown = {},
    /** What others do once the caller's view of the tenant is taken. */
    meanwhile: () => Promise<unknown> = async () => undefined,
  ) => {
    const proven =
      who === 'admin'
        ? await authenticate(credential, {}, facts, world.services, settings())
        : await authenticate(bearer(TOKEN), { tenant: tenantId }, facts, world.services, settings())
    if (!proven.ok) throw new Error(proven.error.kind)
    const context: OperationContext = contextOf({
      ...proven.value,
      services: world.services,
      settings: settings(),
      replyTo: { kind: 'none' },
      defaultSessionKey: null,
      operations: RATE_TAKEN,
    })
    const operation = findOperation(`search.providers.${name}`)
    if (!operation) throw new Error(`no operation ${name}`)
    await meanwhile()
    return operation.run(context, operation.params.parse(params))
  }
  const stored = () =>
    world.sqlite.d1
      .prepare('select id, sealed_api_key as sealed from search_providers where tenant_id = ?')
      .bind(tenantId)
      .all<{ id: string; sealed: string | null }>()
      .then(({ results }) => results[0])
  return { world, tenantId, call, stored }
}

const brave = { name: 'engine', provider_type: 'brave', api_key: KEY }

describe('a search provider', () => {
  it('is stored with its key sealed and shown with it masked', async () => {
    const { call, stored, world, tenantId } = await open()
    const created = await call('admin', 'create', brave)
    const row = { name: 'engine', provider_type: 'brave', api_base: null, api_key: '***' }
    expect(created).toMatchObject({ ok: true, value: row })
    expect(await call('admin', 'list')).toMatchObject({ ok: true, value: { providers: [row] } })
    const { id = '', sealed } = (await stored()) ?? {}
    expect(sealed).toMatch(/^aes-gcm:/)
    expect(sealed).not.toContain(KEY)
    const opened = await openSearchKey(world.services.keyRing, tenantId, id, sealed ?? '')
    expect(opened).toMatchObject({ ok: true, value: { text: KEY } })
  })

  it('takes no key that a header could not carry', async () => {
    const { call } = await open()
    for (const api_key of ['sk-…', `${KEY}\n`, 'sk-\u0000'])
      await expect(call('admin', 'create', { ...brave, api_key })).rejects.toThrow('must be ASCII')
    expect(await call('admin', 'list')).toMatchObject({ ok: true, value: { providers: [] } })
  })

  it('is meant by its id before another by its name: no key ends in a row that is called so', async () => {
    const { call } = await open()
    const made = await call('admin', 'create', { ...brave, name: 'web' })
    const { id = '' } = made.ok ? (made.value as { id: string }) : {}
    const thief = { name: id, provider_type: 'brave', api_base: 'https://thief.example' }
    expect(await call('admin', 'create', thief)).toMatchObject({ ok: true })
    const given = await call('operator', 'update', { id, api_key: 'another-key-0123456789' })
    expect(given).toMatchObject({ ok: true, value: { id, name: 'web' } })
    await call('operator', 'delete', { id })
    const left = await call('admin', 'list')
    expect(left).toMatchObject({ value: { providers: [{ name: id, api_key: '' }] } })
  })

  it('loses its key with its address, and keeps it with the mask that was shown', async () => {
    const { call, stored } = await open()
    await call('admin', 'create', brave)
    await call('admin', 'update', { id: 'engine', api_key: '***', enabled: false })
    expect((await stored())?.sealed).not.toBeNull()
    const moved = await call('admin', 'update', { id: 'engine', api_base: 'https://thief.example' })
    expect(moved).toMatchObject({ ok: true, value: { api_key: '', enabled: false } })
    expect((await stored())?.sealed).toBeNull()
    await call('admin', 'update', { id: 'engine', api_key: KEY })
    await call('admin', 'update', { id: 'engine', api_key: '' })
    expect((await stored())?.sealed).toBeNull()
  })

  it('is in a private network by the will of the gateway’s operator alone', async () => {
    const { call } = await open()
    const inside = {
      name: 'inside',
      provider_type: 'searxng',
      api_base: 'http://127.0.0.1:8080',
      allow_private_network: true,
    }
    expect(await call('admin', 'create', inside)).toMatchObject({
      ok: false,
      error: { code: 'UNAUTHORIZED' },
    })
    expect(
      await call('admin', 'create', { ...inside, allow_private_network: false }),
    ).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } })
    expect(await call('operator', 'create', inside)).toMatchObject({ ok: true })
    const moved = { id: 'inside', api_base: 'http://10.0.0.1' }
    expect(await call('admin', 'update', moved)).toMatchObject({
      ok: false,
      error: { code: 'UNAUTHORIZED' },
    })
  })

  it.each([
    ['a key', 'admin', { api_key: KEY }],
    ['the private network', 'operator', { allow_private_network: true }],
  ] as const)('gives %s to no address but the one it was judged with', async (_, who, given) => {
    const { call } = await open()
    const inside = { ...brave, api_base: 'https://search.example' }
    await call('admin', 'create', inside)
    const move = () => call('admin', 'update', { id: 'engine', api_base: 'https://thief.example' })
    await call(who, 'update', { id: 'engine', ...given }, move)
    expect(await call('admin', 'list')).toMatchObject({
      value: { providers: [{ api_base: 'https://search.example' }] },
    })
  })

  it.each([
    [{ provider_type: 'searxng' }, 'needs a base URL'],
    [{ api_base: 'http://search.example' }, 'https'],
    [{ api_base: 'https://search.example/?q=' }, 'must end with its path'],
  ])('is refused with %o', async (fields, words) => {
    const { call } = await open()
    const refused = await call('admin', 'create', { ...brave, ...fields })
    expect(refused).toMatchObject({ ok: false, error: { code: 'INVALID_REQUEST' } })
    expect(JSON.stringify(refused)).toContain(words)
  })

  it('is one of ten at most, each of its own name', async () => {
    const { call } = await open()
    for (let i = 0; i < 10; i++) {
      expect(await call('admin', 'create', { ...brave, name: `e${i}` })).toMatchObject({ ok: true })
    }
    expect(await call('admin', 'create', { ...brave, name: 'e10' })).toMatchObject({
      error: { code: 'RESOURCE_EXHAUSTED' },
    })
    await call('admin', 'delete', { id: 'e9' })
    expect(await call('admin', 'create', { ...brave, name: 'e8' })).toMatchObject({
      error: { code: 'ALREADY_EXISTS' },
    })
    expect(await call('admin', 'delete', { id: 'e9' })).toMatchObject({
      error: { code: 'NOT_FOUND' },
    })
  })
})
