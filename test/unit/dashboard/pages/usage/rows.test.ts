import { describe, expect, it } from 'vitest'
import {
  byDay,
  csvOf,
  lastDays,
  nameOf,
  pressed,
  sorted,
  type UsageRow,
} from '../../../../../src/dashboard/pages/usage/rows.ts'

const row = (names: Readonly<Record<string, string>>, cost_usd = 0): UsageRow => ({
  requests: 1,
  input_tokens: 2,
  output_tokens: 3,
  cache_creation_tokens: 4,
  cache_read_tokens: 5,
  cost_usd,
  ...names,
})

describe('nameOf', () => {
  it('names models with their providers, and what no key was used for', () => {
    expect(nameOf(row({ provider: 'p', model: 'm' }), 'model')).toBe('p / m')
    expect(nameOf(row({ key_id: '' }), 'key')).toBe('Without a key')
    expect(nameOf(row({ agent: '' }), 'agent')).toBe('Unknown')
  })
})

describe('sorted', () => {
  const rows = [row({ agent: 'a10' }, 1), row({ agent: 'a9' }, 3), row({ agent: 'b' }, 2)]
  const names = (column: 'name' | 'cost_usd', isRising: boolean) =>
    sorted(rows, 'agent', { column, isRising }).map((each) => nameOf(each, 'agent'))

  it('orders by names as people count, and by figures', () => {
    expect(names('name', true)).toEqual(['a9', 'a10', 'b'])
    expect(names('cost_usd', false)).toEqual(['a9', 'b', 'a10'])
  })

  it('turns round on a second press', () => {
    const first = pressed({ column: 'name', isRising: true }, 'cost_usd')
    expect(first).toEqual({ column: 'cost_usd', isRising: false })
    expect(pressed(first, 'cost_usd')).toEqual({ column: 'cost_usd', isRising: true })
  })
})

describe('byDay', () => {
  it('has a figure for each day, also where nothing was consumed', () => {
    const days = byDay([row({ day: '2026-02-28' }, 7)], '2026-02-27', '2026-03-01')
    expect(days.map((day) => day.row?.cost_usd ?? null)).toEqual([null, 7, null])
  })

  it('ends, however far apart the days are that an address names', () => {
    expect(byDay([], '0001-01-01', '9999-01-01').length).toBeLessThanOrEqual(400)
  })
})

it('counts days with today as the last', () => {
  expect(lastDays(7, Date.parse('2026-03-02T23:59:00Z'))).toEqual({
    from: '2026-02-24',
    to: '2026-03-02',
  })
})

it('writes names and all measures as CSV', () => {
  expect(csvOf([row({ user_id: '=cmd' }, 0.5)], 'user')).toBe(
    'user_id,requests,input_tokens,output_tokens,cache_read_tokens,cache_creation_tokens,cost_usd\r\n' +
      "'=cmd,1,2,3,5,4,0.5\r\n",
  )
})
