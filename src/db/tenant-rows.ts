/**
 * All rows of a tenant, table by table as the schema has them: for its export, without secrets, and
 * for its erasure. What the rows mean is no concern here.
 */
import { and, asc, eq, inArray, ne, type SQL, sql } from 'drizzle-orm'
import type { SQLiteColumn } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { tenants } from './schema/tenants.ts'
import { isSecretColumn, TENANT_TABLES, type WalkedTable } from './schema-walk.ts'

export type ExportedRow = Readonly<Record<string, unknown>>

export interface RowPage {
  readonly rows: readonly ExportedRow[]
  /** The key of each row behind the tenant, to go on from. */
  readonly keys: readonly (readonly (string | number)[])[]
}

const tableOf = (name: string): WalkedTable => {
  const found = TENANT_TABLES.find((table) => table.name === name)
  if (!found) throw new Error(`no table ${name} holds rows of tenants`)
  return found
}

function behind({ keyColumns }: WalkedTable, after: readonly (string | number)[]): SQL {
  const list = (parts: readonly SQL[]): SQL => sql.join([...parts], sql`, `)
  return sql`(${list(keyColumns.map(({ column }) => sql`${column}`))}) > (${list(after.map((part) => sql`${part}`))})`
}

/** Columns by their names in the database; those that hold secrets are not even read. */
export async function listTenantRows(
  db: Database,
  tenantId: TenantId,
  name: string,
  after: readonly (string | number)[] | null,
  limit: number,
): Promise<RowPage> {
  const walked = tableOf(name)
  const { table, keyColumns, columns } = walked
  const told = columns.filter((column) => !isSecretColumn(column.name))
  const keys = keyColumns.map(({ column }, i) => [`key ${i}`, column] as const)
  const selected: Record<string, SQLiteColumn> = Object.fromEntries([
    ...told.map((column) => [column.name, column.column] as const),
    ...keys,
  ])
  const found = await db
    .select(selected)
    .from(table)
    .where(and(eq(table.tenantId, tenantId), after === null ? undefined : behind(walked, after)))
    .orderBy(...keyColumns.map(({ column }) => asc(column)))
    .limit(limit)
  return {
    rows: found.map((row) => Object.fromEntries(told.map(({ name: key }) => [key, row[key]]))),
    keys: found.map((row) => keys.map(([key]) => row[key] as string | number)),
  }
}

/** At most `limit` rows of each table. @returns how many went; 0 once nothing is left */
export async function eraseTenantRows(
  db: Database,
  tenantId: TenantId,
  limit: number,
): Promise<number> {
  const rowid = sql<number>`rowid`
  const [first, ...rest] = TENANT_TABLES.map(({ table }) =>
    db
      .delete(table)
      .where(
        inArray(
          rowid,
          db.select({ rowid }).from(table).where(eq(table.tenantId, tenantId)).limit(limit),
        ),
      )
      .returning({ rowid }),
  )
  if (first === undefined) return 0
  const erased = await db.batch([first, ...rest])
  return erased.reduce((sum, rows) => sum + rows.length, 0)
}

/** From here on nobody is let in, and no status brings it back. @returns false: no such tenant */
export async function closeTenant(db: Database, tenantId: TenantId, now: number): Promise<boolean> {
  const closed = await db
    .update(tenants)
    .set({
      status: 'deleting',
      version: sql`${tenants.version} + 1`,
      authVersion: sql`${tenants.authVersion} + 1`,
      updatedAt: now,
    })
    .where(and(eq(tenants.id, tenantId), ne(tenants.status, 'deleting')))
    .returning({ id: tenants.id })
  return closed.length > 0
}

/** The last row of all: its slug is free again. Only of a tenant that is being deleted. */
export async function removeTenant(db: Database, tenantId: TenantId): Promise<void> {
  await db.delete(tenants).where(and(eq(tenants.id, tenantId), eq(tenants.status, 'deleting')))
}
