import { describe, expect, it } from 'vitest'
import {
  checkPath,
  MAX_NAME_BYTES,
  MAX_PATH_BYTES,
  MAX_PATH_DEPTH,
  nameWithSuffix,
} from '../../../../src/objects/workspace/path.ts'

const bytes = (text: string): number => new TextEncoder().encode(text).byteLength

describe('checkPath', () => {
  it('allows ordinary relative paths', () => {
    for (const path of [
      'a',
      'a/b/c.txt',
      '.gitignore',
      'a..b/c...d',
      '...',
      'with space/ü/日本語/😀.md',
      'a\\b',
      '~/x',
      '%2e%2e/x',
    ]) {
      expect(checkPath(path), path).toEqual({ ok: true, value: path })
    }
  })

  it('rejects paths that lead out or are no plain relative path', () => {
    for (const path of [
      '',
      '/',
      '/etc/passwd',
      '//a',
      '..',
      '../a',
      'a/..',
      'a/../b',
      'a/../../b',
      './a',
      'a/.',
      'a/./b',
      'a//b',
      'a/',
      '..\\a',
      'a\\..\\b',
      'a/b\\..',
      'a\0',
      '\0',
      'a/\0/b',
      '\ud800',
      'a/\udfff.txt',
    ]) {
      expect(checkPath(path).ok, JSON.stringify(path)).toBe(false)
    }
  })

  it('rejects what is no text', () => {
    for (const path of [undefined, null, 1, {}, ['a'], { toString: () => 'a' }]) {
      expect(checkPath(path).ok).toBe(false)
    }
  })

  it('allows the longest name, path and depth, and rejects one more', () => {
    expect(checkPath('n'.repeat(MAX_NAME_BYTES)).ok).toBe(true)
    expect(checkPath('n'.repeat(MAX_NAME_BYTES + 1)).ok).toBe(false)
    expect(checkPath('ü'.repeat(127)).ok).toBe(true)
    expect(checkPath('ü'.repeat(128)).ok).toBe(false)
    const long = `${`${'d'.repeat(203)}/`.repeat(5)}abcd`
    expect(bytes(long)).toBe(MAX_PATH_BYTES)
    expect(checkPath(long).ok).toBe(true)
    expect(checkPath(`${long}e`).ok).toBe(false)
    expect(checkPath(Array(MAX_PATH_DEPTH).fill('d').join('/')).ok).toBe(true)
    expect(
      checkPath(
        Array(MAX_PATH_DEPTH + 1)
          .fill('d')
          .join('/'),
      ).ok,
    ).toBe(false)
  })
})

describe('nameWithSuffix', () => {
  it('keeps a short name whole', () => {
    expect(nameWithSuffix('a.txt', '.conflict-x')).toBe('a.txt.conflict-x')
  })

  it('cuts whole characters off a long one', () => {
    const name = nameWithSuffix('😀'.repeat(63), '.conflict-x')
    expect(bytes(name)).toBeLessThanOrEqual(MAX_NAME_BYTES)
    expect(name).toBe(`${'😀'.repeat(61)}.conflict-x`)
  })
})
