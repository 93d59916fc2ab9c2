/**
 * The pieces of answers, each sent once: what was being sent when the object died is of unknown outcome,
 * and stays that. A piece that replaces a message which is there already may be sent again.
 */
import type { ReplyAddress } from '../../domain/channel-event.ts'
import type { AnswerFile } from '../../domain/ports/channel-files.ts'
import type { Attached } from '../../domain/ports/inbox.ts'
import type { Sql } from '../schema/sql.ts'
import { FileStore, type Keeper } from './file-store.ts'

/** Files come behind whatever words the answer turns out to have. */
const FILES_FROM = 1_000_000
const MAX_FILES = 10

/** As the index of them is written: each look at how the channel is asks this. */
export const COUNT_UNKNOWN = `SELECT count(*) AS n FROM pieces WHERE state = 'unknown'`

export type PieceState = 'waiting' | 'sending' | 'sent' | 'unknown'

export interface Piece {
  readonly position: number
  readonly address: ReplyAddress
  readonly content: string
  /** What it is instead of words; the bytes are fetched by `fileOf`. */
  readonly file: Pick<AnswerFile, 'name' | 'mimeType'> | null
  /** Of the message that this one replaces; null for a new one. */
  readonly messageId: string | null
  readonly state: PieceState
}

export class PieceStore {
  readonly #sql: Sql
  readonly #files: FileStore

  constructor(sql: Sql) {
    this.#sql = sql
    this.#files = new FileStore(sql)
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

  /** Whether the words of the answer are there: files may wait for them. */
  hasAny(delivery: number): boolean {
    return (
      this.#sql
        .exec(
          'SELECT 1 FROM pieces WHERE delivery = ? AND position < ? LIMIT 1',
          delivery,
          FILES_FROM,
        )
        .toArray().length > 0
    )
  }

  /** In one step with the caller's transaction. */
  attach(
    keeper: Keeper,
    address: ReplyAddress,
    key: string,
    contents: readonly string[],
    file: AnswerFile | null,
  ): Attached {
    const { id: delivery } = keeper
    const [row] = this.#sql
      .exec(
        `SELECT max(position) AS last, count(file) AS files, max(attachment = ?) AS known
         FROM pieces WHERE delivery = ? AND position >= ?`,
        key,
        delivery,
        FILES_FROM,
      )
      .toArray()
    if (row?.['known'] === 1) return 'attached'
    if (file !== null && Number(row?.['files'] ?? 0) >= MAX_FILES) return 'too_many'
    if (file !== null && !this.#files.hasRoom(keeper, file.bytes.length)) return 'full'
    let position = row?.['last'] == null ? FILES_FROM : Number(row['last']) + 1
    const put = (content: string, description: string | null): void => {
      this.#sql.exec(
        `INSERT INTO pieces (delivery, position, address, content, state, attachment, file)
         VALUES (?, ?, ?, ?, 'waiting', ?, ?)`,
        delivery,
        position,
        JSON.stringify(address),
        content,
        key,
        description,
      )
      position += 1
    }
    for (const content of contents) put(content, null)
    if (file !== null) {
      const { name, mimeType, bytes } = file
      this.#files.keep(delivery, position, bytes)
      put('', JSON.stringify({ name, mimeType }))
    }
    return 'attached'
  }

  /** Of an answer that never came. */
  dropFiles(delivery: number): void {
    this.#sql.exec('DELETE FROM pieces WHERE delivery = ? AND position >= ?', delivery, FILES_FROM)
    this.#files.dropOf(delivery)
  }

  /** Nobody is sent them, or not now: the words stay, and the room is another's. */
  dropBytes(delivery: number): void {
    this.#files.dropOf(delivery)
  }

  /** Of what is still to be sent: whoever looks at it is told that it goes without. */
  lacksFiles(delivery: number): boolean {
    return this.#lacking('SELECT 1', delivery).length > 0
  }

  /** Once for an answer, in place of the first of them: these words instead of the files that are gone. */
  sayInstead(delivery: number, position: number, content: string): void {
    this.#sql.exec(
      'UPDATE pieces SET file = NULL, content = ? WHERE delivery = ? AND position = ?',
      content,
      delivery,
      position,
    )
    this.#lacking('DELETE', delivery)
  }

  #lacking(verb: 'SELECT 1' | 'DELETE', delivery: number) {
    return this.#sql
      .exec(
        `${verb} FROM pieces WHERE delivery = ? AND position >= ? AND file IS NOT NULL
         AND state IN ('waiting', 'sending') AND NOT EXISTS
         (SELECT 1 FROM file_parts f
          WHERE f.delivery = pieces.delivery AND f.position = pieces.position)`,
        delivery,
        FILES_FROM,
      )
      .toArray()
  }

  /** Null where it is none, and where its bytes are gone. */
  fileOf(delivery: number, { position, file }: Piece): AnswerFile | null {
    const bytes = file && this.#files.bytesOf(delivery, position)
    return file === null || bytes === null ? null : { ...file, bytes }
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
      file: typeof row['file'] === 'string' ? JSON.parse(row['file']) : null,
      messageId: row['message_id'] === null ? null : String(row['message_id']),
      state: String(row['state']) as PieceState,
    }
  }

  mark(delivery: number, position: number, state: PieceState): void {
    const forgetting = state === 'sent' ? `, content = '', file = NULL` : ''
    this.#sql.exec(
      `UPDATE pieces SET state = ?${forgetting} WHERE delivery = ? AND position = ?`,
      state,
      delivery,
      position,
    )
    // Nobody sends it again.
    if (state === 'sent' || state === 'unknown') this.#files.drop(delivery, position)
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
    const [row] = this.#sql.exec(COUNT_UNKNOWN).toArray()
    return Number(row?.['n'] ?? 0)
  }

  /** With their deliveries. */
  sweep(): void {
    this.#sql.exec('DELETE FROM pieces WHERE delivery NOT IN (SELECT id FROM deliveries)')
    this.#files.sweep()
  }
}
