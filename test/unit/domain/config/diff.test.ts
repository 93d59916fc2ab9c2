import { describe, expect, it } from 'vitest'
import { changedSettings } from '../../../../src/domain/config/diff.ts'
import { MASK } from '../../../../src/domain/config/mask.ts'
import { tenantConfigSchema } from '../../../../src/domain/config/tenant-config.ts'

describe('changedSettings', () => {
  it('tells what changed, what came and what went, one line a setting', () => {
    const before = { a: { kept: 1, changed: 1, gone: [1] }, b: {} }
    const after = { a: { kept: 1, changed: 2, came: true }, b: {} }
    expect(changedSettings(before, after)).toEqual([
      { path: 'a.changed', before: 1, after: 2 },
      { path: 'a.came', after: true },
      { path: 'a.gone', before: [1] },
    ])
  })

  it('is empty between a document and itself, and turns round with its sides', () => {
    const loose = tenantConfigSchema.parse({})
    const strict = tenantConfigSchema.parse({ gateway: { injection_action: 'block' } })
    expect(changedSettings(strict, strict)).toEqual([])
    const path = 'gateway.injection_action'
    expect(changedSettings(loose, strict)).toEqual([{ path, before: 'warn', after: 'block' }])
    expect(changedSettings(strict, loose)).toEqual([{ path, before: 'block', after: 'warn' }])
  })

  it('quotes names that would read as two', () => {
    const after = { by_owner: { 'a.b': { deny: ['x'] }, c: { deny: ['x'] } } }
    expect(changedSettings({}, after).map(({ path }) => path)).toEqual([
      'by_owner["a.b"].deny',
      'by_owner.c.deny',
    ])
  })

  it('sees a section that became a value', () => {
    expect(changedSettings({ a: { b: 1 } }, { a: null })).toEqual([{ path: 'a.b', before: 1 }])
  })

  it('tells that a secret was replaced, and neither of the two', () => {
    const changes = changedSettings({ x: { token: 'old-one' } }, { x: { token: 'new-one' } })
    expect(changes).toEqual([{ path: 'x.token', before: MASK, after: MASK }])
    const urls = changedSettings({ x: 'https://u:p@a' }, { x: 'https://u:q@a' })
    expect(JSON.stringify(urls)).not.toMatch(/u:[pq]@/)
  })
})
