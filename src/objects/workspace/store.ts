/**
 * A workspace's rows: manifest, stored contents, recorded commits. Every method is one synchronous
 * step over the object's SQLite, so that nothing interleaves within it. It knows no limits and no R2.
 */
import type { CommitResult, ManifestEntry } from '../../domain/ports/workspace.ts'
import type { SqlStorage, SqlValue } from '../schema/sql.ts'
import { parseResult, writeResult } from './commit-result.ts'
import type { CommitPlan } from './plan.ts'

/** Contents in use by nobody: long enough for an exec that began before its file was replaced. */
export const UNUSED_BLOB_MS = 60 * 60_000
/** A retried commit finds its first result, and a late one the root that it was made on. */
export const COMMIT_MEMORY_MS = 24 * 60 * 60_000

export interface StoredBlob {
  readonly size: number
  /** Null when the bytes are in R2 under `objectKey`. */
  readonly bytes: Uint8Array | null
  readonly objectKey: string | null
}

export interface RecordedCommit {
  readonly bodyHash: string
  readonly result: CommitResult
}

export interface Totals {
  readonly blobs: number
  readonly bytes: number
}

type Row = Record<string, SqlValue>

const UNUSED = 'NOT EXISTS (SELECT 1 FROM entry WHERE entry.sha256 = blob.sha256)'

export class WorkspaceStore {
  readonly #storage: SqlStorage
  /** Summing over all blobs at every stage would make staging n files cost n². */
  #totals: Totals | null = null
  /** The object is alone with its storage, and reading thousands of rows costs more than a commit. */
  #manifest: { readonly seq: number; readonly entries: ReadonlyMap<string, ManifestEntry> } | null =
    null

  constructor(storage: SqlStorage) {
    this.#storage = storage
  }

  /** After all rows are gone. */
  forget(): void {
    this.#totals = null
    this.#manifest = null
  }

