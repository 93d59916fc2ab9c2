import { describe, expect, it } from 'vitest'
import {
  colourOf,
  largest,
  MAX_SERIES,
  markOf,
  stack,
} from '../../../../src/dashboard/ui/chart-data.ts'

describe('stack', () => {
  it('puts each series on those below it, and takes what was not measured for nothing', () => {
    const series = [
      { label: 'a', values: [1, 2, null] },
      { label: 'b', values: [10, null, 5] },
    ]
    expect(stack(series)).toEqual([
      [1, 2, 0],
      [11, 2, 5],
    ])
  })
})

describe('largest', () => {
  const named = (label: string, ...values: number[]) => ({ label, values })

  it('orders by the sum', () => {
    const ordered = largest([named('few', 1, 1), named('many', 5, 5), named('some', 0, 4)])
    expect(ordered.map(({ label }) => label)).toEqual(['many', 'some', 'few'])
  })

  it('sums up what no mark is left for, and loses nothing', () => {
    const all = [named('a', 5, 5), named('b', 3, 0), named('c', 0, 2), named('d', 1, 0)]
    expect(largest(all, 3)).toEqual([
      named('a', 5, 5),
      named('b', 3, 0),
      { label: '2 others', values: [1, 2] },
    ])
  })
})

describe('marks', () => {
  it('tells every series of a chart apart without its colour', () => {
    const marks = Array.from({ length: MAX_SERIES }, (_, index) => markOf(index))
    expect(new Set(marks.map(({ dash }) => dash.join())).size).toBe(MAX_SERIES)
    expect(new Set(marks.map(({ tile }) => tile)).size).toBe(MAX_SERIES)
  })

  it('gives a tone its own colour, whatever its place', () => {
    expect([colourOf(3, 'bad'), colourOf(3), colourOf(MAX_SERIES)]).toEqual([
      '--chart-bad',
      '--chart-3',
      '--chart-0',
    ])
  })
})
