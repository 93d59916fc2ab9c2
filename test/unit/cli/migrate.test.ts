import { DatabaseSync } from 'node:sqlite'
import { beforeEach, describe, expect, it } from 'vitest'
import { applyMigrations, type MigrationDatabase } from '../../../src/cli/start/migrate.ts'

interface Prepared {
  readonly sql: string
  readonly values: readonly string[]
}

let sqlite: DatabaseSync
let writes = 0

/** D1's shape over a real SQLite: a batch is one transaction, as D1 promises. */
function d1(): MigrationDatabase<Prepared> {
  const prepared = (sql: string, values: readonly string[]) => ({
    sql,
    values,
    bind: (...bound: unknown[]) => prepared(sql, bound.map(String)),
    all: async () => {
      if (!sql.startsWith('SELECT')) writes++
      return { results: sqlite.prepare(sql).all(...values) }
    },
  })
  return {
    prepare: (sql) => prepared(sql, []),
    async batch(statements) {
      writes += statements.length
      sqlite.exec('BEGIN')
      try {
        for (const { sql, values } of statements) sqlite.prepare(sql).run(...values)
        sqlite.exec('COMMIT')
      } catch (error) {
        sqlite.exec('ROLLBACK')
        throw error
      }
    },
  }
}

const names = () =>
  sqlite
    .prepare('SELECT name FROM d1_migrations ORDER BY id')
    .all()
    .map((row) => row['name'])
const tables = () =>
  sqlite
    .prepare(`SELECT name FROM sqlite_master WHERE type = 'table'`)
    .all()
    .map((row) => row['name'])

const FIRST = { name: '0000_first.sql', statements: ['CREATE TABLE a (x)', 'CREATE TABLE b (x)'] }
const SECOND = { name: '0001_second.sql', statements: ['ALTER TABLE a ADD y'] }

beforeEach(() => {
  sqlite = new DatabaseSync(':memory:')
  writes = 0
})

describe('applyMigrations', () => {
  it('applies all in order to an empty database, and records them as wrangler does', async () => {
    expect(await applyMigrations(d1(), [FIRST, SECOND])).toEqual([FIRST.name, SECOND.name])
    expect(names()).toEqual([FIRST.name, SECOND.name])
    expect(tables()).toEqual(expect.arrayContaining(['a', 'b', 'd1_migrations']))
    const columns = sqlite.prepare('PRAGMA table_info(d1_migrations)').all()
    expect(columns.map((column) => column['name'])).toEqual(['id', 'name', 'applied_at'])
  })

  it('writes nothing when all are applied', async () => {
    await applyMigrations(d1(), [FIRST, SECOND])
    writes = 0
    expect(await applyMigrations(d1(), [FIRST, SECOND])).toEqual([])
    expect(writes).toBe(0)
  })

  it('applies only what is new', async () => {
    await applyMigrations(d1(), [FIRST])
    expect(await applyMigrations(d1(), [FIRST, SECOND])).toEqual([SECOND.name])
  })

  it('leaves no trace of a migration that fails half-way, and names it', async () => {
    const broken = {
      name: '0001_broken.sql',
      statements: ['CREATE TABLE c (x)', 'CREATE nonsense'],
    }
    await expect(applyMigrations(d1(), [FIRST, broken])).rejects.toThrow(
      'the migration 0001_broken.sql failed',
    )
    expect(names()).toEqual([FIRST.name])
    expect(tables()).not.toContain('c')
  })

  it('goes on after the broken one was mended', async () => {
    const broken = { name: SECOND.name, statements: ['CREATE nonsense'] }
    await expect(applyMigrations(d1(), [FIRST, broken])).rejects.toThrow()
    expect(await applyMigrations(d1(), [FIRST, SECOND])).toEqual([SECOND.name])
  })
})
