/** The tenant's audit chain: what was appended and is not copied yet, and the points that prove it. */
export const AUDIT_STATEMENTS: readonly string[] = [
  `CREATE TABLE audit_records (
    sequence INTEGER PRIMARY KEY,
    record TEXT NOT NULL,
    previous_mac TEXT NOT NULL,
    mac TEXT NOT NULL,
    created_at INTEGER NOT NULL
  )`,
  // head, checkpoint and rekeyed, by name.
  `CREATE TABLE audit_points (
    name TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    mac TEXT NOT NULL,
    key_id TEXT NOT NULL
  ) WITHOUT ROWID`,
]

/** Changes that were begun and are not told the end of. */
export const AUDIT_BEGUN_STATEMENTS: readonly string[] = [
  `CREATE TABLE audit_begun (
    id TEXT PRIMARY KEY,
    entry TEXT NOT NULL,
    begun_at INTEGER NOT NULL
  ) WITHOUT ROWID`,
]
