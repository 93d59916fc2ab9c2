import { describe, expect, it } from 'vitest'
import {
  BUDGET_MEASURES,
  BUDGET_PERIODS,
  BUDGET_SCOPES,
  type BudgetLimit,
  type BudgetQuestion,
  type Budgets,
  hasLimits,
  judgeBudget,
  limitsOf,
  NO_SUMS,
  periodId,
  resetsAt,
  type Sums,
  warningsOf,
} from '../../../src/domain/budget.ts'
import { tenantConfigSchema } from '../../../src/domain/config/tenant-config.ts'

const budgets = (set: unknown): Budgets => tenantConfigSchema.parse({ budgets: set }).budgets

const NOW = Date.parse('2026-11-26T22:30:00Z')
const NEXT_DAY = '2026-11-27T00:00:00.000Z'
const NEXT_MONTH = '2026-12-01T00:00:00.000Z'

const SECTION = { tenant: 'tenant', user: 'per_user', agent: 'per_agent', key: 'per_key' } as const

const judged = (limits: readonly BudgetLimit[], fields: Partial<BudgetQuestion> = {}) =>
  judgeBudget({ limits, used: () => NO_SUMS, isStart: true, unpriced: null, now: NOW, ...fields })

const ALL = BUDGET_SCOPES.flatMap((scope) =>
  BUDGET_MEASURES.flatMap((measure) =>
    BUDGET_PERIODS.map((period) => ({ scope, measure, period }) as const),
  ),
)

/** So much of one measure, in one scope and period alone; nothing in all others. */
const used =
  (of: { scope: string; measure: string; period: string }, amount: number) =>
  (scope: string, period: string): Sums => {
    if (scope !== of.scope || period !== of.period) return NO_SUMS
    const field = of.measure === 'usd' ? 'costMicroUsd' : of.measure
    return { ...NO_SUMS, [field]: amount }
  }

describe('limitsOf', () => {
  it('is empty where nothing is set', () => {
    expect(limitsOf(budgets({}))).toEqual([])
    expect(hasLimits(budgets({ warn_at: 0.5, prices: {}, per_user: {} }))).toBe(false)
  })

  it.for(ALL)('reads $scope, $measure a $period', ({ scope, measure, period }) => {
    const set = budgets({ [SECTION[scope]]: { [`${measure}_per_${period}`]: 3 } })
    const limit = measure === 'usd' ? 3_000_000 : 3
    expect(limitsOf(set)).toEqual([{ scope, measure, period, limit }])
    expect(limitsOf(set, [scope])).toHaveLength(1)
    const others = BUDGET_SCOPES.filter((other) => other !== scope)
    expect(limitsOf(set, others)).toEqual([])
  })

  it('takes cents exactly, and what is no millionth of a dollar as nothing', () => {
    const limit = (usd: number) => limitsOf(budgets({ tenant: { usd_per_day: usd } }))[0]?.limit
    expect(limit(0.29)).toBe(290_000)
    expect(limit(1e-9)).toBe(0)
    expect(limit(1e300)).toBe(Number.MAX_SAFE_INTEGER)
  })
})

