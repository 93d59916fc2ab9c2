/**
 * The pieces of answers, each sent once: what was being sent when the object died is of unknown outcome,
 * and stays that. A piece that replaces a message which is there already may be sent again.
 */
import type { ReplyAddress } from '../../domain/channel-event.ts'
import type { Sql } from '../schema/sql.ts'

export type PieceState = 'waiting' | 'sending' | 'sent' | 'unknown'

export interface Piece {
  readonly position: number
  readonly address: ReplyAddress
  readonly content: string
  /** Of the message that this one replaces; null for a new one. */
  readonly messageId: string | null
  readonly state: PieceState
}

export class PieceStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** @param preview the message that already shows the beginning of the answer */
  put(
    delivery: number,
    address: ReplyAddress,
    contents: readonly string[],
    preview: string | null,
  ): void {
    contents.forEach((content, position) => {
      this.#sql.exec(
        `INSERT INTO pieces (delivery, position, address, content, message_id, state)
         VALUES (?, ?, ?, ?, ?, 'waiting') ON CONFLICT DO NOTHING`,
        delivery,
        position,
        JSON.stringify(address),
        content,
        position === 0 ? preview : null,
      )
    })
  }

  hasAny(delivery: number): boolean {
    return (
      this.#sql.exec('SELECT 1 FROM pieces WHERE delivery = ? LIMIT 1', delivery).toArray().length >
      0
    )
  }

  next(delivery: number): Piece | null {
    const [row] = this.#sql
      .exec(
        `SELECT * FROM pieces WHERE delivery = ? AND state IN ('waiting', 'sending')
         ORDER BY position LIMIT 1`,
        delivery,
      )
      .toArray()
    if (row === undefined) return null
    return {
      position: Number(row['position']),
      address: JSON.parse(String(row['address'])) as ReplyAddress,
      content: String(row['content']),
      messageId: row['message_id'] === null ? null : String(row['message_id']),
      state: String(row['state']) as PieceState,
    }
  }

  mark(delivery: number, position: number, state: PieceState): void {
    this.#sql.exec(
      `UPDATE pieces SET state = ?, content = CASE WHEN ? IN ('sent') THEN '' ELSE content END
       WHERE delivery = ? AND position = ?`,
      state,
      state,
      delivery,
      position,
    )
  }

  /** The message it was to replace is not there any more. */
  forgetPreview(delivery: number, position: number): void {
    this.#sql.exec(
      'UPDATE pieces SET message_id = NULL WHERE delivery = ? AND position = ?',
      delivery,
      position,
    )
  }

  countUnknown(): number {
    const [row] = this.#sql
      .exec(`SELECT count(*) AS n FROM pieces WHERE state = 'unknown'`)
      .toArray()
    return Number(row?.['n'] ?? 0)
  }

  /** With their deliveries. */
  sweep(): void {
    this.#sql.exec('DELETE FROM pieces WHERE delivery NOT IN (SELECT id FROM deliveries)')
  }
}
