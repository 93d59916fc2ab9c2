import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { BucketState } from '../../../src/transport/token-bucket.ts'
import { fullAt, takeAll, takeToken } from '../../../src/transport/token-bucket.ts'

const RATE = { ratePerMinute: 20, burst: 5 }
const START = 1_800_000_000_000

/** Takes at each of the given times; answers which takes were allowed. */
function takes(times: readonly number[], rate = RATE): readonly boolean[] {
  let state: BucketState | undefined
  return times.map((now) => {
    const result = takeToken(state, rate, now)
    state = result.state
    return result.isAllowed
  })
}

describe('takeToken', () => {
  it('gives the burst at once and then nothing', () => {
    expect(takes(Array.from({ length: 7 }, () => START))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
      false,
    ])
  })

  it('gives the next token exactly when it said it would, not a millisecond before', () => {
    let state: BucketState | undefined
    for (let i = 0; i < RATE.burst; i++) state = takeToken(state, RATE, START).state
    const refused = takeToken(state, RATE, START)
    expect(refused).toMatchObject({ isAllowed: false, retryAfterMs: 3_000 })
    expect(takeToken(state, RATE, START + 2_999)).toMatchObject({ retryAfterMs: 1 })
    expect(takeToken(state, RATE, START + 3_000).isAllowed).toBe(true)
  })

  it('gives rate × time + burst tokens however the takes are spread, never one more', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 0, max: 4_000 }), { minLength: 1, maxLength: 300 }),
        fc.integer({ min: 1, max: 100_000 }),
        fc.integer({ min: 1, max: 1_000 }),
        (gaps, ratePerMinute, burst) => {
          let now = START
          const times = gaps.map((gap) => (now += gap))
          const given = takes(times, { ratePerMinute, burst }).filter(Boolean).length
          const elapsedMs = now - (times[0] ?? now)
          expect(given).toBeLessThanOrEqual(burst + (elapsedMs * ratePerMinute) / 60_000)
        },
      ),
    )
  })

  it('gives every token that flows in to one who always waits as told', () => {
    const rate = { ratePerMinute: 7, burst: 1 }
    let state: BucketState | undefined
    let now = START
    let given = 0
    while (now < START + 60 * 60_000) {
      const result = takeToken(state, rate, now)
      state = result.state
      if (result.isAllowed) given++
      else now += result.retryAfterMs
    }
    // 7 a minute for an hour, the full bucket's one, and less than a millisecond's rounding each.
    expect(given).toBeGreaterThanOrEqual(419)
    expect(given).toBeLessThanOrEqual(421)
  })

  it('mints nothing when the clock goes back and forth by less than one filling', () => {
    const times = [0, 0, 0, 0, 0, -14_000, 0, -14_000, 0].map((offset) => START + offset)
    expect(takes(times).filter(Boolean)).toHaveLength(RATE.burst)
  })

  it('is not locked for ever by a state from the far future', () => {
    const state = { credit: 0, updatedAt: START + 365 * 86_400_000 }
    const refused = takeToken(state, RATE, START)
    if (refused.isAllowed) throw new Error('an empty bucket gave a token')
    expect(refused.retryAfterMs).toBeLessThanOrEqual(18_000)
    expect(takeToken(refused.state, RATE, START + refused.retryAfterMs).isAllowed).toBe(true)
  })

  it('fits a stored credit into a burst that was lowered', () => {
    const state = takeToken(undefined, { ratePerMinute: 20, burst: 1_000 }, START).state
    let lowered: BucketState | undefined = state
    let given = 0
    for (let i = 0; i < 10; i++) {
      const result = takeToken(lowered, { ratePerMinute: 20, burst: 2 }, START)
      lowered = result.state
      if (result.isAllowed) given++
    }
    expect(given).toBe(2)
  })
})

describe('fullAt', () => {
  it('is when the bucket holds its burst again', () => {
    const { state } = takeToken(undefined, RATE, START)
    expect(fullAt(state, RATE)).toBe(START + 3_000)
  })
})

describe('takeAll', () => {
  const runs = { bucket: 'runs', ratePerMinute: 60, burst: 2 }
  const hourly = { bucket: 'hourly', ratePerMinute: 1, burst: 1 }

  it('takes from none when one is empty, and tells the longest wait', () => {
    const empty = { credit: 0, updatedAt: START }
    const both = takeAll([runs, hourly], () => empty, START)
    expect(both.verdict).toEqual({ isAllowed: false, bucket: 'hourly', retryAfterMs: 60_000 })
    expect(both.states.size).toBe(0)
  })

  it('takes one of each when all have one', () => {
    const { verdict, states } = takeAll([runs, hourly], () => undefined, START)
    expect(verdict).toEqual({ isAllowed: true })
    expect([...states.keys()]).toEqual(['runs', 'hourly'])
  })

  it('takes two tokens of a bucket that is named twice', () => {
    expect(takeAll([runs, runs], () => undefined, START).verdict.isAllowed).toBe(true)
    expect(takeAll([runs, runs, runs], () => undefined, START).verdict.isAllowed).toBe(false)
  })

  it('asks no bucket of a rate of 0', () => {
    const off = { bucket: 'off', ratePerMinute: 0, burst: 0 }
    expect(takeAll([off], () => undefined, START)).toEqual({
      verdict: { isAllowed: true },
      states: new Map(),
    })
  })

  it('throws on a rate that would never refuse', () => {
    for (const [ratePerMinute, burst] of [
      [Number.NaN, 5],
      [-1, 5],
      [Number.POSITIVE_INFINITY, 5],
      [20, 0],
      [20, Number.NaN],
    ] as const) {
      expect(() => takeAll([{ bucket: 'x', ratePerMinute, burst }], () => undefined, 0)).toThrow(
        RangeError,
      )
    }
  })
})

describe('several tokens at once', () => {
  const bucket = { bucket: 'operations', ratePerMinute: 60, burst: 10 }
  const none = () => undefined

  it('come whole or not at all, and say when they would be there', () => {
    const { states } = takeAll([{ ...bucket, tokens: 8 }], none, START)
    const stateOf = (name: string) => states.get(name)
    expect(takeAll([{ ...bucket, tokens: 3 }], stateOf, START)).toEqual({
      verdict: { isAllowed: false, bucket: 'operations', retryAfterMs: 1_000 },
      states: new Map(),
    })
    expect(takeAll([{ ...bucket, tokens: 2 }], stateOf, START).verdict.isAllowed).toBe(true)
  })

  it('are never more than the bucket holds, nor fewer than one', () => {
    for (const tokens of [11, 0, -1, 1.5, Number.NaN]) {
      expect(() => takeAll([{ ...bucket, tokens }], none, START), String(tokens)).toThrow(
        RangeError,
      )
    }
  })
})
