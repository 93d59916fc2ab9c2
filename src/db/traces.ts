/** Traces of a tenant's runs: written when a run has ended, read by those it belongs to, sent on once. */
import { and, asc, desc, eq, gte, inArray, lte, sql } from 'drizzle-orm'
import { z } from 'zod'
import { entriesOfRun } from '../domain/activity.ts'
import type { TenantId, UserId } from '../domain/ids.ts'
import { type RunTrace, spanSchema } from '../domain/trace.ts'
import { noteActivity } from './activity.ts'
import type { Database } from './database.ts'
import { traceExporters, traces } from './schema/traces.ts'

export const MAX_TRACE_PAGE = 100
/** Runs of one trace: a parent with its sub-agents, and what followed from them. */
const MAX_RUNS = 50
/** What has expired leaves with what comes, so many at a time. */
const EXPIRED_PER_WRITE = 200

const summarySchema = z.object({
  runId: z.string(),
  traceId: z.string(),
  userId: z.string(),
  agentKey: z.string(),
  sessionKey: z.string(),
  status: z.enum(['ok', 'error', 'unset']),
  startedAt: z.number(),
  endedAt: z.number(),
  spanCount: z.number(),
  dropped: z.number(),
})
export type TraceSummary = Readonly<z.infer<typeof summarySchema>>

const storedSchema = summarySchema.extend({ spans: z.array(spanSchema) })
export type StoredTrace = Readonly<z.infer<typeof storedSchema>>

const SUMMARY = {
  runId: traces.runId,
  traceId: traces.traceId,
  userId: traces.userId,
  agentKey: traces.agentKey,
  sessionKey: traces.sessionKey,
  status: traces.status,
  startedAt: traces.startedAt,
  endedAt: traces.endedAt,
  spanCount: traces.spanCount,
  dropped: traces.dropped,
}

/** Behind the index that delivers the order: the one on expiry would have to be sorted. */
const isKept = (now: number) => sql`+${traces.expiresAt} > ${now}`

/** @returns whether somebody waits to be sent them */
export async function insertTraces(
  db: Database,
  tenantId: TenantId,
  ended: readonly RunTrace[],
  now: number,
): Promise<{ readonly isExported: boolean }> {
  const expired = db
    .delete(traces)
    .where(
      and(
        eq(traces.tenantId, tenantId),
        inArray(
          traces.runId,
          db
            .select({ runId: traces.runId })
            .from(traces)
            .where(and(eq(traces.tenantId, tenantId), lte(traces.expiresAt, now)))
            .limit(EXPIRED_PER_WRITE),
        ),
      ),
    )
    .returning({ exportDue: sql<null>`null` })
  const wanted = db
    .select({ one: sql`1` })
    .from(traceExporters)
    .where(and(eq(traceExporters.tenantId, tenantId), eq(traceExporters.enabled, true)))
  const insert = (trace: RunTrace) =>
    db
      .insert(traces)
      .values({
        tenantId,
        runId: trace.runId,
        traceId: trace.traceId,
        userId: trace.userId as UserId,
        agentKey: trace.agentKey,
        sessionKey: trace.sessionKey,
        status: trace.status,
        startedAt: trace.startedAt,
        endedAt: trace.endedAt,
        expiresAt: trace.expiresAt,
        spanCount: trace.spans.length,
        dropped: trace.dropped,
        spans: trace.spans,
        exportDue: sql`(${wanted})`,
      })
      .onConflictDoNothing()
      .returning({ exportDue: traces.exportDue })
  const [old, counted] = noteActivity(db, tenantId, 'run', ended.flatMap(entriesOfRun), now)
  const [, , ...answers] = await db.batch([old, counted, expired, ...ended.map(insert)])
  return { isExported: answers.flat().some(({ exportDue }) => exportDue !== null) }
}

export interface TracePage {
  /** Absent: everybody's. */
  readonly userId?: UserId | undefined
  readonly agentKey?: string | undefined
  /** Only those of these agents. */
  readonly agentKeys?: readonly string[] | undefined
  readonly sessionKey?: string | undefined
  readonly status?: TraceSummary['status'] | undefined
  /** Milliseconds: those that began then or later. */
  readonly since?: number | undefined
  readonly limit: number
  /** The last row of the page before. */
  readonly before?: { readonly startedAt: number; readonly runId: string } | undefined
  readonly now: number
}

/** Newest first. */
export async function listTraces(
  db: Database,
  tenantId: TenantId,
  { userId, agentKey, agentKeys, sessionKey, status, since, limit, before, now }: TracePage,
): Promise<readonly TraceSummary[]> {
  const rows = await db
    .select(SUMMARY)
    .from(traces)
    .where(
      and(
        eq(traces.tenantId, tenantId),
        userId === undefined ? undefined : eq(traces.userId, userId),
        agentKey === undefined ? undefined : eq(traces.agentKey, agentKey),
        agentKeys === undefined
          ? undefined
          : sql`+${traces.agentKey} in (select value from json_each(${JSON.stringify(agentKeys)}))`,
        sessionKey === undefined ? undefined : eq(traces.sessionKey, sessionKey),
        status === undefined ? undefined : eq(traces.status, status),
        since === undefined ? undefined : gte(traces.startedAt, since),
        isKept(now),
        // One comparison of both, so that a page is found without reading those before it.
        before === undefined
          ? undefined
          : sql`(${traces.startedAt}, ${traces.runId}) < (${before.startedAt}, ${before.runId})`,
      ),
    )
    .orderBy(desc(traces.startedAt), desc(traces.runId))
    .limit(Math.min(limit, MAX_TRACE_PAGE))
  return rows.map((row) => summarySchema.parse(row))
}

/** The runs of one trace, oldest first. */
export async function findTrace(
  db: Database,
  tenantId: TenantId,
  traceId: string,
  now: number,
): Promise<readonly StoredTrace[]> {
  const rows = await db
    .select({ ...SUMMARY, spans: traces.spans })
    .from(traces)
    .where(and(eq(traces.tenantId, tenantId), eq(traces.traceId, traceId), isKept(now)))
    .orderBy(asc(traces.startedAt))
    .limit(MAX_RUNS)
  return rows.map((row) => storedSchema.parse(row))
}

/** Those that wait to be sent on, oldest first. */
export async function waitingTraces(
  db: Database,
  tenantId: TenantId,
  limit: number,
): Promise<readonly StoredTrace[]> {
  const rows = await db
    .select({ ...SUMMARY, spans: traces.spans })
    .from(traces)
    .where(and(eq(traces.tenantId, tenantId), eq(traces.exportDue, 1)))
    .orderBy(asc(traces.startedAt))
    .limit(limit)
  return rows.map((row) => storedSchema.parse(row))
}

export async function markTracesSent(
  db: Database,
  tenantId: TenantId,
  runIds: readonly string[],
): Promise<void> {
  await db
    .update(traces)
    .set({ exportDue: null })
    .where(and(eq(traces.tenantId, tenantId), inArray(traces.runId, [...runIds])))
}
