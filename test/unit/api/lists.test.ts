import { beforeEach, describe, expect, it } from 'vitest'
import { insertSecurityEvents } from '../../../src/db/security-events.ts'
import { labelSession, upsertSession } from '../../../src/db/sessions.ts'
import { insertTraces } from '../../../src/db/traces.ts'
import type { AgentId, TenantId, UserId } from '../../../src/domain/ids.ts'
import { NOW, newKey, newTenant, openWorld, useQuietLog } from '../gateway/world.ts'
import { asked, type Caller, call as callAs } from './control.ts'

useQuietLog()

type Params = Readonly<Record<string, unknown>>

let world: ReturnType<typeof openWorld>
let tenantId: TenantId
let admin: Caller
let viewer: Caller

beforeEach(async () => {
  world = openWorld()
  world.clock = NOW
  tenantId = await newTenant(world, { anna: 'admin', vera: 'viewer' })
  admin = await newKey(world, tenantId, { scopes: ['operator.admin'], ownerId: 'anna' })
  viewer = await newKey(world, tenantId, { scopes: ['operator.read'], ownerId: 'vera' })
})

/** Every page until there is none, by the name under which each tells where it goes on. */
async function walk(name: string, rows: string, [from, to]: [string, string], params: Params) {
  const seen: Record<string, unknown>[] = []
  let pages = 0
  for (let at: unknown = null; pages < 20; pages++) {
    const answer = await asked(world, admin, name, { ...params, ...(at ? { [to]: at } : {}) })
    seen.push(...(answer[rows] as Record<string, unknown>[]))
    at = answer[from]
    if (at === null) break
  }
  return seen
}

const keyOf = (i: number, agent = 'default') => `agent:${agent}:ws:direct:${i}`

describe('sessions.list', () => {
  beforeEach(async () => {
    for (let i = 0; i < 7; i++) {
      await upsertSession(world.db, tenantId, {
        sessionKey: keyOf(i),
        agentKey: 'default',
        channel: 'ws',
        userId: (i % 2 === 0 ? 'anna' : 'vera') as UserId,
        model: null,
        provider: null,
        messageCount: i,
        inputTokens: 0,
        outputTokens: 0,
        // Two of each moment: a page ends between them.
        updatedAt: NOW + Math.floor(i / 2),
      })
    }
    await labelSession(world.db, tenantId, keyOf(3), '100% of _Plans_')
  })
  const list = (caller: Caller, params: Params = {}) =>
    asked(world, caller, 'sessions.list', params) as Promise<{
      sessions?: { key: string; userID: string }[]
      total?: number
      next?: string | null
    }>
  const keys = async (params: Params, caller = admin) =>
    (await list(caller, params)).sessions?.map(({ key }) => key)

  it('goes by a cursor through all, each once, in the order of the offset', async () => {
    const walked = await walk('sessions.list', 'sessions', ['next', 'cursor'], { limit: 2 })
    expect(walked.map(({ key }) => key)).toEqual(await keys({ limit: 50 }))
    expect(walked).toHaveLength(7)
  })

  it('misses none when another is brought up to date meanwhile', async () => {
    const { sessions = [], next } = await list(admin, { limit: 3 })
    const rest = (await keys({ limit: 50 }))?.slice(3)
    await upsertSession(world.db, tenantId, {
      sessionKey: keyOf(99),
      agentKey: 'default',
      channel: 'ws',
      userId: 'anna' as UserId,
      model: null,
      provider: null,
      messageCount: 1,
      inputTokens: 0,
      outputTokens: 0,
      updatedAt: NOW + 1_000,
    })
    expect(sessions).toHaveLength(3)
    expect(await keys({ limit: 50, cursor: next })).toEqual(rest)
  })

  it('finds part of a label or a key, taken literally', async () => {
    expect(await keys({ search: '_PLANS_' })).toEqual([keyOf(3)])
    expect(await keys({ search: '100%' })).toEqual([keyOf(3)])
    expect(await keys({ search: 'direct:5' })).toEqual([keyOf(5)])
    expect(await keys({ search: 'd%:5' })).toEqual([])
    expect((await list(admin, { search: 'direct', limit: 2 })).total).toBe(7)
  })

  it('finds those of one person: of others for admins alone', async () => {
    expect(await keys({ userId: 'vera' })).toHaveLength(3)
    expect(await keys({ userId: 'vera' }, viewer)).toHaveLength(3)
    expect(await keys({}, viewer)).toHaveLength(3)
    expect(await callAs(world, viewer, 'sessions.list', { userId: 'anna' })).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
  })

  it('finds nothing of an id that nobody can have', async () => {
    expect(await list(admin, { userId: 'a\ud800' })).toMatchObject({ sessions: [], total: 0 })
    expect(await keys({ userId: '' })).toHaveLength(7)
  })

  it('takes no cursor that is none, and shows nobody more by one', async () => {
    for (const cursor of ['x', ':', 'x:y', '-1:y', '1e99:y']) {
      const answer = await callAs(world, admin, 'sessions.list', { cursor })
      expect(answer, cursor).toMatchObject({ error: { code: 'INVALID_REQUEST' } })
    }
    expect(await keys({ cursor: `${NOW + 99}:x` }, viewer)).toHaveLength(3)
    const other = await newTenant(world, { eve: 'admin' })
    const eve = await newKey(world, other, { scopes: ['operator.admin'], ownerId: 'eve' })
    expect(await keys({ cursor: `${NOW + 99}:x` }, eve)).toEqual([])
  })
})

