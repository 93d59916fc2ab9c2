/** Whatever walks a tenant's rows finds all of them, also those of tables that nobody thought of. */
import { beforeEach, describe, expect, it } from 'vitest'
import { type Database, openDatabase } from '../../../src/db/database.ts'
import { isSecretColumn, OTHER_TABLES, TENANT_TABLES } from '../../../src/db/schema-walk.ts'
import {
  closeTenant,
  eraseTenantRows,
  listTenantRows,
  removeTenant,
} from '../../../src/db/tenant-rows.ts'
import { updateTenant } from '../../../src/db/tenants.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import { plantedRows } from '../../support/plant-rows.ts'
import { openSqliteD1, type SqliteD1 } from '../../support/sqlite-d1.ts'

const ACME = 'ten_acme' as TenantId
/** Its id begins with the other's. */
const NEIGHBOUR = 'ten_acme2' as TenantId
const NOW = 1_700_000_000_000

let sqlite: SqliteD1
let db: Database

const all = async (sql: string, ...values: readonly (string | number)[]) =>
  (
    await sqlite.d1
      .prepare(sql)
      .bind(...values)
      .all<Record<string, unknown>>()
  ).results

async function plant(tenantId: TenantId): Promise<void> {
  await all(
    'insert into tenants (id, slug, name, created_at, updated_at) values (?, ?, ?, 1, 1)',
    tenantId,
    tenantId,
    `name of ${tenantId}`,
  )
  const planting = { tenantId, canary: `plain ${tenantId}`, secret: `hidden ${tenantId}` }
  for (const { sql, values } of plantedRows(planting)) await all(sql, ...values)
}

const wholeDatabase = async (): Promise<string> => {
  const tables = await all("select name from sqlite_master where type = 'table'")
  const contents = await Promise.all(tables.map(({ name }) => all(`select * from "${name}"`)))
  return JSON.stringify(contents)
}

const rowsOf = async (tenantId: TenantId): Promise<string> =>
  JSON.stringify(
    await Promise.all(
      TENANT_TABLES.map(({ name }) => all(`select * from "${name}" where tenant_id = ?`, tenantId)),
    ),
  )

beforeEach(async () => {
  sqlite = openSqliteD1()
  db = openDatabase(sqlite.d1)
  await plant(ACME)
  await plant(NEIGHBOUR)
})

describe('the walk through the schema', () => {
  it('comes to every table of the database, and only two hold rows of no tenant', async () => {
    const tables = await all(
      // What the index of memories holds comes and goes with the rows that it is of.
      "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' and name not like 'memory_index%'",
    )
    expect([...TENANT_TABLES.map(({ name }) => name), ...OTHER_TABLES].toSorted()).toEqual(
      tables.map(({ name }) => String(name)).toSorted(),
    )
    expect(OTHER_TABLES).toEqual(['key_rotations', 'tenants'])
  })

  it('takes for secret what is sealed, hashed or a code, and nothing that names or counts', () => {
    const secret = TENANT_TABLES.flatMap(({ name, columns }) =>
      columns
        .filter((column) => isSecretColumn(column.name))
        .map((column) => `${name}.${column.name}`),
    )
    expect(secret).toEqual(
      expect.arrayContaining([
        'api_keys.hash',
        'llm_providers.sealed_api_key',
        'login_sessions.token_hash',
        'invitations.token_hash',
        'pairings.code',
        'pairings.secret_hash',
      ]),
    )
    for (const told of ['id', 'name', 'email', 'content', 'hashtag', 'decode', 'unsealed_at']) {
      expect(isSecretColumn(told), told).toBe(false)
    }
  })
})

describe('the rows of a tenant, for its export', () => {
  it('are told of every table, without a secret and without a neighbour’s', async () => {
    for (const { name } of TENANT_TABLES) {
      const { rows } = await listTenantRows(db, ACME, name, null, 100)
      const text = JSON.stringify(rows)
      expect([name, rows.length]).toEqual([name, 1])
      expect(text, name).toContain(ACME)
      expect(text, name).not.toContain('hidden')
      expect(text, name).not.toContain(NEIGHBOUR)
    }
  })

  it('come page by page in order, each once', async () => {
    for (let i = 0; i < 25; i++) {
      await all(
        'insert into memberships (tenant_id, user_id, role, created_at, updated_at) values (?, ?, ?, 1, 1)',
        ACME,
        `user-${i}`,
        'viewer',
      )
    }
    const seen: unknown[] = []
    let after: readonly (string | number)[] | null = null
    for (;;) {
      const page = await listTenantRows(db, ACME, 'memberships', after, 7)
      seen.push(...page.rows.map(({ user_id }) => user_id))
      after = page.keys.at(-1) ?? null
      if (page.rows.length < 7) break
    }
    expect(seen).toHaveLength(26)
    expect(new Set(seen).size).toBe(26)
  })
})

describe('the erasure of a tenant’s rows', () => {
  it('leaves no byte of it in any table, and the neighbour’s as they were', async () => {
    const before = await rowsOf(NEIGHBOUR)
    await closeTenant(db, ACME, NOW)
    while ((await eraseTenantRows(db, ACME, 1)) > 0);
    await removeTenant(db, ACME)
    const left = (await wholeDatabase()).replaceAll(NEIGHBOUR, '')
    expect(left).not.toContain(ACME)
    expect(await rowsOf(NEIGHBOUR)).toBe(before)
    expect(before.length).toBeGreaterThan(1_000)
  })

  it('takes at most so many rows of each table at once', async () => {
    for (let i = 0; i < 5; i++) {
      await all(
        'insert into memberships (tenant_id, user_id, role, created_at, updated_at) values (?, ?, ?, 1, 1)',
        ACME,
        `user-${i}`,
        'viewer',
      )
    }
    await eraseTenantRows(db, ACME, 2)
    expect(await all('select 1 from memberships where tenant_id = ?', ACME)).toHaveLength(4)
  })

  it('removes no tenant that is not being deleted', async () => {
    await removeTenant(db, ACME)
    expect(await all('select 1 from tenants where id = ?', ACME)).toHaveLength(1)
  })
})

describe('a tenant that is being deleted', () => {
  it('is not brought back by an update of its status', async () => {
    const closed = await closeTenant(db, ACME, NOW)
    expect(closed).toBe(true)
    const reopened = await updateTenant(db, ACME, { status: 'active' }, NOW)
    expect(reopened).toEqual({ ok: false, error: 'not_found' })
    const neighbour = await updateTenant(db, NEIGHBOUR, { status: 'active' }, NOW)
    expect(neighbour.ok).toBe(true)
  })
})
