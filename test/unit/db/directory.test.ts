import { describe, expect, it } from 'vitest'
import { findTenant, listTenants, listTenantsOfUser } from '../../../src/db/directory.ts'
import { setMembership } from '../../../src/db/memberships.ts'
import type { UserId } from '../../../src/domain/ids.ts'
import { ABSENT_TENANT, DEFAULT_TENANT, NOW, OWNER, TENANT, useDatabase } from './fixture.ts'

const fixture = useDatabase()

describe('listTenants', () => {
  it('pages by slug', async () => {
    const slugs = async (page: Parameters<typeof listTenants>[1]) =>
      (await listTenants(fixture.db, page)).map(({ slug }) => slug)
    expect(await slugs({ limit: 1 })).toEqual(['acme'])
    expect(await slugs({ limit: 5, afterSlug: 'acme' })).toEqual(['default'])
    expect(await slugs({ limit: 5, afterSlug: 'default' })).toEqual([])
  })
})

describe('listTenantsOfUser', () => {
  it('lists the tenants that a user belongs to, with the role in each', async () => {
    await setMembership(fixture.db, DEFAULT_TENANT, { userId: OWNER, role: 'viewer' }, NOW)
    expect(await listTenantsOfUser(fixture.db, OWNER)).toEqual([
      { id: TENANT, slug: 'acme', name: 'Acme', status: 'active', role: 'owner' },
      { id: DEFAULT_TENANT, slug: 'default', name: 'Default', status: 'active', role: 'viewer' },
    ])
  })

  it('lists none for somebody who belongs nowhere', async () => {
    expect(await listTenantsOfUser(fixture.db, 'nobody' as UserId)).toEqual([])
  })
})

it('finds a tenant that exists, and none else', async () => {
  expect((await findTenant(fixture.db, TENANT))?.name).toBe('Acme')
  expect(await findTenant(fixture.db, ABSENT_TENANT)).toBeNull()
})
