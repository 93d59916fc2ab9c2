import { describe, expect, it } from 'vitest'
import { formatLogLine } from '../../../src/cli/start/log-line.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const NOW = new Date(2026, 10, 21, 9, 8, 7)
const format = (level: string, message: string) =>
  formatLogLine({ level, message }, paletteFor({}), NOW)

describe('formatLogLine', () => {
  it('shows event, message, fields and stack in that order', () => {
    const line = JSON.stringify({
      level: 'error',
      event: 'run.broke',
      tenantId: 'ten_a',
      count: 2,
      nothing: null,
      message: 'no such thing',
      stack: 'Error: no such thing\n    at a (b.js:1:2)\n    at c (d.js:3:4)',
    })
    expect(format('error', line)).toBe(
      '09:08:07 run.broke: no such thing tenantId=ten_a count=2\n         at a (b.js:1:2)\n         at c (d.js:3:4)',
    )
  })

  it('names the process that a line comes from', () => {
    const line = { level: 'info', message: '{"event":"reaped","count":1}', source: 'runner' }
    expect(formatLogLine(line, paletteFor({}), NOW)).toBe('09:08:07 runner reaped count=1')
  })

  it('leaves a line that is no such object as it is', () => {
    expect(format('warn', 'plain text\n')).toBe('09:08:07 plain text')
    expect(format('warn', '{"a":1}')).toBe('09:08:07 {"a":1}')
    expect(format('warn', '{broken')).toBe('09:08:07 {broken')
  })

  it('lets no field control the terminal', () => {
    const line = JSON.stringify({ event: '\u001b[2Je', message: '\u001b]0;x\u0007m', f: '\u009bf' })
    expect(format('info', line)).toBe('09:08:07 e: m f=')
  })
})
