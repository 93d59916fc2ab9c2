import { beforeEach, describe, expect, it } from 'vitest'
import { createApproval } from '../../../src/db/approvals.ts'
import { insertSecurityEvents } from '../../../src/db/security-events.ts'
import { insertTraces } from '../../../src/db/traces.ts'
import type { AgentId, RunId, TenantId, UserId } from '../../../src/domain/ids.ts'
import type { SecurityEventName } from '../../../src/domain/security-event.ts'
import { NOW, newKey, newTenant, openWorld, useQuietLog } from '../gateway/world.ts'
import { asked, type Caller } from './control.ts'

useQuietLog()

const HOUR = 3_600_000
const QUARTER = 900_000

let world: ReturnType<typeof openWorld>
let tenantId: TenantId
let admin: Caller
let viewer: Caller
let count = 0

beforeEach(async () => {
  world = openWorld()
  world.clock = NOW
  tenantId = await newTenant(world, { anna: 'admin', vera: 'viewer' })
  admin = await newKey(world, tenantId, { scopes: ['operator.admin'], ownerId: 'anna' })
  viewer = await newKey(world, tenantId, { scopes: ['operator.read'], ownerId: 'vera' })
})

interface Run {
  readonly id?: string
  readonly userId?: string
  readonly ago?: number
  readonly ms?: number
  readonly status?: 'ok' | 'error'
}

const ran = (runs: readonly Run[], of = tenantId) =>
  insertTraces(
    world.db,
    of,
    runs.map(({ id = `run_${++count}`, userId = 'anna', ago = 0, ms = 1_000, status = 'ok' }) => ({
      traceId: 'a'.repeat(32),
      runId: id,
      userId,
      agentKey: 'default',
      sessionKey: 'agent:default:main',
      status,
      startedAt: NOW - ago,
      endedAt: NOW - ago + ms,
      expiresAt: NOW + HOUR,
      spans: [],
      dropped: 0,
      spent: { inputTokens: 10, outputTokens: 5, costMicroUsd: 7 },
    })),
    NOW,
  )

const happened = (names: readonly SecurityEventName[], more = {}) =>
  insertSecurityEvents(
    world.db,
    tenantId,
    names.map((name) => ({
      id: `sev_${++count}`,
      name,
      severity: 'warn' as const,
      fields: {},
      context: {},
      createdAt: NOW,
      ...more,
    })),
  )

interface Point {
  readonly at: string
  readonly runs: number
  readonly failed: number
  readonly inputTokens: number
  readonly costMicros: number
  readonly p50Ms: number | null
  readonly p95Ms: number | null
}
interface Overview {
  readonly from: string
  readonly to: string
  readonly stepMs: number
  readonly series: readonly Point[]
  readonly security: readonly { kind: string; total: number; counts: readonly number[] }[]
  readonly pendingApprovals: number
  readonly runsInProgress: number
}
const overview = async (caller = admin, params = {}): Promise<Overview> =>
  (await asked(world, caller, 'overview.get', params)) as unknown as Overview
const runsOf = ({ series }: Overview): number => series.reduce((sum, { runs }) => sum + runs, 0)