describe('judgeBudget', () => {
  it.for(ALL)('stops at $scope, $measure a $period, and not one before', (of) => {
    const limits = [{ ...of, limit: 10 }]
    expect(judged(limits, { used: used(of, 9) })).toBeNull()
    const stop = judged(limits, { used: used(of, 10) })
    const reset = of.period === 'day' ? NEXT_DAY : NEXT_MONTH
    expect(stop?.resetsAt).toBe(Date.parse(reset))
    expect(stop?.message).toContain(reset)
    expect(stop?.message).toContain(of.measure === 'usd' ? 'US dollars' : of.measure)
    expect(judged(limits, { used: used(of, 11) })).not.toBeNull()
    // The same amount elsewhere is somebody else's.
    for (const other of ALL) {
      if (other.scope === of.scope && other.period === of.period) continue
      expect(judged(limits, { used: used(other, 99) })).toBeNull()
    }
  })

  it('lets a run that is among the last requests allowed go on, but no other begin', () => {
    const of = { scope: 'user', measure: 'requests', period: 'day' } as const
    const limits = [{ ...of, limit: 5 }]
    expect(judged(limits, { used: used(of, 5), isStart: false })).toBeNull()
    expect(judged(limits, { used: used(of, 5), isStart: true })).not.toBeNull()
    expect(judged(limits, { used: used(of, 6), isStart: false })).not.toBeNull()
  })

  it.for(['tokens', 'usd'] as const)('ends a run that goes on at its limit of %s', (measure) => {
    const of = { scope: 'agent', measure, period: 'month' } as const
    const limits = [{ ...of, limit: 5 }]
    expect(judged(limits, { used: used(of, 5), isStart: false })).not.toBeNull()
    expect(judged(limits, { used: used(of, 4), isStart: false })).toBeNull()
  })

  it.for(ALL)('takes 0 for nothing allowed: $scope, $measure a $period', (of) => {
    for (const isStart of [true, false]) {
      const stop = judged([{ ...of, limit: 0 }], { isStart })
      expect(stop?.message).toMatch(/allows no/)
      // Waiting does not help.
      expect(stop?.resetsAt).toBeNull()
    }
  })

  it('names the reset that is last of several, and before all what no reset ends', () => {
    const month = { scope: 'tenant', measure: 'tokens', period: 'month', limit: 1 } as const
    const day = { scope: 'user', measure: 'requests', period: 'day', limit: 1 } as const
    const all = () => ({ requests: 9, tokens: 9, costMicroUsd: 9 })
    expect(judged([day, month], { used: all })?.resetsAt).toBe(Date.parse(NEXT_MONTH))
    expect(judged([month, day], { used: all })?.resetsAt).toBe(Date.parse(NEXT_MONTH))
    const closed = { ...day, limit: 0 }
    expect(judged([month, closed], { used: all })?.resetsAt).toBeNull()
  })

  it('refuses a model without a price where dollars are limited, and only there', () => {
    const dollars = [{ scope: 'key', measure: 'usd', period: 'day', limit: 5 }] as const
    const stop = judged(dollars, { unpriced: 'router/x' })
    expect(stop?.message).toContain('router/x')
    expect(stop?.message).toContain('budgets.prices')
    expect(stop?.resetsAt).toBeNull()
    expect(judged(dollars)).toBeNull()
    const tokens = [{ ...dollars[0], measure: 'tokens' }] as const
    expect(judged(tokens, { unpriced: 'router/x' })).toBeNull()
    expect(judged([], { unpriced: 'router/x' })).toBeNull()
  })

  it('tells no amount, neither what is used nor what is allowed', () => {
    for (const of of ALL) {
      const stop = judged([{ ...of, limit: 777 }], { used: used(of, 888) })
      expect(stop?.message).not.toMatch(/777|888/)
    }
  })
})

describe('periods', () => {
  it('are UTC days and months', () => {
    expect([periodId('day', NOW), periodId('month', NOW)]).toEqual(['2026-11-26', '2026-11'])
    const last = Date.parse('2026-12-31T23:59:59.999Z')
    expect(periodId('day', last + 1)).toBe('2027-01-01')
    for (const period of BUDGET_PERIODS) {
      const at = resetsAt(period, last)
      expect(at).toBe(Date.parse('2027-01-01T00:00:00Z'))
      expect(periodId(period, at)).not.toBe(periodId(period, at - 1))
    }
    expect(resetsAt('day', Date.parse('2028-02-28T12:00:00Z'))).toBe(Date.parse('2028-02-29'))
  })
})

describe('warningsOf', () => {
  const of = { scope: 'user', measure: 'tokens', period: 'day' } as const

  it('warns from the part on that was set', () => {
    const at = (amount: number, warnAt: number, limit = 10) =>
      warningsOf([{ ...of, limit }], warnAt, used(of, amount)).length
    expect([at(7, 0.8), at(8, 0.8), at(12, 0.8)]).toEqual([0, 1, 1])
    expect([at(9, 1), at(10, 1)]).toEqual([0, 1])
    expect([at(0, 0), at(1, 0)]).toEqual([0, 1])
    // What is switched off is no news.
    expect(at(5, 0.8, 0)).toBe(0)
  })

  it('says how much of what', () => {
    const [warning] = warningsOf([{ ...of, limit: 10 }], 0.8, used(of, 9))
    expect(warning).toEqual({ ...of, limit: 10, used: 9 })
  })
})
