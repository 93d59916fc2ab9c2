import { describe, expect, it } from 'vitest'
import { distance, MINUTE } from '../../../../src/dashboard/ui/distance.ts'

const NOW = Date.UTC(2026, 2, 1)
const DAY = 24 * 60 * MINUTE
const format = new Intl.RelativeTimeFormat(undefined, { numeric: 'auto', style: 'short' })

describe('the distance of a moment', () => {
  it('rounds what is to come: a week that has just begun is seven days', () => {
    expect(distance(NOW + 7 * DAY - 1_000, NOW)).toBe(format.format(7, 'day'))
    expect(distance(NOW + 89 * 1_000, NOW)).toBe(format.format(1, 'minute'))
  })

  it('counts of what is past only what is over', () => {
    expect(distance(NOW - 2 * DAY + 1_000, NOW)).toBe(format.format(-1, 'day'))
    expect(distance(NOW - 59 * MINUTE, NOW)).toBe(format.format(-59, 'minute'))
  })

  it('tells the next moments and the last ones apart', () => {
    expect(distance(NOW + 1_000, NOW)).toBe('in a moment')
    expect(distance(NOW - 1_000, NOW)).toBe('just now')
  })
})
