/** Numbered migrations of TenantObject's SQLite. Append only. */

import { AUDIT_BEGUN_STATEMENTS, AUDIT_LINK_STATEMENTS, AUDIT_STATEMENTS } from './audit.ts'
import type { ObjectMigration } from './migrate.ts'
import { TENANT_BUDGET_TABLES } from './tenant-budgets.ts'

export const TENANT_MIGRATIONS: readonly ObjectMigration[] = [
  {
    version: 1,
    statements: [
      `CREATE TABLE subscribers (
        connection_id TEXT PRIMARY KEY,
        user_id TEXT NOT NULL,
        role TEXT NOT NULL
      ) WITHOUT ROWID`,
      'CREATE INDEX subscribers_by_user ON subscribers (user_id)',
      `CREATE TABLE runs (
        run_id TEXT PRIMARY KEY,
        session_key TEXT NOT NULL,
        agent_key TEXT NOT NULL,
        user_id TEXT NOT NULL,
        started_at INTEGER NOT NULL
      ) WITHOUT ROWID`,
      `CREATE TABLE names (
        kind TEXT NOT NULL,
        name TEXT NOT NULL,
        PRIMARY KEY (kind, name)
      ) WITHOUT ROWID`,
      'CREATE TABLE security_events (id TEXT PRIMARY KEY, body TEXT NOT NULL) WITHOUT ROWID',
    ],
  },
  {
    version: 2,
    statements: ['ALTER TABLE subscribers ADD COLUMN is_approver INTEGER NOT NULL DEFAULT 0'],
  },
  {
    version: 3,
    statements: [
      'ALTER TABLE subscribers ADD COLUMN agents TEXT',
      `CREATE TABLE session_sockets (
        socket_id TEXT PRIMARY KEY,
        session_key TEXT NOT NULL
      ) WITHOUT ROWID`,
    ],
  },
  { version: 4, statements: TENANT_BUDGET_TABLES },
  { version: 5, statements: AUDIT_STATEMENTS },
  { version: 6, statements: AUDIT_BEGUN_STATEMENTS },
  { version: 7, statements: AUDIT_LINK_STATEMENTS },
]
