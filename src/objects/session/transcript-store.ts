/** The session's messages, in order. A row is one `Message` as JSON, of the run that made it. */
import type { RunId } from '../../domain/ids.ts'
import type { Message } from '../../domain/message.ts'
import type { RunEnding } from '../../domain/run-event.ts'
import { frameBytes } from '../socket-window.ts'

export interface StoredMessage {
  readonly id: number
  readonly message: Message
}

/** The last message of a run says how that ended, where it came to no answer. */
export interface ShownMessage extends StoredMessage {
  readonly ending: RunEnding | null
}

export interface TranscriptPage<Stored = StoredMessage> {
  readonly messages: readonly Stored[]
  /** False when there may be earlier ones. */
  readonly isAll: boolean
}

/** An answer is at most 1 MB: the rest is for its frame and for marks longer than what they hide. */
export const MAX_PAGE_BYTES = 900_000
/** More than any model's window takes, and little of an isolate's 128 MB. */
const MAX_CONTEXT_BYTES = 8 * 1024 * 1024
/** What a message or an ending has on the wire that its row has not: longer names and times. */
const ROW_OVERHEAD_BYTES = 64

interface Row extends Record<string, SqlStorageValue> {
  id: number
  body: string
}

interface RunRow extends Row {
  run_id: string
}

const toStored = (row: Row): StoredMessage => ({
  id: row.id,
  message: JSON.parse(row.body) as Message,
})

const bytesOf = (json: string): number => frameBytes(json) + ROW_OVERHEAD_BYTES

/** Row by row, newest first: a page that is cut never was in memory whole. */
function filled<Each, Stored>(
  rows: Iterable<Each>,
  limit: number,
  maxBytes: number,
  keep: (row: Each) => readonly [Stored, bytes: number],
): TranscriptPage<Stored> {
  const messages: Stored[] = []
  let room = maxBytes
  for (const row of rows) {
    const [message, bytes] = keep(row)
    room -= bytes
    if (room < 0 && messages.length > 0) return { messages: messages.reverse(), isAll: false }
    messages.push(message)
  }
  return { messages: messages.reverse(), isAll: messages.length < limit }
}

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
    return filled(cursor, limit, maxBytes, (row) => [toStored(row), bytesOf(row.body)])
  }

  /** The same for readers, who are told how runs ended; that counts for what fits. */
  shown(
    limit: number,
    before: number | null,
    endingOf: (run: RunId) => RunEnding | null,
  ): TranscriptPage<ShownMessage> {
    const cursor = this.#sql.exec<RunRow>(
      'SELECT id, body, run_id FROM messages WHERE id < ? ORDER BY id DESC LIMIT ?',
      before ?? Number.MAX_SAFE_INTEGER,
      limit,
    )
    // Messages of a run stand together: behind its last one comes another's.
    let following = before === null ? null : this.#runAt(before)
    return filled(cursor, limit, MAX_PAGE_BYTES, (row) => {
      const ending = row.run_id === following ? null : endingOf(row.run_id as RunId)
      following = row.run_id
      const endingBytes = ending === null ? 0 : bytesOf(JSON.stringify(ending))
      return [{ ...toStored(row), ending }, bytesOf(row.body) + endingBytes]
    })
  }

  /** Of the first message from this id on. */
  #runAt(id: number): string | null {
    const [row] = this.#sql
      .exec<{ run_id: string }>('SELECT run_id FROM messages WHERE id >= ? ORDER BY id LIMIT 1', id)
      .toArray()
    return row?.run_id ?? null
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
