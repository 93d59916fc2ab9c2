/** The directory of a tenant's object names, and how far its export has come. Rows and keys alone. */
import type { ExportStep, NameKind } from '../../domain/ports/tenant-end.ts'
import type { SqlStorage } from '../schema/sql.ts'

const EXPORT = 'export'

interface StoredExport {
  /** The cursor that was handed out last: only who brings that one has seen all before it. */
  readonly handedOut: string | null
  readonly finishedAt: number | null
}

export class TenantEnd {
  readonly #sql: SqlStorage['sql']
  readonly #kv: SyncKvStorage

  /** Touches no storage; the table must be there before names are asked for. */
  constructor(storage: { readonly sql: SqlStorage['sql']; readonly kv: SyncKvStorage }) {
    this.#sql = storage.sql
    this.#kv = storage.kv
  }

  names(kind: NameKind, after: string | null, limit: number): readonly string[] {
    return this.#sql
      .exec(
        'SELECT name FROM names WHERE kind = ? AND name > ? ORDER BY name LIMIT ?',
        kind,
        after ?? '',
        limit,
      )
      .toArray()
      .map(({ name }) => String(name))
  }

  register(kind: NameKind, name: string): void {
    this.#sql.exec('INSERT OR IGNORE INTO names (kind, name) VALUES (?, ?)', kind, name)
  }

  forget(kind: NameKind, names: readonly string[]): void {
    for (const name of names)
      this.#sql.exec('DELETE FROM names WHERE kind = ? AND name = ?', kind, name)
  }

  noteExport({ presented, next }: ExportStep, now: number): void {
    const stored = this.#stored()
    // A page that is read again is none that the export goes on with.
    if (presented !== null && presented !== stored.handedOut) return
    const finishedAt = next === null ? now : stored.finishedAt
    this.#kv.put(EXPORT, { handedOut: next, finishedAt })
  }

  exportFinishedAt(): number | null {
    return this.#stored().finishedAt
  }

  #stored(): StoredExport {
    return this.#kv.get<StoredExport>(EXPORT) ?? { handedOut: null, finishedAt: null }
  }
}
