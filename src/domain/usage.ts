/** What was consumed: of a run so far, and summed up per day. */
import type { RunId, UserId } from './ids.ts'
import type { Usage } from './message.ts'

/** One day's sum of everything that has these names in common; columns as the database has them. */
export interface UsageRow {
  /** UTC, as YYYY-MM-DD. */
  readonly day: string
  readonly userId: UserId
  readonly agentKey: string
  readonly provider: string
  readonly model: string
  /** The API key that paid for it; empty for every other credential. */
  readonly keyId: string
  /** Runs and stateless completions that began. */
  readonly requests: number
  readonly inputTokens: number
  readonly outputTokens: number
  readonly cacheCreationTokens: number
  readonly cacheReadTokens: number
  /** Millionths of a US dollar; 0 where no price is known. */
  readonly costMicroUsd: number
}

export interface SpendingModel {
  /** As the tenant named it. */
  readonly provider: string
  readonly name: string
}

/** Of one call. */
export interface Spent {
  readonly usage: Usage
  /** Null where only one could be asked. */
  readonly model: SpendingModel | null
}

/** What a run has spent on one model. */
export interface ModelUsage extends SpendingModel {
  readonly usage: Usage
}

/** `costMicroUsd` is null where nobody has said what the model costs. */
export interface PricedUsage extends ModelUsage {
  readonly costMicroUsd: number | null
}

/** What a run has spent so far, in whole numbers: told twice, late or out of order it counts once. */
export interface RunSpending {
  readonly runId: RunId
  readonly startedAt: number
  readonly userId: UserId
  readonly agentKey: string
  readonly keyId: string
  /** Null: the one that was named before, or the agent's own. */
  readonly model: SpendingModel | null
  readonly usage: Usage
  /** The usage by model, where that is known: what is in none of them is `model`'s. */
  readonly models?: readonly ModelUsage[]
}

/** Asked before a run starts, and before each of its model calls. */
export interface BudgetAsk extends RunSpending {
  /** The run has not begun: its request is counted now, and given back if it never does. */
  readonly isReservation: boolean
}
