/** The tenant's audit chain: what was appended and is not copied yet, and the points that prove it. */
export const AUDIT_STATEMENTS: readonly string[] = [
  `CREATE TABLE audit_records (
    sequence INTEGER PRIMARY KEY,
    record TEXT NOT NULL,
    previous_mac TEXT NOT NULL,
    mac TEXT NOT NULL,
    created_at INTEGER NOT NULL
  )`,
  // head, checkpoint, anchored, and rekeyed/N where the key changed; by name.
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

/** The hash that the next record holds of the head, and what was once found wrong: the first of each kind. */
export const AUDIT_LINK_STATEMENTS: readonly string[] = [
  'ALTER TABLE audit_points ADD COLUMN link TEXT',
  `CREATE TABLE audit_faults (
    fault TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL,
    found_at INTEGER NOT NULL
  ) WITHOUT ROWID`,
]
