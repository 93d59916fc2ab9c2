/** Every column of secrets: bound to its place, counted by key, exchanged only as it was read. */
import { beforeEach, describe, expect, it } from 'vitest'
import { openCliEnvironment } from '../../../src/crypto/cli-credential.ts'
import { isSealed, open, seal } from '../../../src/crypto/envelope.ts'
import { type KeyRing, parseKeyRing } from '../../../src/crypto/keys.ts'
import { openMcpSecret } from '../../../src/crypto/mcp-secret.ts'
import { openProviderKey, openSearchKey } from '../../../src/crypto/provider-key.ts'
import { type Database, openDatabase } from '../../../src/db/database.ts'
import { SEALED_COLUMNS, type SealedColumn } from '../../../src/db/schema-walk.ts'
import {
  countByKey,
  listSealedValues,
  placeOf,
  swapSealedValues,
} from '../../../src/db/sealed-values.ts'
import type { TenantId } from '../../../src/domain/ids.ts'
import { plantedRows } from '../../support/plant-rows.ts'
import { openSqliteD1, type SqliteD1 } from '../../support/sqlite-d1.ts'

const ACME = 'ten_acme' as TenantId
const OTHER = 'ten_other' as TenantId
const ROW = 'row_1'

function ringOf(current: string, previous?: string): KeyRing {
  const ring = parseKeyRing({
    current: current.repeat(32),
    ...(previous ? { previous: previous.repeat(32) } : {}),
  })
  if (!ring.ok) throw new Error(ring.error)
  return ring.value
}
const ring = ringOf('a1')

const nameOf = ({ table, column }: SealedColumn): string => `${table}.${column}`

/** Whether the product itself opens a value of this column that stands in this row. */
type Opener = (tenantId: TenantId, row: string, sealed: string) => Promise<boolean>
const OPENERS: Readonly<Record<string, Opener>> = {
  'llm_providers.sealed_api_key': async (tenantId, row, sealed) =>
    (await openProviderKey(ring, tenantId, row as never, sealed)).ok,
  'search_providers.sealed_api_key': async (tenantId, row, sealed) =>
    (await openSearchKey(ring, tenantId, row, sealed)).ok,
  'mcp_servers.sealed_headers': async (tenantId, row, sealed) =>
    (await openMcpSecret(ring, tenantId, row, 'sealed_headers', sealed)).ok,
  'mcp_servers.sealed_authorization': async (tenantId, row, sealed) =>
    (await openMcpSecret(ring, tenantId, row, 'sealed_authorization', sealed)).ok,
  'secure_cli_binaries.sealed_env': async (tenantId, row, sealed) =>
    (await openCliEnvironment(ring, tenantId, row as never, sealed)).ok,
}
/** Opened by nothing yet, or by its own test: each is bound to its place as `placeOf` says. */
const BY_PLACE: readonly string[] = [
  'channel_instances.sealed_credentials',
  'custom_tools.sealed_env',
  'custom_tools.sealed_headers',
  'hooks.sealed_callback_secret',
  'hooks.sealed_hmac_secret',
  'jwt_issuers.sealed_client_secret',
  'run_hooks.sealed_secret',
  'trace_exporters.sealed_headers',
]

describe('a sealed value', () => {
  it('stands in a column that is known here, whatever the schema adds', () => {
    expect(SEALED_COLUMNS.map(nameOf).toSorted()).toEqual(
      [...Object.keys(OPENERS), ...BY_PLACE].toSorted(),
    )
  })

  describe.each(SEALED_COLUMNS.map((column) => [nameOf(column), column] as const))(
    'of %s',
    (name, column) => {
      const opens: Opener =
        OPENERS[name] ??
        (async (tenantId, row, sealed) =>
          (await open(ring, placeOf(column, { tenantId, row }), sealed)).ok)
      const sealed = () => seal(ring, placeOf(column, { tenantId: ACME, row: ROW }), '{"A":"b"}')

      it('opens where it was put', async () => {
        expect(await opens(ACME, ROW, await sealed())).toBe(true)
      })

      it('does not open in another row, nor in another tenant', async () => {
        expect(await opens(ACME, 'row_2', await sealed())).toBe(false)
        expect(await opens(OTHER, ROW, await sealed())).toBe(false)
      })

      it('does not open in any other column', async () => {
        const value = await sealed()
        for (const other of SEALED_COLUMNS) {
          if (other === column) continue
          const opened = await open(ring, placeOf(other, { tenantId: ACME, row: ROW }), value)
          expect([nameOf(other), opened.ok]).toEqual([nameOf(other), false])
        }
      })
    },
  )
})

