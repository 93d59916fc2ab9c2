import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  MAX_REPLACED_TOLD,
  type ManifestEntry,
  WORKSPACE_LIMITS,
  type WorkspaceCommit,
  type WorkspacePut,
} from '../../../../src/domain/ports/workspace.ts'
import { type CommitPlan, planCommit } from '../../../../src/objects/workspace/plan.ts'

const BASE = 'b'.repeat(64)

/** The hash of pretended content: its first letter, 64 times, of one byte's size. */
const hash = (letter: string): string => letter.repeat(64)

const entry = (path: string, letter = 'a', mode = 0o644): ManifestEntry => ({
  path,
  sha256: hash(letter),
  size: 1,
  mode,
  isUntrusted: false,
})

interface Situation {
  readonly current?: readonly ManifestEntry[]
  /** Paths that somebody else changed since the base. */
  readonly changed?: readonly string[]
  readonly size?: number
}

const plan = (
  commit: Partial<WorkspaceCommit>,
  { current = [], changed = [], size = 1 }: Situation = {},
) =>
  planCommit(
    { commitKey: 'k1', base: null, put: [], delete: [], ...commit },
    {
      current: new Map(current.map((known) => [known.path, known])),
      hasChangedSinceBase: (path) => changed.includes(path),
      storedSize: (sha256) => (/^[a-f]{64}$/.test(sha256) ? size : undefined),
    },
  )

const planned = (...args: Parameters<typeof plan>): CommitPlan => {
  const result = plan(...args)
  if (!result.ok) throw new Error(`refused: ${JSON.stringify(result.error)}`)
  return result.value
}

const failure = (...args: Parameters<typeof plan>) => {
  const result = plan(...args)
  return result.ok ? null : result.error
}

const contents = (result: CommitPlan): Record<string, string> =>
  Object.fromEntries(
    [...result.entries.values()].map(({ path, sha256 }) => [path, sha256.charAt(0)]),
  )

describe('a commit without conflict', () => {
  it('puts and deletes', () => {
    const result = planned(
      { put: [entry('new', 'b'), entry('old', 'c')], delete: ['gone'] },
      { current: [entry('old'), entry('gone'), entry('kept')] },
    )
    expect(contents(result)).toEqual({ old: 'c', kept: 'a', new: 'b' })
    expect(result.remove).toEqual(['gone'])
    expect(result.conflicts).toEqual([])
  })

  it('changes nothing by writing what is there', () => {
    const result = planned({ put: [entry('same')] }, { current: [entry('same')] })
    expect(result.put).toEqual([])
  })

  it('takes a changed mode for a change', () => {
    const result = planned({ put: [entry('x', 'a', 0o755)] }, { current: [entry('x')] })
    expect(result.put).toHaveLength(1)
  })

  it('deletes what is not there without complaint', () => {
    expect(planned({ delete: ['never'] }).remove).toEqual([])
  })

  it('replaces a file by a directory and back when it deletes first', () => {
    const down = planned({ put: [entry('a/b')], delete: ['a'] }, { current: [entry('a')] })
    expect(contents(down)).toEqual({ 'a/b': 'a' })
    const up = planned({ put: [entry('a')], delete: ['a/b'] }, { current: [entry('a/b')] })
    expect(contents(up)).toEqual({ a: 'a' })
  })
})

