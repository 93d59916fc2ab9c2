/**
 * What may still be spent: limits and sums in, a verdict out. It counts nothing and has no clock.
 * What it says to a caller names the budget and its reset, never what anybody has spent.
 */
import type { TenantConfig } from './config/tenant-config.ts'

export const BUDGET_SCOPES = ['tenant', 'user', 'agent', 'key'] as const
export type BudgetScope = (typeof BUDGET_SCOPES)[number]
export const BUDGET_MEASURES = ['requests', 'tokens', 'usd'] as const
export type BudgetMeasure = (typeof BUDGET_MEASURES)[number]
export const BUDGET_PERIODS = ['day', 'month'] as const
export type BudgetPeriod = (typeof BUDGET_PERIODS)[number]

export type Budgets = TenantConfig['budgets']

/** Consumption of one subject in one period. */
export interface Sums {
  readonly requests: number
  readonly tokens: number
  readonly costMicroUsd: number
}
export const NO_SUMS: Sums = { requests: 0, tokens: 0, costMicroUsd: 0 }

export interface BudgetLimit {
  readonly scope: BudgetScope
  readonly measure: BudgetMeasure
  readonly period: BudgetPeriod
  /** Of `usd` in millionths of a dollar. */
  readonly limit: number
}

/** Why nothing more may be spent. */
export interface BudgetStop {
  readonly message: string
  /** Null when waiting does not help. */
  readonly resetsAt: number | null
}

const SECTIONS = {
  tenant: 'tenant',
  user: 'per_user',
  agent: 'per_agent',
  key: 'per_key',
} as const satisfies Record<BudgetScope, keyof Budgets>

const MICRO = 1_000_000

/** What a tenant has set for these scopes. */
export const limitsOf = (
  budgets: Budgets,
  scopes: readonly BudgetScope[] = BUDGET_SCOPES,
): readonly BudgetLimit[] =>
  scopes.flatMap((scope) => {
    const section = budgets[SECTIONS[scope]]
    if (section === undefined) return []
    return BUDGET_PERIODS.flatMap((period) =>
      BUDGET_MEASURES.flatMap((measure) => {
        const set = section[`${measure}_per_${period}`]
        if (set === undefined) return []
        const limit =
          measure === 'usd' ? Math.min(Math.round(set * MICRO), Number.MAX_SAFE_INTEGER) : set
        return [{ scope, measure, period, limit }]
      }),
    )
  })

/** Spares the tenants that set no limit the question. */
export const hasLimits = (budgets: Budgets): boolean => limitsOf(budgets).length > 0

export const usedOf = (sums: Sums, measure: BudgetMeasure): number =>
  measure === 'usd' ? sums.costMicroUsd : sums[measure]

/** UTC: `2026-11-26` or `2026-11`. A day sorts behind its month. */
export const periodId = (period: BudgetPeriod, now: number): string =>
  new Date(now).toISOString().slice(0, period === 'day' ? 10 : 7)

export function resetsAt(period: BudgetPeriod, now: number): number {
  const date = new Date(now)
  const [year, month] = [date.getUTCFullYear(), date.getUTCMonth()]
  return period === 'day' ? Date.UTC(year, month, date.getUTCDate() + 1) : Date.UTC(year, month + 1)
}

export interface BudgetQuestion {
  readonly limits: readonly BudgetLimit[]
  used(scope: BudgetScope, period: BudgetPeriod): Sums
  /** Of a run: its request is not among what is used. Else one of its later model calls. */
  readonly isStart: boolean
  /** `provider/model`, when nobody has said what it costs. */
  readonly unpriced: string | null
  readonly now: number
}

/** Null when it may go on; of several reasons the one that holds longest. */
export function judgeBudget(question: BudgetQuestion): BudgetStop | null {
  const { limits, unpriced, now } = question
  if (unpriced !== null && limits.some(({ measure }) => measure === 'usd')) {
    return {
      message: `nobody has said what the model ${unpriced} costs, and a budget in US dollars applies: an admin can set its price in budgets.prices`,
      resetsAt: null,
    }
  }
  const spent = limits.filter((limit) => isSpent(limit, question))
  const closed = spent.find(({ limit }) => limit === 0)
  if (closed) {
    return { message: `${WHOSE[closed.scope]} allows no ${UNITS[closed.measure]}`, resetsAt: null }
  }
  const [last] = spent.toSorted((a, b) => resetsAt(b.period, now) - resetsAt(a.period, now))
  if (last === undefined) return null
  const at = resetsAt(last.period, now)
  const span = last.period === 'day' ? 'today' : 'this month'
  return {
    message: `${WHOSE[last.scope]} of ${UNITS[last.measure]} for ${span} is used up; it resets at ${new Date(at).toISOString()}`,
    resetsAt: at,
  }
}

const WHOSE: Readonly<Record<BudgetScope, string>> = {
  tenant: 'the budget of this tenant',
  user: 'your budget',
  agent: 'the budget of this agent',
  key: 'the budget of this API key',
}
const UNITS: Readonly<Record<BudgetMeasure, string>> = {
  requests: 'requests',
  tokens: 'tokens',
  usd: 'US dollars',
}

function isSpent(limit: BudgetLimit, { used, isStart }: BudgetQuestion): boolean {
  const spent = usedOf(used(limit.scope, limit.period), limit.measure)
  // A run's own request is among those used once it has begun: the last one allowed goes on.
  const isOwnCounted = limit.measure === 'requests' && !isStart
  return limit.limit === 0 || (isOwnCounted ? spent > limit.limit : spent >= limit.limit)
}

export interface BudgetWarning extends BudgetLimit {
  readonly used: number
}

/** Which limits are used up to the part at which admins want to know. One of 0 is no news. */
export const warningsOf = (
  limits: readonly BudgetLimit[],
  warnAt: number,
  used: (scope: BudgetScope, period: BudgetPeriod) => Sums,
): readonly BudgetWarning[] =>
  limits.flatMap((limit) => {
    const spent = usedOf(used(limit.scope, limit.period), limit.measure)
    const isNear = limit.limit > 0 && spent > 0 && spent >= limit.limit * warnAt
    return isNear ? [{ ...limit, used: spent }] : []
  })
