/**
 * What came in without a signed age, by its digest: such a delivery could be played again whenever it
 * is forgotten. Bounded by time and number, so that a replay is possible again after the one or the
 * other; nothing that was said is in it.
 */
import { sha256Hex } from '../../crypto/digest.ts'
import type { Sql } from '../schema/sql.ts'

const KEPT_MS = 90 * 24 * 3_600_000
/** Some 30 MB; a hook that is called as often as one may be fills it in six days. */
const MAX_KEPT = 500_000
/** 128 bits: nobody finds another delivery of the same digest. */
const DIGEST_CHARS = 32

export const digestOf = async (deliveryId: string): Promise<string> =>
  (await sha256Hex(deliveryId)).slice(0, DIGEST_CHARS)

export class SeenStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  has(digest: string): boolean {
    return this.#sql.exec('SELECT 1 FROM seen WHERE digest = ?', digest).toArray().length > 0
  }

  add(digest: string, now: number): void {
    this.#sql.exec('INSERT INTO seen (digest, at) VALUES (?, ?)', digest, now)
  }

  hasAny(): boolean {
    return this.#sql.exec('SELECT 1 FROM seen LIMIT 1').toArray().length > 0
  }

  sweep(now: number): void {
    this.#sql.exec('DELETE FROM seen WHERE at < ?', now - KEPT_MS)
    this.#sql.exec(
      'DELETE FROM seen WHERE at < (SELECT at FROM seen ORDER BY at DESC LIMIT 1 OFFSET ?)',
      MAX_KEPT,
    )
  }
}