describe('hostile commits', () => {
  it('are refused for a path that leads out, and allowed for one that stays inside', () => {
    for (const path of ['../a', '/a', 'a/../b', '', 'a\0', 'x'.repeat(5_000)]) {
      expect(failure({ put: [entry(path)] })?.kind).toBe('path_denied')
      expect(failure({ delete: [path] })?.kind).toBe('path_denied')
    }
    expect(failure({ put: [entry('a/b')] })).toBeNull()
  })

  it('are refused when a path is named twice', () => {
    const twice = { kind: 'path_denied', path: 'a' }
    expect(failure({ put: [entry('a', 'b'), entry('a', 'c')] })).toMatchObject(twice)
    expect(failure({ delete: ['a', 'a'] })).toMatchObject(twice)
    expect(failure({ put: [entry('a')], delete: ['a'] })).toMatchObject(twice)
  })

  it('are refused where a file stands in the way of a directory', () => {
    expect(failure({ put: [entry('a'), entry('a/b')] })?.kind).toBe('path_denied')
    expect(failure({ put: [entry('a/b'), entry('a')] })?.kind).toBe('path_denied')
    expect(failure({ put: [entry('a/b')] }, { current: [entry('a')] })?.kind).toBe('path_denied')
    expect(failure({ put: [entry('a')] }, { current: [entry('a/b/c')] })?.kind).toBe('path_denied')
    expect(failure({ put: [entry('ab')] }, { current: [entry('a')] })).toBeNull()
  })

  it('are refused for content that was never stored, or is of another size', () => {
    const put = (change: Partial<WorkspacePut>) => failure({ put: [{ ...entry('x'), ...change }] })
    expect(put({ sha256: '0'.repeat(64) })?.kind).toBe('blob_missing')
    expect(put({ sha256: 'A'.repeat(64) })?.kind).toBe('blob_missing')
    expect(put({ sha256: 'not a hash' })?.kind).toBe('blob_missing')
    expect(put({ size: 2 })?.kind).toBe('blob_missing')
    expect(put({ size: -1 })?.kind).toBe('blob_missing')
    expect(put({ size: Number.NaN })?.kind).toBe('blob_missing')
    expect(put({})).toBeNull()
  })

  it('are refused for a mode that is more than permission bits', () => {
    for (const mode of [0o4755, 0o1777, 0o100_644, -1, 1.5, Number.NaN]) {
      expect(failure({ put: [entry('x', 'a', mode)] })?.kind, String(mode)).toBe('path_denied')
    }
    expect(failure({ put: [entry('x', 'a', 0o777)] })).toBeNull()
  })

  it('are refused for a file that is too large', () => {
    const size = WORKSPACE_LIMITS.maxFileBytes + 1
    expect(failure({ put: [{ ...entry('x'), size }] }, { size })).toEqual({
      kind: 'file_too_large',
      path: 'x',
      maxBytes: WORKSPACE_LIMITS.maxFileBytes,
    })
  })

  it('are refused for an empty or endless commit key', () => {
    expect(failure({ commitKey: '', put: [entry('x')] })?.kind).toBe('path_denied')
    expect(failure({ commitKey: 'k'.repeat(257), put: [entry('x')] })?.kind).toBe('path_denied')
  })

  it('are refused with 10,001 files before their paths are looked at', () => {
    const put = Array.from({ length: WORKSPACE_LIMITS.maxFiles + 1 }, () => entry('../same'))
    expect(failure({ put })).toMatchObject({ kind: 'workspace_full', limit: 'files' })
  })

  it('cannot break out through the commit key in a conflict’s name', () => {
    const result = planned(
      { commitKey: '../../etc/\0x y', base: BASE, put: [entry('a', 'b')] },
      { current: [entry('a')], changed: ['a'] },
    )
    expect(result.conflicts).toEqual(['a.conflict-______etc__x_y'])
  })
})

