/** The session's messages, in order. A row is one `Message` as JSON, of the run that made it. */
import type { RunId } from '../../domain/ids.ts'
import type { Message } from '../../domain/message.ts'

export interface StoredMessage {
  readonly id: number
  readonly message: Message
}

interface Row extends Record<string, SqlStorageValue> {
  id: number
  body: string
}

const toStored = (row: Row): StoredMessage => ({
  id: row.id,
  message: JSON.parse(row.body) as Message,
})

export class TranscriptStore {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  append(runId: RunId | '', message: Message): number {
    const row = this.#sql
      .exec<{ id: number }>(
        'INSERT INTO messages (run_id, role, body, created_at) VALUES (?, ?, ?, ?) RETURNING id',
        runId,
        message.role,
        JSON.stringify(message),
        message.createdAt,
      )
      .one()
    return row.id
  }

  all(): StoredMessage[] {
    return this.#sql.exec<Row>('SELECT id, body FROM messages ORDER BY id').toArray().map(toStored)
  }

  /** The page of `limit` messages before `before` (the newest, when null), oldest first. */
  page(limit: number, before: number | null): StoredMessage[] {
    return this.#sql
      .exec<Row>(
        'SELECT id, body FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?',
        before ?? Number.MAX_SAFE_INTEGER,
        limit,
      )
      .toArray()
      .reverse()
      .map(toStored)
  }

  clear(): void {
    this.#sql.exec('DELETE FROM messages')
  }

  count(): number {
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM messages').one().n
  }
}
