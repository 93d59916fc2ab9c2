import { describe, expect, it } from 'vitest'
import { checkSchedule, nextTime, type WantedSchedule } from '../../../src/domain/schedule.ts'
import { parseScheduleWords, scheduleWords } from '../../../src/domain/schedule-words.ts'

const NOW = Date.parse('2026-11-27T10:00:00Z')
const MINUTE = 60_000
const DAY = 86_400_000

const check = (wanted: WantedSchedule, minPeriodMs = MINUTE) =>
  checkSchedule(wanted, { now: NOW, minPeriodMs })
const cron = (expr: string, tz?: string) => check({ kind: 'cron', expr, tz })

function times(wanted: WantedSchedule, from: string, count: number): readonly string[] {
  const checked = check(wanted)
  if (!checked.ok) throw new Error(checked.error)
  const found: string[] = []
  let at: number | null = Date.parse(from)
  while (found.length < count) {
    at = nextTime(checked.value, at)
    if (at === null) break
    found.push(new Date(at).toISOString())
  }
  return found
}

describe('a time', () => {
  it('comes once', () => {
    const checked = check({ kind: 'at', atMs: NOW + 1 })
    expect(checked.ok && nextTime(checked.value, NOW)).toBe(NOW + 1)
    expect(checked.ok && nextTime(checked.value, NOW + 1)).toBeNull()
  })

  it.for([NOW, NOW - 1, Number.NaN, Infinity, 1.5, NOW + 20 * 366 * DAY])(
    'is refused: %d',
    (atMs) => {
      expect(check({ kind: 'at', atMs }).ok).toBe(false)
    },
  )
})

describe('a period', () => {
  it('is counted from the moment it was set, whatever was missed', () => {
    const checked = check({ kind: 'every', everyMs: 5 * MINUTE })
    if (!checked.ok) throw new Error(checked.error)
    expect(nextTime(checked.value, NOW)).toBe(NOW + 5 * MINUTE)
    expect(nextTime(checked.value, NOW + 5 * MINUTE)).toBe(NOW + 10 * MINUTE)
    expect(nextTime(checked.value, NOW + 5 * MINUTE - 1)).toBe(NOW + 5 * MINUTE)
    expect(nextTime(checked.value, NOW + 62 * MINUTE)).toBe(NOW + 65 * MINUTE)
    expect(nextTime(checked.value, NOW - DAY)).toBe(NOW + 5 * MINUTE)
  })

  it.for([0, -1, 59_999, 61_000.5, Number.NaN, Infinity, 400 * DAY])(
    'is refused: %d',
    (everyMs) => {
      expect(check({ kind: 'every', everyMs }).ok).toBe(false)
    },
  )

  it('is as short as is allowed here', () => {
    expect(check({ kind: 'every', everyMs: MINUTE }).ok).toBe(true)
    expect(check({ kind: 'every', everyMs: MINUTE }, 10 * MINUTE).ok).toBe(false)
  })
})