describe('labels of text from outside', () => {
  const untrusted = (path: string, letter = 'a'): ManifestEntry => ({
    ...entry(path, letter),
    isUntrusted: true,
  })
  const labels = (...args: Parameters<typeof plan>): Record<string, boolean> =>
    Object.fromEntries(
      [...planned(...args).entries.values()].map(({ path, isUntrusted }) => [path, isUntrusted]),
    )

  it('are given by the writer, and to its files alone', () => {
    const put = [untrusted('web.txt', 'b'), entry('own.txt', 'c')]
    expect(labels({ put }, { current: [entry('old')] })).toEqual({
      'web.txt': true,
      'own.txt': false,
      old: false,
    })
  })

  it('leave with the content that they stand for, and not before', () => {
    const current = [untrusted('x', 'a')]
    expect(labels({ put: [entry('x', 'b')] }, { current })).toEqual({ x: false })
    expect(labels({ put: [entry('x', 'a')] }, { current })).toEqual({ x: true })
    expect(labels({ put: [entry('x', 'a', 0o755)] }, { current })).toEqual({ x: true })
  })

  it('go with content that is copied or moved, whoever says that it is clean', () => {
    const current = [untrusted('web.txt', 'b'), entry('own.txt', 'c')]
    const put = [entry('copy', 'b'), entry('other', 'c')]
    expect(labels({ put }, { current })).toMatchObject({ copy: true, other: false })
    expect(labels({ put, delete: ['web.txt'] }, { current })).toEqual({
      copy: true,
      other: false,
      'own.txt': false,
    })
  })

  it('spread to no empty file: its content is everybody’s', () => {
    const current = [{ ...untrusted('.gitkeep'), size: 0 }]
    const put = [{ ...entry('d/.gitkeep'), size: 0 }]
    expect(labels({ put }, { current, size: 0 })).toEqual({
      '.gitkeep': true,
      'd/.gitkeep': false,
    })
    const chmod = [{ ...entry('.gitkeep', 'a', 0o600), size: 0 }]
    expect(labels({ put: chmod }, { current, size: 0 })).toEqual({ '.gitkeep': true })
  })

  it('are added to a file that is written again with what it holds', () => {
    const result = planned({ put: [untrusted('x')] }, { current: [entry('x')] })
    expect(result.put).toEqual([untrusted('x')])
    const both = { base: BASE, put: [untrusted('x')] }
    const changed = planned(both, { current: [entry('x')], changed: ['x'] })
    expect(changed).toMatchObject({ put: [untrusted('x')], conflicts: [] })
  })

  it('stay on each side of a conflict', () => {
    const commit = { base: BASE, put: [untrusted('x', 'b'), entry('y', 'd')] }
    const current = [entry('x', 'a'), untrusted('y', 'c')]
    expect(labels(commit, { current, changed: ['x', 'y'] })).toEqual({
      x: false,
      'x.conflict-k1': true,
      y: true,
      'y.conflict-k1': false,
    })
  })

  it('reach a version that was kept beside before', () => {
    const current = [entry('x', 'a'), entry('x.conflict-k1', 'b')]
    const commit = { base: BASE, put: [untrusted('x', 'b')] }
    expect(labels(commit, { current, changed: ['x'] })['x.conflict-k1']).toBe(true)
  })
})

describe('what a commit replaced', () => {
  it('is told as it was: overwritten and deleted, not what only moved its mode', () => {
    const current = [entry('x', 'a'), entry('gone', 'b'), entry('mode', 'c'), entry('kept', 'd')]
    const put = [entry('x', 'e'), entry('mode', 'c', 0o755), entry('new', 'f')]
    const { replaced } = planned({ put, delete: ['gone'] }, { current })
    expect(replaced).toEqual([entry('x', 'a'), entry('gone', 'b')])
  })

  it('is nothing where a conflict kept it', () => {
    const commit = { base: BASE, put: [entry('x', 'b')], delete: ['y'] }
    const current = [entry('x', 'a'), entry('y', 'a')]
    expect(planned(commit, { current, changed: ['x', 'y'] }).replaced).toEqual([])
  })

  it('is told up to a bound, what lies nearest to the root first', () => {
    const deep = Array.from({ length: MAX_REPLACED_TOLD }, (_, i) => entry(`d/${i}`, 'a'))
    const current = [...deep, entry('MEMORY.md', 'b')]
    const { replaced } = planned({ delete: current.map(({ path }) => path) }, { current })
    expect(replaced).toHaveLength(MAX_REPLACED_TOLD)
    expect(replaced[0]).toEqual(entry('MEMORY.md', 'b'))
  })
})