  #rows(query: string, ...bindings: SqlValue[]): Row[] {
    return this.#storage.sql.exec(query, ...bindings).toArray()
  }

  /** The last change's number and root; number 0 for a workspace that has no file yet. */
  head(): { readonly seq: number; readonly root: string | null } {
    const [row] = this.#rows('SELECT root, seq FROM root ORDER BY seq DESC LIMIT 1')
    return { seq: Number(row?.['seq'] ?? 0), root: row === undefined ? null : String(row['root']) }
  }

  /** All columns: an object of the version before is read as it is, and has no label yet. */
  entries(): ReadonlyMap<string, ManifestEntry> {
    const { seq } = this.head()
    if (this.#manifest?.seq !== seq) {
      const rows = this.#rows('SELECT * FROM entry ORDER BY path').map(toEntry)
      this.#manifest = { seq, entries: new Map(rows.map((entry) => [entry.path, entry])) }
    }
    return this.#manifest.entries
  }

  entry(path: string): ManifestEntry | null {
    const [row] = this.#rows('SELECT * FROM entry WHERE path = ?', path)
    return row === undefined ? null : toEntry(row)
  }

  /** Asks whether a path changed after `base` was current; null for a root that is not remembered. */
  changesSince(base: string): ((path: string) => boolean) | null {
    const [row] = this.#rows('SELECT seq FROM root WHERE root = ?', base)
    if (row === undefined) return null
    const changed = this.#rows(
      'SELECT path FROM entry WHERE changed_seq > ?1 UNION ALL SELECT path FROM tombstone WHERE changed_seq > ?1',
      Number(row['seq']),
    )
    const paths = new Set(changed.map(({ path }) => String(path)))
    return (path) => paths.has(path)
  }

  blob(sha256: string): StoredBlob | null {
    const [row] = this.#rows('SELECT size, bytes, object_key FROM blob WHERE sha256 = ?', sha256)
    if (row === undefined) return null
    const { size, bytes, object_key: objectKey } = row
    return {
      size: Number(size),
      bytes: isBinary(bytes) ? new Uint8Array(bytes) : null,
      objectKey: typeof objectKey === 'string' ? objectKey : null,
    }
  }

  blobSize(sha256: string): number | undefined {
    const [row] = this.#rows('SELECT size FROM blob WHERE sha256 = ?', sha256)
    return row === undefined ? undefined : Number(row['size'])
  }

  totals(): Totals {
    if (this.#totals === null) {
      const [row] = this.#rows(
        'SELECT count(*) AS blobs, coalesce(sum(size), 0) AS bytes FROM blob',
      )
      this.#totals = { blobs: Number(row?.['blobs']), bytes: Number(row?.['bytes']) }
    }
    return this.#totals
  }

  /** Keeps a stored content from being swept; false when there is none. */
  touchBlob(sha256: string, now: number): boolean {
    if (this.blobSize(sha256) === undefined) return false
    this.#rows('UPDATE blob SET used_at = ? WHERE sha256 = ?', now, sha256)
    return true
  }

  addInline(sha256: string, bytes: Uint8Array, now: number): void {
    // A view on a larger buffer must not store its neighbours.
    const own = new Uint8Array(bytes).buffer
    this.#addBlob(sha256, bytes.byteLength, own, null, now)
  }

  /** Before an upload begins, so that one that never ends is found and deleted. */
  beginUpload(objectKey: string, now: number): void {
    this.#rows('INSERT INTO loose_object (object_key, since) VALUES (?, ?)', objectKey, now)
  }

  /** After the upload: the object becomes the content's, or waste where another came first. */
  finishUpload(sha256: string, size: number, objectKey: string, now: number): void {
    this.#storage.transactionSync(() => {
      if (this.touchBlob(sha256, now)) {
        this.#rows('UPDATE loose_object SET since = 0 WHERE object_key = ?', objectKey)
        return
      }
      this.#addBlob(sha256, size, null, objectKey, now)
      this.#rows('DELETE FROM loose_object WHERE object_key = ?', objectKey)
    })
  }

  #addBlob(
    sha256: string,
    size: number,
    bytes: ArrayBuffer | null,
    objectKey: string | null,
    now: number,
  ): void {
    const { blobs, bytes: total } = this.totals()
    this.#rows(
      'INSERT INTO blob (sha256, size, bytes, object_key, used_at) VALUES (?, ?, ?, ?, ?)',
      sha256,
      size,
      bytes,
      objectKey,
      now,
    )
    this.#totals = { blobs: blobs + 1, bytes: total + size }
  }

  recorded(commitKey: string): RecordedCommit | null {
    const [row] = this.#rows(
      'SELECT body_hash, result FROM commit_result WHERE commit_key = ?',
      commitKey,
    )
    if (row === undefined) return null
    return { bodyHash: String(row['body_hash']), result: parseResult(String(row['result'])) }
  }

  /**
   * Stores a plan if the workspace is still the one it was made for; false when it is not, and
   * nothing was written.
   */
  apply(
    plan: CommitPlan,
    made: { readonly on: number; readonly root: string; readonly now: number },
    record: { readonly commitKey: string; readonly bodyHash: string },
  ): boolean {
    const seq = made.on + 1
    const isApplied = this.#storage.transactionSync(() => {
      if (this.head().seq !== made.on) return false
      if (plan.put.some(({ sha256 }) => this.blobSize(sha256) === undefined)) return false
      for (const path of plan.remove) this.#removeEntry(path, seq, made.now)
      for (const entry of plan.put) this.#putEntry(entry, seq, made.now)
      this.#rows(
        'INSERT INTO root (root, seq, at) VALUES (?, ?, ?) ON CONFLICT (root) DO UPDATE SET seq = excluded.seq, at = excluded.at',
        made.root,
        seq,
        made.now,
      )
      const { conflicts, replaced } = plan
      const result: CommitResult = { root: made.root, conflicts, replaced }
      this.#rows(
        'INSERT INTO commit_result (commit_key, body_hash, result, at) VALUES (?, ?, ?, ?)',
        record.commitKey,
        record.bodyHash,
        writeResult(result),
        made.now,
      )
      return true
    })
    if (isApplied && this.#manifest?.seq === made.on) {
      const entries = new Map(this.#manifest.entries)
      for (const path of plan.remove) entries.delete(path)
      for (const entry of plan.put) entries.set(entry.path, entry)
      this.#manifest = { seq, entries }
    }
    return isApplied
  }

  #putEntry(entry: ManifestEntry, seq: number, now: number): void {
    const { path, sha256, size, mode, isUntrusted } = entry
    this.#releaseContent(path, now)
    this.#rows('DELETE FROM tombstone WHERE path = ?', path)
    // A label alone is no change that a commit on an older root could conflict with.
    this.#rows(
      `INSERT INTO entry (path, sha256, size, mode, is_untrusted, changed_seq)
       VALUES (?, ?, ?, ?, ?, ?)
       ON CONFLICT (path) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size,
         mode = excluded.mode, is_untrusted = excluded.is_untrusted,
         changed_seq = CASE WHEN sha256 = excluded.sha256 AND mode = excluded.mode
           THEN changed_seq ELSE excluded.changed_seq END`,
      path,
      sha256,
      size,
      mode,
      isUntrusted ? 1 : 0,
      seq,
    )
  }

  #removeEntry(path: string, seq: number, now: number): void {
    this.#releaseContent(path, now)
    this.#rows('DELETE FROM entry WHERE path = ?', path)
    this.#rows(
      'INSERT INTO tombstone (path, changed_seq) VALUES (?, ?) ON CONFLICT (path) DO UPDATE SET changed_seq = excluded.changed_seq',
      path,
      seq,
    )
  }

  /** Content that a path gives up is unused from now on, not since it was stored. */
  #releaseContent(path: string, now: number): void {
    this.#rows(
      'UPDATE blob SET used_at = ? WHERE sha256 = (SELECT sha256 FROM entry WHERE path = ?)',
      now,
      path,
    )
  }

  /** Drops what has had its time; what lies in R2 becomes loose, for the caller to delete. */
  expire(now: number, unusedBlobMs = UNUSED_BLOB_MS): void {
    this.#storage.transactionSync(() => {
      const unused = `used_at <= ?1 AND ${UNUSED}`
      const before = now - unusedBlobMs
      this.#rows(
        `INSERT INTO loose_object (object_key, since)
         SELECT object_key, 0 FROM blob WHERE object_key IS NOT NULL AND ${unused}`,
        before,
      )
      this.#rows(`DELETE FROM blob WHERE ${unused}`, before)
      this.#totals = null
      const forgotten = now - COMMIT_MEMORY_MS
      this.#rows('DELETE FROM commit_result WHERE at <= ?', forgotten)
      this.#rows('DELETE FROM root WHERE at <= ? AND seq < ?', forgotten, this.head().seq)
      this.#rows('DELETE FROM tombstone WHERE changed_seq <= (SELECT min(seq) FROM root)')
    })
  }

  /** R2 objects to delete: given up, or of an upload that did not end. */
  looseObjects(now: number, limit: number): readonly string[] {
    return this.#rows(
      'SELECT object_key FROM loose_object WHERE since <= ? LIMIT ?',
      now - UNUSED_BLOB_MS,
      limit,
    ).map((row) => String(row['object_key']))
  }

  forgetLoose(objectKeys: readonly string[]): void {
    this.#storage.transactionSync(() => {
      for (const key of objectKeys) {
        this.#rows('DELETE FROM loose_object WHERE object_key = ?', key)
      }
    })
  }

  /** When `expire` and the deletion of loose objects have something to do next; null for never. */
  nextExpiry(): number | null {
    const [row] = this.#rows(
      `SELECT
         (SELECT min(used_at) FROM blob WHERE ${UNUSED}) AS blob,
         (SELECT min(since) FROM loose_object) AS loose,
         (SELECT min(at) FROM commit_result) AS committed,
         (SELECT min(at) FROM root WHERE seq < ?) AS root`,
      this.head().seq,
    )
    const times = [
      [row?.['blob'], UNUSED_BLOB_MS],
      [row?.['loose'], UNUSED_BLOB_MS],
      [row?.['committed'], COMMIT_MEMORY_MS],
      [row?.['root'], COMMIT_MEMORY_MS],
    ] as const
    const due = times.flatMap(([at, afterMs]) => (typeof at === 'number' ? [at + afterMs] : []))
    return due.length === 0 ? null : Math.min(...due)
  }
}

const toEntry = (row: Row): ManifestEntry => ({
  path: String(row['path']),
  sha256: String(row['sha256']),
  size: Number(row['size']),
  mode: Number(row['mode']),
  isUntrusted: row['is_untrusted'] === 1,
})

/** An object's SQLite answers with ArrayBuffers, Node's with views. */
const isBinary = (value: unknown): value is ArrayBuffer =>
  value instanceof ArrayBuffer || ArrayBuffer.isView(value)
