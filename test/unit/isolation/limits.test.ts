import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { CEILINGS, callTimeoutSeconds, effectiveLimits } from '../../../src/isolation/limits.ts'

describe('limits', () => {
  it('are the ceilings where nobody set any', () => {
    expect(effectiveLimits([undefined, {}])).toEqual(CEILINGS)
  })

  it('never exceed a ceiling or any level, whatever is configured', () => {
    const level = fc.record(
      { memory_mb: fc.integer(), pids: fc.integer(), cpus: fc.float({ noNaN: true }) },
      { requiredKeys: [] },
    )
    fc.assert(
      fc.property(fc.array(level, { maxLength: 4 }), (levels) => {
        const limits = effectiveLimits(levels)
        expect(limits.memoryMb).toBeLessThanOrEqual(CEILINGS.memoryMb)
        for (const { memory_mb, pids, cpus } of levels) {
          expect(limits.memoryMb).toBeLessThanOrEqual(memory_mb ?? Infinity)
          expect(limits.pids).toBeLessThanOrEqual(pids ?? Infinity)
          expect(limits.cpus).toBeLessThanOrEqual(cpus ?? Infinity)
        }
      }),
    )
  })

  it('let a call shorten its time-out and not lengthen it', () => {
    expect(callTimeoutSeconds(CEILINGS, undefined)).toBe(300)
    expect(callTimeoutSeconds(CEILINGS, 10)).toBe(10)
    expect(callTimeoutSeconds(CEILINGS, 0.2)).toBe(1)
    expect(callTimeoutSeconds(CEILINGS, 10_000)).toBe(300)
    for (const nonsense of [0, -1, Number.NaN]) {
      expect(callTimeoutSeconds(CEILINGS, nonsense)).toBe(300)
    }
  })
})
