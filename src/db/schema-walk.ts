/**
 * All tables and columns of a kind, found in the schema itself: a table that is added tomorrow is
 * exported, erased and rotated without anybody thinking of it. It asks no database.
 */
import { getTableColumns, getTableName, is } from 'drizzle-orm'
import { getTableConfig, type SQLiteColumn, SQLiteTable } from 'drizzle-orm/sqlite-core'
import * as schema from './schema/index.ts'

export type TenantTable = SQLiteTable & { readonly tenantId: SQLiteColumn }

export interface WalkedTable {
  readonly name: string
  readonly table: TenantTable
  /** Of the primary key, what follows the tenant; empty where a tenant has one row. */
  readonly keyColumns: readonly WalkedColumn[]
  readonly columns: readonly WalkedColumn[]
}

export interface WalkedColumn {
  /** In the schema's objects. */
  readonly property: string
  /** In the database. */
  readonly name: string
  readonly column: SQLiteColumn
}

const TABLES: readonly SQLiteTable[] = Object.values(schema).filter((value) =>
  is(value, SQLiteTable),
)

const columnsOf = (table: SQLiteTable): readonly WalkedColumn[] =>
  Object.entries(getTableColumns(table)).map(([property, column]) => ({
    property,
    name: column.name,
    column,
  }))

function primaryKeyOf(table: SQLiteTable, columns: readonly WalkedColumn[]): readonly string[] {
  const [composite] = getTableConfig(table).primaryKeys
  if (composite) return composite.columns.map(({ name }) => name)
  return columns.filter(({ column }) => column.primary).map(({ name }) => name)
}

function walk(table: SQLiteTable): WalkedTable[] {
  const columns = columnsOf(table)
  if (!columns.some(({ name }) => name === 'tenant_id')) return []
  const name = getTableName(table)
  const [first, ...rest] = primaryKeyOf(table, columns)
  if (first !== 'tenant_id') throw new Error(`the key of ${name} does not begin with its tenant`)
  const keyColumns = rest.map((key) => {
    const found = columns.find((column) => column.name === key)
    if (!found) throw new Error(`${name} has no column ${key}`)
    return found
  })
  return [{ name, table: table as TenantTable, keyColumns, columns }]
}

/** Every table whose rows belong to a tenant, in a fixed order. */
export const TENANT_TABLES: readonly WalkedTable[] = TABLES.flatMap(walk).toSorted((a, b) =>
  a.name < b.name ? -1 : 1,
)

/** What belongs to no tenant, or is the directory of tenants itself. */
export const OTHER_TABLES: readonly string[] = TABLES.filter(
  (table) => !columnsOf(table).some(({ name }) => name === 'tenant_id'),
)
  .map(getTableName)
  .toSorted()

/**
 * Sealed values, fingerprints of secrets, and codes that stand for a credential: no export has them.
 * The fingerprint of a document is none of a secret, but nobody misses it either.
 */
export const isSecretColumn = (name: string): boolean =>
  name.startsWith('sealed_') || /(?:^|_)hash$/.test(name) || name === 'code'

export interface SealedColumn {
  readonly table: string
  readonly column: string
  readonly property: string
  readonly source: TenantTable
  readonly tenantColumn: SQLiteColumn
  readonly rowColumn: SQLiteColumn
  readonly sealedColumn: SQLiteColumn
}

function sealedColumnsOf({ name, table, keyColumns, columns }: WalkedTable): SealedColumn[] {
  return columns
    .filter((column) => column.name.startsWith('sealed_'))
    .map(({ property, name: column, column: sealedColumn }) => {
      const [row, ...further] = keyColumns
      // A value is bound to the one id of its row.
      if (row?.name !== 'id' || further.length > 0) throw new Error(`${name} has no id of its own`)
      return {
        table: name,
        column,
        property,
        source: table,
        tenantColumn: table.tenantId,
        rowColumn: row.column,
        sealedColumn,
      }
    })
}

/** Every column that holds secrets, in a fixed order. */
export const SEALED_COLUMNS: readonly SealedColumn[] = TENANT_TABLES.flatMap(sealedColumnsOf)