describe('a cron expression', () => {
  it('is read in its time zone', () => {
    expect(
      times({ kind: 'cron', expr: '0 9 * * 1-5', tz: 'Europe/Berlin' }, '2026-11-27T10:00:00Z', 2),
    ).toEqual(['2026-11-30T08:00:00.000Z', '2026-12-01T08:00:00.000Z'])
  })

  it('comes once on the day that has the hour twice, and on the day that has it not', () => {
    const night = { kind: 'cron', expr: '30 2 * * *', tz: 'Europe/Berlin' } as const
    expect(times(night, '2026-03-28T12:00:00Z', 2)).toEqual([
      '2026-03-29T01:00:00.000Z',
      '2026-03-30T00:30:00.000Z',
    ])
    expect(times(night, '2026-10-24T12:00:00Z', 2)).toEqual([
      '2026-10-25T00:30:00.000Z',
      '2026-10-26T01:30:00.000Z',
    ])
  })

  it.for(['@daily', '0 0 L * *', '*/5 9-17 * * MON-FRI', '0 0 29 2 *', ' 0  9 * * * '])(
    'may be %s',
    (expr) => {
      expect(cron(expr)).toMatchObject({ ok: true })
    },
  )

  it.for([
    '',
    '* * * *',
    '* * * * * *',
    '0 0 1 1 * 2030 x',
    '99 * * * *',
    '*/0 * * * *',
    '? * * * *',
    'H * * * *',
    'a b c d e',
    '@reboot',
    '@every 1s',
    '0 0 31 2 *',
    '0 0 30 2 *',
    '0 0 31 4,6,9,11 *',
    `${'1,'.repeat(100)}1 * * * *`,
    '0 0 * * *\u0000',
    '__proto__ * * * *',
  ])('is refused: %s', (expr) => {
    expect(cron(expr)).toMatchObject({ ok: false, error: expect.any(String) })
  })

  it.for([
    'Mars/Phobos',
    '+01:00',
    '',
    ' ',
    'Europe/Berlin; DROP',
    '../etc/passwd',
    'x'.repeat(100),
    'constructor',
  ])('in the zone %j is refused', (tz) => {
    expect(cron('0 9 * * *', tz)).toMatchObject({ ok: false })
  })

  it('that runs more often than is allowed here is refused', () => {
    const often = { kind: 'cron', expr: '0,1 9 * * *' } as const
    expect(check(often).ok).toBe(true)
    expect(check(often, 10 * MINUTE)).toMatchObject({ ok: false })
    expect(check({ kind: 'cron', expr: '*/10 * * * *' }, 10 * MINUTE).ok).toBe(true)
  })

  it('of any kind is judged within a moment', () => {
    const parts = [
      '*',
      '*/7',
      '1-5',
      '31',
      'L',
      '29',
      '1#5',
      '5L',
      '15W',
      '+1',
      '0',
      '1,2,3',
      'FEB',
    ]
    const began = performance.now()
    for (const day of parts) {
      for (const month of ['2', '*', '4,6', 'FEB']) {
        for (const weekday of parts) cron(`0 0 ${day} ${month} ${weekday}`, 'America/New_York')
      }
    }
    // 676 of them; one that never comes is looked for longest.
    expect((performance.now() - began) / 676).toBeLessThan(100)
  })
})

describe('words', () => {
  it.for([
    ['every 30m', { kind: 'every', everyMs: 30 * MINUTE }],
    ['every 2h', { kind: 'every', everyMs: 120 * MINUTE }],
    ['every 1d', { kind: 'every', everyMs: DAY }],
    ['at 2026-12-01T09:00:00Z', { kind: 'at', atMs: Date.parse('2026-12-01T09:00:00Z') }],
    ['at 2026-12-01T09:00+01:00', { kind: 'at', atMs: Date.parse('2026-12-01T08:00:00Z') }],
    ['0 9 * * 1-5 Europe/Berlin', { kind: 'cron', expr: '0 9 * * 1-5', tz: 'Europe/Berlin' }],
    ['0 9 * * 1-5', { kind: 'cron', expr: '0 9 * * 1-5' }],
    ['@daily Asia/Tokyo', { kind: 'cron', expr: '@daily', tz: 'Asia/Tokyo' }],
  ] as const)('%s', ([words, wanted]) => {
    expect(parseScheduleWords(words)).toEqual({ ok: true, value: expect.objectContaining(wanted) })
  })

  it.for([
    '',
    'soon',
    'every',
    'every -5m',
    'every 5s',
    'at noon',
    'at 2026-12-01',
    'at 2026-12-01T09:00:00',
    '0 9 * *',
    '0 9 * * 1-5 Europe/Berlin now',
    '0 9 * * 1 Mars/Phobos',
  ])('are refused: %s', (words) => {
    expect(parseScheduleWords(words).ok).toBe(false)
  })

  it('are read back as they are told', () => {
    for (const words of ['every 90m', 'every 2d', 'at 2026-12-01T09:00:00.000Z', '0 9 * * 1 UTC']) {
      const parsed = parseScheduleWords(words)
      const checked = parsed.ok ? check(parsed.value) : parsed
      if (!checked.ok) throw new Error(checked.error)
      expect(scheduleWords(checked.value)).toBe(words)
    }
  })
})
