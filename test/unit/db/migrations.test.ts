import { getTableColumns, getTableName } from 'drizzle-orm'
import { expect, it } from 'vitest'
import { findTenantBySlug } from '../../../src/db/directory.ts'
import { configHash } from '../../../src/db/tenant-config.ts'
import { loadSnapshot } from '../../../src/db/tenants.ts'
import { DEFAULT_TENANT, TENANT, useDatabase } from './fixture.ts'
import { TABLES } from './isolation/stores.ts'

const fixture = useDatabase()

it('enters the default tenant with one agent on the demo provider', async () => {
  const snapshot = await loadSnapshot(fixture.db, DEFAULT_TENANT)
  expect(snapshot).toMatchObject({
    tenantId: 'ten_default',
    slug: 'default',
    name: 'Default',
    status: 'active',
    version: 1,
    authVersion: 1,
    configHash: await configHash({}),
    agents: [
      {
        key: 'default',
        displayName: 'Assistant',
        provider: 'demo',
        model: 'demo',
        isDefault: true,
      },
    ],
    providers: [{ name: 'demo', type: 'demo', enabled: true, sealedApiKey: null }],
  })
  expect((await findTenantBySlug(fixture.db, 'default'))?.id).toBe(DEFAULT_TENANT)
})

it('begins every later tenant like the default one', async () => {
  const [first, later] = await Promise.all([
    loadSnapshot(fixture.db, DEFAULT_TENANT),
    loadSnapshot(fixture.db, TENANT),
  ])
  const withoutIds = (rows: readonly object[] | undefined) =>
    rows?.map((row) => ({ ...row, id: '' }))
  expect(withoutIds(later?.agents)).toEqual(withoutIds(first?.agents))
  expect(withoutIds(later?.providers)).toEqual(withoutIds(first?.providers))
  expect(later?.config).toEqual(first?.config)
  expect(later?.configHash).toBe(first?.configHash)
})

/** The directory, and what the platform's operator does to all tenants at once. */
const PLATFORM_TABLES: ReadonlySet<string> = new Set(['tenants', 'key_rotations'])

it.for(TABLES.map((table) => [getTableName(table), table] as const))(
  'gives %s the columns that the schema declares',
  async ([name, table]) => {
    const { results } = await fixture.d1
      .prepare(`select name from pragma_table_info('${name}')`)
      .all<{ name: string }>()
    const declared = Object.values(getTableColumns(table)).map((column) => column.name)
    expect(results.map((row) => row.name).sort()).toEqual(declared.sort())
    expect(declared.includes('tenant_id') || PLATFORM_TABLES.has(name)).toBe(true)
  },
)
