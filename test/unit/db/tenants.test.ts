import { describe, expect, it } from 'vitest'
import { findTenant } from '../../../src/db/directory.ts'
import { listMemberships } from '../../../src/db/memberships.ts'
import { createTenant, loadSnapshot, updateTenant } from '../../../src/db/tenants.ts'
import { readVersions } from '../../../src/db/versions.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import { ABSENT_TENANT, NOW, newTenant, OWNER, risen, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()
const OTHER = 'ten_other' as TenantId

describe('createTenant', () => {
  it('enters the tenant with its first owner', async () => {
    expect(await findTenant(fixture.db, TENANT)).toMatchObject({ slug: 'acme', status: 'active' })
    expect(await listMemberships(fixture.db, TENANT)).toMatchObject([
      { userId: OWNER, role: 'owner' },
    ])
  })

  it('rejects a slug that is taken and leaves nothing behind', async () => {
    const result = await createTenant(fixture.db, OTHER, newTenant, NOW)
    expect(result).toEqual({ ok: false, error: 'already_exists' })
    const { results } = await fixture.d1
      .prepare(
        `select (select count(*) from agents where tenant_id = 'ten_other') +
          (select count(*) from llm_providers where tenant_id = 'ten_other') +
          (select count(*) from memberships where tenant_id = 'ten_other') +
          (select count(*) from tenant_config where tenant_id = 'ten_other') as n`,
      )
      .all<{ n: number }>()
    expect(results).toEqual([{ n: 0 }])
  })

  it('allows another slug, also without an owner', async () => {
    const { ownerId: _, ...withoutOwner } = { ...newTenant, slug: 'other' }
    expect(await createTenant(fixture.db, OTHER, withoutOwner, NOW)).toMatchObject({ ok: true })
    expect(await listMemberships(fixture.db, OTHER)).toEqual([])
  })

  it('throws when the id is taken: ids are made, not chosen', async () => {
    const again = createTenant(fixture.db, TENANT, { ...newTenant, slug: 'other' }, NOW)
    await expect(again).rejects.toThrow()
  })
})

describe('loadSnapshot', () => {
  it('answers null for a tenant that does not exist', async () => {
    expect(await loadSnapshot(fixture.db, ABSENT_TENANT)).toBeNull()
    expect(await readVersions(fixture.db, ABSENT_TENANT)).toBeNull()
  })

  it('fills the defaults of the configuration in', async () => {
    const snapshot = await loadSnapshot(fixture.db, TENANT)
    expect(snapshot?.config.gateway.rate_limit_rpm).toBe(20)
  })

  it('throws on a stored document that the schema refuses', async () => {
    await fixture.d1.prepare(`update tenant_config set document = '{"owner_ids":["me"]}'`).run()
    await expect(loadSnapshot(fixture.db, TENANT)).rejects.toThrow()
  })
})

describe('updateTenant', () => {
  it('raises both versions', async () => {
    const change = () => updateTenant(fixture.db, TENANT, { status: 'suspended' }, NOW + 1)
    expect(await risen(fixture.db, change)).toEqual({ version: 1, authVersion: 1 })
    expect(await findTenant(fixture.db, TENANT)).toMatchObject({
      name: 'Acme',
      status: 'suspended',
      updatedAt: NOW + 1,
    })
  })

  it('rejects a slug that is taken', async () => {
    const result = await updateTenant(fixture.db, TENANT, { slug: 'default' }, NOW)
    expect(result).toEqual({ ok: false, error: 'already_exists' })
  })

  it('rejects a tenant that does not exist', async () => {
    const result = await updateTenant(fixture.db, ABSENT_TENANT, { name: 'x' }, NOW)
    expect(result).toEqual({ ok: false, error: 'not_found' })
  })
})
