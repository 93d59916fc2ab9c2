import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, expect, it } from 'vitest'
import type { ManifestEntry, WorkspaceCommit } from '../../src/domain/ports/workspace.ts'
import { WORKSPACE_LIMITS } from '../../src/domain/ports/workspace.ts'
import type { WorkspaceObject } from '../../src/objects/workspace-object.ts'
import { V1_FILES, V1_ROOT, WORKSPACE_V1 } from '../support/workspace-v1.ts'
import { migrate, plantTenant } from './support/gateway.ts'

type Stub = DurableObjectStub<WorkspaceObject>

const { WORKSPACES, BLOBS } = env as unknown as {
  WORKSPACES: DurableObjectNamespace<WorkspaceObject>
  BLOBS: R2Bucket
}

const workspace = (user: string): Stub => WORKSPACES.getByName(`ten_acme/agt_main/${user}`)

// A workspace enters its name in its tenant's directory: there must be one.
beforeAll(async () => {
  await migrate()
  await plantTenant('ten_acme')
})

const text = (content: string): Uint8Array => new TextEncoder().encode(content)
const filled = (size: number, byte: number): Uint8Array => new Uint8Array(size).fill(byte)

async function staged(stub: Stub, path: string, bytes: Uint8Array): Promise<ManifestEntry> {
  const result = await stub.stage(bytes)
  if (!result.ok) throw new Error(`stage failed: ${result.error.kind}`)
  return { path, ...result.value, mode: 0o644, isUntrusted: false }
}

const commitOf = (commitKey: string, parts: Partial<WorkspaceCommit> = {}): WorkspaceCommit => ({
  commitKey,
  base: null,
  put: [],
  delete: [],
  ...parts,
})

async function written(stub: Stub, key: string, path: string, content: string): Promise<string> {
  const entry = await staged(stub, path, text(content))
  const result = await stub.commit(commitOf(key, { put: [entry] }))
  if (!result.ok) throw new Error(`commit failed: ${result.error.kind}`)
  return result.value.root
}

async function contentOf(stub: Stub, path: string): Promise<string | null> {
  const result = await stub.read(path)
  return result.ok ? new TextDecoder().decode(result.value.bytes) : null
}

const paths = async (stub: Stub): Promise<readonly string[]> =>
  (await stub.manifest()).entries.map(({ path }) => path)

/** Lets a time pass for every stored row, then runs the alarm. */
async function pass(stub: Stub, ms: number): Promise<void> {
  await runInDurableObject(stub, async (_, state) => {
    const { sql } = state.storage
    sql.exec('UPDATE blob SET used_at = used_at - ?', ms)
    sql.exec('UPDATE loose_object SET since = since - ? WHERE since > 0', ms)
    sql.exec('UPDATE commit_result SET at = at - ?', ms)
    sql.exec('UPDATE root SET at = at - ?', ms)
    sql.exec('UPDATE timers SET at = at - ?', ms)
  })
  await runDurableObjectAlarm(stub)
}

const HOUR = 60 * 60_000
const objectsOf = async (stub: Stub): Promise<readonly string[]> => {
  const { objects } = await BLOBS.list({ prefix: `ten_acme/${stub.id.toString()}/` })
  return objects.map(({ key }) => key)
}

describe('reading', () => {
  it('answers for a workspace that was never written to, and writes nothing', async () => {
    const stub = workspace('absent')
    const manifest = await stub.manifest()
    expect(manifest.entries).toEqual([])
    expect(manifest.root).toMatch(/^[0-9a-f]{64}$/)
    expect(await stub.read('a.txt')).toEqual({
      ok: false,
      error: { kind: 'not_found', path: 'a.txt' },
    })
    expect(await stub.blob('0'.repeat(64))).toBeNull()
    const tables = await runInDurableObject(stub, (_, state) =>
      state.storage.sql.exec('SELECT name FROM sqlite_master').toArray(),
    )
    expect(tables).toEqual([])
  })

  it('gives back small and large files byte for byte, also after an eviction', async () => {
    const stub = workspace('roundtrip')
    const large = filled(200_000, 7)
    const put = [
      await staged(stub, 'small.txt', text('hello')),
      await staged(stub, 'dir/large.bin', large),
      await staged(stub, 'empty', new Uint8Array(0)),
    ]
    expect((await stub.commit(commitOf('c1', { put }))).ok).toBe(true)
    await evictDurableObject(stub)
    expect(await contentOf(stub, 'small.txt')).toBe('hello')
    expect(await contentOf(stub, 'empty')).toBe('')
    const read = await stub.read('dir/large.bin')
    expect(read.ok && read.value.bytes).toEqual(large)
    expect(await objectsOf(stub)).toHaveLength(1)
  })

  it('rejects a path that leads out, and allows the same name inside', async () => {
    const stub = workspace('paths')
    for (const path of [
      '../a',
      '/etc/passwd',
      'a/../../b',
      'a\0b',
      '',
      'a//b',
      './a',
      'a\\..\\b',
    ]) {
      const result = await stub.read(path)
      expect(result.ok ? null : result.error.kind, path).toBe('path_denied')
    }
    const inside = await stub.read('etc/passwd')
    expect(inside.ok ? null : inside.error.kind).toBe('not_found')
  })
})

