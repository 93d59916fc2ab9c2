/**
 * Counts of runs and security events by the quarter of an hour. They are added in the batch that stores
 * what is counted, and only for what is not stored yet: a batch that comes again counts nothing twice.
 */
import { and, desc, eq, gte, lt, notExists, sql } from 'drizzle-orm'
import { type ActivityEntry, QUARTER_MS } from '../domain/activity.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import type { Database } from './database.ts'
import { activity } from './schema/activity.ts'
import { securityEvents } from './schema/security.ts'
import { traces } from './schema/traces.ts'

/** A week, and a day for whoever looks back from its beginning. */
const KEPT_MS = 8 * 86_400_000
/** Of one answer: a week's quarters with two dozen names each. What is cut is the oldest. */
const MAX_ACTIVITY_ROWS = 20_000

type Measure = 'run' | 'event'

const of = (name: keyof ActivityEntry) => sql`json_extract(value, ${`$.${name}`})`
const added = (column: (typeof activity)[Counted]) =>
  sql`${column} + excluded.${sql.identifier(column.name)}`
type Counted = 'count' | 'failed' | 'inputTokens' | 'outputTokens' | 'costMicroUsd'

/** For the batch that stores what is counted, before the statement that does. */
export function noteActivity(
  db: Database,
  tenantId: TenantId,
  measure: Measure,
  entries: readonly ActivityEntry[],
  now: number,
) {
  const one = { one: sql`1` }
  const stored =
    measure === 'run'
      ? db
          .select(one)
          .from(traces)
          .where(and(eq(traces.tenantId, tenantId), eq(traces.runId, of('id'))))
      : db
          .select(one)
          .from(securityEvents)
          .where(and(eq(securityEvents.tenantId, tenantId), eq(securityEvents.id, of('id'))))
  return [
    db.delete(activity).where(and(eq(activity.tenantId, tenantId), lt(activity.at, now - KEPT_MS))),
    db
      .insert(activity)
      .select(
        sql`select ${tenantId}, ${measure}, ${of('userId')}, ${of('at')}, ${of('name')},
              ${of('count')}, ${of('failed')}, ${of('inputTokens')}, ${of('outputTokens')},
              ${of('costMicroUsd')}
            from json_each(${JSON.stringify(entries)}) where ${notExists(stored)}`,
      )
      .onConflictDoUpdate({
        target: [activity.tenantId, activity.measure, activity.userId, activity.at, activity.name],
        set: {
          count: added(activity.count),
          failed: added(activity.failed),
          inputTokens: added(activity.inputTokens),
          outputTokens: added(activity.outputTokens),
          costMicroUsd: added(activity.costMicroUsd),
        },
      }),
  ] as const
}

export type ActivityRow = Omit<ActivityEntry, 'id' | 'userId'>

export interface ActivityRange {
  /** Absent: of the tenant as a whole. */
  readonly userId?: UserId
  readonly from: number
  readonly to: number
}

/** Newest first. */
export async function readActivity(
  db: Database,
  tenantId: TenantId,
  measure: Measure,
  { userId, from, to }: ActivityRange,
): Promise<readonly ActivityRow[]> {
  return db
    .select({
      at: activity.at,
      name: activity.name,
      count: activity.count,
      failed: activity.failed,
      inputTokens: activity.inputTokens,
      outputTokens: activity.outputTokens,
      costMicroUsd: activity.costMicroUsd,
    })
    .from(activity)
    .where(
      and(
        eq(activity.tenantId, tenantId),
        eq(activity.measure, measure),
        eq(activity.userId, userId ?? ''),
        gte(activity.at, from - (from % QUARTER_MS)),
        lt(activity.at, to),
      ),
    )
    .orderBy(desc(activity.at), desc(activity.name))
    .limit(MAX_ACTIVITY_ROWS)
}
