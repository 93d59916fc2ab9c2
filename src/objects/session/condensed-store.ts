/**
 * What the model reads instead of the beginning of a transcript. The messages themselves stay for
 * the history; emptying the transcript empties this as well.
 */
import type { RunId } from '../../domain/ids.ts'

export interface StoredCondensed {
  /** As the model reads it; null while results were shortened only. */
  readonly summary: string | null
  readonly isUntrusted: boolean
  /** The last message that it stands for. */
  readonly throughId: number
  /** Results up to this message are shown short. */
  readonly shortThroughId: number
}

interface Row extends Record<string, SqlStorageValue> {
  summary: string | null
  is_untrusted: number
  through_id: number
  short_through_id: number
}

export class CondensedStore {
  readonly #sql: SqlStorage

  constructor(sql: SqlStorage) {
    this.#sql = sql
  }

  read(): StoredCondensed | null {
    const [row] = this.#sql
      .exec<Row>(
        'SELECT summary, is_untrusted, through_id, short_through_id FROM condensed ORDER BY id DESC LIMIT 1',
      )
      .toArray()
    if (!row) return null
    return {
      summary: row.summary,
      isUntrusted: row.is_untrusted === 1,
      throughId: row.through_id,
      shortThroughId: row.short_through_id,
    }
  }

  /** Takes the place of the one before, whose words went into it. */
  write(next: StoredCondensed, runId: RunId, now: number): void {
    this.#sql.exec('DELETE FROM condensed')
    this.#sql.exec(
      `INSERT INTO condensed (run_id, through_id, short_through_id, summary, is_untrusted, created_at)
       VALUES (?, ?, ?, ?, ?, ?)`,
      runId,
      next.throughId,
      next.shortThroughId,
      next.summary,
      next.isUntrusted ? 1 : 0,
      now,
    )
  }
}