describe('staging', () => {
  it('answers the hash that it computed itself', async () => {
    const entry = await staged(workspace('hash'), 'a', text('abc'))
    expect(entry.sha256).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
    expect(entry.size).toBe(3)
  })

  it('stores the bytes of a view, not of the buffer behind it', async () => {
    const stub = workspace('view')
    const { sha256 } = await staged(stub, 'a', text('XXabcXX').subarray(2, 5))
    expect(await stub.blob(sha256)).toEqual(text('abc'))
  })

  it('rejects a file beyond 10 MB and allows one of exactly 10 MB', async () => {
    const stub = workspace('size')
    const result = await stub.stage(filled(WORKSPACE_LIMITS.maxFileBytes + 1, 1))
    expect(result.ok ? null : result.error.kind).toBe('file_too_large')
    expect((await stub.stage(filled(WORKSPACE_LIMITS.maxFileBytes, 1))).ok).toBe(true)
  })

  it('stores equal content once, also when it comes twice at the same time', async () => {
    const stub = workspace('dedupe')
    const bytes = filled(100_000, 9)
    await Promise.all([stub.stage(bytes), stub.stage(bytes), stub.stage(bytes)])
    await pass(stub, 30 * 60_000)
    await staged(stub, 'again', bytes)
    await pass(stub, 45 * 60_000)
    expect(await objectsOf(stub)).toHaveLength(1)
  })

  it('keeps the workspaces of two users apart: a foreign blob is absent', async () => {
    const { sha256 } = await staged(workspace('alice'), 'secret', text('of alice'))
    expect(await workspace('bob').blob(sha256)).toBeNull()
    const forged = { path: 'stolen', sha256, size: 8, mode: 0o644, isUntrusted: false }
    const result = await workspace('bob').commit(commitOf('c', { put: [forged] }))
    expect(result.ok ? null : result.error.kind).toBe('blob_missing')
  })
})

