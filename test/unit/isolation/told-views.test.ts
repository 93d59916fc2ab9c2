import { describe, expect, it } from 'vitest'
import type { SandboxView } from '../../../src/isolation/manifest-delta.ts'
import { createToldViews } from '../../../src/isolation/told-views.ts'

const view = (root: string, files = 0): SandboxView => ({
  root,
  holdsUntrusted: false,
  entries: new Map(
    Array.from({ length: files }, (_, i) => [
      `f${i}`,
      { path: `f${i}`, sha256: '0'.repeat(64), size: 1, mode: 0o644 },
    ]),
  ),
})

describe('what runners were told', () => {
  it('is kept by runner and workspace, and names the runner that was told last', () => {
    const told = createToldViews()
    expect(told.lastOf('w')).toBeUndefined()
    told.set('a', 'w', view('1'))
    told.set('b', 'w', view('2'))
    told.set('a', 'other', view('3'))
    expect(told.get('a', 'w')?.root).toBe('1')
    expect(told.get('b', 'w')?.root).toBe('2')
    expect(told.lastOf('w')).toBe('b')
    expect(told.lastOf('other')).toBe('a')
    told.set('a', 'w', view('4'))
    expect(told.lastOf('w')).toBe('a')
  })

  it('forgets the oldest beyond its bound, with who was told of it', () => {
    const told = createToldViews(10)
    told.set('a', 'w1', view('1', 4))
    told.set('a', 'w2', view('2', 4))
    told.set('a', 'w3', view('3', 4))
    expect(told.get('a', 'w1')).toBeUndefined()
    expect(told.lastOf('w1')).toBeUndefined()
    expect(told.lastOf('w2')).toBe('a')
    expect(told.lastOf('w3')).toBe('a')
  })

  it('counts workspaces without files as well', () => {
    const told = createToldViews(10)
    for (let i = 0; i < 50; i += 1) told.set('a', `w${i}`, view('1'))
    const kept = Array.from({ length: 50 }, (_, i) => told.get('a', `w${i}`)).filter(Boolean)
    expect(kept.length).toBe(10)
  })

  it('keeps nothing of a workspace beyond the bound', () => {
    const told = createToldViews(10)
    told.set('a', 'w', view('1'))
    told.set('a', 'w', view('2', 20))
    expect(told.get('a', 'w')).toBeUndefined()
    expect(told.lastOf('w')).toBeUndefined()
  })
})