describe('the values of all columns', () => {
  let sqlite: SqliteD1
  let db: Database
  const run = (sql: string, ...values: readonly string[]) =>
    sqlite.d1
      .prepare(sql)
      .bind(...values)
      .all<Record<string, unknown>>()

  const put = async (column: SealedColumn, sealed: string, tenantId: TenantId): Promise<void> => {
    await run(
      `update "${column.table}" set "${column.column}" = ? where tenant_id = ?`,
      sealed,
      tenantId,
    )
  }
  const rowOf = async ({ table }: SealedColumn, tenantId: TenantId): Promise<string> =>
    String(
      (await run(`select id from "${table}" where tenant_id = ?`, tenantId)).results[0]?.['id'],
    )

  beforeEach(async () => {
    sqlite = openSqliteD1()
    db = openDatabase(sqlite.d1)
    for (const tenantId of [ACME, OTHER]) {
      for (const { sql, values } of plantedRows({
        tenantId,
        canary: tenantId,
        secret: `plain ${tenantId}`,
      })) {
        await sqlite.d1
          .prepare(sql)
          .bind(...values)
          .all()
      }
    }
  })

  it('are counted by the key that opens them, of one tenant or of all', async () => {
    const both = ringOf('b2', 'a1')
    const [first, second, third, ...plain] = SEALED_COLUMNS
    if (!first || !second || !third) throw new Error('there are three columns')
    const seat = async (column: SealedColumn, by: KeyRing, row?: string) =>
      put(
        column,
        await seal(
          by,
          placeOf(column, { tenantId: ACME, row: row ?? (await rowOf(column, ACME)) }),
          'x',
        ),
        ACME,
      )
    await seat(first, ringOf('b2'))
    await seat(second, ringOf('a1'))
    await seat(third, ringOf('b2'), 'moved')
    const counts = { current: 1, previous: 1, plaintext: plain.length, unreadable: 1 }
    expect(await countByKey(db, ACME, both)).toEqual(counts)
    expect(await countByKey(db, OTHER, both)).toEqual({
      current: 0,
      previous: 0,
      plaintext: SEALED_COLUMNS.length,
      unreadable: 0,
    })
    const all = await countByKey(db, null, both)
    expect(all).toEqual({ ...counts, plaintext: plain.length + SEALED_COLUMNS.length })
  })

  it('are exchanged only while they are as they were read', async () => {
    for (const column of SEALED_COLUMNS) {
      const [acme, other] = await listSealedValues(db, column, null, 10)
      if (!acme || !other) throw new Error('there are two')
      await put(column, 'changed meanwhile', OTHER)
      const swaps = [acme, other].map((value) => ({ value, next: 'aes-gcm:new' }))
      expect(await swapSealedValues(db, column, swaps)).toBe(1)
      const left = await listSealedValues(db, column, null, 10)
      expect(left.map(({ sealed }) => sealed)).toEqual(['aes-gcm:new', 'changed meanwhile'])
    }
  })

  it('go on behind the last one that was read', async () => {
    const [column] = SEALED_COLUMNS
    if (!column) throw new Error('there is one')
    const [first] = await listSealedValues(db, column, null, 1)
    const rest = await listSealedValues(db, column, first ?? null, 10)
    expect([first?.tenantId, rest.map(({ tenantId }) => tenantId)]).toEqual([ACME, [OTHER]])
    expect(isSealed(first?.sealed ?? '')).toBe(false)
  })
})