describe('committing', () => {
  it('is all or nothing', async () => {
    const stub = workspace('atomic')
    await written(stub, 'c0', 'kept.txt', 'kept')
    const good = await staged(stub, 'good.txt', text('good'))
    const bad = { ...good, path: 'bad.txt', sha256: 'f'.repeat(64) }
    const before = await stub.manifest()
    const result = await stub.commit(commitOf('c1', { put: [good, bad], delete: ['kept.txt'] }))
    expect(result).toEqual({ ok: false, error: { kind: 'blob_missing', sha256: bad.sha256 } })
    expect(await stub.manifest()).toEqual(before)
  })

  it('survives an eviction between stage and commit', async () => {
    const stub = workspace('crash')
    const put = [
      await staged(stub, 'a', text('small')),
      await staged(stub, 'b', filled(100_000, 3)),
    ]
    await evictDurableObject(stub)
    expect((await stub.commit(commitOf('c1', { put }))).ok).toBe(true)
    expect(await paths(stub)).toEqual(['a', 'b'])
  })

  it('answers a repeated commit with its first result and changes nothing', async () => {
    const stub = workspace('repeat')
    const entry = await staged(stub, 'a', text('one'))
    const first = await stub.commit(commitOf('c1', { put: [entry] }))
    await written(stub, 'c2', 'a', 'two')
    await evictDurableObject(stub)
    expect(await stub.commit(commitOf('c1', { put: [entry] }))).toEqual(first)
    expect(await contentOf(stub, 'a')).toBe('two')
  })

  it('applies a commit that comes twice at the same time once', async () => {
    const stub = workspace('twice')
    const base = (await stub.manifest()).root
    const entry = await staged(stub, 'a', text('one'))
    const commit = commitOf('c1', { base, put: [entry] })
    const [first, second] = await Promise.all([stub.commit(commit), stub.commit(commit)])
    expect(first).toEqual(second)
    expect(await paths(stub)).toEqual(['a'])
  })

  it('rejects another body under a used key', async () => {
    const stub = workspace('reuse')
    await written(stub, 'c1', 'a', 'one')
    const other = await staged(stub, 'a', text('two'))
    const result = await stub.commit(commitOf('c1', { put: [other] }))
    expect(result.ok ? null : result.error.kind).toBe('path_denied')
    expect(await contentOf(stub, 'a')).toBe('one')
  })

  it('loses no file when fifty commits come at the same time', async () => {
    const stub = workspace('parallel')
    await Promise.all(Array.from({ length: 50 }, (_, i) => written(stub, `c${i}`, `f${i}`, `${i}`)))
    expect(await paths(stub)).toHaveLength(50)
  })

  it('keeps both versions of a path that changed on both sides', async () => {
    const stub = workspace('conflict')
    const base = await written(stub, 'c0', 'notes.txt', 'base')
    await written(stub, 'c1', 'notes.txt', 'theirs')
    const mine = await staged(stub, 'notes.txt', text('mine'))
    const fresh = await staged(stub, 'fresh.txt', text('fresh'))
    const result = await stub.commit(commitOf('exec1', { base, put: [mine, fresh] }))
    expect(result.ok && result.value.conflicts).toEqual(['notes.txt.conflict-exec1'])
    expect(await contentOf(stub, 'notes.txt')).toBe('theirs')
    expect(await contentOf(stub, 'notes.txt.conflict-exec1')).toBe('mine')
    expect(await contentOf(stub, 'fresh.txt')).toBe('fresh')
  })

  it('learns from its memory of deletions that a path changed', async () => {
    const stub = workspace('tombstone')
    const base = await written(stub, 'c0', 'gone.txt', 'base')
    await stub.commit(commitOf('c1', { delete: ['gone.txt'] }))
    const mine = await staged(stub, 'gone.txt', text('mine'))
    const result = await stub.commit(commitOf('exec1', { base, put: [mine] }))
    expect(result.ok && result.value.conflicts).toEqual(['gone.txt.conflict-exec1'])
  })

  it('overwrites nothing when it was made on a root that nobody remembers', async () => {
    const stub = workspace('unknown-base')
    await written(stub, 'c0', 'a', 'theirs')
    const put = [await staged(stub, 'a', text('mine')), await staged(stub, 'b', text('new'))]
    const result = await stub.commit(commitOf('exec1', { base: 'e'.repeat(64), put }))
    expect(result.ok && result.value.conflicts).toEqual(['a.conflict-exec1'])
    expect(await contentOf(stub, 'a')).toBe('theirs')
    expect(await contentOf(stub, 'b')).toBe('new')
  })

  it('returns to an equal root when the content does', async () => {
    const stub = workspace('same-root')
    const first = await written(stub, 'c0', 'a', 'one')
    const second = await written(stub, 'c1', 'a', 'two')
    const third = await written(stub, 'c2', 'a', 'one')
    expect(second).not.toBe(first)
    expect(third).toBe(first)
    expect((await stub.manifest()).root).toBe(first)
  })

  it('writes 10,000 files in one commit, and not one more', async () => {
    const stub = workspace('many')
    const x = await staged(stub, 'x', text('x'))
    const put = Array.from({ length: WORKSPACE_LIMITS.maxFiles }, (_, i) => ({
      ...x,
      path: `d${i % 100}/f${i}`,
    }))
    expect((await stub.commit(commitOf('c1', { put }))).ok).toBe(true)
    const more = { ...x, path: 'one-more' }
    const result = await stub.commit(commitOf('c2', { put: [more] }))
    expect(result).toEqual({
      ok: false,
      error: { kind: 'workspace_full', limit: 'files', max: WORKSPACE_LIMITS.maxFiles },
    })
  })

  it('rejects a workspace beyond 256 MB', async () => {
    const stub = workspace('bytes')
    const x = await staged(stub, 'x', filled(WORKSPACE_LIMITS.maxFileBytes, 5))
    const put = Array.from({ length: 26 }, (_, i) => ({ ...x, path: `f${i}` }))
    const result = await stub.commit(commitOf('c1', { put }))
    expect(result.ok ? null : result.error).toEqual({
      kind: 'workspace_full',
      limit: 'bytes',
      max: WORKSPACE_LIMITS.maxTotalBytes,
    })
    expect((await stub.commit(commitOf('c2', { put: put.slice(1) }))).ok).toBe(true)
  })
})

