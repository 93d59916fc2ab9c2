/** WorkspaceObject's tables: append-only migrations. */
import type { ObjectMigration } from './migrate.ts'

export const WORKSPACE_MIGRATIONS: readonly ObjectMigration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE entry (
        path TEXT PRIMARY KEY,
        sha256 TEXT NOT NULL,
        size INTEGER NOT NULL,
        mode INTEGER NOT NULL,
        changed_seq INTEGER NOT NULL
      ) WITHOUT ROWID`,
      'CREATE INDEX entry_by_sha256 ON entry (sha256)',
      // Deleted paths, so that a commit made on an older root learns that they changed.
      `CREATE TABLE tombstone (
        path TEXT PRIMARY KEY,
        changed_seq INTEGER NOT NULL
      ) WITHOUT ROWID`,
      'CREATE INDEX tombstone_by_seq ON tombstone (changed_seq)',
      // Every root that was current, under the last change that made it so.
      `CREATE TABLE root (
        root TEXT PRIMARY KEY,
        seq INTEGER NOT NULL,
        at INTEGER NOT NULL
      ) WITHOUT ROWID`,
      'CREATE INDEX root_by_seq ON root (seq)',
      // Small files inline, large ones under object_key in R2; exactly one of the two is set.
      `CREATE TABLE blob (
        sha256 TEXT PRIMARY KEY,
        size INTEGER NOT NULL,
        bytes BLOB,
        object_key TEXT,
        used_at INTEGER NOT NULL
      )`,
      'CREATE INDEX blob_by_use ON blob (used_at)',
      // R2 objects that no blob names: an upload under way, or one to be deleted (since 0).
      `CREATE TABLE loose_object (
        object_key TEXT PRIMARY KEY,
        since INTEGER NOT NULL
      ) WITHOUT ROWID`,
      `CREATE TABLE commit_result (
        commit_key TEXT PRIMARY KEY,
        body_hash TEXT NOT NULL,
        result TEXT NOT NULL,
        at INTEGER NOT NULL
      ) WITHOUT ROWID`,
      'CREATE INDEX commit_result_by_time ON commit_result (at)',
    ],
  },
  {
    version: 2,
    // What was written before the label existed was written in conversations without tools from outside.
    statements: ['ALTER TABLE entry ADD COLUMN is_untrusted INTEGER NOT NULL DEFAULT 0'],
  },
]
