/**
 * A session as the first schema left it, in the middle of a run that has lost its loop. Frozen: it is
 * what stands in storage that was written then, whatever the migrations say today.
 */
export const V1_RUN = 'run_v1'
export const V1_MESSAGES = ['hello', 'hi there', 'and now?'] as const

const message = (id: number, run: string, role: string, content: string): string =>
  `INSERT INTO messages (id, run_id, role, body, created_at) VALUES
    (${id}, '${run}', '${role}', '${JSON.stringify({ role, content, createdAt: 1_700_000_000_000 })}', 1700000000000)`

const PRINCIPAL = JSON.stringify({
  tenantId: 'ten_acme',
  userId: 'ada',
  role: 'operator',
  scopes: ['operator.write'],
  isMasterScope: false,
  credential: { kind: 'api_key', id: 'key_1', expiresAt: null },
  authVersion: 1,
  clientAddress: '203.0.113.7',
  allowedAgents: null,
  channel: null,
})
const USAGE = '{"promptTokens":3,"completionTokens":2,"cacheCreationTokens":0,"cacheReadTokens":0}'

export const SESSION_V1: readonly string[] = [
  `CREATE TABLE schema_version (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    version INTEGER NOT NULL
  )`,
  `CREATE TABLE timers (
    name TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0
  ) WITHOUT ROWID`,
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
  'INSERT INTO schema_version (id, version) VALUES (1, 1)',
  message(1, 'run_v0', 'user', V1_MESSAGES[0]),
  message(2, 'run_v0', 'assistant', V1_MESSAGES[1]),
  message(3, V1_RUN, 'user', V1_MESSAGES[2]),
  `INSERT INTO runs (id, generation, journal_version, state, principal, options, first_message_id, usage, result, started_at, ended_at)
    VALUES ('run_v0', 1, 2, 'completed', '${PRINCIPAL}', '{"callerInstructions":"","sampling":{}}', 1, '${USAGE}',
      '{"kind":"completed","content":"hi there","usage":${USAGE}}', 1700000000000, 1700000000000),
      ('${V1_RUN}', 1, 2, 'running', '${PRINCIPAL}', '{"callerInstructions":"","sampling":{}}', 3, '${USAGE}', NULL,
      1700000000000, NULL)`,
]
