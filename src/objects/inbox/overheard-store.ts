/** What was said in groups without a word to the agent: the newest lines, for when it is asked. */
import type { Sql } from '../schema/sql.ts'

const MAX_LINES = 50

export class OverheardStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  add(lane: string, line: string): void {
    this.#sql.exec('INSERT INTO overheard (lane, line) VALUES (?, ?)', lane, line)
    this.#sql.exec(
      `DELETE FROM overheard WHERE lane = ? AND id <=
       (SELECT id FROM overheard WHERE lane = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      lane,
      lane,
      MAX_LINES,
    )
  }

  /** Oldest first. */
  of(lane: string): readonly string[] {
    return this.#sql
      .exec('SELECT line FROM overheard WHERE lane = ? ORDER BY id', lane)
      .toArray()
      .map((row) => String(row['line']))
  }

  clear(lane: string): void {
    this.#sql.exec('DELETE FROM overheard WHERE lane = ?', lane)
  }
}
