/**
 * Applies the D1 migrations that the database has not seen, with wrangler's own bookkeeping, so that
 * `npm start` and `wrangler d1 migrations` can be used on the same database in turn.
 */
import type { Migration } from '../bundle.ts'
import { CliFailure } from '../failure.ts'

/** The little of D1 that this needs. */
export interface MigrationDatabase<Statement = unknown> {
  prepare(sql: string): Statement & {
    bind(...values: unknown[]): Statement
    all(): Promise<{ results: unknown[] }>
  }
  batch(statements: Statement[]): Promise<unknown>
}

/** Table and columns as wrangler creates them. */
const CREATE_TABLE = `CREATE TABLE IF NOT EXISTS d1_migrations(
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT UNIQUE,
  applied_at TIMESTAMP DEFAULT CURRENT_TIMESTAMP NOT NULL
)`

async function appliedNames<S>(db: MigrationDatabase<S>): Promise<ReadonlySet<string>> {
  const select = 'SELECT name FROM d1_migrations'
  // The usual start reads once and writes nothing.
  const { results } = await db
    .prepare(select)
    .all()
    .catch(async () => {
      await db.prepare(CREATE_TABLE).all()
      return db.prepare(select).all()
    })
  return new Set(results.map((row) => (row as { name: string }).name))
}

/**
 * @returns the names that were applied now, in order. Each file is one batch together with its
 * entry in the table: all of it or nothing, so that a crash in between repeats it from its start.
 */
export async function applyMigrations<S>(
  db: MigrationDatabase<S>,
  migrations: readonly Migration[],
): Promise<readonly string[]> {
  const applied = await appliedNames(db)
  const pending = migrations.filter(({ name }) => !applied.has(name))
  for (const { name, statements } of pending) {
    try {
      await db.batch([
        ...statements.map((sql) => db.prepare(sql)),
        db.prepare('INSERT INTO d1_migrations (name) VALUES (?)').bind(name),
      ])
    } catch (error) {
      throw new CliFailure(`the migration ${name} failed: ${(error as Error).message}`)
    }
  }
  return pending.map(({ name }) => name)
}
