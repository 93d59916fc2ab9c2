import { describe, expect, it } from 'vitest'
import { diffEntries } from '../../../../src/dashboard/pages/configuration/diff-lines.ts'

const lines = (before: unknown, after: unknown): readonly string[] =>
  diffEntries([{ path: 'a', before, after }]).flatMap((entry) =>
    entry.lines.map(({ sign, text }) => sign + text),
  )

describe('the lines of a change', () => {
  it('are what was and what is to be', () => {
    expect(lines('warn', 'block')).toEqual(['-"warn"', '+"block"'])
    expect(lines(false, true)).toEqual(['-false', '+true'])
    expect(lines('a', ['b'])).toEqual(['-"a"', '+["b"]'])
  })

  it('say whether a setting is set, changed or taken back', () => {
    const changes = [
      { path: 'a', after: null },
      { path: 'b', before: 1 },
      { path: 'c', before: 1, after: 2 },
    ]
    expect(diffEntries(changes).map(({ kind }) => kind)).toEqual(['added', 'removed', 'changed'])
    expect(diffEntries(changes)[0]?.lines).toEqual([{ sign: '+', text: 'null' }])
  })

  it('of lists are what came and what went', () => {
    expect(lines(['a', 'b', 'c'], ['c', 'a', 'd'])).toEqual([' 2 unchanged', '-"b"', '+"d"'])
  })

  it('show another order as a change', () => {
    expect(lines(['a', 'b'], ['b', 'a'])).toEqual(['-["a","b"]', '+["b","a"]'])
  })

  it('break what is long', () => {
    const long = { name: 'x'.repeat(70) }
    expect(lines(undefined, long)).toEqual(['+{', `+  "name": "${long.name}"`, '+}'])
  })
})
