import { describe, expect, it } from 'vitest'
import { cellText, columnsOf, titleOf, toFields, toTable } from '../../../src/cli/answer-view.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const plain = paletteFor({})
const ROWS = [
  { id: 'a', name: 'one', created_at: '2026-11-26T10:20:30.400Z' },
  { id: 'b', name: 'a much longer name', created_at: null },
]

describe('a cell', () => {
  it.each([
    [null, '-'],
    [undefined, '-'],
    ['', '-'],
    [true, 'yes'],
    [false, 'no'],
    [0, '0'],
    ['2026-11-26T10:20:30.400Z', '2026-11-26 10:20'],
    [['a', 'b'], 'a, b'],
    [[], '-'],
    [{ a: 1, b: 'two', c: null }, 'a=1 b=two c=-'],
    [{}, '-'],
    [{ a: { b: 1 } }, '{"a":{"b":1}}'],
    ['two\nlines', 'two lines'],
    ['\u001b]0;owned\u0007title', 'title'],
    [['\u001b[31mred'], 'red'],
    [{ '\u009b2J': 1 }, '=1'],
  ])('shows %j as %s', (value, shown) => {
    expect(cellText(value)).toBe(shown)
  })
})

describe('a table', () => {
  it('aligns what is there, and leaves out the columns that no row has', () => {
    expect(toTable(ROWS, ['id', 'absent', 'name', 'created_at'], plain, undefined)).toBe(
      `ID  NAME                CREATED
a   one                 2026-11-26 10:20
b   a much longer name  -
`,
    )
  })

  it('shows the opposite of a switch where that reads better', () => {
    const rows = [{ name: 'SOUL.md', missing: false }, { name: 'USER.md', missing: true }, {}]
    expect(toTable(rows, ['name', ['!missing', 'present']], plain, undefined)).toBe(
      `NAME     PRESENT
SOUL.md  yes
USER.md  no
-        -
`,
    )
    expect(columnsOf([{ name: 'x' }], ['name', ['!missing', 'present']])).toEqual(['name'])
  })

  it('cuts the widest column to the terminal, and the first never', () => {
    const rows = [{ id: 'key_'.padEnd(30, 'x'), text: 'y'.repeat(200), end: 'z' }]
    const lines = toTable(rows, ['id', 'text', 'end'], plain, 80).trimEnd().split('\n')
    // Titles fill the last column, the row's own cell there is shorter.
    expect(lines.map((line) => line.length)).toEqual([80, 78])
    expect(lines[1]).toContain('key_'.padEnd(30, 'x'))
    expect(lines[1]).toMatch(/y+… {2}z$/)
  })

  it('cuts nothing where nobody looks', () => {
    const rows = [{ id: 'a', text: 'y'.repeat(200) }]
    expect(toTable(rows, ['id', 'text'], plain, undefined)).toContain('y'.repeat(200))
  })

  it('ends for a terminal that is too narrow for all of it', () => {
    const rows = [
      Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`c${i}`, 'x'.repeat(30)])),
    ]
    expect(toTable(rows, [], plain, 20)).toContain('x'.repeat(30))
  })

  it('makes its own columns harmless when a gateway names them', () => {
    const rows = [{ '\u001b[2Jevil': 'x' }]
    expect(toTable(rows, [], plain, undefined)).not.toContain('\u001b')
    expect(columnsOf(rows, [])).toHaveLength(1)
  })

  it.each([
    ['expires_at', 'EXPIRES'],
    ['agentType', 'AGENT TYPE'],
    [['isRunning', 'running'] as const, 'RUNNING'],
  ])('names %j as %s', (column, title) => {
    expect(titleOf(column)).toBe(title)
  })
})

describe('one thing', () => {
  it('shows its plain members in rows, and what lies deeper below', () => {
    const text = toFields(
      { ok: true, id: 'a', tags: ['x'], settings: { deep: { deeper: 1 } } },
      plain,
    )
    expect(text).toBe(`  id     a
  tags   x
  settings
    {
      "deep": {
        "deeper": 1
      }
    }
`)
  })

  it('shows a list of things as a table below its name', () => {
    const by_day = [
      { day: '2026-11-25', requests: 3 },
      { day: '2026-11-26', requests: 12 },
    ]
    expect(toFields({ total: { requests: 15, tokens: 90 }, by_day }, plain)).toBe(
      `  total   requests=15 tokens=90
  by_day
    DAY         REQUESTS
    2026-11-25  3
    2026-11-26  12
`,
    )
  })

  it('says done where there is nothing to say', () => {
    expect(toFields({ ok: true }, plain)).toBe('done\n')
  })

  it('is harmless whatever it holds', () => {
    const hostile = { '\u001b[2Ja': 'x', b: { c: '\u009b2J long enough to lie deep' } }
    expect(toFields(hostile, plain)).not.toMatch(/[\u001b\u009b]/)
  })
})
