/** The table behind alarms.ts; part of the first migration of every class. */
export const TIMERS_SQL = `CREATE TABLE timers (
  name TEXT PRIMARY KEY,
  at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID`
