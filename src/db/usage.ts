/** Consumption per day, as lists and sums read it. The tenant's object counts; it writes here what it has. */
import { and, eq, gte, lte, sql } from 'drizzle-orm'
import type { TenantId, UserId } from '../domain/ids.ts'
import type { UsageRow } from '../domain/usage.ts'
import type { Database } from './database.ts'
import { usage } from './schema/usage.ts'

/** Rows of one statement: D1 allows 100 bound parameters, and a row binds thirteen. */
const ROWS_PER_STATEMENT = 7
/** What one answer may be summed up from: more would be megabytes, and a sum of a part is none. */
export const MAX_USAGE_ROWS = 20_000

/** A sum only rises: one that arrives late, or once more, takes nothing back. */
const higher = (column: (typeof usage)[Counted]) =>
  sql`max(${column}, excluded.${sql.identifier(column.name)})`

type Counted = keyof typeof COUNTS

/** Whole sums of their day, never what was added since: writing them again changes nothing. */
export async function writeUsage(
  db: Database,
  tenantId: TenantId,
  rows: readonly UsageRow[],
): Promise<void> {
  const write = (some: readonly UsageRow[]) =>
    db
      .insert(usage)
      .values(some.map((row) => ({ ...row, tenantId })))
      .onConflictDoUpdate({
        target: [
          usage.tenantId,
          usage.day,
          usage.userId,
          usage.agentKey,
          usage.provider,
          usage.model,
          usage.keyId,
        ],
        set: {
          requests: higher(usage.requests),
          inputTokens: higher(usage.inputTokens),
          outputTokens: higher(usage.outputTokens),
          cacheCreationTokens: higher(usage.cacheCreationTokens),
          cacheReadTokens: higher(usage.cacheReadTokens),
          costMicroUsd: higher(usage.costMicroUsd),
        },
      })
  const chunks: (readonly UsageRow[])[] = []
  for (let i = 0; i < rows.length; i += ROWS_PER_STATEMENT)
    chunks.push(rows.slice(i, i + ROWS_PER_STATEMENT))
  const [first, ...rest] = chunks.map(write)
  if (first !== undefined) await db.batch([first, ...rest])
}

/** The columns of the key, in its order: a sum over a beginning of them needs no sorting. */
const KEY = {
  day: usage.day,
  userId: usage.userId,
  agentKey: usage.agentKey,
  provider: usage.provider,
  model: usage.model,
  keyId: usage.keyId,
} as const

const COUNTS = {
  requests: usage.requests,
  inputTokens: usage.inputTokens,
  outputTokens: usage.outputTokens,
  cacheCreationTokens: usage.cacheCreationTokens,
  cacheReadTokens: usage.cacheReadTokens,
  costMicroUsd: usage.costMicroUsd,
} as const

export const USAGE_DEPTHS = { day: 1, user: 2, agent: 3, model: 5, key: 6 } as const
export type UsageDepth = keyof typeof USAGE_DEPTHS

export interface UsageRange {
  /** Days, both included. */
  readonly from: string
  readonly to: string
  /** Set for whoever may see only their own. */
  readonly userId?: UserId
}

const total = (column: (typeof usage)[Counted]) => sql<number>`sum(${column})`

/**
 * By day, oldest first; columns behind `depth` are summed over, and empty. One row more than
 * `MAX_USAGE_ROWS` says that there are too many.
 */
export async function readUsage(
  db: Database,
  tenantId: TenantId,
  { from, to, userId }: UsageRange,
  depth: UsageDepth,
): Promise<readonly UsageRow[]> {
  const inRange = [eq(usage.tenantId, tenantId), gte(usage.day, from), lte(usage.day, to)] as const
  if (userId !== undefined) {
    return db
      .select({ ...KEY, ...COUNTS })
      .from(usage)
      .where(and(...inRange, eq(usage.userId, userId)))
      .orderBy(usage.day)
      .limit(MAX_USAGE_ROWS + 1)
  }
  const columns = Object.entries(KEY).slice(0, USAGE_DEPTHS[depth])
  const names = columns.map(([, column]) => column)
  const rows = await db
    .select({
      ...Object.fromEntries(columns),
      requests: total(usage.requests),
      inputTokens: total(usage.inputTokens),
      outputTokens: total(usage.outputTokens),
      cacheCreationTokens: total(usage.cacheCreationTokens),
      cacheReadTokens: total(usage.cacheReadTokens),
      costMicroUsd: total(usage.costMicroUsd),
    })
    .from(usage)
    .where(and(...inRange))
    .groupBy(...names)
    .orderBy(...names)
    .limit(MAX_USAGE_ROWS + 1)
  return rows.map((row) => ({ ...NOBODY, ...row }))
}

const NOBODY = { day: '', userId: '' as UserId, agentKey: '', provider: '', model: '', keyId: '' }
