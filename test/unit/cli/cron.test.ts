import { describe, expect, it } from 'vitest'
import { isCronDue } from '../../../src/cli/start/cron.ts'

const at = (text: string) => new Date(`${text}Z`)

describe('isCronDue', () => {
  it.each([
    ['*/5 * * * *', '2026-11-21T09:15:00', true],
    ['*/5 * * * *', '2026-11-21T09:16:00', false],
    ['0 3 * * *', '2026-11-21T03:00:59', true],
    ['0 3 * * *', '2026-11-21T04:00:00', false],
    ['10-20/5 * * * *', '2026-11-21T09:15:00', true],
    ['10-20/5 * * * *', '2026-11-21T09:25:00', false],
    ['7/20 * * * *', '2026-11-21T09:47:00', true],
    ['1,31 * 1 1,7 *', '2026-07-01T00:31:00', true],
    ['1,31 * 1 1,7 *', '2026-08-01T00:31:00', false],
    ['* * * * 7', '2026-11-21T00:00:00', true],
    ['* * * * 1', '2026-11-22T00:00:00', true],
    ['* * * * 1', '2026-11-21T00:00:00', false],
  ])('%s at %s is %s', (expression, time, isDue) => {
    expect(isCronDue(expression, at(time))).toBe(isDue)
  })

  it('rejects an expression that it cannot read, rather than never firing it', () => {
    for (const expression of ['* * * *', '* * * * * *', 'L * * * *', '@daily', '*/x * * * *']) {
      expect(() => isCronDue(expression, at('2026-11-21T00:00:00'))).toThrow('cron')
    }
  })
})
