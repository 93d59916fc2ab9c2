import { describe, expect, it } from 'vitest'
import {
  createProvider,
  deleteProvider,
  selectProviders,
  updateProvider,
} from '../../../src/db/llm-providers.ts'
import type { ProviderRecord } from '../../../src/domain/agent-record.ts'
import type { ProviderId } from '../../../src/domain/ids.ts'
import { NOW, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const ID = 'prv_cloud' as ProviderId
const cloud: ProviderRecord = {
  id: ID,
  name: 'cloud',
  type: 'openai_compat',
  apiBase: 'https://models.example/v1',
  sealedApiKey: 'aes-gcm:first',
  allowPrivateNetwork: false,
  enabled: true,
}
const create = (provider = cloud) => createProvider(fixture.db, TENANT, provider, NOW)
const update = (patch: Parameters<typeof updateProvider>[3]) =>
  updateProvider(fixture.db, TENANT, ID, patch, NOW + 1)
const stored = async () =>
  (await selectProviders(fixture.db, TENANT)).find((provider) => provider.id === ID)
const storedKey = async () => (await stored())?.sealedApiKey

describe('createProvider', () => {
  it('stores a provider as it is given, for this tenant', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    expect(await stored()).toEqual({ ...cloud, tenantId: TENANT, createdAt: NOW, updatedAt: NOW })
  })

  it('rejects a name that is taken', async () => {
    expect(await create({ ...cloud, name: 'demo' })).toEqual({ ok: false, error: 'already_exists' })
  })
})

describe('updateProvider', () => {
  it('erases the key when the URL changes', async () => {
    await create()
    await update({ apiBase: 'https://thief.example/v1' })
    expect(await storedKey()).toBeNull()
  })

  it('erases the key when the URL is taken away', async () => {
    await create()
    await update({ apiBase: null })
    expect(await storedKey()).toBeNull()
  })

  it('erases the key when the vendor changes', async () => {
    await create()
    await update({ type: 'anthropic' })
    expect(await storedKey()).toBeNull()
  })

  it('keeps the key when nothing of its destination changes', async () => {
    await create()
    await update({ enabled: false, name: 'renamed', type: cloud.type, apiBase: cloud.apiBase })
    expect(await storedKey()).toBe('aes-gcm:first')
  })

  it('takes a new key together with a new URL', async () => {
    await create()
    await update({ apiBase: 'https://other.example/v1', sealedApiKey: 'aes-gcm:second' })
    expect(await storedKey()).toBe('aes-gcm:second')
  })

  it('takes a key away on demand', async () => {
    await create()
    await update({ sealedApiKey: null })
    expect(await storedKey()).toBeNull()
  })

  it('rejects a name that is taken and a provider that does not exist', async () => {
    await create()
    expect(await update({ name: 'demo' })).toEqual({ ok: false, error: 'already_exists' })
    await deleteProvider(fixture.db, TENANT, ID)
    expect(await update({ name: 'free' })).toEqual({ ok: false, error: 'not_found' })
  })
})

describe('deleteProvider', () => {
  it('deletes once', async () => {
    await create()
    expect(await deleteProvider(fixture.db, TENANT, ID)).toEqual({ ok: true, value: null })
    expect(await deleteProvider(fixture.db, TENANT, ID)).toEqual({ ok: false, error: 'not_found' })
  })
})
