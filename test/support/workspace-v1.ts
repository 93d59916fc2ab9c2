/**
 * A workspace as the first schema left it: two files, a deletion, a recorded commit. Frozen: it is
 * what stands in storage that was written then, whatever the migrations say today.
 */
export const V1_ROOT = 'f'.repeat(64)
export const V1_FILES = { 'MEMORY.md': 'likes tea', 'notes/a.txt': 'hello' } as const
export const V1_SHA256 = {
  'MEMORY.md': '50f5f279425da6b804f2885cc042bf9ee88aabfd6c1f13b27cd37e38f9084bb8',
  'notes/a.txt': '2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824',
} as const

export const WORKSPACE_V1: readonly string[] = [
  `CREATE TABLE schema_version (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
  )`,
  `CREATE TABLE timers (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID`,
  `CREATE TABLE entry (
    path TEXT PRIMARY KEY,
    sha256 TEXT NOT NULL,
    size INTEGER NOT NULL,
    mode INTEGER NOT NULL,
    changed_seq INTEGER NOT NULL
  ) WITHOUT ROWID`,
  'CREATE INDEX entry_by_sha256 ON entry (sha256)',
  `CREATE TABLE tombstone (
    path TEXT PRIMARY KEY,
    changed_seq INTEGER NOT NULL
  ) WITHOUT ROWID`,
  'CREATE INDEX tombstone_by_seq ON tombstone (changed_seq)',
  `CREATE TABLE root (
    root TEXT PRIMARY KEY,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL
  ) WITHOUT ROWID`,
  'CREATE INDEX root_by_seq ON root (seq)',
  `CREATE TABLE blob (
    sha256 TEXT PRIMARY KEY,
    size INTEGER NOT NULL,
    bytes BLOB,
    object_key TEXT,
    used_at INTEGER NOT NULL
  )`,
  'CREATE INDEX blob_by_use ON blob (used_at)',
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
  'INSERT INTO schema_version (id, version) VALUES (1, 1)',
  `INSERT INTO entry (path, sha256, size, mode, changed_seq) VALUES
    ('MEMORY.md', '${V1_SHA256['MEMORY.md']}', 9, 420, 1),
    ('notes/a.txt', '${V1_SHA256['notes/a.txt']}', 5, 493, 2)`,
  `INSERT INTO tombstone (path, changed_seq) VALUES ('gone.txt', 2)`,
  `INSERT INTO root (root, seq, at) VALUES
    ('${'e'.repeat(64)}', 1, 1800000000000), ('${V1_ROOT}', 2, 1800000001000)`,
  `INSERT INTO blob (sha256, size, bytes, object_key, used_at) VALUES
    ('${V1_SHA256['MEMORY.md']}', 9, CAST('likes tea' AS BLOB), NULL, 1800000000000),
    ('${V1_SHA256['notes/a.txt']}', 5, CAST('hello' AS BLOB), NULL, 1800000001000)`,
  `INSERT INTO commit_result (commit_key, body_hash, result, at) VALUES
    ('key-1', 'hash-1', '{"root":"${V1_ROOT}","conflicts":["x.conflict-1"]}', 1800000001000)`,
]