describe('security.events.list', () => {
  beforeEach(() =>
    insertSecurityEvents(
      world.db,
      tenantId,
      Array.from({ length: 6 }, (_, i) => ({
        id: `sev_${i}`,
        name: i % 3 === 0 ? ('key_rotated' as const) : ('auth_failed' as const),
        severity: i % 3 === 0 ? ('info' as const) : ('warn' as const),
        fields: {},
        context: {},
        createdAt: NOW + i * 1_000,
      })),
    ),
  )
  const ids = async (params: Params) => {
    const { events } = await asked(world, admin, 'security.events.list', params)
    return (events as { id: string }[]).map(({ id }) => id)
  }
  const at = (i: number) => new Date(NOW + i * 1_000).toISOString()

  it('filters by kind, severity and time', async () => {
    expect(await ids({ severity: 'info' })).toEqual(['sev_3', 'sev_0'])
    expect(await ids({ severity: 'warn', name: 'key_rotated' })).toEqual([])
    expect(await ids({ since: at(2), until: at(4) })).toEqual(['sev_3', 'sev_2'])
    expect(await callAs(world, admin, 'security.events.list', { since: 'now' })).toMatchObject({
      error: { code: 'INVALID_REQUEST' },
    })
  })

  it('pages within what was filtered', async () => {
    const walked = await walk('security.events.list', 'events', ['nextBefore', 'before'], {
      limit: 2,
      severity: 'warn',
      since: at(1),
    })
    expect(walked.map(({ id }) => id)).toEqual(['sev_5', 'sev_4', 'sev_2', 'sev_1'])
  })
})

describe('traces.list', () => {
  beforeEach(() =>
    insertTraces(
      world.db,
      tenantId,
      Array.from({ length: 6 }, (_, i) => ({
        traceId: 'a'.repeat(32),
        runId: `run_${i}`,
        userId: i < 3 ? 'vera' : 'anna',
        agentKey: i % 2 === 0 ? 'default' : 'second',
        sessionKey: keyOf(i % 3),
        status: i % 2 === 0 ? ('ok' as const) : ('error' as const),
        startedAt: NOW + i,
        endedAt: NOW + i + 1,
        expiresAt: NOW + 3_600_000,
        spans: [],
        dropped: 0,
      })),
      NOW,
    ),
  )
  const runs = async (params: Params, caller = admin) => {
    const { traces } = await asked(world, caller, 'traces.list', params)
    return (traces as { runId: string }[]).map(({ runId }) => runId)
  }

  it('filters by agent, session, person and outcome', async () => {
    expect(await runs({ agentId: 'default' })).toEqual(['run_4', 'run_2', 'run_0'])
    expect(await runs({ sessionKey: keyOf(0) })).toEqual(['run_3', 'run_0'])
    expect(await runs({ failed: true })).toEqual(['run_5', 'run_3', 'run_1'])
    expect(await runs({ failed: 'false', userId: 'vera' })).toEqual(['run_2', 'run_0'])
    expect(await runs({ failed: true }, viewer)).toEqual(['run_1'])
    expect(await callAs(world, viewer, 'traces.list', { userId: 'anna' })).toMatchObject({
      error: { code: 'UNAUTHORIZED' },
    })
  })

  it('finds nothing of an id that nobody can have', async () => {
    expect(await runs({ userId: 'a\ud800' })).toEqual([])
    expect(await runs({ userId: '' })).toHaveLength(6)
  })

  it('pages within what was filtered', async () => {
    const params = { limit: 2, failed: true }
    const walked = await walk('traces.list', 'traces', ['nextBefore', 'before'], params)
    expect(walked.map(({ runId }) => runId)).toEqual(['run_5', 'run_3', 'run_1'])
  })

  it('fills pages for a key that reaches some agents only', async () => {
    const { id } = await asked(world, admin, 'agents.create', { agent_key: 'second' })
    const narrow = await newKey(world, tenantId, {
      scopes: ['operator.admin'],
      ownerId: 'anna',
      allowedAgents: [id as AgentId],
    })
    expect(await runs({ limit: 3 }, narrow)).toEqual(['run_5', 'run_3', 'run_1'])
    expect(await runs({ agentId: 'default' }, narrow)).toEqual([])
  })
})
