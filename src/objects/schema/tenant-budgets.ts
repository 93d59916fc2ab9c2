/** The tables behind objects/tenant/: what was counted and not yet copied, and what budgets go by. */
export const TENANT_BUDGET_TABLES: readonly string[] = [
  // Whole sums of a day. A row whose changes are all copied may go once its day is over.
  `CREATE TABLE usage_rows (
    day TEXT NOT NULL,
    user_id TEXT NOT NULL,
    agent_key TEXT NOT NULL,
    provider TEXT NOT NULL,
    model TEXT NOT NULL,
    key_id TEXT NOT NULL,
    requests INTEGER NOT NULL,
    input_tokens INTEGER NOT NULL,
    output_tokens INTEGER NOT NULL,
    cache_creation_tokens INTEGER NOT NULL,
    cache_read_tokens INTEGER NOT NULL,
    cost_micro_usd INTEGER NOT NULL,
    changes INTEGER NOT NULL,
    copied INTEGER NOT NULL DEFAULT 0,
    PRIMARY KEY (day, user_id, agent_key, provider, model, key_id)
  ) WITHOUT ROWID`,
  'CREATE INDEX usage_rows_to_copy ON usage_rows (day) WHERE copied < changes',
  // Of one subject (tenant, user, agent, key) in one day or month.
  `CREATE TABLE budget_sums (
    scope TEXT NOT NULL,
    name TEXT NOT NULL,
    period TEXT NOT NULL,
    requests INTEGER NOT NULL,
    tokens INTEGER NOT NULL,
    cost_micro_usd INTEGER NOT NULL,
    PRIMARY KEY (scope, name, period)
  ) WITHOUT ROWID`,
  'CREATE INDEX budget_sums_by_period ON budget_sums (period)',
  // What each run has told so far: only what comes on top is counted.
  'CREATE TABLE run_marks (run_id TEXT PRIMARY KEY, started_at INTEGER NOT NULL, body TEXT NOT NULL) WITHOUT ROWID',
  'CREATE INDEX run_marks_by_start ON run_marks (started_at)',
  'CREATE TABLE budget_warnings (period TEXT NOT NULL, name TEXT NOT NULL, PRIMARY KEY (period, name)) WITHOUT ROWID',
]
