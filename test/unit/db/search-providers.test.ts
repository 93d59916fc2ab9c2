import { describe, expect, it } from 'vitest'
import {
  createSearchProvider,
  deleteSearchProvider,
  type SearchProviderPatch,
  selectSearchProviders,
  updateSearchProvider,
} from '../../../src/db/search-providers.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import type { SearchProvider } from '../../../src/domain/search-provider.ts'
import { NOW, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ID = 'sea_engine'
const engine: SearchProvider = {
  id: ID,
  name: 'engine',
  type: 'brave',
  apiBase: 'https://search.example/v1',
  sealedApiKey: 'aes-gcm:first',
  allowPrivateNetwork: false,
  enabled: true,
}
const create = (provider = engine) => createSearchProvider(fixture.db, TENANT, provider, NOW)
const update = (patch: SearchProviderPatch) =>
  updateSearchProvider(fixture.db, TENANT, ID, patch, NOW + 1)
const storedKey = async () => (await selectSearchProviders(fixture.db, TENANT))[0]?.sealedApiKey

describe('createSearchProvider', () => {
  it('makes the snapshot hold it, in the order of names', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    await create({ ...engine, id: 'sea_first', name: 'a-first' })
    const snapshot = await loadSnapshot(fixture.db, TENANT)
    expect(snapshot?.searchProviders).toEqual([
      { ...engine, id: 'sea_first', name: 'a-first' },
      engine,
    ])
  })

  it('rejects a name that is taken', async () => {
    await create()
    expect(await create({ ...engine, id: 'sea_other' })).toEqual({
      ok: false,
      error: 'already_exists',
    })
  })
})

describe('updateSearchProvider', () => {
  it.each([
    ['the URL changes', { apiBase: 'https://thief.example/v1' }],
    ['the URL is taken away', { apiBase: null }],
    ['the vendor changes', { type: 'tavily' }],
  ] as const)('erases the key when %s', async (_, patch) => {
    await create()
    expect(await risen(fixture.db, () => update(patch))).toEqual({ version: 1, authVersion: 0 })
    expect(await storedKey()).toBeNull()
  })

  it('keeps the key when nothing of its destination changes', async () => {
    await create()
    await update({ enabled: false, name: 'renamed', type: engine.type, apiBase: engine.apiBase })
    expect(await storedKey()).toBe('aes-gcm:first')
  })

  it('takes a new key together with a new URL, and one away', async () => {
    await create()
    await update({ apiBase: 'https://other.example/v1', sealedApiKey: 'aes-gcm:second' })
    expect(await storedKey()).toBe('aes-gcm:second')
    await update({ sealedApiKey: null })
    expect(await storedKey()).toBeNull()
  })

  it('rejects a name that is taken and a provider that does not exist', async () => {
    await create()
    await create({ ...engine, id: 'sea_other', name: 'other' })
    expect(await update({ name: 'other' })).toEqual({ ok: false, error: 'already_exists' })
    await deleteSearchProvider(fixture.db, TENANT, ID)
    expect(await update({ name: 'free' })).toEqual({ ok: false, error: 'not_found' })
  })
})

describe('deleteSearchProvider', () => {
  it('deletes once', async () => {
    await create()
    expect(await deleteSearchProvider(fixture.db, TENANT, ID)).toEqual({ ok: true, value: null })
    expect(await deleteSearchProvider(fixture.db, TENANT, ID)).toEqual({
      ok: false,
      error: 'not_found',
    })
  })
})
