import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  checkHttpPath,
  checkWorkspaceDirectory,
  checkWorkspacePath,
} from '../../../src/tools/path.ts'

describe('a path of the file tools', () => {
  it.each([
    ['notes.txt', 'notes.txt'],
    ['a/b/c.md', 'a/b/c.md'],
    ['./a//b/./c', 'a/b/c'],
    ['a/../b.txt', 'b.txt'],
    ['..md', '..md'],
    ['.github/workflows/ci.yml', '.github/workflows/ci.yml'],
    ['日本語/été.txt', '日本語/été.txt'],
    ['100% sure.txt', '100% sure.txt'],
    ['[', '['],
  ])('allows %j', (text, path) => {
    expect(checkWorkspacePath(text)).toEqual({ ok: true, value: path })
  })

  it.each([
    ['', 'empty'],
    ['.', 'empty'],
    ['a/..', 'empty'],
    ['/etc/passwd', 'absolute'],
    ['~/.ssh/id_ed25519', 'absolute'],
    ['C:/boot.ini', 'absolute'],
    ['..', 'outside'],
    ['a/../../b', 'outside'],
    ['a\\..\\b', 'backslash'],
    ['a\0.png', 'control_character'],
    ['a\nb', 'control_character'],
    ['a\ud800', 'control_character'],
    ['%2e%2e/a', 'encoded'],
    ['a%2Fb', 'encoded'],
    ['a%5cb', 'encoded'],
    ['a%00', 'encoded'],
    ['%252e%252e/a', 'encoded'],
    ['..%c0%af..', 'encoded'],
    ['%%32%65', 'encoded'],
    ['a／b', 'encoded'],
    ['.edgeclaw/state', 'forbidden'],
    ['sub/.EdgeClaw/x', 'forbidden'],
    ['.ssh/authorized_keys', 'forbidden'],
    ['.config/gcloud/credentials.db', 'forbidden'],
    ['x'.repeat(256), 'too_long'],
    ['a/'.repeat(3_000), 'too_long'],
  ])('refuses %j', (text, why) => {
    expect(checkWorkspacePath(text)).toEqual({ ok: false, error: why })
  })

  it('takes an empty directory for the workspace itself, a path outside for none', () => {
    expect(checkWorkspaceDirectory('')).toEqual({ ok: true, value: '' })
    expect(checkWorkspaceDirectory('./')).toEqual({ ok: true, value: '' })
    expect(checkWorkspaceDirectory('..').ok).toBe(false)
  })

  it('never lets a path out that is absolute or climbs', () => {
    const pieces = fc.constantFrom('..', '.', '', 'a', 'b.txt', '%2e', '~', '.edgeclaw')
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (segments) => {
        const checked = checkWorkspacePath(segments.join('/'))
        if (!checked.ok) return
        expect(checked.value.startsWith('/')).toBe(false)
        expect(checked.value.split('/')).not.toContain('..')
        expect(checked.value.split('/')).not.toContain('.edgeclaw')
      }),
    )
  })

  it('answers any text at all', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        expect(typeof checkWorkspacePath(text).ok).toBe('boolean')
        expect(typeof checkHttpPath(text).ok).toBe('boolean')
      }),
    )
  })
})

describe('a path behind /v1/files/', () => {
  it.each([
    ['a/b.txt', 'a/b.txt'],
    ['a%20b.txt', 'a b.txt'],
    ['%E6%97%A5.txt', '日.txt'],
    ['c%2B%2B.md', 'c++.md'],
    ['..md', '..md'],
  ])('allows %j', (text, path) => {
    expect(checkHttpPath(text)).toEqual({ ok: true, value: path })
  })

  it.each([
    '',
    '/etc/passwd',
    '../a',
    'a/../b',
    'a//b',
    './a',
    '...',
    '..2fetc',
    'a%2fb',
    '%2e%2e/a',
    'a%00.png',
    'a%5cb',
    '%c0%ae%c0%ae/x',
    '%ff',
    '%E6%97',
    '%u002e',
    '.edgeclaw/x',
    '~root/x',
  ])('refuses %j', (text) => {
    expect(checkHttpPath(text).ok).toBe(false)
  })
})
