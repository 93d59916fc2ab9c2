import { describe, expect, it } from 'vitest'
import { Disconnected, Refused } from '../../../../src/dashboard/client/refusal.ts'
import { repeatAfterMs, repeatsQuery } from '../../../../src/dashboard/client/repeat.ts'

const tooFast = { code: 'RESOURCE_EXHAUSTED', message: 'wait', retryable: true, retryAfterMs: 100 }

describe('what was refused', () => {
  it('is asked again when the gateway says so, each time a little later, and not for ever', () => {
    const waits = [0, 1, 2, 3, 4, 5].map((n) => repeatAfterMs(new Refused(tooFast), n))
    expect(waits).toEqual([100, 350, 850, 1_850, 3_850, null])
  })

  it('is asked again after a second where the gateway names no time', () => {
    const { retryAfterMs: _, ...unnamed } = tooFast
    expect(repeatAfterMs(new Refused(unnamed), 0)).toBe(1_000)
  })

  it('is not asked again when that is of no use, or too far off', () => {
    const { retryable: _, ...final } = tooFast
    const later = { ...tooFast, retryAfterMs: 15 * 60_000 }
    for (const error of [new Refused(final), new Refused(later), new Disconnected(), null])
      expect(repeatAfterMs(error, 0)).toBeNull()
  })

  it('is repeated by a query only where whoever asked the gateway has not done so', () => {
    const busy = { ...tooFast, code: 'UNAVAILABLE' }
    expect([tooFast, busy].map((each) => repeatsQuery(0, new Refused(each)))).toEqual([false, true])
    expect(repeatsQuery(5, new Refused(busy))).toBe(false)
    expect(repeatsQuery(0, new Disconnected())).toBe(false)
  })
})
