/** How runs went: one's own for everybody, all of the tenant's for its admins. */
import { z } from 'zod'
import { findTrace, listTraces, MAX_TRACE_PAGE, type TraceSummary } from '../db/traces.ts'
import { isTenantAdmin, type Principal } from '../domain/principal.ts'
import { notFound, refusal } from '../domain/refusal.ts'
import { err, ok } from '../domain/result.ts'
import {
  findAgent,
  mayReach,
  reachedAgentKeys,
  type TenantSnapshot,
} from '../domain/tenant-snapshot.ts'
import { traceIdSchema } from '../domain/trace.ts'
import { VIEWER } from './access.ts'
import { operation } from './operation.ts'
import { ofUser } from './user-filter.ts'

const traceRow = z.object({
  traceId: z.string(),
  runId: z.string(),
  agentId: z.string(),
  sessionKey: z.string(),
  userId: z.string(),
  status: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  spans: z.number(),
  droppedSpans: z.number(),
})

const time = (at: number): string => new Date(at).toISOString()

const toRow = (trace: TraceSummary): z.infer<typeof traceRow> => ({
  traceId: trace.traceId,
  runId: trace.runId,
  agentId: trace.agentKey,
  sessionKey: trace.sessionKey,
  userId: trace.userId,
  status: trace.status,
  startedAt: time(trace.startedAt),
  durationMs: trace.endedAt - trace.startedAt,
  spans: trace.spanCount,
  droppedSpans: trace.dropped,
})

const maySee = (
  principal: Principal,
  snapshot: TenantSnapshot,
  { userId, agentKey }: TraceSummary,
): boolean =>
  (isTenantAdmin(principal) || userId === principal.userId) &&
  mayReach(principal, snapshot, agentKey)

const CURSOR = /^(\d{1,15}):(\w{1,100})$/

export const tracesList = operation({
  name: 'traces.list',
  summary: 'Traces of runs, newest first: one’s own, or for admins everybody’s',
  access: VIEWER,
  params: z.object({
    limit: z.coerce.number().int().min(1).max(MAX_TRACE_PAGE).default(50),
    agentId: z.string().max(100).nullish(),
    sessionKey: z.string().max(1_000).nullish(),
    userId: z.string().max(255).nullish().describe('Of one person alone; of others for admins'),
    failed: z
      .stringbool()
      .or(z.boolean())
      .nullish()
      .describe('Only runs that failed, or only those that did not'),
    since: z.iso.datetime({ offset: true }).optional().describe('Runs that began then or later'),
    before: z.string().regex(CURSOR).optional().describe('`nextBefore` of the page before'),
  }),
  result: z.object({ traces: z.array(traceRow), nextBefore: z.string().nullable() }),
  http: { method: 'GET', path: '/v1/traces' },
  run: async ({ services, principal, snapshot }, { limit, before, ...wanted }) => {
    const { tenantId } = principal
    const isAdmin = isTenantAdmin(principal)
    if (wanted.userId && wanted.userId !== principal.userId && !isAdmin)
      return err(refusal('UNAUTHORIZED', 'traces of others are for admins to see'))
    const { agentId, sessionKey, failed } = wanted
    const agentKey = agentId && (findAgent(snapshot, agentId)?.key ?? agentId)
    const whose = isAdmin ? ofUser(wanted.userId) : { userId: principal.userId }
    if (whose === 'nobody') return ok({ traces: [], nextBefore: null })
    const [, startedAt, runId] = CURSOR.exec(before ?? '') ?? []
    const rows = await listTraces(services.database(tenantId), tenantId, {
      ...whose,
      agentKey: agentKey || undefined,
      ...reachedAgentKeys(principal, snapshot),
      sessionKey: sessionKey || undefined,
      ...(failed == null ? {} : { status: failed ? 'error' : 'ok' }),
      ...(wanted.since === undefined ? {} : { since: Date.parse(wanted.since) }),
      limit,
      before: runId === undefined ? undefined : { startedAt: Number(startedAt), runId },
      now: services.now(),
    })
    const last = rows.length < limit ? undefined : rows.at(-1)
    return ok({
      traces: rows.filter((row) => maySee(principal, snapshot, row)).map(toRow),
      nextBefore: last ? `${last.startedAt}:${last.runId}` : null,
    })
  },
})

const spanRow = z.object({
  spanId: z.string(),
  parentSpanId: z.string().nullable(),
  runId: z.string(),
  name: z.string(),
  kind: z.string(),
  service: z.string(),
  status: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  attributes: z.record(z.string(), z.unknown()),
})

export const tracesGet = operation({
  name: 'traces.get',
  summary: 'The spans of one trace, of all runs in it that the caller may see',
  access: VIEWER,
  params: z.object({ traceId: z.string().max(100) }),
  result: z.object({
    traceId: z.string(),
    runs: z.array(traceRow),
    spans: z.array(spanRow),
  }),
  http: { method: 'GET', path: '/v1/traces/{traceId}' },
  run: async ({ services, principal, snapshot }, { traceId }) => {
    if (!traceIdSchema.safeParse(traceId).success) return err(notFound('trace'))
    const { tenantId } = principal
    const found = await findTrace(services.database(tenantId), tenantId, traceId, services.now())
    const runs = found.filter((trace) => maySee(principal, snapshot, trace))
    if (runs.length === 0) return err(notFound('trace'))
    const spans = runs.flatMap(({ runId, spans }) =>
      spans.map(({ startedAt, endedAt, ...span }) => ({
        ...span,
        runId,
        startedAt: time(startedAt),
        durationMs: endedAt - startedAt,
      })),
    )
    return ok({ traceId, runs: runs.map(toRow), spans })
  },
})
