/**
 * D1's interface over node:sqlite, in this process: for tests of what the gateway does between two
 * queries. What D1 itself does is tried against D1 (test/support/d1.ts).
 */
import { DatabaseSync, type SQLInputValue } from 'node:sqlite'
import type { D1Binding } from '../../src/db/database.ts'
import { migrationStatements } from './d1.ts'

export interface SqliteD1 {
  readonly d1: D1Binding
  /** The queries that came in, oldest first. */
  readonly queries: string[]
  /** Awaited before each query is answered: here the world may change. */
  beforeQuery(sql: string): Promise<void> | void
}

export function openSqliteD1(): SqliteD1 {
  const database = new DatabaseSync(':memory:')
  for (const statement of migrationStatements()) database.exec(statement)
  const queries: string[] = []
  const opened = { queries, beforeQuery: (_sql: string): Promise<void> | void => undefined }

  const arrive = async (sql: string): Promise<void> => {
    queries.push(sql)
    await opened.beforeQuery(sql)
  }
  class Statement {
    readonly sql: string
    readonly params: readonly SQLInputValue[]

    constructor(sql: string, params: readonly SQLInputValue[] = []) {
      this.sql = sql
      this.params = params
    }

    bind(...params: unknown[]): Statement {
      const bound = params.map((param) => (typeof param === 'boolean' ? Number(param) : param))
      return new Statement(this.sql, bound as SQLInputValue[])
    }

    rows(): Record<string, unknown>[] {
      return database
        .prepare(this.sql)
        .all(...this.params)
        .map((row) => ({ ...row }))
    }

    async all(): Promise<unknown> {
      await arrive(this.sql)
      return { success: true, results: this.rows(), meta: {} }
    }

    run = () => this.all()

    /** Rows as arrays: columns of the same name in two tables stay apart. */
    async raw(): Promise<unknown> {
      await arrive(this.sql)
      const prepared = database.prepare(this.sql)
      prepared.setReturnArrays(true)
      return prepared.all(...this.params)
    }
  }
  const batch = async (statements: readonly Statement[]): Promise<unknown> => {
    for (const { sql } of statements) await arrive(sql)
    database.exec('BEGIN')
    try {
      const results = statements.map((statement) => ({ success: true, results: statement.rows() }))
      database.exec('COMMIT')
      return results
    } catch (error) {
      database.exec('ROLLBACK')
      throw error
    }
  }
  const d1 = { prepare: (sql: string) => new Statement(sql), batch } as unknown as D1Binding
  return Object.assign(opened, { d1 })
}
