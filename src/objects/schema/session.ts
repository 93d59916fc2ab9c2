/** Numbered migrations of SessionObject's SQLite. Append only: a deployed number never changes. */
import type { ObjectMigration } from './migrate.ts'

export const SESSION_MIGRATIONS: readonly ObjectMigration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE messages (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL,
        role TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL
      )`,
      `CREATE TABLE runs (
        id TEXT PRIMARY KEY,
        generation INTEGER NOT NULL,
        journal_version INTEGER NOT NULL,
        state TEXT NOT NULL,
        principal TEXT NOT NULL,
        options TEXT NOT NULL,
        first_message_id INTEGER NOT NULL,
        usage TEXT NOT NULL,
        result TEXT,
        started_at INTEGER NOT NULL,
        ended_at INTEGER,
        cancel_requested INTEGER NOT NULL DEFAULT 0
      )`,
      'CREATE INDEX runs_by_state ON runs (state)',
      `CREATE TABLE tool_calls (
        call_key TEXT PRIMARY KEY,
        run_id TEXT NOT NULL,
        started_at INTEGER NOT NULL,
        finished_at INTEGER
      )`,
      'CREATE INDEX tool_calls_by_run ON tool_calls (run_id)',
      `CREATE TABLE injections (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        message TEXT NOT NULL,
        created_at INTEGER NOT NULL
      )`,
      `CREATE TABLE sends (
        user_id TEXT NOT NULL,
        idempotency_key TEXT NOT NULL,
        body_hash TEXT NOT NULL,
        run_id TEXT NOT NULL,
        kind TEXT NOT NULL,
        created_at INTEGER NOT NULL,
        PRIMARY KEY (user_id, idempotency_key)
      ) WITHOUT ROWID`,
      'CREATE INDEX sends_by_time ON sends (created_at)',
      'CREATE TABLE waiters (id INTEGER PRIMARY KEY AUTOINCREMENT, run_id TEXT NOT NULL, reply_to TEXT NOT NULL)',
      'CREATE INDEX waiters_by_run ON waiters (run_id)',
      `CREATE TABLE events (
        seq INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL,
        type TEXT NOT NULL,
        body TEXT NOT NULL,
        created_at INTEGER NOT NULL
      )`,
      'CREATE INDEX events_by_run ON events (run_id)',
      'CREATE INDEX events_by_time ON events (created_at)',
    ],
  },
  {
    version: 2,
    statements: [
      // What the model reads instead of the messages up to `through_id`; the newest row is in force.
      `CREATE TABLE condensed (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        run_id TEXT NOT NULL,
        through_id INTEGER NOT NULL,
        short_through_id INTEGER NOT NULL,
        summary TEXT,
        is_untrusted INTEGER NOT NULL,
        created_at INTEGER NOT NULL
      )`,
      // Usage by the models that answered; null in runs that began before there were several.
      'ALTER TABLE runs ADD COLUMN models TEXT',
    ],
  },
]
