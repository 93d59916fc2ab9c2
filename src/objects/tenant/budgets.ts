/**
 * The tenant's budgets: what runs tell is counted, what they ask is judged, both in the hop that they
 * make anyway. Judging and counting a start is one step, so that of many at once no more than allowed
 * begin. What was counted goes to the database as whole sums of a day, whenever the alarm comes.
 */
import {
  type BudgetScope,
  type BudgetStop,
  type BudgetWarning,
  judgeBudget,
  limitsOf,
  periodId,
  resetsAt,
  type Sums,
  warningsOf,
} from '../../domain/budget.ts'
import type { RunId } from '../../domain/ids.ts'
import { NO_USAGE, type Usage } from '../../domain/message.ts'
import type { BudgetSubject, SubjectSums } from '../../domain/ports/tenant.ts'
import { costMicroUsd, type ModelPrice, priceOf } from '../../domain/prices.ts'
import { agentOfKey, type TenantSnapshot } from '../../domain/tenant-snapshot.ts'
import type { BudgetAsk, RunSpending, SpendingModel, UsageRow } from '../../domain/usage.ts'
import type { Timers } from '../alarms.ts'
import type { SchemaGate } from '../schema/migrate.ts'
import type { SqlStorage } from '../schema/sql.ts'
import { MARK_AGE_MS, type Mark, UsageLedger } from './usage-ledger.ts'

export const FLUSH_USAGE = 'flushUsage'
/** Counts wait so long for company before they are written; a crash forgets no more than that. */
const WRITE_DELAY_MS = 1_000
/** And so long on their way to the database. */
const FLUSH_DELAY_MS = 10_000
const ROWS_PER_COPY = 210
/** Of one flush: what is counted meanwhile must not keep it going for ever. */
const MAX_COPIES = 50

/** A limit that has come near; `name` is whose, where there are several. */
export interface NewWarning extends BudgetWarning {
  readonly name: string
  readonly resetsAt: number
}

export interface BudgetsParts {
  readonly storage: SqlStorage
  readonly schema: Pick<SchemaGate, 'forWriting'>
  readonly timers: Timers
  now(): number
  inBackground(work: Promise<unknown>): void
  /** Into the database. Rows may come again; they are whole sums. */
  copy(rows: readonly UsageRow[]): Promise<void>
  warn(warnings: readonly NewWarning[]): Promise<void>
}

interface Priced {
  readonly model: SpendingModel
  readonly price: ModelPrice | null
}

export class Budgets {
  readonly #parts: BudgetsParts
  readonly #ledger: UsageLedger
  #isWriteDue = false

  constructor(parts: BudgetsParts) {
    this.#parts = parts
    this.#ledger = new UsageLedger(parts.storage)
  }

  /** Counts what the run has told, and answers whether it may go on. Null: it may. */
  async judge(ask: BudgetAsk, snapshot: TenantSnapshot): Promise<BudgetStop | null> {
    await this.#parts.schema.forWriting()
    // From here to the counted start nothing is awaited.
    const now = this.#parts.now()
    const isKnown = this.#ledger.mark(ask.runId) !== null
    // One that has spent before it is known here began before a crash: it is no start.
    const isStart = !isKnown && !hasSpent(ask.usage)
    if (!isStart) this.#count(ask, snapshot, now)
    const { model, price } = this.#priced(ask, this.#ledger.mark(ask.runId), snapshot)
    const stop = judgeBudget({
      limits: limitsOf(snapshot.config.budgets, scopesOf(ask)),
      used: this.#usedBy(ask, now),
      isStart,
      unpriced: price === null ? `${model.provider}/${model.name}` : null,
      now,
    })
    if (stop === null && isStart) {
      const mark = this.#ledger.reserve(startOf(ask, model), now)
      if (!ask.isReservation) this.#ledger.begin(ask.runId, mark, now)
      this.#warn(ask, snapshot, now)
    }
    this.#writeLater()
    return stop
  }

  /** What a run has come to, whether it ended well or not. */
  async tell(spent: RunSpending, snapshot: TenantSnapshot): Promise<void> {
    await this.#parts.schema.forWriting()
    this.#count(spent, snapshot, this.#parts.now())
    this.#writeLater()
  }

  async release(runId: RunId): Promise<void> {
    await this.#parts.schema.forWriting()
    this.#ledger.release(runId)
    this.#writeLater()
  }

