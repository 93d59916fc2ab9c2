import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { runIdSchema, userIdSchema } from '../../../src/domain/ids.ts'
import { RunningRuns, toldRuns } from '../../../src/objects/running-runs.ts'
import { migrate } from '../../../src/objects/schema/migrate.ts'
import { TENANT_MIGRATIONS } from '../../../src/objects/schema/tenant.ts'
import { SqliteStorage } from './sqlite-storage.ts'

beforeEach(() => void vi.useFakeTimers())
afterEach(() => void vi.useRealTimers())

const run = (id: string, sessionKey = `agent:a:ws:direct:${id}`) => ({
  runId: runIdSchema.parse(`run_${id}`),
  sessionKey,
  agentKey: 'a',
  userId: userIdSchema.parse('ada'),
})

function open(storage = new SqliteStorage()) {
  migrate(storage, TENANT_MIGRATIONS)
  return { storage, runs: new RunningRuns(storage.sql, () => Date.now()) }
}

describe('RunningRuns', () => {
  it('knows a run from its start to its end', () => {
    const { runs } = open()
    runs.start(run('1'))
    expect(runs.list()).toEqual([run('1')])
    runs.end(run('1').runId)
    expect(runs.list()).toEqual([])
  })

  it('writes nothing for a run that is over within a moment', async () => {
    const { storage, runs } = open()
    runs.start(run('1'))
    runs.end(run('1').runId)
    await vi.advanceTimersByTimeAsync(10_000)
    expect(open(storage).runs.list()).toEqual([])
  })

  it('remembers a longer run in another life of the object, until it ends', async () => {
    const { storage, runs } = open()
    runs.start(run('1'))
    await vi.advanceTimersByTimeAsync(1_000)
    const next = open(storage).runs
    expect(next.list()).toEqual([run('1')])
    next.end(run('1').runId)
    await vi.advanceTimersByTimeAsync(1_000)
    expect(open(storage).runs.list()).toEqual([])
  })

  it('holds one run of a session: the end of an earlier one was lost', () => {
    const { runs } = open()
    runs.start(run('1', 'agent:a:ws:direct:x'))
    runs.start(run('2', 'agent:a:ws:direct:x'))
    expect(runs.list().map(({ runId }) => runId)).toEqual(['run_2'])
  })

  it('forgets a run that was never reported ended', () => {
    const { runs } = open()
    runs.start(run('1'))
    vi.setSystemTime(Date.now() + 3 * 3_600_000)
    expect(runs.list()).toEqual([])
  })
})

describe('toldRuns', () => {
  it('tells the admins which runs begin and end, beside the log', async () => {
    const told: unknown[] = []
    const noted: string[] = []
    const storage = new SqliteStorage()
    migrate(storage, TENANT_MIGRATIONS)
    const note = toldRuns(
      { publish: async (...event) => void told.push(event) },
      { inBackground: (work) => void work },
      (_, event) => void noted.push(event),
    )
    const runs = new RunningRuns(storage.sql, () => Date.now(), note)
    runs.start(run('1'))
    // A heartbeat of a run that is known.
    runs.start(run('1'))
    runs.end(run('1').runId)
    runs.end(run('1').runId)
    const { agentKey: agentId, ...payload } = run('1')
    const admins = { kind: 'admins' }
    expect(told).toEqual([
      ['run.started', { ...payload, agentId }, admins],
      ['run.ended', { ...payload, agentId }, admins],
    ])
    expect(noted).toEqual(['run.started', 'run.ended'])
  })
})
