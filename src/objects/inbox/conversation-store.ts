/** Where conversations that were held here are written to: for what is said without being asked. */
import type { InboundEvent, ReplyAddress } from '../../domain/channel-event.ts'
import type { Sql } from '../schema/sql.ts'

const KEPT_MS = 180 * 24 * 3_600_000

export class ConversationStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** By the peer's or group's id; of its threads the last one counts. */
  note({ conversation, address }: InboundEvent, lane: string, now: number): void {
    this.#sql.exec(
      `INSERT INTO conversations (conversation, lane, address, at) VALUES (?, ?, ?, ?)
       ON CONFLICT (conversation) DO UPDATE
       SET lane = excluded.lane, address = excluded.address, at = excluded.at`,
      conversation.id,
      lane,
      JSON.stringify(address),
      now,
    )
  }

  find(conversation: string): { readonly lane: string; readonly address: ReplyAddress } | null {
    const [row] = this.#sql
      .exec('SELECT lane, address FROM conversations WHERE conversation = ?', conversation)
      .toArray()
    if (row === undefined) return null
    return {
      lane: String(row['lane']),
      address: JSON.parse(String(row['address'])) as ReplyAddress,
    }
  }

  hasAny(): boolean {
    return this.#sql.exec('SELECT 1 FROM conversations LIMIT 1').toArray().length > 0
  }

  sweep(now: number): void {
    this.#sql.exec('DELETE FROM conversations WHERE at < ?', now - KEPT_MS)
  }
}
