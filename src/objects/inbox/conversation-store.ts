/** Where conversations that were held here are written to: for what is said without being asked. */
import type { Audience, InboundEvent, ReplyAddress } from '../../domain/channel-event.ts'
import type { Sql } from '../schema/sql.ts'

const KEPT_MS = 180 * 24 * 3_600_000

export const audienceOf = ({ conversation, sender }: InboundEvent): Audience => ({
  conversation,
  sender: { id: sender.id, username: sender.username },
})

export interface KnownConversation {
  readonly lane: string
  readonly address: ReplyAddress
  readonly audience: Audience
}

export class ConversationStore {
  readonly #sql: Sql

  constructor(sql: Sql) {
    this.#sql = sql
  }

  /** By the peer's or group's id; of its threads the last one counts. */
  note(event: InboundEvent, lane: string, now: number): void {
    const { conversation, address } = event
    this.#sql.exec(
      `INSERT INTO conversations (conversation, lane, address, audience, at)
       VALUES (?, ?, ?, ?, ?) ON CONFLICT (conversation) DO UPDATE SET lane = excluded.lane,
       address = excluded.address, audience = excluded.audience, at = excluded.at`,
      conversation.id,
      lane,
      JSON.stringify(address),
      JSON.stringify(audienceOf(event)),
      now,
    )
  }

  /** Null also where nobody knows whom it was with. */
  find(conversation: string): KnownConversation | null {
    const [row] = this.#sql
      .exec('SELECT * FROM conversations WHERE conversation = ?', conversation)
      .toArray()
    if (row === undefined || row['audience'] === null) return null
    return {
      lane: String(row['lane']),
      address: JSON.parse(String(row['address'])) as ReplyAddress,
      audience: JSON.parse(String(row['audience'])) as Audience,
    }
  }

  hasAny(): boolean {
    return this.#sql.exec('SELECT 1 FROM conversations LIMIT 1').toArray().length > 0
  }

  sweep(now: number): void {
    this.#sql.exec('DELETE FROM conversations WHERE at < ?', now - KEPT_MS)
  }
}
