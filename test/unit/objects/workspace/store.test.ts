import { beforeEach, describe, expect, it } from 'vitest'
import type { ManifestEntry } from '../../../../src/domain/ports/workspace.ts'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { WORKSPACE_MIGRATIONS } from '../../../../src/objects/schema/workspace.ts'
import type { CommitPlan } from '../../../../src/objects/workspace/plan.ts'
import { manifestRoot } from '../../../../src/objects/workspace/root.ts'
import {
  COMMIT_MEMORY_MS,
  UNUSED_BLOB_MS,
  WorkspaceStore,
} from '../../../../src/objects/workspace/store.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

const START = 1_800_000_000_000
let store: WorkspaceStore
let sqlite: SqliteStorage

beforeEach(() => {
  sqlite = new SqliteStorage()
  migrate(sqlite, WORKSPACE_MIGRATIONS)
  store = new WorkspaceStore(sqlite)
})

const entry = (path: string, sha256: string): ManifestEntry => ({
  path,
  sha256,
  size: 3,
  mode: 0o644,
  isUntrusted: false,
})

let commits = 0
function apply(change: Partial<CommitPlan>, root: string, now = START): boolean {
  const plan = { entries: new Map(), put: [], remove: [], conflicts: [], replaced: [], ...change }
  const key = { commitKey: `c${commits++}`, bodyHash: 'body' }
  return store.apply(plan, { on: store.head().seq, root, now }, key)
}

