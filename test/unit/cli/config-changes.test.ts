import { describe, expect, it } from 'vitest'
import { toChangeRows } from '../../../src/cli/config-changes.ts'
import { paletteFor } from '../../../src/cli/terminal.ts'

const plain = paletteFor({})

describe('toChangeRows', () => {
  it('aligns path, old and new value, and says what is not set', () => {
    const changes = [
      { path: 'tools.profile', after: 'messaging' },
      { path: 'tools.deny', before: [], after: ['exec', 'edit'] },
      { path: 'agents.defaults.x', before: { deep: 1 } },
    ]
    expect(toChangeRows(changes, plain, 100).split('\n')).toEqual([
      '  tools.profile       not set    → messaging',
      '  tools.deny          empty      → exec, edit',
      '  agents.defaults.x   {"deep":1} → not set',
    ])
  })

  it('cuts what is too long, and lets no value move the cursor', () => {
    const changes = [{ path: 'x', before: 'o'.repeat(500), after: `\u001b[2J${'n'.repeat(500)}` }]
    const row = toChangeRows(changes, plain, 80)
    expect(row.length).toBeLessThanOrEqual(80)
    expect(row).not.toContain('\u001b')
  })
})
