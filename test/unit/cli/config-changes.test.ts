import { describe, expect, it } from 'vitest'
import { changesBetween, toChangeRows } from '../../../src/cli/config-changes.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const plain = paletteFor({})

describe('changesBetween', () => {
  it('lists what differs, in the order of the new document, what went last', () => {
    const before = { a: { x: 1, gone: true }, list: ['one'], same: [1], empty: {} }
    const after = { list: ['one', 'two'], a: { y: null, x: 2 }, same: [1] }
    expect(changesBetween(before, after)).toEqual([
      { path: 'list', from: ['one'], to: ['one', 'two'] },
      { path: 'a.y', to: null },
      { path: 'a.x', from: 1, to: 2 },
      { path: 'a.gone', from: true },
    ])
    expect(changesBetween(after, after)).toEqual([])
  })
})

describe('toChangeRows', () => {
  it('aligns path, old and new value, and says what is not set', () => {
    const changes = [
      { path: 'tools.profile', to: 'messaging' },
      { path: 'tools.deny', from: [], to: ['exec', 'edit'] },
      { path: 'agents.defaults.x', from: { deep: 1 } },
    ]
    expect(toChangeRows(changes, plain, 100).split('\n')).toEqual([
      '  tools.profile       not set    → messaging',
      '  tools.deny          empty      → exec, edit',
      '  agents.defaults.x   {"deep":1} → not set',
    ])
  })

  it('cuts what is too long, and lets no value move the cursor', () => {
    const changes = [{ path: 'x', from: 'o'.repeat(500), to: `\u001b[2J${'n'.repeat(500)}` }]
    const row = toChangeRows(changes, plain, 80)
    expect(row.length).toBeLessThanOrEqual(80)
    expect(row).not.toContain('\u001b')
  })
})