describe('overview.get', () => {
  it('is empty points where nothing went on', async () => {
    const seen = await overview()
    expect(seen).toMatchObject({
      scope: 'tenant',
      sampleRatio: 1,
      security: [],
      runsInProgress: 0,
      pendingApprovals: 0,
      channels: { healthy: 0, failing: 0 },
      runners: { configured: 0, healthy: 0 },
    })
    expect(seen.series).toHaveLength(48)
    expect(seen.series[0]).toMatchObject({ at: seen.from, runs: 0, p50Ms: null, p95Ms: null })
  })

  it.each([1, 12, 13, 24, 25, 72, 73, 100, 168])(
    'covers %i hours in whole steps',
    async (hours) => {
      const { from, to, stepMs, series } = await overview(admin, { hours })
      expect(Date.parse(to) - Date.parse(from)).toBe(series.length * stepMs)
      expect(Date.parse(to)).toBeGreaterThan(NOW)
      expect(NOW - Date.parse(from)).toBeGreaterThanOrEqual(hours * HOUR - stepMs)
      expect(series.length).toBeLessThanOrEqual(64)
      expect(stepMs % QUARTER).toBe(0)
    },
  )

  it('counts runs, failures, tokens, money and durations where they were', async () => {
    await ran([{ ms: 100 }, { ms: 100 }, { ms: 10_000, status: 'error' }, { ago: 3 * HOUR }])
    const { series } = await overview()
    const last = series.at(-1)
    expect(last).toMatchObject({
      runs: 3,
      failed: 1,
      inputTokens: 30,
      outputTokens: 15,
      costMicros: 21,
    })
    expect(last?.p50Ms).toBeGreaterThan(88)
    expect(last?.p50Ms).toBeLessThan(112)
    expect(last?.p95Ms).toBeGreaterThan(8_900)
    expect(series.filter(({ runs }) => runs > 0)).toHaveLength(2)
  })

  it('counts a batch that comes again once', async () => {
    const runs = [{ id: 'run_a' }, { id: 'run_b' }]
    await ran(runs)
    await ran([...runs, { id: 'run_c' }])
    expect(runsOf(await overview())).toBe(3)
  })

  it('shows everybody else their own figures, and no events', async () => {
    await ran([{ userId: 'vera' }, { userId: 'anna' }, { userId: 'anna' }])
    await happened(['tool_denied'])
    expect(runsOf(await overview(admin))).toBe(3)
    const own = await overview(viewer)
    expect([runsOf(own), own.security]).toEqual([1, []])
    expect(own).toMatchObject({ scope: 'own' })
  })

  it('shows a key for some agents its owner’s figures alone', async () => {
    const narrow = await newKey(world, tenantId, {
      scopes: ['operator.admin'],
      ownerId: 'anna',
      allowedAgents: ['agt_none' as AgentId],
    })
    await ran([{ userId: 'vera' }])
    await happened(['tool_denied'])
    expect(await overview(narrow)).toMatchObject({ scope: 'own', security: [] })
    expect(runsOf(await overview(narrow))).toBe(0)
  })

  it('shows nothing of another tenant', async () => {
    const other = await newTenant(world, { eve: 'admin' })
    const eve = await newKey(world, other, { scopes: ['operator.admin'], ownerId: 'eve' })
    await ran([{}, {}])
    await happened(['tool_denied'])
    const seen = await overview(eve)
    expect([runsOf(seen), seen.security]).toEqual([0, []])
  })

  it('counts what the gates saw, by kind and point, a flood for all that it was', async () => {
    await happened(['tool_denied', 'auth_failed', 'tool_denied'])
    await happened(['auth_failed'], { createdAt: NOW - 2 * HOUR, fields: { repeated: 40 } })
    const { security, series } = await overview()
    expect(security.map(({ kind, total }) => [kind, total])).toEqual([
      ['auth_failed', 41],
      ['tool_denied', 2],
    ])
    expect(security[0]?.counts).toHaveLength(series.length)
    expect(security[0]?.counts.at(-1)).toBe(1)
  })

  it('counts the questions that wait, one’s own where others’ are not to be seen', async () => {
    const ask = (requestedBy: string) =>
      createApproval(
        world.db,
        tenantId,
        {
          id: `apr_${++count}`,
          agentId: 'agt_1' as AgentId,
          agentKey: 'default',
          sessionKey: 'agent:default:main',
          runId: 'run_1' as RunId,
          callId: 'c',
          tool: 'exec',
          arguments: '{}',
          cwd: '',
          envNames: [],
          access: 'rw',
          network: 'none',
          policyVersion: '1',
          manifestRoot: '',
          standing: null,
          reason: 'autonomy',
          bindingHash: 'x',
          requestedBy: requestedBy as UserId,
          sessionOwner: requestedBy as UserId,
          createdAt: NOW,
          expiresAt: NOW + HOUR,
        },
        { perSession: 9, perRequester: 9 },
      )
    await ask('vera')
    await ask('anna')
    expect((await overview(admin)).pendingApprovals).toBe(2)
    expect((await overview(viewer)).pendingApprovals).toBe(1)
    world.clock = NOW + 2 * HOUR
    expect((await overview(admin)).pendingApprovals).toBe(0)
  })

  it('forgets what is older than it shows', async () => {
    await ran([{ ago: 9 * 24 * HOUR }])
    await ran([{}])
    const query = "select count(*) as n from activity where tenant_id = ? and measure = 'run'"
    const { results } = (await world.sqlite.d1.prepare(query).bind(tenantId).all()) as {
      results: { n: number }[]
    }
    // The newest run, for its user and for the tenant.
    expect(results[0]?.n).toBe(2)
  })

  it('asks the database three things, and reads no single run or event', async () => {
    await asked(world, admin, 'overview.get')
    const before = world.sqlite.queries.length
    await asked(world, admin, 'overview.get')
    const queries = world.sqlite.queries
      .slice(before)
      .filter((query) => /activity|approvals|traces|security_events/.test(query))
    expect(queries).toHaveLength(3)
    expect(queries.some((query) => /"(?:traces|security_events)"/.test(query))).toBe(false)
  })
})
