/** What an inbox keeps: deliveries in their order, the pieces of their answers, and what was overheard. */
import type { ObjectMigration } from './migrate.ts'

export const INBOX_MIGRATIONS: readonly ObjectMigration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE deliveries (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        delivery_id TEXT NOT NULL UNIQUE,
        lane TEXT NOT NULL,
        event TEXT,
        request TEXT,
        state TEXT NOT NULL,
        attempts INTEGER NOT NULL DEFAULT 0,
        due_at INTEGER NOT NULL,
        error TEXT,
        received_at INTEGER NOT NULL
      )`,
      `CREATE INDEX deliveries_open ON deliveries (lane, id)
        WHERE state IN ('waiting', 'running', 'answering')`,
      `CREATE INDEX deliveries_ended ON deliveries (state, id)`,
      `CREATE TABLE pieces (
        delivery INTEGER NOT NULL,
        position INTEGER NOT NULL,
        address TEXT NOT NULL,
        content TEXT NOT NULL,
        message_id TEXT,
        state TEXT NOT NULL,
        PRIMARY KEY (delivery, position)
      ) WITHOUT ROWID`,
      `CREATE TABLE overheard (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        lane TEXT NOT NULL,
        line TEXT NOT NULL
      )`,
      `CREATE TABLE conversations (
        conversation TEXT PRIMARY KEY,
        lane TEXT NOT NULL,
        address TEXT NOT NULL,
        at INTEGER NOT NULL
      ) WITHOUT ROWID`,
      `CREATE INDEX overheard_lane ON overheard (lane, id)`,
    ],
  },
  {
    version: 2,
    statements: [
      // Whose share of the inbox it is of; empty for what the gateway says of its own accord.
      `ALTER TABLE deliveries ADD COLUMN sender TEXT NOT NULL DEFAULT ''`,
      `CREATE INDEX deliveries_sender ON deliveries (sender)
        WHERE state IN ('waiting', 'running', 'answering')`,
      // For whom something is said that is asked about once more before it is.
      `ALTER TABLE deliveries ADD COLUMN audience TEXT`,
      `ALTER TABLE conversations ADD COLUMN audience TEXT`,
      `ALTER TABLE overheard ADD COLUMN at INTEGER NOT NULL DEFAULT 0`,
      `CREATE INDEX overheard_at ON overheard (at)`,
      `CREATE INDEX conversations_at ON conversations (at)`,
      `CREATE TABLE seen (digest TEXT PRIMARY KEY, at INTEGER NOT NULL) WITHOUT ROWID`,
      `CREATE INDEX seen_at ON seen (at)`,
      `CREATE TABLE troubles (
        kind TEXT PRIMARY KEY,
        told_at INTEGER NOT NULL,
        untold INTEGER NOT NULL,
        lane TEXT NOT NULL,
        reason TEXT NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
  {
    version: 3,
    statements: [
      `ALTER TABLE pieces ADD COLUMN attachment TEXT`,
      `ALTER TABLE pieces ADD COLUMN file TEXT`,
      `CREATE TABLE file_parts (
        delivery INTEGER NOT NULL,
        position INTEGER NOT NULL,
        part INTEGER NOT NULL,
        bytes BLOB NOT NULL,
        PRIMARY KEY (delivery, position, part)
      )`,
      `CREATE TABLE shown_steps (
        conversation TEXT PRIMARY KEY,
        reasoning INTEGER NOT NULL,
        verbose INTEGER NOT NULL,
        at INTEGER NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
  {
    version: 4,
    statements: [
      // Whoever looks at how a channel is asks for these few among all that was ever said.
      `CREATE INDEX pieces_unknown ON pieces (delivery) WHERE state = 'unknown'`,
      // Files of what is buried are not kept: their room is everybody's.
      `DELETE FROM file_parts WHERE delivery NOT IN
       (SELECT id FROM deliveries WHERE state IN ('waiting', 'running', 'answering'))`,
    ],
  },
]
