import { describe, expect, it } from 'vitest'
import {
  fieldsText,
  filtered,
  type Line,
  linesOf,
  withLines,
} from '../../../../../src/dashboard/pages/logs/lines.ts'

const line = (seq: number, more: Partial<Line> = {}): Line => ({
  seq,
  at: seq,
  level: 'info',
  event: 'run.started',
  fields: {},
  ...more,
})
const seqs = (lines: readonly Line[]): readonly number[] => lines.map(({ seq }) => seq)

describe('withLines', () => {
  it('appends what comes', () => {
    expect(seqs(withLines([line(1)], [line(2), line(3)]))).toEqual([1, 2, 3])
  })

  it('keeps the newest of more than are kept', () => {
    expect(seqs(withLines([line(1), line(2)], [line(3)], 2))).toEqual([2, 3])
  })

  it('puts lines in order that come late or twice, as after a lost connection', () => {
    expect(seqs(withLines([line(1), line(4)], [line(3), line(2), line(4)]))).toEqual([1, 2, 3, 4])
  })
})

describe('filtered', () => {
  const lines = [
    line(1, { fields: { agent: 'Helper' } }),
    line(2, { level: 'warn', event: 'security.tool_denied' }),
    line(3, { level: 'error', event: 'run.failed' }),
  ]

  it('shows a level and those above it', () => {
    expect(seqs(filtered(lines, { least: 'warn', text: '' }))).toEqual([2, 3])
  })

  it('finds text in events and fields, in whatever case', () => {
    expect(seqs(filtered(lines, { least: 'info', text: ' helper ' }))).toEqual([1])
    expect(seqs(filtered(lines, { least: 'info', text: 'DENIED' }))).toEqual([2])
  })
})

it('writes fields as name=value', () => {
  expect(fieldsText(line(1, { fields: { a: 'x y', n: 2, b: true } }))).toBe('a=x y n=2 b=true')
})

describe('linesOf', () => {
  it('leaves room for what a line says, and always for one', () => {
    expect(linesOf(line(1), 80)).toBe(1)
    expect(linesOf(line(1, { fields: { text: 'x'.repeat(300) } }), 80)).toBeGreaterThanOrEqual(5)
  })

  it('ends however narrow the screen is', () => {
    expect(Number.isFinite(linesOf(line(1), 0))).toBe(true)
  })
})
