import { describe, expect, it } from 'vitest'
import {
  createProvider,
  deleteProvider,
  findProvider,
  replaceSealedKey,
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
const storedKey = async () => (await findProvider(fixture.db, TENANT, ID))?.sealedApiKey

describe('createProvider', () => {
  it('stores a provider as it is found again by name and by id', async () => {
    expect(await risen(fixture.db, () => create())).toEqual({ version: 1, authVersion: 0 })
    const stored = { ...cloud, createdAt: NOW, updatedAt: NOW }
    expect(await findProvider(fixture.db, TENANT, 'cloud')).toEqual(stored)
    expect(await findProvider(fixture.db, TENANT, ID)).toEqual(stored)
  })

  it('finds the name first when it is spelt like the id of another', async () => {
    await create()
    await create({ ...cloud, id: 'prv_third' as ProviderId, name: ID })
    expect(await findProvider(fixture.db, TENANT, ID)).toMatchObject({ id: 'prv_third' })
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

describe('replaceSealedKey', () => {
  it('replaces the key that was read', async () => {
    await create()
    const change = { from: 'aes-gcm:first', to: 'aes-gcm:anew' }
    expect(await replaceSealedKey(fixture.db, TENANT, ID, change)).toBe(true)
    expect(await storedKey()).toBe('aes-gcm:anew')
  })

  it('leaves a key that was set meanwhile', async () => {
    await create()
    const change = { from: 'aes-gcm:older', to: 'aes-gcm:anew' }
    expect(await replaceSealedKey(fixture.db, TENANT, ID, change)).toBe(false)
    expect(await storedKey()).toBe('aes-gcm:first')
  })
})

describe('deleteProvider', () => {
  it('deletes once', async () => {
    await create()
    expect(await deleteProvider(fixture.db, TENANT, ID)).toEqual({ ok: true, value: null })
    expect(await deleteProvider(fixture.db, TENANT, ID)).toEqual({ ok: false, error: 'not_found' })
  })
})
