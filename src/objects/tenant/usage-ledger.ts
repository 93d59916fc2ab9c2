/**
 * The tenant's counts. They live in memory and are written down together after a pause: a commit for
 * each model call would cost more than the count. Because sums and what each run has told are written
 * in one step, a crash forgets both alike, and the run's next word makes up for it. It judges nothing.
 */
import type { BudgetScope, Sums } from '../../domain/budget.ts'
import { NO_SUMS, periodId } from '../../domain/budget.ts'
import type { RunId } from '../../domain/ids.ts'
import { addUsage, NO_USAGE, type Usage } from '../../domain/message.ts'
import type { ModelUsage, SpendingModel, UsageRow } from '../../domain/usage.ts'
import type { SqlStorage, SqlValue } from '../schema/sql.ts'

/** Longer than a run may last with all that is told of it late: what is older is not counted again. */
export const MARK_AGE_MS = 2 * 3_600_000
const DAY_MS = 24 * 3_600_000
/** Sums kept at hand; the rest is read when it is asked for. */
const MAX_CACHED = 5_000

/** What a run has told. */
export interface Mark {
  readonly startedAt: number
  readonly day: string
  readonly names: RunNames
  readonly model: SpendingModel
  /** False for a reservation, whose request may be given back. */
  readonly hasBegun: boolean
  readonly usage: Usage
  /** What of it was counted under which model; absent in marks that knew the last one alone. */
  readonly models?: readonly ModelUsage[]
}

export type RunNames = Pick<UsageRow, 'userId' | 'agentKey' | 'keyId'>

/** A row of a day that is not in the database as it stands. */
export interface UncopiedRow {
  readonly row: UsageRow
  readonly changes: number
}

type Counts = Omit<UsageRow, 'day' | 'userId' | 'agentKey' | 'provider' | 'model' | 'keyId'>
type RowNames = readonly [
  day: string,
  user: string,
  agent: string,
  provider: string,
  model: string,
  key: string,
]

const NO_COUNTS: Counts = {
  requests: 0,
  inputTokens: 0,
  outputTokens: 0,
  cacheCreationTokens: 0,
  cacheReadTokens: 0,
  costMicroUsd: 0,
}

const number = (value: SqlValue | undefined): number => Number(value ?? 0)

const countsOf = (row: Record<string, SqlValue>): Counts => ({
  requests: number(row['requests']),
  inputTokens: number(row['input_tokens']),
  outputTokens: number(row['output_tokens']),
  cacheCreationTokens: number(row['cache_creation_tokens']),
  cacheReadTokens: number(row['cache_read_tokens']),
  costMicroUsd: number(row['cost_micro_usd']),
})

const ROW_IS =
  'day = ? AND user_id = ? AND agent_key = ? AND provider = ? AND model = ? AND key_id = ?'

/** Values of one table by their key: at hand while there is room, and from their change to its writing. */
class Kept<Value> {
  readonly #maxKept: number
  readonly #read: (key: string) => Value
  readonly #values = new Map<string, Value>()
  readonly #changed = new Set<string>()

  constructor(maxKept: number, read: (key: string) => Value) {
    this.#maxKept = maxKept
    this.#read = read
  }

