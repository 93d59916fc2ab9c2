/** An object's storage over node:sqlite, for what needs SQL and an alarm but no workerd. */
import { DatabaseSync } from 'node:sqlite'
import type { AlarmStorage } from '../../../src/objects/alarms.ts'
import type { SchemaHost } from '../../../src/objects/schema/migrate.ts'
import type { SqlValue } from '../../../src/objects/schema/sql.ts'

export class SqliteStorage implements AlarmStorage {
  readonly database = new DatabaseSync(':memory:')
  alarm: number | null = null
  alarmWrites = 0
  blocked = 0
  statements: string[] = []

  readonly sql = {
    exec: (query: string, ...bindings: SqlValue[]) => {
      this.statements.push(query)
      const values = bindings.map((value) =>
        value instanceof ArrayBuffer ? new Uint8Array(value) : value,
      )
      const rows = this.database.prepare(query).all(...values) as Record<string, SqlValue>[]
      return { toArray: () => rows }
    },
  }

  transactionSync<T>(closure: () => T): T {
    this.database.exec('BEGIN')
    try {
      const result = closure()
      this.database.exec('COMMIT')
      return result
    } catch (error) {
      this.database.exec('ROLLBACK')
      throw error
    }
  }

  async getAlarm(): Promise<number | null> {
    return this.alarm
  }

  async setAlarm(at: number): Promise<void> {
    this.alarm = at
    this.alarmWrites++
  }

  async deleteAlarm(): Promise<void> {
    this.alarm = null
    this.alarmWrites++
  }

  tables(): readonly string[] {
    const rows = this.database.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all()
    return rows.map((row) => String(row['name'])).sort()
  }

  host(): SchemaHost {
    return {
      storage: this,
      blockConcurrencyWhile: (callback) => {
        this.blocked++
        return callback()
      },
    }
  }
}
