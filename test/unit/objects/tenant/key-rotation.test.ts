/** Ten thousand secrets under another key, while they are read and written, and the work is cut off. */
import { describe, expect, it } from 'vitest'
import { open, seal } from '../../../../src/crypto/envelope.ts'
import { type KeyRing, parseKeyRing } from '../../../../src/crypto/keys.ts'
import { type Database, openDatabase } from '../../../../src/db/database.ts'
import { latestRotation, startRotation } from '../../../../src/db/key-rotations.ts'
import { SEALED_COLUMNS, type SealedColumn } from '../../../../src/db/schema-walk.ts'
import { countByKey, listSealedValues, placeOf } from '../../../../src/db/sealed-values.ts'
import type { TenantId, UserId } from '../../../../src/domain/ids.ts'
import {
  type RotationParts,
  rotateSlice,
  SLICE_VALUES,
} from '../../../../src/objects/tenant/key-rotation.ts'
import { plantedRows } from '../../../support/plant-rows.ts'
import { openSqliteD1, type SqliteD1 } from '../../../support/sqlite-d1.ts'

const OLD = 'a1'.repeat(32)
const NEW = 'b2'.repeat(32)

function ringOf(current: string, previous?: string): KeyRing {
  const ring = parseKeyRing({ current, ...(previous === undefined ? {} : { previous }) })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}
const before = ringOf(OLD)
const during = ringOf(NEW, OLD)
const after = ringOf(NEW)

interface Fixture {
  readonly sqlite: SqliteD1
  readonly db: Database
  readonly parts: RotationParts
  readonly told: { resealed: TenantId[]; finished: number }
}

const textOf = (column: SealedColumn, row: string): string =>
  `${column.table} ${column.column} ${row}`

/** Rows of `tenants` in turn, with every sealed column of theirs filled. */
async function fixtureOf(
  rowsPerTable: number,
  tenants: number,
  acceptPlaintext = false,
): Promise<Fixture> {
  const sqlite = openSqliteD1()
  const db = openDatabase(sqlite.d1)
  for (let i = 0; i < rowsPerTable; i++) {
    const tenantId = `ten_${i % tenants}` as TenantId
    const sealedTables = new Set(SEALED_COLUMNS.map(({ table }) => table))
    const planted = plantedRows({ tenantId, canary: `row${i}`, secret: `secret${i}` })
    const statements = []
    for (const { sql, values } of planted) {
      const table = /insert into "(\w+)"/.exec(sql)?.[1] ?? ''
      if (!sealedTables.has(table)) continue
      const names = [...sql.matchAll(/"(\w+)"/g)].map(([, name]) => name).slice(1)
      const row = String(values[names.indexOf('id')])
      const sealed = await Promise.all(
        values.map((value, at) => {
          const column = SEALED_COLUMNS.find((c) => c.table === table && c.column === names[at])
          return column
            ? seal(before, placeOf(column, { tenantId, row }), textOf(column, row))
            : value
        }),
      )
      statements.push(sqlite.d1.prepare(sql).bind(...sealed))
    }
    await sqlite.d1.batch(statements)
  }
  const told: Fixture['told'] = { resealed: [], finished: 0 }
  let clock = 1_000
  const parts: RotationParts = {
    db: () => db,
    keyRing: during,
    acceptPlaintext,
    now: () => ++clock,
    resealed: async (tenantId) => void told.resealed.push(tenantId),
    finished: async () => void told.finished++,
  }
  return { sqlite, db, parts, told }
}

const start = (db: Database) => startRotation(db, 'rot_1', 'system' as UserId, 1_000)

async function everyValue(
  db: Database,
  visit: (
    column: SealedColumn,
    value: { tenantId: TenantId; row: string; sealed: string },
  ) => Promise<void>,
): Promise<number> {
  let seen = 0
  for (const column of SEALED_COLUMNS) {
    for (const value of await listSealedValues(db, column, null, 100_000)) {
      await visit(column, value)
      seen++
    }
  }
  return seen
}

const run = (sqlite: SqliteD1, sql: string, ...values: readonly string[]) =>
  sqlite.d1
    .prepare(sql)
    .bind(...values)
    .all()