  async spentBy(subjects: readonly BudgetSubject[]): Promise<readonly SubjectSums[]> {
    await this.#parts.schema.forWriting()
    const now = this.#parts.now()
    const of = ({ scope, name }: BudgetSubject, period: 'day' | 'month'): Sums =>
      this.#ledger.sums(scope, name, periodId(period, now))
    return subjects.map((subject) => ({
      ...subject,
      day: of(subject, 'day'),
      month: of(subject, 'month'),
    }))
  }

  /** Copied first, noted after: a crash between the two copies the same sums again. */
  async flush(): Promise<void> {
    await this.#parts.schema.forWriting()
    this.#ledger.write()
    for (let copies = 0; copies < MAX_COPIES; copies++) {
      const rows = this.#ledger.uncopied(ROWS_PER_COPY)
      if (rows.length === 0) break
      await this.#parts.copy(rows.map(({ row }) => row))
      this.#ledger.copied(rows)
    }
    this.#ledger.prune(this.#parts.now())
  }

  #count(told: RunSpending | BudgetAsk, snapshot: TenantSnapshot, now: number): void {
    const { runId, usage } = told
    const known = this.#ledger.mark(runId)
    // So old that its mark is pruned: it was counted while it was young.
    if (known === null && told.startedAt < now - MARK_AGE_MS) return
    const { model } = this.#priced(told, known, snapshot)
    const mark = known ?? this.#ledger.reserve(startOf(told, model), now)
    const isReservation = 'isReservation' in told && told.isReservation
    const begun = isReservation ? mark : this.#ledger.begin(runId, mark, now)
    const cost = (used: Usage, by: SpendingModel): number => {
      const { price } = this.#priced({ ...told, model: by }, known, snapshot)
      return price === null ? 0 : costMicroUsd(used, price)
    }
    this.#ledger.spend(runId, begun, { usage, model, models: told.models ?? [] }, cost, now)
    this.#warn(told, snapshot, now)
  }

  #priced(told: RunSpending, mark: Mark | null, snapshot: TenantSnapshot): Priced {
    const agent = agentOfKey(snapshot, told.agentKey)
    const model = told.model ??
      mark?.model ?? { provider: agent?.provider ?? '', name: agent?.model ?? '' }
    const type = snapshot.providers.find(({ name }) => name === model.provider)?.type ?? null
    const provider = { name: model.provider, type }
    return { model, price: priceOf(snapshot.config.budgets.prices, provider, model.name) }
  }

  #usedBy(told: RunSpending, now: number) {
    return (scope: BudgetScope, period: 'day' | 'month'): Sums =>
      this.#ledger.sums(scope, nameIn(scope, told), periodId(period, now))
  }

  #warn(told: RunSpending, snapshot: TenantSnapshot, now: number): void {
    const { budgets } = snapshot.config
    const near = warningsOf(
      limitsOf(budgets, scopesOf(told)),
      budgets.warn_at,
      this.#usedBy(told, now),
    )
    const news = near.flatMap((warning) => {
      const { scope, measure, period, limit } = warning
      const name = nameIn(scope, told)
      const id = JSON.stringify([scope, name, measure, limit])
      if (!this.#ledger.warnOnce(periodId(period, now), id)) return []
      return [{ ...warning, name, resetsAt: resetsAt(period, now) }]
    })
    if (news.length > 0) this.#parts.inBackground(this.#parts.warn(news))
  }

  #writeLater(): void {
    if (this.#isWriteDue || !this.#ledger.hasChanges) return
    this.#isWriteDue = true
    setTimeout(() => {
      this.#isWriteDue = false
      this.#parts.inBackground(this.#write())
    }, WRITE_DELAY_MS)
  }

  async #write(): Promise<void> {
    this.#ledger.write()
    await this.#parts.timers.setIfAbsent(FLUSH_USAGE, this.#parts.now() + FLUSH_DELAY_MS)
  }
}

const hasSpent = (usage: Usage): boolean =>
  Object.keys(NO_USAGE).some((key) => usage[key as keyof Usage] > 0)

const startOf = (told: RunSpending, model: SpendingModel) => {
  const { runId, startedAt, userId, agentKey, keyId } = told
  return { runId, startedAt, names: { userId, agentKey, keyId }, model }
}

const scopesOf = ({ keyId }: RunSpending): readonly BudgetScope[] =>
  keyId === '' ? ['tenant', 'user', 'agent'] : ['tenant', 'user', 'agent', 'key']

function nameIn(scope: BudgetScope, { userId, agentKey, keyId }: RunSpending): string {
  switch (scope) {
    case 'tenant':
      return ''
    case 'user':
      return userId
    case 'agent':
      return agentKey
    case 'key':
      return keyId
  }
}
