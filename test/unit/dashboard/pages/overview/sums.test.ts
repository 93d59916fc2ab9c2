import { describe, expect, it } from 'vitest'
import {
  eventsOf,
  type Point,
  sumsOf,
  trafficOf,
} from '../../../../../src/dashboard/pages/overview/sums.ts'
import {
  channelTrouble,
  runnerTrouble,
} from '../../../../../src/dashboard/pages/overview/trouble.ts'
import { RUNNER_REASONS } from '../../../../../src/domain/ports/runners.ts'

const point = (runs: number, failed: number): Point => ({
  at: '2026-01-01T00:00:00Z',
  runs,
  failed,
  inputTokens: 10,
  outputTokens: 5,
  costMicros: 250_000,
  p50Ms: null,
  p95Ms: null,
})

describe('sumsOf', () => {
  it('adds up a period', () => {
    expect(sumsOf([point(3, 1), point(1, 0)])).toEqual({
      runs: 4,
      failed: 1,
      failedShare: 25,
      inputTokens: 20,
      outputTokens: 10,
      costUsd: 0.5,
    })
  })

  it('knows no share of nothing', () => {
    expect(sumsOf([]).failedShare).toBeNull()
  })
})

it('draws traffic so that both parts together are all that ran', () => {
  expect(trafficOf([point(3, 1)]).map(({ values }) => values)).toEqual([[2], [1]])
})

it('names kinds of events in words', () => {
  const kinds = [{ kind: 'tool_denied', total: 1, counts: [1] }]
  expect(eventsOf(kinds, (kind) => kind.toUpperCase())[0]?.label).toBe('TOOL_DENIED')
})

describe('trouble', () => {
  const well = { dead: 0, last_received_at: null, last_sent_at: null, last_error: null }
  const error = { at: '2026-01-01T10:00:00Z', message: 'token revoked' }

  it('has words for whatever ails a runner', () => {
    for (const reason of RUNNER_REASONS) expect(runnerTrouble(reason)).not.toBe(reason)
    expect(runnerTrouble(null)).toBeNull()
  })

  it('tells the last error of a channel until something went well', () => {
    const health = { ...well, last_error: error, last_sent_at: '2026-01-01T09:00:00Z' }
    expect(channelTrouble({ enabled: true, health })).toBe('token revoked')
    const over = { ...health, last_received_at: '2026-01-01T11:00:00Z' }
    expect(channelTrouble({ enabled: true, health: over })).toBeNull()
  })

  it('counts messages that could not be answered, but not of a channel that is off', () => {
    const health = { ...well, dead: 2 }
    expect(channelTrouble({ enabled: true, health })).toBe('2 messages could not be answered')
    expect(channelTrouble({ enabled: false, health })).toBeNull()
  })
})
