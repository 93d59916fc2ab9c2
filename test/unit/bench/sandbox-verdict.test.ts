import { describe, expect, it } from 'vitest'
import { sandboxTable } from '../../bench/sandbox/report.ts'
import { exitCodeOf, judge, type Measured, type RowSpec } from '../../bench/sandbox/verdict.ts'
import { summarize } from '../../bench/statistics.ts'

const SPECS: readonly RowSpec[] = [
  { id: 'floor', what: 'the floor' },
  { id: 'ours', what: 'ours', floor: 'floor', goal: { kind: 'ratio', most: 1.5 } },
  { id: 'burst', what: 'many', goal: { kind: 'p99', mostMs: 1_000 } },
  { id: 'peer', what: 'a peer', floor: 'floor' },
]

const judged = (of: Readonly<Record<string, Measured>>) => {
  const rows = judge(SPECS, new Map(Object.entries(of)))
  return { rows, verdicts: rows.map(({ verdict }) => verdict) }
}

const floor = { samples: [10, 10, 10] }
const burst = { samples: [900, 1_000] }

describe('verdicts of the sandbox benchmark', () => {
  it('reach a ratio that is met exactly, and miss one that is not', () => {
    expect(judged({ floor, burst, ours: { samples: [15] } }).verdicts).toEqual([
      null,
      'reached',
      'reached',
      null,
    ])
    expect(judged({ floor, burst, ours: { samples: [15.1] } }).verdicts[1]).toBe('missed')
  })

  it('compare medians: one stall decides nothing', () => {
    const { rows } = judged({ floor, burst, ours: { samples: [12, 12, 500] } })
    expect(rows[1]).toMatchObject({ ratio: 1.2, p99Ms: 500, verdict: 'reached' })
  })

  it('judge a burst by its slowest', () => {
    expect(judged({ burst: { samples: [1, 1, 1_001] } }).verdicts[2]).toBe('missed')
  })

  it('miss a goal when anything failed, however fast the rest was', () => {
    expect(judged({ burst: { samples: [1], failed: 1 } }).verdicts[2]).toBe('missed')
    expect(judged({ burst: { samples: [], failed: 20 } }).verdicts[2]).toBe('missed')
  })

  it('have no success without a figure, of the row or of its floor', () => {
    expect(judged({ floor }).verdicts).toEqual([null, 'unmeasured', 'unmeasured', null])
    expect(judged({ ours: { samples: [1] } }).verdicts[1]).toBe('unmeasured')
  })

  it('end a check with 1 unless every goal is reached; peers have none', () => {
    expect(exitCodeOf(judged({ floor, burst, ours: { samples: [1] } }).rows)).toBe(0)
    expect(exitCodeOf(judged({ floor, burst, ours: { samples: [99] } }).rows)).toBe(1)
    expect(exitCodeOf(judged({ floor, ours: { samples: [1] } }).rows)).toBe(1)
  })
})

describe('the table of the sandbox benchmark', () => {
  const about = {
    model: 'a processor',
    cores: 2,
    memoryBytes: 2 ** 30,
    node: 'v0',
    engine: '1',
    image: 'an-image',
    loadBefore: 0.25,
  }

  it('names the row that a ratio is of, the cores, and what is absent and why', () => {
    const peer = { samples: [], note: 'not here' }
    const { rows } = judged({ floor, burst, ours: { samples: [12] }, peer })
    const text = sandboxTable(about, rows)
    expect(text).toContain('2 cores')
    expect(text).toMatch(/^ 2 ours +1 +12\.0 +12\.0 +1\.20 × 1 +≤ 1\.5 × +reached$/m)
    expect(text).toMatch(/^ 3 many .*p99 ≤ 1 s +reached$/m)
    expect(text).toMatch(/^ 4 a peer +0 .*absent$/m)
    expect(text).toContain('\n4: not here\n')
  })
})

describe('summarize', () => {
  it('takes quantiles of what was measured, in whatever order it came', () => {
    const samples = Array.from({ length: 100 }, (_, i) => 100 - i)
    expect(summarize(samples)).toEqual({ count: 100, p50: 51, p95: 96, p99: 100 })
  })
})
