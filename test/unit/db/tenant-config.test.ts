import { describe, expect, it } from 'vitest'
import {
  configHash,
  findConfigVersion,
  KEPT_CONFIG_VERSIONS,
  listConfigVersions,
  loadConfig,
  writeConfig,
} from '../../../src/db/tenant-config.ts'
import type { TenantConfigDocument } from '../../../src/domain/config/tenant-config.ts'
import { ABSENT_TENANT, NOW, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const BLOCKING: TenantConfigDocument = { gateway: { injection_action: 'block' } }
const write = (document: TenantConfigDocument, baseHash: string, now = NOW) =>
  writeConfig(fixture.db, TENANT, { document, baseHash, userId: OWNER }, now)

describe('writeConfig', () => {
  it('stores only what was set, and reads it with the defaults', async () => {
    const empty = await configHash({})
    const change = async () => expect(await write(BLOCKING, empty)).toMatchObject({ ok: true })
    expect(await risen(fixture.db, change)).toEqual({ version: 1, authVersion: 0 })
    const stored = await loadConfig(fixture.db, TENANT)
    expect(stored?.document).toEqual(BLOCKING)
    expect(stored?.config.gateway).toMatchObject({ injection_action: 'block', rate_limit_rpm: 20 })
    expect(stored?.hash).toBe(await configHash(BLOCKING))
    expect(stored?.updatedBy).toBe(OWNER)
  })

  it('rejects a change made on an older document, and keeps no version of it', async () => {
    const empty = await configHash({})
    await write(BLOCKING, empty)
    expect(await write({}, empty)).toEqual({ ok: false, error: 'stale' })
    expect((await loadConfig(fixture.db, TENANT))?.document).toEqual(BLOCKING)
    expect(await listConfigVersions(fixture.db, TENANT)).toHaveLength(1)
  })

  it('lets one of two writers at once through', async () => {
    const empty = await configHash({})
    const results = await Promise.all([
      write(BLOCKING, empty),
      write({ tools: { rate_limit_per_hour: 5 } }, empty),
    ])
    expect(results.filter((result) => result.ok)).toHaveLength(1)
    expect(await listConfigVersions(fixture.db, TENANT)).toHaveLength(1)
  })

  it('throws on a document with a platform setting', async () => {
    const document = { owner_ids: ['me'] } as TenantConfigDocument
    await expect(write(document, await configHash({}))).rejects.toThrow()
  })

  it('does not depend on the order of keys', async () => {
    const one = { gateway: { rate_limit_rpm: 1, rate_limit_burst: 2 }, tools: { deny: ['exec'] } }
    const other = { tools: { deny: ['exec'] }, gateway: { rate_limit_burst: 2, rate_limit_rpm: 1 } }
    expect(await configHash(one)).toBe(await configHash(other))
  })
})

describe('versions of a configuration', () => {
  it('are kept, newest first, up to their number', async () => {
    let baseHash = await configHash({})
    for (let rpm = 1; rpm <= KEPT_CONFIG_VERSIONS + 2; rpm++) {
      const written = await write({ gateway: { rate_limit_rpm: rpm } }, baseHash, NOW + rpm)
      if (written.ok) baseHash = written.value.hash
    }
    const versions = await listConfigVersions(fixture.db, TENANT)
    expect(versions).toHaveLength(KEPT_CONFIG_VERSIONS)
    expect(versions[0]).toEqual({
      number: KEPT_CONFIG_VERSIONS + 2,
      hash: baseHash,
      createdBy: OWNER,
      createdAt: NOW + KEPT_CONFIG_VERSIONS + 2,
    })
    expect(await findConfigVersion(fixture.db, TENANT, 3)).toMatchObject({
      number: 3,
      createdBy: OWNER,
      document: { gateway: { rate_limit_rpm: 3 } },
    })
    expect(await findConfigVersion(fixture.db, TENANT, 2)).toBeNull()
    const page = await listConfigVersions(fixture.db, TENANT, { limit: 2, before: 5 })
    expect(page.map(({ number }) => number)).toEqual([4, 3])
  })
})

it('answers null for a tenant that does not exist', async () => {
  expect(await loadConfig(fixture.db, ABSENT_TENANT)).toBeNull()
  const change = { document: {}, baseHash: await configHash({}), userId: OWNER }
  const result = await writeConfig(fixture.db, ABSENT_TENANT, change, NOW)
  expect(result).toEqual({ ok: false, error: 'stale' })
})