  get(key: string): Value {
    const known = this.#values.get(key)
    if (known !== undefined) return known
    const value = this.#read(key)
    if (this.#values.size < this.#maxKept) this.#values.set(key, value)
    return value
  }

  set(key: string, value: Value): void {
    this.#values.set(key, value)
    this.#changed.add(key)
  }

  get hasChanges(): boolean {
    return this.#changed.size > 0
  }

  changes(): readonly (readonly [key: string, value: Value])[] {
    return [...this.#changed].map((key) => [key, this.get(key)] as const)
  }

  written(): void {
    this.#changed.clear()
    if (this.#values.size >= this.#maxKept) this.#values.clear()
  }
}

const keyOf = (...parts: readonly string[]): string => JSON.stringify(parts)
const partsOf = (key: string): readonly string[] => JSON.parse(key)

export class UsageLedger {
  readonly #storage: SqlStorage
  readonly #rows: Kept<Counts>
  readonly #sums: Kept<Sums>
  /** False: there is none. */
  readonly #marks: Kept<Mark | false>
  readonly #warned: Kept<boolean>

  /** Touches no storage; the tables must be there before the first call. */
  constructor(storage: SqlStorage) {
    this.#storage = storage
    const first = (query: string, key: string) =>
      storage.sql.exec(query, ...partsOf(key)).toArray()[0]
    this.#rows = new Kept(MAX_CACHED, (key) => {
      const row = first(`SELECT * FROM usage_rows WHERE ${ROW_IS}`, key)
      return row ? countsOf(row) : NO_COUNTS
    })
    this.#sums = new Kept(MAX_CACHED, (key) => {
      const row = first(
        'SELECT * FROM budget_sums WHERE scope = ? AND name = ? AND period = ?',
        key,
      )
      if (!row) return NO_SUMS
      const { requests, costMicroUsd } = countsOf(row)
      return { requests, tokens: number(row['tokens']), costMicroUsd }
    })
    // Most runs are over by the time that theirs is written.
    this.#marks = new Kept(0, (key) => {
      const row = first('SELECT body FROM run_marks WHERE run_id = ?', key)
      return row ? (JSON.parse(String(row['body'])) as Mark) : false
    })
    this.#warned = new Kept(MAX_CACHED, (key) => {
      return first('SELECT 1 FROM budget_warnings WHERE period = ? AND name = ?', key) !== undefined
    })
  }

  get #all() {
    return [this.#rows, this.#sums, this.#marks, this.#warned]
  }

  mark(runId: RunId): Mark | null {
    return this.#marks.get(keyOf(runId)) || null
  }

  sums(scope: BudgetScope, name: string, period: string): Sums {
    return this.#sums.get(keyOf(scope, name, period))
  }

  /** Counts the run's request against the budgets; in the day's rows it stands once it begins. */
  reserve(run: Pick<Mark, 'startedAt' | 'names' | 'model'> & { runId: RunId }, now: number): Mark {
    const { runId, startedAt, names, model } = run
    const day = periodId('day', now)
    const mark: Mark = {
      startedAt,
      day,
      names,
      model,
      hasBegun: false,
      usage: NO_USAGE,
      models: [],
    }
    this.#marks.set(keyOf(runId), mark)
    this.#addToSums(names, day, { requests: 1, tokens: 0, costMicroUsd: 0 })
    return mark
  }

  release(runId: RunId): void {
    const mark = this.mark(runId)
    if (!mark || mark.hasBegun) return
    this.#marks.set(keyOf(runId), false)
    this.#addToSums(mark.names, mark.day, { requests: -1, tokens: 0, costMicroUsd: 0 })
  }

  begin(runId: RunId, mark: Mark, now: number): Mark {
    if (mark.hasBegun) return mark
    const begun = { ...mark, hasBegun: true }
    this.#marks.set(keyOf(runId), begun)
    this.#addToRow(mark.names, mark.model, periodId('day', now), { ...NO_COUNTS, requests: 1 })
    return begun
  }

  /**
   * Counts what the run has used beyond what it told before: each of its models' under that model's name,
   * and the rest under the name of the one that it tells of as its last.
   * @param told all that it has used; an older word of it, which says less, changes nothing
   * @param cost of a usage, in millionths of a US dollar
   */
  spend(
    runId: RunId,
    mark: Mark,
    told: Pick<Mark, 'usage' | 'model'> & Required<Pick<Mark, 'models'>>,
    cost: (usage: Usage, model: SpendingModel) => number,
    now: number,
  ): void {
    const usage = highest(mark.usage, told.usage)
    // Of a mark that knew the last model alone, what others told until now was counted as that one's.
    const before = mark.models ?? told.models
    const models = told.models.map((one) => ({
      ...one,
      usage: highest(usageOf(before, one), one.usage),
    }))
    const others = models.filter((one) => !isSame(one, told.model))
    const shares = [
      ...others.map((one) => ({ model: one, from: usageOf(before, one), to: one.usage })),
      {
        model: told.model,
        from: less(
          mark.usage,
          others.map((one) => usageOf(before, one)),
        ),
        to: less(
          usage,
          others.map((one) => one.usage),
        ),
      },
    ]
    const day = periodId('day', now)
    let isNews = false
    for (const { model, from, to } of shares) {
      const counts: Counts = {
        requests: 0,
        inputTokens: Math.max(0, to.promptTokens - from.promptTokens),
        outputTokens: Math.max(0, to.completionTokens - from.completionTokens),
        cacheCreationTokens: Math.max(0, to.cacheCreationTokens - from.cacheCreationTokens),
        cacheReadTokens: Math.max(0, to.cacheReadTokens - from.cacheReadTokens),
        // Of the whole and not of the difference: rounding does not depend on how often it was told.
        costMicroUsd: Math.max(0, cost(to, model) - cost(from, model)),
      }
      if (Object.values(counts).every((count) => count === 0)) continue
      isNews = true
      this.#addToRow(mark.names, model, day, counts)
      const tokens = counts.inputTokens + counts.outputTokens
      this.#addToSums(mark.names, day, { requests: 0, tokens, costMicroUsd: counts.costMicroUsd })
    }
    if (!isNews) return
    const kept = before.filter((one) => !models.some((other) => isSame(one, other)))
    const next = { ...mark, model: told.model, usage, models: [...kept, ...models] }
    this.#marks.set(keyOf(runId), next)
  }

  /** @returns whether it is news */
  warnOnce(period: string, name: string): boolean {
    const key = keyOf(period, name)
    if (this.#warned.get(key)) return false
    this.#warned.set(key, true)
    return true
  }

  #addToRow(names: RunNames, model: SpendingModel, day: string, more: Counts): void {
    const { userId, agentKey, keyId } = names
    const key = keyOf(day, userId, agentKey, model.provider, model.name, keyId)
    const old = this.#rows.get(key)
    this.#rows.set(key, {
      requests: old.requests + more.requests,
      inputTokens: old.inputTokens + more.inputTokens,
      outputTokens: old.outputTokens + more.outputTokens,
      cacheCreationTokens: old.cacheCreationTokens + more.cacheCreationTokens,
      cacheReadTokens: old.cacheReadTokens + more.cacheReadTokens,
      costMicroUsd: old.costMicroUsd + more.costMicroUsd,
    })
  }

  #addToSums({ userId, agentKey, keyId }: RunNames, day: string, more: Sums): void {
    const subjects = [
      ['tenant', ''],
      ['user', userId],
      ['agent', agentKey],
      ...(keyId === '' ? [] : [['key', keyId] as const]),
    ] as const
    for (const [scope, name] of subjects) {
      for (const period of [day, day.slice(0, 7)]) {
        const old = this.sums(scope, name, period)
        this.#sums.set(keyOf(scope, name, period), {
          requests: Math.max(0, old.requests + more.requests),
          tokens: old.tokens + more.tokens,
          costMicroUsd: old.costMicroUsd + more.costMicroUsd,
        })
      }
    }
  }

  get hasChanges(): boolean {
    return this.#all.some((kept) => kept.hasChanges)
  }

  /** All that is in memory, or nothing of it. */
  write(): void {
    if (!this.hasChanges) return
    const { sql } = this.#storage
    this.#storage.transactionSync(() => {
      for (const [key, counts] of this.#rows.changes()) this.#writeRow(partsOf(key), counts)
      for (const [key, { requests, tokens, costMicroUsd }] of this.#sums.changes()) {
        sql.exec(
          'INSERT OR REPLACE INTO budget_sums (scope, name, period, requests, tokens, cost_micro_usd) VALUES (?, ?, ?, ?, ?, ?)',
          ...partsOf(key),
          requests,
          tokens,
          costMicroUsd,
        )
      }
      for (const [key, mark] of this.#marks.changes()) {
        if (mark === false) sql.exec('DELETE FROM run_marks WHERE run_id = ?', ...partsOf(key))
        else
          sql.exec(
            'INSERT OR REPLACE INTO run_marks (run_id, started_at, body) VALUES (?, ?, ?)',
            ...partsOf(key),
            mark.startedAt,
            JSON.stringify(mark),
          )
      }
      for (const [key] of this.#warned.changes())
        sql.exec(
          'INSERT OR IGNORE INTO budget_warnings (period, name) VALUES (?, ?)',
          ...partsOf(key),
        )
    })
    for (const kept of this.#all) kept.written()
  }

  #writeRow(names: readonly string[], counts: Counts): void {
    this.#storage.sql.exec(
      `INSERT INTO usage_rows (day, user_id, agent_key, provider, model, key_id, requests, input_tokens,
         output_tokens, cache_creation_tokens, cache_read_tokens, cost_micro_usd, changes)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 1)
       ON CONFLICT DO UPDATE SET requests = excluded.requests, input_tokens = excluded.input_tokens,
         output_tokens = excluded.output_tokens, cache_creation_tokens = excluded.cache_creation_tokens,
         cache_read_tokens = excluded.cache_read_tokens, cost_micro_usd = excluded.cost_micro_usd,
         changes = changes + 1`,
      ...names,
      counts.requests,
      counts.inputTokens,
      counts.outputTokens,
      counts.cacheCreationTokens,
      counts.cacheReadTokens,
      counts.costMicroUsd,
    )
  }

  uncopied(limit: number): readonly UncopiedRow[] {
    return this.#storage.sql
      .exec('SELECT * FROM usage_rows WHERE copied < changes ORDER BY day LIMIT ?', limit)
      .toArray()
      .map((row) => ({
        row: {
          day: String(row['day']),
          userId: String(row['user_id']) as UsageRow['userId'],
          agentKey: String(row['agent_key']),
          provider: String(row['provider']),
          model: String(row['model']),
          keyId: String(row['key_id']),
          ...countsOf(row),
        },
        changes: number(row['changes']),
      }))
  }

  /** What changed while it was being copied is copied again. */
  copied(rows: readonly UncopiedRow[]): void {
    for (const { row, changes } of rows) {
      const names: RowNames = [
        row.day,
        row.userId,
        row.agentKey,
        row.provider,
        row.model,
        row.keyId,
      ]
      this.#storage.sql.exec(
        `UPDATE usage_rows SET copied = max(copied, ?) WHERE ${ROW_IS}`,
        changes,
        ...names,
      )
    }
  }

  /** Yesterday stays: a clock that is set back must find its sums again, not start anew. */
  prune(now: number): void {
    const { sql } = this.#storage
    const yesterday = periodId('day', now - DAY_MS)
    sql.exec('DELETE FROM usage_rows WHERE day < ? AND copied >= changes', yesterday)
    // A month's sum sorts before its days: the one that yesterday belongs to is kept as well.
    const month = periodId('month', now - DAY_MS)
    for (const table of ['budget_sums', 'budget_warnings'])
      sql.exec(`DELETE FROM ${table} WHERE period < ? AND period <> ?`, yesterday, month)
    sql.exec('DELETE FROM run_marks WHERE started_at < ?', now - MARK_AGE_MS)
  }
}