describe('limits', () => {
  const many = (count: number, prefix = 'f'): ManifestEntry[] =>
    Array.from({ length: count }, (_, i) => entry(`${prefix}${i}`))

  it('allow exactly 10,000 files and refuse one more', () => {
    const current = many(WORKSPACE_LIMITS.maxFiles - 1)
    expect(failure({ put: [entry('x')] }, { current })).toBeNull()
    expect(failure({ put: [entry('x'), entry('y')] }, { current })).toEqual({
      kind: 'workspace_full',
      limit: 'files',
      max: WORKSPACE_LIMITS.maxFiles,
    })
  })

  it('count what a commit deletes', () => {
    const current = many(WORKSPACE_LIMITS.maxFiles)
    expect(failure({ put: [entry('x')], delete: ['f0'] }, { current })).toBeNull()
  })

  it('allow exactly 256 MB and refuse one byte more', () => {
    const size = WORKSPACE_LIMITS.maxFileBytes
    const left = WORKSPACE_LIMITS.maxTotalBytes - 25 * size
    const current = many(25).map((known) => ({ ...known, size }))
    const put = (bytes: number) =>
      failure({ put: [{ ...entry('x', 'b'), size: bytes }] }, { current, size: bytes })
    expect(put(left)).toBeNull()
    expect(put(left + 1)).toMatchObject({ kind: 'workspace_full', limit: 'bytes' })
  })

  it('let a workspace over its limit be tidied, not grown', () => {
    const current = many(WORKSPACE_LIMITS.maxFiles + 5)
    expect(failure({ delete: ['f0'] }, { current })).toBeNull()
    expect(failure({ put: [entry('f1', 'b')] }, { current })).toBeNull()
    expect(failure({ put: [entry('x')] }, { current })?.kind).toBe('workspace_full')
  })
})

describe('conditional writes', () => {
  const put = (ifSha256: string | null, current: readonly ManifestEntry[]) =>
    failure({ put: [{ ...entry('x', 'c'), ifSha256 }] }, { current })

  it('are refused when the path holds something else, or something at all', () => {
    expect(put(hash('b'), [entry('x', 'a')])).toEqual({ kind: 'changed_meanwhile', path: 'x' })
    expect(put(hash('b'), [])?.kind).toBe('changed_meanwhile')
    expect(put(null, [entry('x', 'a')])?.kind).toBe('changed_meanwhile')
  })

  it('are made when it is as expected', () => {
    expect(put(hash('a'), [entry('x', 'a')])).toBeNull()
    expect(put(null, [])).toBeNull()
  })
})

