import { createHash } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { checkChanges, commitChanges } from '../../../src/isolation/commit-changes.ts'
import type { WireChanges, WireManifestEntry } from '../../../src/isolation/contract.ts'
import { sandboxView, workspaceState } from '../../../src/isolation/manifest-delta.ts'
import { createToldViews } from '../../../src/isolation/told-views.ts'
import { createMemoryWorkspace } from '../../support/memory-workspace.ts'

const bytes = (text: string) => new TextEncoder().encode(text)
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
const entry = (path: string, text: string): WireManifestEntry => ({
  path,
  sha256: sha256(text),
  size: bytes(text).length,
  mode: 0o644,
})
const changes = (put: WireManifestEntry[], deleted: string[] = []): WireChanges => ({
  put,
  delete: deleted,
  notKept: 0,
})

async function commit(
  what: WireChanges,
  served: Readonly<Record<string, string>>,
  files: Readonly<Record<string, string>> = {},
  held: readonly string[] = [],
  isUntrusted = false,
) {
  const workspace = createMemoryWorkspace(files)
  const { root } = await workspace.manifest()
  const asked: string[] = []
  const result = await commitChanges({
    changes: what,
    commitKey: 'exec-1',
    base: root,
    workspace,
    isUntrusted,
    held: new Set(held.map(sha256)),
    fetchBlob: async (hash) => {
      asked.push(hash)
      const text = served[hash]
      return text === undefined ? null : bytes(text)
    },
  })
  return { workspace, result, asked }
}

describe('committing changes', () => {
  it('fetches what is new, once, and commits all at once', async () => {
    const what = changes([entry('a', 'new'), entry('b', 'new'), entry('c', 'old')], ['gone'])
    const { workspace, result, asked } = await commit(
      what,
      { [sha256('new')]: 'new' },
      { gone: 'x', was: 'old' },
      ['old'],
    )
    expect(result).toMatchObject({
      ok: true,
      value: { conflicts: [], replaced: [{ path: 'gone' }] },
    })
    expect(asked).toEqual([sha256('new')])
    expect(workspace.paths()).toEqual(['a', 'b', 'c', 'was'])
    expect(workspace.commits).toMatchObject([{ commitKey: 'exec-1', delete: ['gone'] }])
  })

  it.each([true, false])('labels all that was written, or none of it (%s)', async (isUntrusted) => {
    const what = changes([entry('a', 'new'), entry('b', 'old')])
    const { workspace } = await commit(
      what,
      { [sha256('new')]: 'new' },
      { was: 'old' },
      ['old'],
      isUntrusted,
    )
    const { entries } = await workspace.manifest()
    const labels = Object.fromEntries(entries.map(({ path, ...each }) => [path, each.isUntrusted]))
    expect(labels).toEqual({ a: isUntrusted, b: isUntrusted, was: false })
  })

  it('writes nothing where nothing changed', async () => {
    const { workspace, result } = await commit(changes([]), {})
    expect([result.ok, workspace.commits.length]).toEqual([true, 0])
  })

  it('rejects a blob that is not what was announced, and one that is missing', async () => {
    for (const served of [{ [sha256('new')]: 'evil' }, {}]) {
      const what = changes([entry('a', 'new')], ['gone'])
      const { workspace, result } = await commit(what, served, { gone: 'x' })
      expect(result.ok).toBe(false)
      expect([workspace.paths(), workspace.commits.length]).toEqual([['gone'], 0])
    }
  })

  it('rejects all that a command wrote when its credential is in a file or a name', async () => {
    const commitWith = async (name: string, text: string) => {
      const workspace = createMemoryWorkspace()
      const { root } = await workspace.manifest()
      const result = await commitChanges({
        changes: changes([entry('a', 'x'), entry(name, text)]),
        commitKey: 'exec-1',
        base: root,
        workspace,
        isUntrusted: false,
        held: new Set(),
        fetchBlob: async (hash) => bytes(hash === sha256('x') ? 'x' : text),
        isSecretIn: (each) => each.includes('hunter2'),
      })
      return [result.ok, workspace.paths().length]
    }
    expect(await commitWith('b', 'it is hunter2.')).toEqual([false, 0])
    expect(await commitWith('hunter2.txt', 'y')).toEqual([false, 0])
    expect(await commitWith('b', 'y')).toEqual([true, 2])
  })

  it.each([
    ['a path twice', changes([entry('a', 'x'), entry('a', 'y')])],
    ['a path written and deleted', changes([entry('a', 'x')], ['a'])],
    ['the reserved folder', changes([entry('.edgeclaw/x', 'x')])],
    ['a deletion in the reserved folder', changes([], ['.edgeclaw/x'])],
    [
      'more than a workspace holds',
      changes(Array.from({ length: 30 }, (_, i) => ({ ...entry(`f${i}`, 'x'), size: 10_000_000 }))),
    ],
  ])('rejects %s', (_what, what) => {
    expect(checkChanges(what)).not.toBeNull()
  })

  it('allows names that only look reserved', () => {
    expect(
      checkChanges(changes([entry('.edgeclaw2/x', 'x'), entry('a/.edgeclaw', 'x')])),
    ).toBeNull()
  })
})

describe('what travels of a workspace', () => {
  const many = Object.fromEntries(Array.from({ length: 300 }, (_, i) => [`f${i}`, String(i)]))

  it('is the whole of a small one, without the reserved folder', async () => {
    const view = sandboxView(await createMemoryWorkspace({ a: 'x', '.edgeclaw/y': 'y' }).manifest())
    expect(workspaceState('w', view, undefined).manifest?.map(({ path }) => path)).toEqual(['a'])
  })

  it('is never a label, though the gateway knows that there is one', async () => {
    const workspace = createMemoryWorkspace({ a: 'x' })
    expect(sandboxView(await workspace.manifest()).holdsUntrusted).toBe(false)
    workspace.write('b', 'y', 0o644, true)
    const view = sandboxView(await workspace.manifest())
    expect(view.holdsUntrusted).toBe(true)
    expect(workspaceState('w', view, undefined).manifest).toEqual([
      entry('a', 'x'),
      entry('b', 'y'),
    ])
  })

  it('is not labelled by what a command cannot see', async () => {
    const workspace = createMemoryWorkspace({ a: 'x' })
    workspace.write('.edgeclaw/y', 'y', 0o644, true)
    expect(sandboxView(await workspace.manifest()).holdsUntrusted).toBe(false)
  })

  it('is only the name of a large one at first, and the difference later', async () => {
    const workspace = createMemoryWorkspace(many)
    const before = sandboxView(await workspace.manifest())
    expect(workspaceState('w', before, undefined)).toEqual({ id: 'w', root: before.root })
    workspace.write('f1', 'changed')
    workspace.remove('f2')
    const after = sandboxView(await workspace.manifest())
    expect(workspaceState('w', after, before)).toEqual({
      id: 'w',
      root: after.root,
      base: before.root,
      delta: { put: [entry('f1', 'changed')], delete: ['f2'] },
    })
    expect(workspaceState('w', after, after)).toEqual({ id: 'w', root: after.root })
  })

  it('is remembered within a bound, by runner and workspace', async () => {
    const view = sandboxView(await createMemoryWorkspace(many).manifest())
    const told = createToldViews(700)
    for (const id of ['w1', 'w2', 'w3']) told.set('r', id, view)
    expect(['w1', 'w2', 'w3'].map((id) => told.get('r', id) === view)).toEqual([false, true, true])
    expect(told.get('other', 'w3')).toBeUndefined()
  })
})
