/**
 * What was said in groups without a word to the agent: the newest lines of each place, for when it is
 * asked there. Nobody wrote them to be kept: they go after a week, asked for or not.
 */
import type { Sql } from '../schema/sql.ts'

const MAX_LINES = 50
const KEPT_MS = 7 * 24 * 3_600_000
/** Of all places together; a channel has as many threads as its members like. */
const MAX_ALL = 20_000

export class OverheardStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** @param place where it was said */
  add(place: string, line: string, now: number): void {
    this.#sql.exec('INSERT INTO overheard (lane, line, at) VALUES (?, ?, ?)', place, line, now)
    this.#sql.exec(
      `DELETE FROM overheard WHERE lane = ? AND id <=
       (SELECT id FROM overheard WHERE lane = ? ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      place,
      place,
      MAX_LINES,
    )
  }

  /** Oldest first. */
  of(place: string): readonly string[] {
    return this.#sql
      .exec('SELECT line FROM overheard WHERE lane = ? ORDER BY id', place)
      .toArray()
      .map((row) => String(row['line']))
  }

  clear(place: string): void {
    this.#sql.exec('DELETE FROM overheard WHERE lane = ?', place)
  }

  hasAny(): boolean {
    return this.#sql.exec('SELECT 1 FROM overheard LIMIT 1').toArray().length > 0
  }

  sweep(now: number): void {
    this.#sql.exec('DELETE FROM overheard WHERE at < ?', now - KEPT_MS)
    this.#sql.exec(
      `DELETE FROM overheard WHERE id <=
       (SELECT id FROM overheard ORDER BY id DESC LIMIT 1 OFFSET ?)`,
      MAX_ALL,
    )
  }
}
