/** The session's messages, in order. A row is one `Message` as JSON, of the run that made it. */
import type { RunId } from '../../domain/ids.ts'
import type { Message } from '../../domain/message.ts'
import { frameBytes } from '../socket-window.ts'

export interface StoredMessage {
  readonly id: number
  readonly message: Message
}

export interface TranscriptPage {
  readonly messages: readonly StoredMessage[]
  /** False when there may be earlier ones. */
  readonly isAll: boolean
}

/** An answer is at most 1 MB: the rest is for its frame and for marks longer than what they hide. */
export const MAX_PAGE_BYTES = 900_000
/** More than any model's window takes, and little of an isolate's 128 MB. */
const MAX_CONTEXT_BYTES = 8 * 1024 * 1024
/** What a message has on the wire that its row has not: longer names and times. */
const ROW_OVERHEAD_BYTES = 64

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

  /** From this id on, oldest first. */
  since(id: number): StoredMessage[] {
    return this.#sql
      .exec<Row>('SELECT id, body FROM messages WHERE id >= ? ORDER BY id', id)
      .toArray()
      .map(toStored)
  }

  /**
   * What a run that began with `firstOwnId` may think of, oldest first: all its own messages, and
   * of the earlier ones as many as fit. They begin with a user's, never amid calls and results.
   *
   * @param after a summary stands for the earlier ones up to this id
   */
  ofRun(firstOwnId: number, maxBytes = MAX_CONTEXT_BYTES, after = 0): StoredMessage[] {
    const own = this.since(firstOwnId)
    const { messages, isAll } = this.page(Number.MAX_SAFE_INTEGER, firstOwnId, maxBytes, after)
    if (isAll) return [...messages, ...own]
    const first = messages.findIndex(({ message }) => message.role === 'user')
    return [...(first < 0 ? [] : messages.slice(first)), ...own]
  }

  /**
   * The messages before `before` (the newest, when null), oldest first: `limit` of them, or as many
   * as fit. One alone is always there, so that paging goes on.
   */
  page(limit: number, before: number | null, maxBytes = MAX_PAGE_BYTES, after = 0): TranscriptPage {
    const cursor = this.#sql.exec<Row>(
      'SELECT id, body FROM messages WHERE id < ? AND id > ? ORDER BY id DESC LIMIT ?',
      before ?? Number.MAX_SAFE_INTEGER,
      after,
      limit,
    )
    const messages: StoredMessage[] = []
    let bytes = 0
    // Row by row: a page that is cut never was in memory whole.
    for (const row of cursor) {
      bytes += frameBytes(row.body) + ROW_OVERHEAD_BYTES
      if (bytes > maxBytes && messages.length > 0)
        return { messages: messages.reverse(), isAll: false }
      messages.push(toStored(row))
    }
    return { messages: messages.reverse(), isAll: messages.length < limit }
  }

  clear(): void {
    this.#sql.exec('DELETE FROM messages')
    this.#sql.exec('DELETE FROM condensed')
  }

  /** 0 where there is none. */
  lastId(): number {
    const { id } = this.#sql.exec<{ id: number | null }>('SELECT max(id) AS id FROM messages').one()
    return id ?? 0
  }

  count(): number {
    return this.#sql.exec<{ n: number }>('SELECT count(*) AS n FROM messages').one().n
  }
}