/** What a vendor says is taken as it is, up to what sums can hold. */
const MAX_TOKENS = 1e12

const higher = (a: number, b: number): number => Math.max(a, Math.min(b, MAX_TOKENS))

const highest = (a: Usage, b: Usage): Usage => ({
  promptTokens: higher(a.promptTokens, b.promptTokens),
  completionTokens: higher(a.completionTokens, b.completionTokens),
  cacheCreationTokens: higher(a.cacheCreationTokens, b.cacheCreationTokens),
  cacheReadTokens: higher(a.cacheReadTokens, b.cacheReadTokens),
})

const isSame = (a: SpendingModel, b: SpendingModel): boolean =>
  a.provider === b.provider && a.name === b.name

const usageOf = (models: readonly ModelUsage[], model: SpendingModel): Usage =>
  models.find((one) => isSame(one, model))?.usage ?? NO_USAGE

const less = (usage: Usage, parts: readonly Usage[]): Usage => {
  const sum = parts.reduce(addUsage, NO_USAGE)
  return {
    promptTokens: usage.promptTokens - sum.promptTokens,
    completionTokens: usage.completionTokens - sum.completionTokens,
    cacheCreationTokens: usage.cacheCreationTokens - sum.cacheCreationTokens,
    cacheReadTokens: usage.cacheReadTokens - sum.cacheReadTokens,
  }
}