describe('a rotation', () => {
  it('brings 10,000 secrets under the new key through five aborts, and none fails to open meanwhile', {
    timeout: 120_000,
  }, async () => {
    const rowsPerTable = Math.ceil(10_000 / SEALED_COLUMNS.length)
    const { sqlite, db, parts } = await fixtureOf(rowsPerTable, 7)
    await start(db)
    const total = rowsPerTable * SEALED_COLUMNS.length
    let queries = 0
    let aborts = 0
    let served = 0
    /** Each abort is in another kind of statement: between reading, writing and noting. */
    sqlite.beforeQuery = async () => {
      queries++
      if (aborts < 5 && queries % 1_733 === 0) {
        aborts++
        throw new Error('the rotation was cut off')
      }
    }
    const serve = async (slice: number): Promise<void> => {
      const column = SEALED_COLUMNS[slice % SEALED_COLUMNS.length] as SealedColumn
      const page = await listSealedValues(
        db,
        column,
        { tenantId: `ten_${slice % 7}` as TenantId, row: '' },
        3,
      )
      for (const value of page) {
        const opened = await open(during, placeOf(column, value), value.sealed)
        expect(opened.ok && opened.value.text).toBe(textOf(column, value.row))
        served++
      }
    }
    for (let slice = 0, more = true; more; slice++) {
      more = await rotateSlice(parts).catch(() => true)
      await serve(slice).catch((error: Error) => {
        if (!error.message.includes('cut off') && !`${error.cause}`.includes('cut off')) throw error
      })
    }
    sqlite.beforeQuery = () => undefined
    expect(aborts).toBe(5)
    expect(served).toBeGreaterThan(100)
    const seen = await everyValue(db, async (column, value) => {
      const opened = await open(after, placeOf(column, value), value.sealed)
      if (!opened.ok || opened.value.text !== textOf(column, value.row))
        throw new Error(`${column.table} ${value.row} is lost`)
    })
    expect(seen).toBe(total)
    expect(await countByKey(db, null, during)).toEqual({
      current: total,
      previous: 0,
      plaintext: 0,
      unreadable: 0,
    })
    const rotation = await latestRotation(db)
    expect(rotation?.finishedAt).not.toBeNull()
    expect(rotation?.failed).toBe(0)
  })

  it('is not over before a whole pass found nothing to do', async () => {
    const { db, parts, told } = await fixtureOf(2, 1)
    await start(db)
    let slices = 1
    while (await rotateSlice(parts)) {
      expect((await latestRotation(db))?.finishedAt).toBeNull()
      slices++
    }
    expect(slices).toBe(2 * SEALED_COLUMNS.length)
    expect(told.finished).toBe(1)
    expect(new Set(told.resealed)).toEqual(new Set(['ten_0']))
    expect(await rotateSlice(parts)).toBe(false)
    expect(told.finished).toBe(1)
  })

  it('comes to a value that was put behind it under the old key', async () => {
    const { sqlite, db, parts } = await fixtureOf(1, 1)
    await start(db)
    const [first, second] = SEALED_COLUMNS
    if (!first || !second) throw new Error('there are two columns')
    await rotateSlice(parts)
    const [value] = await listSealedValues(db, first, null, 1)
    if (!value) throw new Error('there is a value')
    const late = await seal(before, placeOf(first, value), 'put by an isolate of before')
    await run(sqlite, `update "${first.table}" set "${first.column}" = ?`, late)
    while (await rotateSlice(parts));
    const [now] = await listSealedValues(db, first, null, 1)
    const opened = await open(after, placeOf(first, value), now?.sealed ?? '')
    expect(opened).toEqual({
      ok: true,
      value: { text: 'put by an isolate of before', under: 'current' },
    })
  })

  it('keeps what somebody wrote between its reading and its writing', async () => {
    const { sqlite, db, parts } = await fixtureOf(1, 1)
    await start(db)
    const [column] = SEALED_COLUMNS
    const [value] = column ? await listSealedValues(db, column, null, 1) : []
    if (!column || !value) throw new Error('there is a value')
    const theirs = await seal(during, placeOf(column, value), 'a new secret')
    let isDone = false
    sqlite.beforeQuery = async (sql) => {
      if (isDone || !/^update "\w+" set "sealed/.test(sql)) return
      isDone = true
      await run(sqlite, `update "${column.table}" set "${column.column}" = ?`, theirs)
    }
    while (await rotateSlice(parts));
    expect(isDone).toBe(true)
    expect((await listSealedValues(db, column, null, 1))[0]?.sealed).toBe(theirs)
  })

  it('leaves what no key opens, counts it, and ends nevertheless', async () => {
    const { sqlite, db, parts } = await fixtureOf(SLICE_VALUES + 1, 1)
    await start(db)
    const [column] = SEALED_COLUMNS
    if (!column) throw new Error('there is a column')
    const broken = await seal(
      ringOf('c3'.repeat(32)),
      placeOf(column, { tenantId: 'ten_0' as TenantId, row: 'x' }),
      'x',
    )
    await run(
      sqlite,
      `update "${column.table}" set "${column.column}" = ? where id like 'row_row0x%'`,
      broken,
    )
    while (await rotateSlice(parts));
    const rotation = await latestRotation(db)
    expect([rotation?.failed, rotation?.finishedAt === null]).toEqual([1, false])
    const counts = await countByKey(db, null, during)
    expect([counts.unreadable, counts.previous]).toEqual([1, 0])
  })

  it('seals plain values where they are accepted, and only there', async () => {
    for (const acceptPlaintext of [true, false]) {
      const { sqlite, db, parts } = await fixtureOf(1, 1, acceptPlaintext)
      const [column] = SEALED_COLUMNS
      if (!column) throw new Error('there is a column')
      await run(sqlite, `update "${column.table}" set "${column.column}" = ?`, 'a plain secret')
      await start(db)
      while (await rotateSlice(parts));
      const { plaintext } = await countByKey(db, null, after)
      expect([acceptPlaintext, plaintext]).toEqual([acceptPlaintext, acceptPlaintext ? 0 : 1])
      expect((await latestRotation(db))?.failed).toBe(acceptPlaintext ? 0 : 1)
    }
  })

  it('that nobody began does nothing', async () => {
    const { db, parts } = await fixtureOf(1, 1)
    expect(await rotateSlice(parts)).toBe(false)
    expect((await countByKey(db, null, during)).previous).toBe(SEALED_COLUMNS.length)
  })
})
