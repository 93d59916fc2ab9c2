/** What was consumed, and what may be: everybody's own, and for admins the tenant's. */
import { z } from 'zod'
import { MAX_USAGE_ROWS, readUsage, type UsageDepth } from '../db/usage.ts'
import { limitsOf, periodId, resetsAt, usedOf } from '../domain/budget.ts'
import type { BudgetSubject } from '../domain/ports/tenant.ts'
import { priceOf } from '../domain/prices.ts'
import { actsForTenant, type Principal } from '../domain/principal.ts'
import { type Refusal, refusal } from '../domain/refusal.ts'
import { err, ok, type Result } from '../domain/result.ts'
import type { TenantSnapshot } from '../domain/tenant-snapshot.ts'
import type { UsageRow } from '../domain/usage.ts'
import { VIEWER } from './access.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'

const DAY_MS = 24 * 3_600_000
/** Days of a list that names no beginning. */
const DEFAULT_DAYS = 30
const MAX_GROUPS = 1_000
const MICRO = 1_000_000

const GROUPS = ['day', 'user', 'agent', 'model', 'key'] as const
type Group = (typeof GROUPS)[number]

const day = z.iso.date()

const counts = {
  requests: z.number(),
  input_tokens: z.number(),
  output_tokens: z.number(),
  cache_creation_tokens: z.number(),
  cache_read_tokens: z.number(),
  cost_usd: z.number(),
}
const sums = z.object(counts)
type WireSums = z.infer<typeof sums>

const modelSums = sums.extend({
  provider: z.string(),
  model: z.string(),
  /** Nobody has said what it costs: its tokens are counted at 0. */
  unpriced: z.literal(true).optional(),
})

const NOTHING: WireSums = {
  requests: 0,
  input_tokens: 0,
  output_tokens: 0,
  cache_creation_tokens: 0,
  cache_read_tokens: 0,
  cost_usd: 0,
}

const add = (sum: WireSums, row: UsageRow): WireSums => ({
  requests: sum.requests + row.requests,
  input_tokens: sum.input_tokens + row.inputTokens,
  output_tokens: sum.output_tokens + row.outputTokens,
  cache_creation_tokens: sum.cache_creation_tokens + row.cacheCreationTokens,
  cache_read_tokens: sum.cache_read_tokens + row.cacheReadTokens,
  // Whole millionths, so that the order of a sum leaves no trace in its last digits.
  cost_usd: (Math.round(sum.cost_usd * MICRO) + row.costMicroUsd) / MICRO,
})

const total = (rows: readonly UsageRow[]): WireSums => rows.reduce(add, NOTHING)

const nameOf = (row: UsageRow, group: Group): Readonly<Record<string, string>> => {
  switch (group) {
    case 'day':
      return { day: row.day }
    case 'user':
      return { user_id: row.userId }
    case 'agent':
      return { agent: row.agentKey }
    case 'model':
      return { provider: row.provider, model: row.model }
    case 'key':
      return { key_id: row.keyId }
  }
}

type Named = WireSums & Readonly<Record<string, string | number | boolean>>

function grouped(rows: readonly UsageRow[], group: Group, snapshot: TenantSnapshot): Named[] {
  const groups = Map.groupBy(rows, (row) => JSON.stringify(nameOf(row, group)))
  const named = [...groups.values()].flatMap((some) => {
    const [first] = some
    if (first === undefined) return []
    const isUnpriced = group === 'model' && !isPriced(first, snapshot)
    return [{ ...nameOf(first, group), ...total(some), ...(isUnpriced ? { unpriced: true } : {}) }]
  })
  if (group === 'day') return named.reverse()
  const weight = (sum: WireSums): number => sum.input_tokens + sum.output_tokens
  return named.toSorted(
    (a, b) => b.cost_usd - a.cost_usd || weight(b) - weight(a) || b.requests - a.requests,
  )
}

function isPriced({ provider: name, model }: UsageRow, snapshot: TenantSnapshot): boolean {
  const type = snapshot.providers.find((provider) => provider.name === name)?.type ?? null
  return priceOf(snapshot.config.budgets.prices, { name, type }, model) !== null
}

/** What was counted up to now, of whom the caller may see. */
async function rowsOf(
  { principal, services }: OperationContext,
  range: { readonly from: string; readonly to: string },
  depth: UsageDepth,
): Promise<Result<readonly UsageRow[], Refusal>> {
  const { tenantId, userId } = principal
  await services.tenant(tenantId).flushUsage()
  const seen = actsForTenant(principal) ? range : { ...range, userId }
  const rows = await readUsage(services.database(tenantId), tenantId, seen, depth)
  // A sum of a part would look like the whole.
  return rows.length > MAX_USAGE_ROWS
    ? err(refusal('INVALID_REQUEST', 'there is too much in this range; ask for fewer days'))
    : ok(rows)
}

const scopeOf = (principal: Principal): 'tenant' | 'own' =>
  actsForTenant(principal) ? 'tenant' : 'own'
