/**
 * Every sealed value of the database, of whatever table: read in the order of their rows, exchanged
 * only for as long as they are the ones that were read, and counted by the key that opens them.
 */
import { and, asc, count, eq, isNotNull, type SQL, sql } from 'drizzle-orm'
import { type OpenOptions, open, type SealedPlace, type SealedUnder } from '../crypto/envelope.ts'
import type { KeyRing } from '../crypto/keys.ts'
import { type TenantId, tenantIdSchema } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { SEALED_COLUMNS, type SealedColumn } from './schema-walk.ts'

/** Rows read at once where all are to be looked at. */
const COUNT_PAGE = 500

export interface RowPosition {
  readonly tenantId: TenantId
  readonly row: string
}

export interface SealedValue extends RowPosition {
  readonly sealed: string
}

export const placeOf = (
  { table, column }: Pick<SealedColumn, 'table' | 'column'>,
  { tenantId, row }: RowPosition,
): SealedPlace => ({ tenantId, table, column, row })

/** A place in the order of all rows, and no filter: what is asked here is asked of all tenants. */
function behind(column: SealedColumn, after: RowPosition | null): SQL | undefined {
  if (after === null) return undefined
  const { tenantId: tenant, row } = after
  return sql`(${column.tenantColumn}, ${column.rowColumn}) > (${tenant}, ${row})`
}

/** In the order of the primary key, of all tenants. */
export async function listSealedValues(
  db: Database,
  column: SealedColumn,
  after: RowPosition | null,
  limit: number,
): Promise<readonly SealedValue[]> {
  const rows = await db
    .select({ tenantId: column.tenantColumn, row: column.rowColumn, sealed: column.sealedColumn })
    .from(column.source)
    .where(and(isNotNull(column.sealedColumn), behind(column, after)))
    .orderBy(asc(column.tenantColumn), asc(column.rowColumn))
    .limit(limit)
  return rows.map(({ tenantId, row, sealed }) => ({
    tenantId: tenantIdSchema.parse(tenantId),
    row: String(row),
    sealed: String(sealed),
  }))
}

/** Those after `after` in this column; all of it without one. */
export async function countSealedValues(
  db: Database,
  column: SealedColumn,
  after: RowPosition | null,
): Promise<number> {
  const row = await db
    .select({ values: count() })
    .from(column.source)
    .where(and(isNotNull(column.sealedColumn), behind(column, after)))
    .get()
  return row?.values ?? 0
}

export interface Swap {
  readonly value: SealedValue
  readonly next: string
}

/** Whoever changed a value since it was read keeps theirs. @returns how many were exchanged */
export async function swapSealedValues(
  db: Database,
  column: SealedColumn,
  swaps: readonly Swap[],
): Promise<number> {
  const [first, ...rest] = swaps.map(({ value, next }) =>
    db
      .update(column.source)
      .set({ [column.property]: next } as never)
      .where(
        and(
          eq(column.tenantColumn, value.tenantId),
          eq(column.rowColumn, value.row),
          eq(column.sealedColumn, value.sealed),
        ),
      )
      .returning({ row: column.rowColumn }),
  )
  if (first === undefined) return 0
  const written = await db.batch([first, ...rest])
  return written.filter((rows) => rows.length > 0).length
}

export type KeyCounts = Readonly<Record<SealedUnder | 'unreadable', number>>

/** For the audit: how many values of one tenant, or of all, stand under which key. */
export async function countByKey(
  db: Database,
  tenantId: TenantId | null,
  ring: KeyRing,
): Promise<KeyCounts> {
  const counts = { current: 0, previous: 0, plaintext: 0, unreadable: 0 }
  for (const column of SEALED_COLUMNS) {
    let after: RowPosition | null = tenantId === null ? null : { tenantId, row: '' }
    for (;;) {
      const page = await listSealedValues(db, column, after, COUNT_PAGE)
      const own = tenantId === null ? page : page.filter((value) => value.tenantId === tenantId)
      for (const value of own) counts[await keyOf(ring, column, value)]++
      after = own.at(-1) ?? null
      if (own.length < COUNT_PAGE) break
    }
  }
  return counts
}

/** A plain value is told as such whether or not it would be accepted. */
const ANY: OpenOptions = { acceptPlaintext: true }

async function keyOf(
  ring: KeyRing,
  column: SealedColumn,
  value: SealedValue,
): Promise<keyof KeyCounts> {
  const opened = await open(ring, placeOf(column, value), value.sealed, ANY)
  return opened.ok ? opened.value.under : 'unreadable'
}