describe('labels of text from outside', () => {
  const labelsOf = async (stub: Stub): Promise<Readonly<Record<string, boolean>>> =>
    Object.fromEntries(
      (await stub.manifest()).entries.map(({ path, isUntrusted }) => [path, isUntrusted]),
    )

  it('are remembered over an eviction, told with the file, and no part of the root', async () => {
    const stub = workspace('labels')
    const clean = await staged(stub, 'clean.txt', text('of mine'))
    const web = { ...(await staged(stub, 'web.txt', text('of theirs'))), isUntrusted: true }
    await stub.commit(commitOf('c1', { put: [clean, web] }))
    await evictDurableObject(stub)
    expect(await labelsOf(stub)).toEqual({ 'clean.txt': false, 'web.txt': true })
    const read = await stub.read('web.txt')
    expect(read.ok && read.value.entry).toEqual(web)
    const other = workspace('labels-of-another')
    const put = [
      await staged(other, 'clean.txt', text('of mine')),
      await staged(other, 'web.txt', text('of theirs')),
    ]
    await other.commit(commitOf('c1', { put }))
    expect((await other.manifest()).root).toBe((await stub.manifest()).root)
  })

  it('are asked for once: a commit that is repeated with another one answers the first', async () => {
    const stub = workspace('labels-repeated')
    const entry = await staged(stub, 'a', text('one'))
    const first = await stub.commit(commitOf('c1', { put: [entry] }))
    const labelled = { ...entry, isUntrusted: true }
    expect(await stub.commit(commitOf('c1', { put: [labelled] }))).toEqual(first)
    expect(await labelsOf(stub)).toEqual({ a: false })
    await stub.commit(commitOf('c2', { put: [labelled] }))
    await stub.commit(commitOf('c3', { put: [{ ...entry, path: 'copy' }] }))
    expect(await labelsOf(stub)).toEqual({ a: true, copy: true })
    await written(stub, 'c4', 'a', 'another')
    expect(await labelsOf(stub)).toEqual({ a: false, copy: true })
  })

  it('make no conflict for a commit on a root from before', async () => {
    const stub = workspace('labels-conflict')
    const base = await written(stub, 'c0', 'a', 'one')
    await written(stub, 'c1', 'b', 'two')
    const same = { ...(await staged(stub, 'a', text('one'))), isUntrusted: true }
    await stub.commit(commitOf('c2', { put: [same] }))
    const result = await stub.commit(
      commitOf('c3', { base, put: [await staged(stub, 'a', text('new'))] }),
    )
    expect(result.ok && result.value.conflicts).toEqual([])
    expect(await contentOf(stub, 'a')).toBe('new')
  })

  it('are none in a workspace of the first schema, which is read as it is', async () => {
    const stub = workspace('first-schema')
    const version = () =>
      runInDurableObject(stub, (_, { storage }) => {
        const [row] = storage.sql.exec('SELECT version FROM schema_version').toArray()
        return row?.['version']
      })
    await runInDurableObject(stub, (_, { storage }) => {
      for (const statement of WORKSPACE_V1) storage.sql.exec(statement)
    })
    expect(await labelsOf(stub)).toEqual({ 'MEMORY.md': false, 'notes/a.txt': false })
    expect(await contentOf(stub, 'MEMORY.md')).toBe(V1_FILES['MEMORY.md'])
    expect(await stub.manifest()).toMatchObject({ root: V1_ROOT })
    expect(await version()).toBe(1)
    const web = { ...(await staged(stub, 'web.txt', text('of theirs'))), isUntrusted: true }
    expect((await stub.commit(commitOf('c1', { put: [web] }))).ok).toBe(true)
    expect(await labelsOf(stub)).toMatchObject({ 'MEMORY.md': false, 'web.txt': true })
    expect(await version()).toBe(2)
  })
})