const scope = z.enum(['tenant', 'own'])

export const usageGet = operation({
  name: 'usage.get',
  summary:
    "What was consumed, by day, user, agent, model or key: one's own, for admins the tenant's",
  access: VIEWER,
  params: z.object({
    from: day.optional(),
    to: day.optional(),
    group_by: z.enum(GROUPS).default('day'),
    limit: z.coerce.number().int().min(1).max(MAX_GROUPS).default(100),
  }),
  result: z.object({
    from: z.string(),
    to: z.string(),
    group_by: z.enum(GROUPS),
    scope,
    usage: z.array(z.object(counts).catchall(z.union([z.string(), z.boolean(), z.number()]))),
    /** There were more groups than `limit`; `total` is of all. */
    truncated: z.boolean(),
    total: sums,
  }),
  http: { method: 'GET', path: '/v1/usage' },
  run: async (context, params) => {
    const { group_by, limit } = params
    const now = context.services.now()
    const to = params.to ?? periodId('day', now)
    const from = params.from ?? periodId('day', Date.parse(to) - (DEFAULT_DAYS - 1) * DAY_MS)
    if (from > to) return err(refusal('INVALID_REQUEST', 'from must not be after to'))
    const rows = await rowsOf(context, { from, to }, group_by)
    if (!rows.ok) return rows
    const groups = grouped(rows.value, group_by, context.snapshot)
    return ok({
      from,
      to,
      group_by,
      scope: scopeOf(context.principal),
      usage: groups.slice(0, limit),
      truncated: groups.length > limit,
      total: total(rows.value),
    })
  },
})

export const usageSummary = operation({
  name: 'usage.summary',
  summary: "Today's and this month's consumption, and the month's by model",
  access: VIEWER,
  params: z.object({}),
  result: z.object({
    scope,
    today: sums,
    month: sums,
    by_model: z.array(modelSums),
  }),
  http: { method: 'GET', path: '/v1/usage/summary' },
  run: async (context) => {
    const today = periodId('day', context.services.now())
    const from = `${today.slice(0, 7)}-01`
    const rows = await rowsOf(context, { from, to: today }, 'model')
    if (!rows.ok) return rows
    return ok({
      scope: scopeOf(context.principal),
      today: total(rows.value.filter((row) => row.day === today)),
      month: total(rows.value),
      by_model: z.array(modelSums).parse(grouped(rows.value, 'model', context.snapshot)),
    })
  },
})

const quota = z.object({
  scope: z.enum(['tenant', 'user', 'agent', 'key']),
  /** Whose: the user, the agent's or the key's name; absent for the tenant. */
  subject: z.string().optional(),
  measure: z.enum(['requests', 'tokens', 'usd']),
  period: z.enum(['day', 'month']),
  limit: z.number(),
  /** Null where it would tell what others have used. */
  used: z.number().nullable(),
  exhausted: z.boolean(),
  resets_at: z.string(),
})

export const quotaUsage = operation({
  name: 'quota.usage',
  summary: "The caller's budgets: limits, what is used, when they begin anew",
  access: VIEWER,
  params: z.object({}),
  result: z.object({ quotas: z.array(quota) }),
  http: { method: 'GET', path: '/v1/usage/quota' },
  run: async ({ principal, services, snapshot }) => {
    const { budgets } = snapshot.config
    const now = services.now()
    const isAdmin = actsForTenant(principal)
    const wanted = subjectsOf(principal, snapshot).filter(
      (subject) => limitsOf(budgets, [subject.scope]).length > 0,
    )
    if (wanted.length === 0) return ok({ quotas: [] })
    const spent = await services.tenant(principal.tenantId).spentBy(wanted)
    const quotas = spent.flatMap((subject) =>
      limitsOf(budgets, [subject.scope]).map(({ scope, measure, period, limit }) => {
        const inUnit = (amount: number): number => (measure === 'usd' ? amount / MICRO : amount)
        const used = usedOf(subject[period], measure)
        return {
          scope,
          ...(subject.name === '' ? {} : { subject: subject.name }),
          measure,
          period,
          limit: inUnit(limit),
          // All users of an agent draw on its budget.
          used: scope === 'agent' && !isAdmin ? null : inUnit(used),
          exhausted: used >= limit,
          resets_at: new Date(resetsAt(period, now)).toISOString(),
        }
      }),
    )
    return ok({ quotas })
  },
})

/** Whose budgets the caller draws on; the tenant's own is for admins to see. */
function subjectsOf(principal: Principal, snapshot: TenantSnapshot): readonly BudgetSubject[] {
  const { userId, credential } = principal
  return [
    ...(actsForTenant(principal) ? [{ scope: 'tenant', name: '' } as const] : []),
    { scope: 'user', name: userId },
    ...(credential.kind === 'api_key' ? [{ scope: 'key', name: credential.id } as const] : []),
    ...snapshot.agents
      .filter(({ status }) => status === 'active')
      .map(({ key }) => ({ scope: 'agent', name: key }) as const),
  ]
}
