/**
 * What goes on, at a glance: counted quarters of an hour, and how things stand now. One's own figures
 * for everybody; the tenant's, with what its gates saw, for admins. It reads counts and no single rows.
 */
import { z } from 'zod'
import { type ActivityRow, readActivity } from '../db/activity.ts'
import { countPendingApprovals } from '../db/approvals.ts'
import { percentile, QUARTER_MS } from '../domain/activity.ts'
import { actsForTenant, isApprover } from '../domain/principal.ts'
import { ok } from '../domain/result.ts'
import { mayReach, reachedAgentKeys } from '../domain/tenant-snapshot.ts'
import { VIEWER } from './access.ts'
import { isFailingLately } from './channel-failing.ts'
import type { OperationContext } from './context.ts'
import { operation } from './operation.ts'
import { time } from './time.ts'

const HOUR_MS = 3_600_000
const MAX_HOURS = 168

/** Few enough points to draw, and whole quarters. */
function stepOf(hours: number): number {
  if (hours <= 12) return QUARTER_MS
  if (hours <= 24) return 2 * QUARTER_MS
  return hours <= 72 ? 2 * HOUR_MS : 3 * HOUR_MS
}

const point = z.object({
  at: z.string(),
  runs: z.number(),
  failed: z.number(),
  inputTokens: z.number(),
  outputTokens: z.number(),
  /** Millionths of a US dollar, as far as prices are known. */
  costMicros: z.number(),
  /** To a tenth; null where nothing ran. */
  p50Ms: z.number().nullable(),
  p95Ms: z.number().nullable(),
})

const kindOfEvent = z.object({
  kind: z.string(),
  total: z.number(),
  /** For each point of `series`. */
  counts: z.array(z.number()),
})

export const overviewGet = operation({
  name: 'overview.get',
  summary: 'What goes on, over time and now: one’s own figures, for admins the tenant’s',
  access: VIEWER,
  params: z.object({ hours: z.coerce.number().int().min(1).max(MAX_HOURS).default(24) }),
  result: z.object({
    scope: z.enum(['tenant', 'own']),
    from: z.string(),
    to: z.string(),
    stepMs: z.number(),
    /** Below 1 the series counts only the runs whose traces are kept. */
    sampleRatio: z.number(),
    series: z.array(point),
    security: z.array(kindOfEvent),
    runsInProgress: z.number(),
    pendingApprovals: z.number(),
    channels: z.object({ healthy: z.number(), failing: z.number() }),
    runners: z.object({ configured: z.number(), healthy: z.number() }),
  }),
  http: { method: 'GET', path: '/v1/overview' },
  run: async (context, { hours }) => {
    const { services, principal, snapshot } = context
    const { tenantId, userId } = principal
    const db = services.database(tenantId)
    const now = services.now()
    const stepMs = stepOf(hours)
    // Whole steps, the last of them under way.
    const to = now - (now % stepMs) + stepMs
    const range = { from: to - Math.ceil((hours * HOUR_MS) / stepMs) * stepMs, to }
    const isOfTenant = actsForTenant(principal)
    const [runs, events, running, pendingApprovals, channels, looked] = await Promise.all([
      readActivity(db, tenantId, 'run', isOfTenant ? range : { ...range, userId }),
      isOfTenant ? readActivity(db, tenantId, 'event', range) : [],
      services.tenant(tenantId).runningRuns(),
      countPendingApprovals(
        db,
        tenantId,
        {
          ...(isApprover(principal) ? {} : { ofUser: userId }),
          ...reachedAgentKeys(principal, snapshot),
        },
        now,
      ),
      channelsNow(context),
      context.runners.recent(),
    ])
    const own = running.filter(
      (run) => (isOfTenant || run.userId === userId) && mayReach(principal, snapshot, run.agentKey),
    )
    const steps = stepsOf(range, stepMs)
    return ok({
      scope: isOfTenant ? ('tenant' as const) : ('own' as const),
      from: time(range.from),
      to: time(range.to),
      stepMs,
      sampleRatio: snapshot.config.traces.sample_ratio,
      series: seriesOf(runs, steps, stepMs),
      security: kindsOf(events, steps, stepMs),
      runsInProgress: own.length,
      pendingApprovals,
      channels,
      runners: {
        configured: looked.runners.length,
        healthy: looked.runners.filter(({ reason }) => reason === null).length,
      },
    })
  },
})

const stepsOf = (range: { from: number; to: number }, stepMs: number): readonly number[] =>
  Array.from({ length: (range.to - range.from) / stepMs }, (_, i) => range.from + i * stepMs)

function byStep(
  rows: readonly ActivityRow[],
  steps: readonly number[],
  stepMs: number,
): readonly (readonly ActivityRow[])[] {
  const [from = 0] = steps
  const grouped = Map.groupBy(rows, ({ at }) => Math.floor((at - from) / stepMs))
  return steps.map((_, i) => grouped.get(i) ?? [])
}

const seriesOf = (
  rows: readonly ActivityRow[],
  steps: readonly number[],
  stepMs: number,
): z.infer<typeof point>[] =>
  byStep(rows, steps, stepMs).map((some, i) => {
    const sum = (of: (row: ActivityRow) => number): number =>
      some.reduce((total, row) => total + of(row), 0)
    return {
      at: time(steps[i] ?? 0),
      runs: sum(({ count }) => count),
      failed: sum(({ failed }) => failed),
      inputTokens: sum(({ inputTokens }) => inputTokens),
      outputTokens: sum(({ outputTokens }) => outputTokens),
      costMicros: sum(({ costMicroUsd }) => costMicroUsd),
      p50Ms: percentile(some, 0.5),
      p95Ms: percentile(some, 0.95),
    }
  })

/** The most frequent first. */
function kindsOf(
  rows: readonly ActivityRow[],
  steps: readonly number[],
  stepMs: number,
): z.infer<typeof kindOfEvent>[] {
  const kinds = [...Map.groupBy(rows, ({ name }) => name)].map(([kind, some]) => {
    const counts = byStep(some, steps, stepMs).map((each) =>
      each.reduce((sum, { count }) => sum + count, 0),
    )
    return { kind, total: counts.reduce((sum, count) => sum + count, 0), counts }
  })
  return kinds.toSorted((a, b) => b.total - a.total || (a.kind < b.kind ? -1 : 1))
}

async function channelsNow({ services, principal, snapshot }: OperationContext) {
  const { tenantId, allowedAgents } = principal
  const seen = snapshot.channelInstances.filter(
    ({ agentId, enabled }) =>
      enabled && (allowedAgents === null || allowedAgents.includes(agentId)),
  )
  const failing = await Promise.all(
    seen.map((instance) => isFailingLately(services, tenantId, instance)),
  )
  const count = failing.filter(Boolean).length
  return { healthy: seen.length - count, failing: count }
}
