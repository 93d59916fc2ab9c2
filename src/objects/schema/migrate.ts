/**
 * Numbered schema migrations of one Durable Object class. An object that was never written to has no
 * table at all: looking at it costs nothing and leaves nothing behind, so that nobody can mint state
 * by asking for names. The schema is made by the first write.
 *
 * Migrations are append-only SQL. Code reads objects of its own version and of the one before, so
 * that a deploy does not rewrite every object it only looks at.
 */

import type { SqlStorage } from './sql.ts'
import { TIMERS_SQL } from './timers-table.ts'

export interface ObjectMigration {
  /** 1, 2, 3 …, without a gap. */
  readonly version: number
  readonly statements: readonly string[]
}

/** An object written by newer code than this: acting on it could destroy what it cannot see. */
export class NewerSchemaError extends Error {
  constructor(found: number, known: number) {
    super(`object schema ${found} is newer than this code's ${known}`)
    this.name = 'NewerSchemaError'
  }
}

/** Versions of old state that readers understand, beside their own. */
const READABLE_VERSIONS_BACK = 1

/** What every class has, made with its first migration: the version, and the timers of alarms.ts. */
const COMMON_TABLES = [
  `CREATE TABLE schema_version (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
  )`,
  TIMERS_SQL,
]

/** 0 for an object that was never written to. Writes nothing. */
export function storedVersion({ sql }: SqlStorage): number {
  const tables = sql
    .exec("SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'schema_version'")
    .toArray()
  if (tables.length === 0) return 0
  const [row] = sql.exec('SELECT version FROM schema_version WHERE id = 1').toArray()
  return typeof row?.['version'] === 'number' ? row['version'] : 0
}

/** Applies what is missing, all or nothing. */
export function migrate(storage: SqlStorage, migrations: readonly ObjectMigration[]): number {
  const newest = newestVersion(migrations)
  return storage.transactionSync(() => {
    const found = storedVersion(storage)
    if (found > newest) throw new NewerSchemaError(found, newest)
    if (found === newest) return newest
    const missing = migrations.filter(({ version }) => version > found)
    const statements = missing.flatMap((migration) => migration.statements)
    if (found === 0) statements.unshift(...COMMON_TABLES)
    for (const statement of statements) storage.sql.exec(statement)
    storage.sql.exec(
      'INSERT INTO schema_version (id, version) VALUES (1, ?) ON CONFLICT (id) DO UPDATE SET version = excluded.version',
      newest,
    )
    return newest
  })
}

function newestVersion(migrations: readonly ObjectMigration[]): number {
  migrations.forEach((migration, index) => {
    if (migration.version !== index + 1) throw new Error('migrations are not numbered 1, 2, 3 …')
  })
  return migrations.length
}

/** The part of an object's state that the gate needs. */
export interface SchemaHost {
  readonly storage: SqlStorage
  blockConcurrencyWhile<T>(callback: () => Promise<T>): Promise<T>
}

/** Stands in an object's field; its constructor touches no storage. */
export class SchemaGate {
  readonly #host: SchemaHost
  readonly #migrations: readonly ObjectMigration[]
  readonly #mayBegin: () => Promise<boolean>
  #version: number | null = null

  /** @param mayBegin asked before an object that was never written to is: what was erased stays so */
  constructor(
    host: SchemaHost,
    migrations: readonly ObjectMigration[],
    mayBegin: () => Promise<boolean> = async () => true,
  ) {
    this.#host = host
    this.#migrations = migrations
    this.#mayBegin = mayBegin
  }

  /**
   * Before a read. Returns 0 when there is nothing to read; the caller then answers as for an empty
   * object, without a query. State too old for readers is migrated first: it exists, so that writing
   * mints nothing.
   */
  async forReading(): Promise<number> {
    const version = this.#stored()
    const newest = newestVersion(this.#migrations)
    if (version > newest) throw new NewerSchemaError(version, newest)
    if (version === 0 || version >= newest - READABLE_VERSIONS_BACK) return version
    return this.forWriting()
  }

  /** Before the first write of every call that writes. */
  async forWriting(): Promise<number> {
    if (this.#stored() === newestVersion(this.#migrations)) return this.#migrations.length
    if (this.#stored() === 0 && !(await this.#mayBegin()))
      throw new Error('what this object belongs to is gone, or going')
    return this.#host.blockConcurrencyWhile(async () => {
      this.#version = migrate(this.#host.storage, this.#migrations)
      return this.#version
    })
  }

  /** After `deleteAll()`: the object is as if never written to. */
  forget(): void {
    this.#version = null
  }

  #stored(): number {
    this.#version ??= storedVersion(this.#host.storage)
    return this.#version
  }
}