describe('conflicts', () => {
  it('keep both versions of a path that changed on both sides', () => {
    const result = planned(
      { base: BASE, put: [entry('dir/n.txt', 'b'), entry('other', 'c')] },
      { current: [entry('dir/n.txt', 'a')], changed: ['dir/n.txt'] },
    )
    expect(contents(result)).toEqual({
      'dir/n.txt': 'a',
      'dir/n.txt.conflict-k1': 'b',
      other: 'c',
    })
    expect(result.conflicts).toEqual(['dir/n.txt.conflict-k1'])
  })

  it('are none when both sides wrote the same', () => {
    const result = planned(
      { base: BASE, put: [entry('x', 'a')] },
      { current: [entry('x', 'a')], changed: ['x'] },
    )
    expect(result).toMatchObject({ put: [], conflicts: [] })
  })

  it('are none when only the commit changed the path', () => {
    const result = planned({ base: BASE, put: [entry('x', 'b')] }, { current: [entry('x', 'a')] })
    expect(contents(result)).toEqual({ x: 'b' })
  })

  it('do not exist without a base: the commit overwrites', () => {
    const result = planned(
      { base: null, put: [entry('x', 'b')], delete: ['y'] },
      { current: [entry('x', 'a'), entry('y')], changed: ['x', 'y'] },
    )
    expect(contents(result)).toEqual({ x: 'b' })
  })

  it('keep a path that the commit deletes and somebody else changed, and say so', () => {
    const result = planned(
      { base: BASE, delete: ['x'] },
      { current: [entry('x', 'b')], changed: ['x'] },
    )
    expect(contents(result)).toEqual({ x: 'b' })
    expect(result.conflicts).toEqual(['x'])
  })

  it('keep a version beside a path that somebody else deleted', () => {
    const result = planned({ base: BASE, put: [entry('x', 'b')] }, { changed: ['x'] })
    expect(contents(result)).toEqual({ 'x.conflict-k1': 'b' })
  })

  it('take another name where the conflict’s own is taken by something else', () => {
    const result = planned(
      { base: BASE, put: [entry('x', 'b')] },
      { current: [entry('x', 'a'), entry('x.conflict-k1', 'c')], changed: ['x'] },
    )
    expect(result.conflicts).toEqual(['x.conflict-k1-2'])
    expect(contents(result)['x.conflict-k1']).toBe('c')
  })

  it('move a whole directory aside where somebody else made a file of its name', () => {
    const result = planned(
      { base: BASE, put: [entry('d/a', 'b'), entry('d/e/f', 'c')] },
      { current: [entry('d', 'a')], changed: ['d'] },
    )
    expect(contents(result)).toEqual({
      d: 'a',
      'd.conflict-k1/a': 'b',
      'd.conflict-k1/e/f': 'c',
    })
  })

  it('move a file aside where somebody else made a directory of its name', () => {
    const result = planned(
      { base: BASE, put: [entry('d', 'b')] },
      { current: [entry('d/x', 'a')], changed: ['d/x'] },
    )
    expect(contents(result)).toEqual({ 'd/x': 'a', 'd.conflict-k1': 'b' })
  })

  it('shorten a name that leaves no room for the suffix', () => {
    const path = 'n'.repeat(255)
    const result = planned(
      { base: BASE, put: [entry(path, 'b')] },
      { current: [entry(path)], changed: [path] },
    )
    expect(result.conflicts[0]).toBe(`${'n'.repeat(243)}.conflict-k1`)
  })

  it('lose nobody’s work, whatever both sides did', () => {
    const name = fc.constantFrom('a', 'b', 'a/x', 'a/y', 'b/x', 'c', 'c/d/e', 'a.conflict-k1')
    const letter = fc.constantFrom('a', 'b', 'c', 'd')
    const files = fc.dictionary(name, letter, { maxKeys: 6 })
    fc.assert(
      fc.property(files, files, files, (base, theirs, mine) => {
        fc.pre([base, theirs, mine].every(isTree))
        const all = [...new Set([...Object.keys(base), ...Object.keys(theirs)])]
        const changed = all.filter((path) => base[path] !== theirs[path])
        const put = Object.keys(mine).filter((path) => mine[path] !== base[path])
        const result = planned(
          {
            base: BASE,
            put: put.map((path) => entry(path, mine[path])),
            delete: Object.keys(base).filter((path) => mine[path] === undefined),
          },
          { current: Object.keys(theirs).map((path) => entry(path, theirs[path])), changed },
        )
        const after = contents(result)
        expect(isTree(after)).toBe(true)
        for (const path of changed) {
          const isNameReused = theirs[path] === undefined && result.conflicts.includes(path)
          if (!isNameReused) expect(after[path]).toBe(theirs[path])
        }
        const kept = Object.values(after)
        for (const path of put) expect(kept).toContain(mine[path])
        if (changed.length === 0) expect(after).toEqual(mine)
      }),
      { numRuns: 2_000 },
    )
  })
})

const isTree = (files: Record<string, string>): boolean =>
  Object.keys(files).every(
    (path) => !Object.keys(files).some((other) => other.startsWith(`${path}/`)),
  )
