import { describe, expect, it } from 'vitest'
import { userIdSchema } from '../../../../src/domain/ids.ts'
import { AGENT_RUN_LEASE_MS, MAX_AGENT_RUNS } from '../../../../src/domain/sub-agent.ts'
import { AgentRuns } from '../../../../src/objects/tenant/agent-runs.ts'
import { MemoryKv } from '../../../support/memory-kv.ts'

const ADA = userIdSchema.parse('ada')
const BOB = userIdSchema.parse('bob')

const fill = (runs: AgentRuns): void => {
  for (let n = 0; n < MAX_AGENT_RUNS; n++) expect(runs.take(ADA, `s${n}`)).toBe('taken')
}

describe('the places of runs that agents begin', () => {
  it('are as many as there are for each person, over restarts', () => {
    const kv = new MemoryKv()
    fill(new AgentRuns(kv, () => 1))
    const again = new AgentRuns(kv, () => 1)
    expect(again.take(ADA, 'one more')).toBe('full')
    expect(again.take(BOB, 'one more')).toBe('taken')
    again.end(ADA, 's3')
    again.end(ADA, 's3')
    expect(again.take(ADA, 'one more')).toBe('taken')
    expect(again.take(ADA, 'two more')).toBe('full')
  })

  it('are held when they are taken again, also when all are', () => {
    const runs = new AgentRuns(new MemoryKv(), () => 1)
    fill(runs)
    expect(runs.take(ADA, 's0')).toBe('held')
  })

  it('end by themselves, and leave nothing behind when the last is given back', () => {
    let now = 1
    const kv = new MemoryKv()
    const runs = new AgentRuns(kv, () => now)
    fill(runs)
    now += AGENT_RUN_LEASE_MS
    expect(runs.take(ADA, 'later')).toBe('taken')
    expect(runs.take(ADA, 's0')).toBe('taken')
    runs.end(ADA, 'later')
    runs.end(ADA, 's0')
    expect(kv.entries.size).toBe(0)
  })
})
