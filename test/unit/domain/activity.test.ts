import { describe, expect, it } from 'vitest'
import {
  durationClass,
  entriesOfRun,
  entryOfEvent,
  middleOf,
  percentile,
  quarterOf,
} from '../../../src/domain/activity.ts'

const RUN = {
  traceId: 'a'.repeat(32),
  runId: 'run_1',
  userId: 'olga',
  agentKey: 'main',
  sessionKey: 'agent:main:main',
  status: 'ok' as const,
  startedAt: 1_800_000_123_456,
  endedAt: 1_800_000_124_456,
  expiresAt: 0,
  spans: [],
  dropped: 0,
}

describe('a class of durations', () => {
  it('is known by a middle that is off by a tenth at most', () => {
    for (let ms = 1; ms < 4_000_000; ms = Math.ceil(ms * 1.07)) {
      const middle = middleOf(durationClass(ms)) ?? 0
      expect(Math.abs(middle - ms), String(ms)).toBeLessThanOrEqual(ms * 0.1 + 1)
    }
  })

  it('takes what took no time, and what a clock made negative', () => {
    expect([0, 0.4, -5].map((ms) => middleOf(durationClass(ms)))).toEqual([0, 0, 0])
  })

  it('is none where the name says nothing', () => {
    expect(['x', '-1', '1.5', 'NaN'].map(middleOf)).toEqual([null, null, null, null])
  })
})

describe('a percentile', () => {
  const of = (...durations: readonly number[]) =>
    durations.map((ms) => ({ name: durationClass(ms), count: 1 }))

  it('is what that share stays below', () => {
    const runs = of(...Array.from({ length: 100 }, (_, i) => (i + 1) * 10))
    for (const [share, ms] of [
      [0.5, 500],
      [0.95, 950],
    ] as const) {
      const found = percentile(runs, share) ?? 0
      expect(Math.abs(found - ms)).toBeLessThanOrEqual(ms * 0.1)
    }
  })

  it('is the one there is, and none where there is none', () => {
    expect(percentile(of(1_000), 0.5)).toBe(percentile(of(1_000), 0.95))
    expect(percentile([], 0.5)).toBeNull()
    expect(percentile([{ name: 'tool_denied', count: 3 }], 0.5)).toBeNull()
  })
})

describe('what is counted', () => {
  it('of a run is for its user and for the tenant', () => {
    const spent = { inputTokens: 3, outputTokens: 4, costMicroUsd: 5 }
    const entries = entriesOfRun({ ...RUN, status: 'error', spent })
    expect(entries.map(({ userId }) => userId)).toEqual(['', 'olga'])
    for (const { userId: _, ...entry } of entries) {
      expect(entry).toEqual({
        id: 'run_1',
        at: quarterOf(RUN.startedAt),
        name: durationClass(1_000),
        count: 1,
        failed: 1,
        ...spent,
      })
    }
    expect(entriesOfRun(RUN)[0]).toMatchObject({ failed: 0, inputTokens: 0 })
  })

  it('of a flood is all that its row stands for', () => {
    const event = { id: 'sev_1', name: 'auth_failed', createdAt: 1_800_000_123_456, fields: {} }
    expect(entryOfEvent(event).count).toBe(1)
    expect(entryOfEvent({ ...event, fields: { repeated: 40 } }).count).toBe(40)
    expect(entryOfEvent({ ...event, fields: { repeated: 'x' } }).count).toBe(1)
  })

  it('begins with its quarter', () => {
    expect(quarterOf(1_800_000_123_456) % 900_000).toBe(0)
    expect(quarterOf(900_000)).toBe(900_000)
    expect(quarterOf(899_999)).toBe(0)
  })
})
