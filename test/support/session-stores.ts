/** The stores of a session over node:sqlite: the real SQL without workerd. */
import { DatabaseSync } from 'node:sqlite'
import { SESSION_MIGRATIONS } from '../../src/objects/schema/session.ts'
import { CondensedStore } from '../../src/objects/session/condensed-store.ts'
import { EventStore } from '../../src/objects/session/event-store.ts'
import { MetaStore } from '../../src/objects/session/meta-store.ts'
import { RunStore } from '../../src/objects/session/run-store.ts'
import { TranscriptStore } from '../../src/objects/session/transcript-store.ts'

type Row = Record<string, unknown>

function sqlStorage(database: DatabaseSync): SqlStorage {
  const exec = (query: string, ...bindings: (string | number | null)[]) => {
    const rows = database
      .prepare(query)
      .all(...bindings)
      .map((row): Row => ({ ...row }))
    return {
      [Symbol.iterator]: () => rows.values(),
      toArray: () => rows,
      one: () => {
        if (rows.length !== 1) throw new Error(`expected one row, found ${rows.length}`)
        return rows[0]
      },
    }
  }
  return { exec } as unknown as SqlStorage
}

/** Values come back as copies, sorted by key, as from the object's own storage. */
export function memoryKv(): SyncKvStorage {
  const values = new Map<string, unknown>()
  const kv = {
    get: (key: string) => structuredClone(values.get(key)),
    put: (key: string, value: unknown) => void values.set(key, structuredClone(value)),
    delete: (key: string) => values.delete(key),
    list: ({ prefix = '' }: { prefix?: string } = {}) =>
      [...values]
        .filter(([key]) => key.startsWith(prefix))
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .values(),
  }
  return kv as unknown as SyncKvStorage
}

export interface SessionStores {
  readonly sql: SqlStorage
  readonly kv: SyncKvStorage
  readonly meta: MetaStore
  readonly runs: RunStore
  readonly transcript: TranscriptStore
  readonly condensed: CondensedStore
  readonly events: EventStore
  /** What a new life of the same object sees. */
  reopen(): SessionStores
  /** All or nothing, as `transactionSync`. */
  atomically<Value>(work: () => Value): Value
}

export function openSessionStores(): SessionStores {
  const database = new DatabaseSync(':memory:')
  for (const { statements } of SESSION_MIGRATIONS) {
    for (const statement of statements) database.exec(statement)
  }
  return storesOver(database, memoryKv())
}

export function storesOver(database: DatabaseSync, kv = memoryKv()): SessionStores {
  const sql = sqlStorage(database)
  return {
    sql,
    kv,
    meta: new MetaStore(kv),
    runs: new RunStore(sql),
    transcript: new TranscriptStore(sql),
    condensed: new CondensedStore(sql),
    events: new EventStore(sql, kv),
    reopen: () => storesOver(database, kv),
    atomically: (work) => {
      database.exec('BEGIN')
      try {
        const value = work()
        database.exec('COMMIT')
        return value
      } catch (error) {
        database.exec('ROLLBACK')
        throw error
      }
    },
  }
}
