/** The whole database: filled with what a world holds, and written out again. */
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId } from '../../../../src/domain/ids.ts'
import type { TestDatabase } from '../../../support/d1.ts'
import { rowsOf } from './world.ts'

export const TABLES: readonly SQLiteTable[] = Object.values(schema).filter((value) =>
  is(value, SQLiteTable),
)

/** Makes the database hold the rows of these tenants and nothing else. */
export async function restore(d1: TestDatabase, tenantIds: readonly TenantId[]): Promise<void> {
  const clear = TABLES.map((table) => d1.prepare(`delete from "${getTableName(table)}"`))
  const fill = tenantIds.flatMap(rowsOf).map(([table, values]) => {
    const columns = Object.entries(getTableColumns(table)).filter(([key]) => key in values)
    const names = columns.map(([, column]) => `"${column.name}"`).join(', ')
    const marks = columns.map(() => '?').join(', ')
    return d1
      .prepare(`insert into "${getTableName(table)}" (${names}) values (${marks})`)
      .bind(
        ...columns.map(([key, column]) =>
          stored(column.mapToDriverValue.bind(column), values[key]),
        ),
      )
  })
  await d1.batch([...clear, ...fill])
}

const stored = (toDriver: (value: unknown) => unknown, value: unknown): unknown =>
  value === null || value === undefined ? null : toDriver(value)

/** Every row of every table, split into those of one tenant and those of all others. */
export interface Dump {
  readonly own: string
  readonly others: string
}

export async function dump(d1: TestDatabase, tenantId: TenantId): Promise<Dump> {
  const results = await d1.batch<Record<string, unknown>>(
    TABLES.map((table) => d1.prepare(`select * from "${getTableName(table)}" order by 1, 2, 3`)),
  )
  const own: unknown[] = []
  const others: unknown[] = []
  for (const [index, result] of results.entries()) {
    const table = TABLES[index]
    if (table === undefined) continue
    const name = getTableName(table)
    for (const row of result.results) {
      const isOwn = (name === 'tenants' ? row['id'] : row['tenant_id']) === tenantId
      ;(isOwn ? own : others).push([name, row])
    }
  }
  return { own: JSON.stringify(own), others: JSON.stringify(others) }
}