describe('what a commit replaced', () => {
  it('is told with its blob still there, the same when the commit is repeated', async () => {
    const stub = workspace('replaced')
    await written(stub, 'c0', 'MEMORY.md', 'likes tea')
    const put = [await staged(stub, 'MEMORY.md', text('likes coffee'))]
    const first = await stub.commit(commitOf('c1', { put }))
    const [old] = first.ok ? first.value.replaced : []
    expect(old).toMatchObject({ path: 'MEMORY.md', size: 9, isUntrusted: false })
    expect(await stub.blob(old?.sha256 ?? '')).toEqual(text('likes tea'))
    await written(stub, 'c2', 'MEMORY.md', 'likes milk')
    await evictDurableObject(stub)
    expect(await stub.commit(commitOf('c1', { put }))).toEqual(first)
  })
})

describe('sweeping', () => {
  it('drops what was staged and never committed after an hour, not before', async () => {
    const stub = workspace('swept')
    const small = await staged(stub, 'a', text('small'))
    const large = await staged(stub, 'b', filled(100_000, 1))
    await pass(stub, HOUR - 60_000)
    expect(await stub.blob(small.sha256)).not.toBeNull()
    expect(await stub.blob(large.sha256)).not.toBeNull()
    await pass(stub, 60_001)
    expect(await stub.blob(small.sha256)).toBeNull()
    expect(await stub.blob(large.sha256)).toBeNull()
    expect(await objectsOf(stub)).toEqual([])
    const result = await stub.commit(commitOf('c1', { put: [large] }))
    expect(result.ok ? null : result.error.kind).toBe('blob_missing')
  })

  it('keeps what files name, and replaced content for an hour more', async () => {
    const stub = workspace('kept')
    const one = await staged(stub, 'a', filled(100_000, 1))
    await stub.commit(commitOf('c1', { put: [one] }))
    await pass(stub, 5 * HOUR)
    const two = await staged(stub, 'a', filled(100_000, 2))
    await stub.commit(commitOf('c2', { put: [two] }))
    await pass(stub, HOUR - 60_000)
    expect(await stub.blob(one.sha256)).not.toBeNull()
    await pass(stub, 60_001)
    expect(await stub.blob(one.sha256)).toBeNull()
    expect(await stub.blob(two.sha256)).not.toBeNull()
    expect(await objectsOf(stub)).toHaveLength(1)
  })

  it('deletes an upload that never ended', async () => {
    const stub = workspace('cut-off')
    const { sha256 } = await staged(stub, 'a', filled(100_000, 4))
    const key = (await objectsOf(stub))[0] ?? ''
    await runInDurableObject(stub, (_, state) => {
      state.storage.sql.exec('DELETE FROM blob')
      state.storage.sql.exec('INSERT INTO loose_object VALUES (?, ?)', key, Date.now())
    })
    expect(await stub.blob(sha256)).toBeNull()
    await pass(stub, HOUR - 60_000)
    expect(await objectsOf(stub)).toEqual([key])
    await pass(stub, 60_001)
    expect(await objectsOf(stub)).toEqual([])
  })

  it('forgets commits after a day and then sets no alarm any more', async () => {
    const stub = workspace('forget')
    await written(stub, 'c1', 'a', 'one')
    const root = await written(stub, 'c2', 'a', 'two')
    await pass(stub, 23 * HOUR)
    const counts = () =>
      runInDurableObject(stub, async (_, state) => ({
        commits: state.storage.sql.exec('SELECT 1 FROM commit_result').toArray().length,
        roots: state.storage.sql.exec('SELECT 1 FROM root').toArray().length,
        alarm: await state.storage.getAlarm(),
      }))
    expect(await counts()).toMatchObject({ commits: 2, roots: 2 })
    await pass(stub, HOUR + 1)
    expect(await counts()).toEqual({ commits: 0, roots: 1, alarm: null })
    expect((await stub.manifest()).root).toBe(root)
    expect(await contentOf(stub, 'a')).toBe('two')
  })
})
