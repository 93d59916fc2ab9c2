import { describe, expect, it } from 'vitest'
import { beginOf, isPeriod } from '../../../../src/dashboard/ui/period.ts'

describe('beginOf', () => {
  it('counts back from now', () => {
    expect(beginOf('24h', Date.parse('2026-03-02T10:00:00Z'))).toBe('2026-03-01T10:00:00.000Z')
  })

  it('has no beginning where any time is meant', () => {
    expect(beginOf('', 0)).toBeUndefined()
  })
})

it('takes only its own names for periods', () => {
  expect([isPeriod('7d'), isPeriod('7'), isPeriod(undefined)]).toEqual([true, false, false])
})
