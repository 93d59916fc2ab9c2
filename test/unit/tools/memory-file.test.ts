import { describe, expect, it } from 'vitest'
import { isMemoryFile } from '../../../src/tools/memory-file.ts'

describe('isMemoryFile', () => {
  it.each([
    'MEMORY.md',
    'AGENTS.md',
    'SOUL.md',
    'IDENTITY.md',
    'USER.md',
    'TOOLS.md',
    'memory.md',
    'Memory.MD',
    'memory/2026-11-26.md',
    'memory/people/alice.md',
    'memory/two\nlines.md',
  ])('holds for %j', (path) => {
    expect(isMemoryFile(path)).toBe(true)
  })

  it.each([
    '',
    'README.md',
    'notes/MEMORY.md',
    'MEMORY.md.bak',
    'MEMORY.txt',
    'MEMORY.md/x',
    'memory',
    'memory/image.png',
    'memory/a.md/b.txt',
    'memoryx/a.md',
    'old/memory/a.md',
  ])('does not hold for %j', (path) => {
    expect(isMemoryFile(path)).toBe(false)
  })
})
