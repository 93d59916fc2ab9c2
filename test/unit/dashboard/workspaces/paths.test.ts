import { describe, expect, it } from 'vitest'
import { crumbsOf, folderFrom, listing } from '../../../../src/dashboard/pages/workspaces/paths.ts'

const file = (path: string, size = 1, changedAt: string | null = null) => ({
  path,
  size,
  untrusted: false,
  changedAt,
})
const FILES = [
  file('b.txt'),
  file('a/x', 2, '2026-11-27T09:00:00Z'),
  file('a/y/z', 3, '2026-11-27T10:00:00Z'),
  file('ab/c'),
]
const named = (prefix: string) => listing(FILES, prefix).map(({ kind, name }) => `${kind} ${name}`)

describe('the paths of a workspace', () => {
  it('are folders and files, folders first', () => {
    expect(named('')).toEqual(['folder a', 'folder ab', 'file b.txt'])
    expect(named('a/')).toEqual(['folder y', 'file x'])
  })

  it('of another folder with the same beginning are not listed', () => {
    expect(named('a/y/')).toEqual(['file z'])
    expect(named('c/')).toEqual([])
  })

  it('are counted and measured by folder, with the latest change', () => {
    expect(listing(FILES, '')[0]).toEqual({
      kind: 'folder',
      name: 'a',
      path: 'a/',
      files: 2,
      size: 5,
      changedAt: '2026-11-27T10:00:00Z',
    })
  })

  it('are shown from the root down', () => {
    expect(crumbsOf('a/y/')).toEqual([
      { name: 'a', prefix: 'a/' },
      { name: 'y', prefix: 'a/y/' },
    ])
    expect(crumbsOf('')).toEqual([])
  })

  it('are folders of the address with or without their last slash', () => {
    expect([undefined, '', 'a', 'a/'].map(folderFrom)).toEqual(['', '', 'a/', 'a/'])
  })
})