describe('WorkspaceStore', () => {
  it('refuses a plan that was made on an older state', () => {
    store.addInline('h1', new Uint8Array(3), START)
    expect(apply({ put: [entry('a', 'h1')] }, 'r1')).toBe(true)
    const put = [entry('b', 'h1')]
    const plan = { entries: new Map(), put, remove: [], conflicts: [], replaced: [] }
    const record = { commitKey: 'late', bodyHash: 'body' }
    expect(store.apply(plan, { on: 0, root: 'r2', now: START }, record)).toBe(false)
    expect(store.recorded('late')).toBeNull()
    expect([...store.entries().values()]).toEqual([entry('a', 'h1')])
  })

  it('remembers a label, and takes it for no change of the file', () => {
    store.addInline('h1', new Uint8Array(3), START)
    apply({ put: [entry('a', 'h1')] }, 'r1')
    apply({ put: [entry('b', 'h1')] }, 'r2')
    const labelled = { ...entry('a', 'h1'), isUntrusted: true }
    apply({ put: [labelled] }, 'r2')
    expect(store.entry('a')).toEqual(labelled)
    expect([...store.entries().values()]).toEqual([labelled, entry('b', 'h1')])
    expect(store.changesSince('r1')?.('a')).toBe(false)
    expect(store.changesSince('r1')?.('b')).toBe(true)
  })

  it('takes a changed mode for a change of the file', () => {
    store.addInline('h1', new Uint8Array(3), START)
    apply({ put: [entry('a', 'h1')] }, 'r1')
    apply({ put: [{ ...entry('a', 'h1'), mode: 0o755 }] }, 'r2')
    expect(store.changesSince('r1')?.('a')).toBe(true)
  })

  it('answers a recorded commit with all that it said, and refuses a broken record', () => {
    store.addInline('h1', new Uint8Array(3), START)
    const plan = { entries: new Map(), put: [], remove: [], conflicts: ['c'] }
    const replaced = [{ ...entry('a', 'h0'), isUntrusted: true }]
    const record = { commitKey: 'k', bodyHash: 'body' }
    store.apply({ ...plan, replaced }, { on: 0, root: 'r1', now: START }, record)
    const result = { root: 'r1', conflicts: ['c'], replaced }
    expect(store.recorded('k')).toEqual({ bodyHash: 'body', result })
    sqlite.sql.exec(`UPDATE commit_result SET result = '{"root":1}'`)
    expect(() => store.recorded('k')).toThrow()
  })

  it('refuses a plan whose content was swept meanwhile', () => {
    expect(apply({ put: [entry('a', 'gone')] }, 'r1')).toBe(false)
    expect(store.head()).toEqual({ seq: 0, root: null })
  })

  it('knows what changed since each root that it remembers', () => {
    for (const content of ['h1', 'h2']) store.addInline(content, new Uint8Array(3), START)
    apply({ put: [entry('a', 'h1'), entry('b', 'h1')] }, 'r1')
    apply({ put: [entry('a', 'h2')] }, 'r2')
    apply({ remove: ['b'] }, 'r3')
    const changed = (root: string) =>
      ['a', 'b', 'c'].filter(store.changesSince(root) ?? (() => true))
    expect(changed('r1')).toEqual(['a', 'b'])
    expect(changed('r2')).toEqual(['b'])
    expect(changed('r3')).toEqual([])
    expect(store.changesSince('unknown')).toBeNull()
  })

  it('takes a root that comes again for the latest', () => {
    for (const content of ['h1', 'h2']) store.addInline(content, new Uint8Array(3), START)
    apply({ put: [entry('a', 'h1')] }, 'r1')
    apply({ put: [entry('a', 'h2')] }, 'r2')
    apply({ put: [entry('a', 'h1')] }, 'r1')
    expect(store.head().root).toBe('r1')
    expect(store.changesSince('r1')?.('a')).toBe(false)
    expect(store.changesSince('r2')?.('a')).toBe(true)
  })

  it('forgets roots and deletions together, and never the current root', () => {
    store.addInline('h1', new Uint8Array(3), START)
    apply({ put: [entry('a', 'h1'), entry('b', 'h1')] }, 'r1', START)
    apply({ remove: ['a'] }, 'r2', START)
    apply({ remove: ['b'] }, 'r3', START + 1_000)
    store.expire(START + COMMIT_MEMORY_MS)
    expect(store.changesSince('r1')).toBeNull()
    expect(store.changesSince('r3')).not.toBeNull()
    store.expire(START + 10 * COMMIT_MEMORY_MS)
    expect(store.head()).toEqual({ seq: 3, root: 'r3' })
    expect(sqlite.sql.exec('SELECT * FROM tombstone').toArray()).toEqual([])
  })

  it('expires unused content and nothing that a file names', () => {
    for (const content of ['used', 'unused']) store.addInline(content, new Uint8Array(3), START)
    apply({ put: [entry('a', 'used')] }, 'r1')
    store.expire(START + UNUSED_BLOB_MS - 1)
    expect(store.blobSize('unused')).toBe(3)
    store.expire(START + 100 * UNUSED_BLOB_MS)
    expect(store.blobSize('unused')).toBeUndefined()
    expect(store.blobSize('used')).toBe(3)
    expect(store.totals()).toEqual({ blobs: 1, bytes: 3 })
  })

  it('makes the second of two uploads of one content waste', () => {
    for (const key of ['k1', 'k2']) store.beginUpload(key, START)
    store.finishUpload('h1', 3, 'k1', START)
    store.finishUpload('h1', 3, 'k2', START)
    expect(store.blob('h1')).toEqual({ size: 3, bytes: null, objectKey: 'k1' })
    expect(store.looseObjects(START, 10)).toEqual(['k2'])
  })

  it('names an upload that never ended for deletion after an hour', () => {
    store.beginUpload('k1', START)
    expect(store.looseObjects(START + UNUSED_BLOB_MS - 1, 10)).toEqual([])
    expect(store.looseObjects(START + UNUSED_BLOB_MS, 10)).toEqual(['k1'])
    store.forgetLoose(['k1'])
    expect(store.looseObjects(START + UNUSED_BLOB_MS, 10)).toEqual([])
  })

  it('counts what it stores as it goes', () => {
    store.addInline('h1', new Uint8Array(3), START)
    expect(store.totals()).toEqual({ blobs: 1, bytes: 3 })
    store.addInline('h2', new Uint8Array(4), START)
    expect(store.totals()).toEqual({ blobs: 2, bytes: 7 })
    expect(new WorkspaceStore(sqlite).totals()).toEqual({ blobs: 2, bytes: 7 })
  })

  it('has nothing to expire once only current files are left', () => {
    expect(store.nextExpiry()).toBeNull()
    store.addInline('h1', new Uint8Array(3), START)
    expect(store.nextExpiry()).toBe(START + UNUSED_BLOB_MS)
    apply({ put: [entry('a', 'h1')] }, 'r1')
    expect(store.nextExpiry()).toBe(START + COMMIT_MEMORY_MS)
    store.expire(START + COMMIT_MEMORY_MS)
    expect(store.nextExpiry()).toBeNull()
  })

  it('asks for content, uses and changes by an index', () => {
    const queries = [
      "SELECT size FROM blob WHERE sha256 = 'x'",
      "SELECT path FROM entry WHERE path = 'x'",
      'SELECT root FROM root ORDER BY seq DESC LIMIT 1',
      "SELECT 1 FROM entry WHERE sha256 = 'x'",
      'SELECT path FROM tombstone WHERE changed_seq > 1',
      'SELECT 1 FROM commit_result WHERE at <= 1',
    ]
    for (const query of queries) {
      const [step] = sqlite.sql.exec(`EXPLAIN QUERY PLAN ${query}`).toArray()
      expect(String(step?.['detail']), query).toMatch(/USING (?:COVERING )?INDEX|USING PRIMARY KEY/)
    }
  })
})

describe('manifestRoot', () => {
  it('depends on paths, contents and modes, not on the order', async () => {
    const one = entry('a', 'h1')
    const two = entry('b', 'h2')
    const root = await manifestRoot([one, two])
    expect(await manifestRoot([two, one])).toBe(root)
    expect(await manifestRoot([one])).not.toBe(root)
    expect(await manifestRoot([one, { ...two, mode: 0o755 }])).not.toBe(root)
    expect(await manifestRoot([one, { ...two, sha256: 'h3' }])).not.toBe(root)
  })

  it('is the same with and without labels: they say who wrote, not what', async () => {
    const one = entry('a', 'h1')
    expect(await manifestRoot([{ ...one, isUntrusted: true }])).toBe(await manifestRoot([one]))
  })

  it('tells apart what plain concatenation would not', async () => {
    const joined = await manifestRoot([entry('a\n["b"', 'h')])
    const split = await manifestRoot([entry('a', 'h'), entry('b', 'h')])
    expect(joined).not.toBe(split)
  })
})
