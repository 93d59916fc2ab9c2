/** Traces and their receivers, in ways that meet a neighbour's rows of the same ids. */
import * as schema from '../../../../src/db/schema/index.ts'
import type { TenantId, UserId } from '../../../../src/domain/ids.ts'
import type { CasesOf, Repositories } from './cases.ts'
import { type Row, US } from './world.ts'

const BEFORE = 1_000_000_000
const NOW = BEFORE + 3_600_000
const TRACE = 'a'.repeat(32)
const OWNER = 'user-owner' as UserId
const SMUGGLED: object = { tenantId: 'ten_a' }

const trace = (
  tenantId: TenantId,
  runId: string,
  more: Readonly<Record<string, unknown>> = {},
): Row => [
  schema.traces,
  {
    tenantId,
    runId,
    traceId: TRACE,
    userId: OWNER,
    agentKey: `agent-of-${tenantId}`,
    sessionKey: 'agent:main:ws:direct:1',
    status: 'ok',
    startedAt: BEFORE,
    endedAt: BEFORE,
    expiresAt: NOW + 1_000,
    spanCount: 0,
    dropped: 0,
    spans: [],
    exportDue: 1,
    ...more,
  },
]

const activity = (tenantId: TenantId, more: Readonly<Record<string, unknown>>): Row => [
  schema.activity,
  {
    tenantId,
    measure: 'run',
    userId: '',
    at: BEFORE,
    name: '1',
    count: tenantId === US ? 1 : 7,
    failed: 0,
    inputTokens: 3,
    outputTokens: 4,
    costMicroUsd: 5,
    ...more,
  },
]

const exporter = (tenantId: TenantId, enabled: boolean, id = 'otlp'): Row => [
  schema.traceExporters,
  {
    id,
    tenantId,
    endpoint: 'https://traces.example.com/v1/traces',
    sealedHeaders: `aes-gcm:${tenantId}`,
    allowPrivateNetwork: false,
    enabled,
    lastError: null,
    lastSentAt: null,
    updatedAt: BEFORE,
  },
]

export const ownTraceRows = (tenantId: TenantId): Row[] => [
  trace(tenantId, 'run_t1'),
  trace(tenantId, 'run_t2', { userId: 'user-member', startedAt: BEFORE + 1, exportDue: null }),
  trace(tenantId, 'run_old', { expiresAt: BEFORE + 1 }),
  // Under a name that the neighbours' have, whose have expired.
  ...(tenantId === US
    ? [trace(tenantId, 'run_old9', { startedAt: BEFORE + 2, exportDue: null })]
    : []),
  exporter(tenantId, false),
  activity(tenantId, {}),
  activity(tenantId, { userId: OWNER }),
  activity(tenantId, { measure: 'event', name: 'tool_denied' }),
  // Older than any is kept: a write prunes its own tenant's.
  activity(tenantId, { at: 1 }),
]

/** Earlier, of the same trace, and wanted by somebody. */
export const foreignTraceRows = (tenantId: TenantId): Row[] => [
  trace(tenantId, 'run_t9', { startedAt: 1 }),
  trace(tenantId, 'run_old9', { expiresAt: 1 }),
  exporter(tenantId, true, 'second'),
  activity(tenantId, { at: BEFORE + 900_000, name: '9' }),
]

const ended = (runId: string) => ({
  ...SMUGGLED,
  traceId: TRACE,
  runId,
  userId: OWNER,
  agentKey: 'main',
  sessionKey: 'agent:main:ws:direct:1',
  status: 'ok' as const,
  startedAt: NOW,
  endedAt: NOW,
  expiresAt: NOW + 1_000,
  spans: [],
  dropped: 0,
})

const entry = (id: string, at = BEFORE) => ({
  ...SMUGGLED,
  id,
  userId: '',
  at,
  name: '1',
  count: 1,
  failed: 1,
  inputTokens: 1,
  outputTokens: 1,
  costMicroUsd: 1,
})
const WHEN = { from: 0, to: NOW }

export const ACTIVITY_CASES: CasesOf<Repositories['activity']> = {
  noteActivity: [
    // One that the neighbour has stored under this very id, and one that we have.
    (m, db, t) => db.batch(m.noteActivity(db, t, 'run', [entry('run_t9'), entry('run_t1')], NOW)),
    (m, db, t) => db.batch(m.noteActivity(db, t, 'event', [entry('sev_9'), entry('sev_1')], NOW)),
    (m, db, t) => db.batch(m.noteActivity(db, t, 'run', [], NOW + 30 * 86_400_000)),
  ],
  readActivity: [
    (m, db, t) => m.readActivity(db, t, 'run', WHEN),
    (m, db, t) => m.readActivity(db, t, 'run', { ...WHEN, userId: OWNER }),
    (m, db, t) => m.readActivity(db, t, 'event', WHEN),
  ],
}

export const TRACE_CASES: CasesOf<Repositories['traces']> = {
  insertTraces: [
    (m, db, t) => m.insertTraces(db, t, [ended('run_new')], NOW),
    (m, db, t) => m.insertTraces(db, t, [ended('run_t9'), ended('run_t1')], NOW),
    (m, db, t) => m.insertTraces(db, t, [], NOW),
  ],
  listTraces: [
    (m, db, t) => m.listTraces(db, t, { limit: 50, now: NOW }),
    (m, db, t) => m.listTraces(db, t, { limit: 50, now: NOW, userId: OWNER }),
    (m, db, t) =>
      m.listTraces(db, t, {
        limit: 50,
        now: NOW,
        before: { startedAt: BEFORE + 1, runId: 'run_t2' },
      }),
    (m, db, t) => m.listTraces(db, t, { limit: 50, now: NOW, agentKey: `agent-of-${t}` }),
    (m, db, t) => m.listTraces(db, t, { limit: 50, now: NOW, agentKeys: [`agent-of-${t}`] }),
    (m, db, t) =>
      m.listTraces(db, t, { limit: 50, now: NOW, sessionKey: 'agent:main:ws:direct:1' }),
    (m, db, t) => m.listTraces(db, t, { limit: 50, now: NOW, status: 'ok' }),
  ],
  findTrace: [(m, db, t) => m.findTrace(db, t, TRACE, NOW)],
  waitingTraces: [(m, db, t) => m.waitingTraces(db, t, 10)],
  markTracesSent: [(m, db, t) => m.markTracesSent(db, t, ['run_t1', 'run_t9'])],
}

const changed = { allowPrivateNetwork: false, enabled: true, sealedHeaders: null }

export const TRACE_EXPORTER_CASES: CasesOf<Repositories['trace-exporters']> = {
  findTraceExporter: [(m, db, t) => m.findTraceExporter(db, t)],
  setTraceExporter: [
    (m, db, t) => m.setTraceExporter(db, t, { ...changed, endpoint: 'https://other' }, NOW),
    (m, db, t) =>
      m.setTraceExporter(db, t, { ...SMUGGLED, ...changed, endpoint: 'https://other' }, NOW),
  ],
  noteTraceExport: [
    (m, db, t) =>
      m.noteTraceExport(db, t, 'https://traces.example.com/v1/traces', 'it did not', NOW),
    (m, db, t) => m.noteTraceExport(db, t, 'https://traces.example.com/v1/traces', null, NOW),
  ],
}
