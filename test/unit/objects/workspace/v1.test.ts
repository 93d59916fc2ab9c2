/** A workspace that was written by the first schema, under this code. */
import { beforeEach, describe, expect, it } from 'vitest'
import type { ManifestEntry } from '../../../../src/domain/ports/workspace.ts'
import { SchemaGate, storedVersion } from '../../../../src/objects/schema/migrate.ts'
import { WORKSPACE_MIGRATIONS } from '../../../../src/objects/schema/workspace.ts'
import { WorkspaceStore } from '../../../../src/objects/workspace/store.ts'
import { V1_FILES, V1_ROOT, V1_SHA256, WORKSPACE_V1 } from '../../../support/workspace-v1.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

const NOW = 1_800_000_002_000
const file = (path: keyof typeof V1_FILES, size: number, mode: number): ManifestEntry => ({
  path,
  sha256: V1_SHA256[path],
  size,
  mode,
  isUntrusted: false,
})
const MEMORY = file('MEMORY.md', 9, 0o644)
const FILES = [MEMORY, file('notes/a.txt', 5, 0o755)]

let sqlite: SqliteStorage
let gate: SchemaGate
let store: WorkspaceStore

beforeEach(() => {
  sqlite = new SqliteStorage()
  for (const statement of WORKSPACE_V1) sqlite.sql.exec(statement)
  gate = new SchemaGate(sqlite.host(), WORKSPACE_MIGRATIONS)
  store = new WorkspaceStore(sqlite)
})

const schemaOf = (storage: SqliteStorage) =>
  storage.sql
    .exec("SELECT name, sql FROM sqlite_master WHERE type = 'table' ORDER BY name")
    .toArray()

describe('a workspace of the first schema', () => {
  it('is read as it is: its files have no label, and nothing is rewritten', async () => {
    const before = schemaOf(sqlite)
    expect(await gate.forReading()).toBe(1)
    expect([...store.entries().values()]).toEqual(FILES)
    expect(store.entry('MEMORY.md')).toEqual(MEMORY)
    const { bytes } = store.blob(V1_SHA256['MEMORY.md']) ?? {}
    expect(new TextDecoder().decode(bytes ?? undefined)).toBe(V1_FILES['MEMORY.md'])
    expect(store.head()).toEqual({ seq: 2, root: V1_ROOT })
    expect(store.changesSince('e'.repeat(64))?.('gone.txt')).toBe(true)
    expect(storedVersion(sqlite)).toBe(1)
    expect(schemaOf(sqlite)).toEqual(before)
  })

  it('answers a commit that was recorded then', () => {
    expect(store.recorded('key-1')).toEqual({
      bodyHash: 'hash-1',
      result: { root: V1_ROOT, conflicts: ['x.conflict-1'], replaced: [] },
    })
  })

  it('is swept as it is', () => {
    store.expire(NOW)
    expect(store.totals()).toEqual({ blobs: 2, bytes: 14 })
  })

  it('is migrated by the first write, without a label on what was there', async () => {
    expect(await gate.forWriting()).toBe(WORKSPACE_MIGRATIONS.length)
    expect([...store.entries().values()]).toEqual(FILES)
    const web = { ...MEMORY, path: 'web.txt', isUntrusted: true }
    const plan = { entries: new Map(), put: [web], remove: [], conflicts: [], replaced: [] }
    const record = { commitKey: 'key-2', bodyHash: 'hash-2' }
    expect(store.apply(plan, { on: 2, root: 'd'.repeat(64), now: NOW }, record)).toBe(true)
    expect([...store.entries().values()]).toEqual([...FILES, web])
  })

  it('comes to the schema of one that is new', async () => {
    await gate.forWriting()
    const fresh = new SqliteStorage()
    await new SchemaGate(fresh.host(), WORKSPACE_MIGRATIONS).forWriting()
    const tables = (storage: SqliteStorage) =>
      schemaOf(storage).map((row) => ({ ...row, sql: String(row['sql']).replaceAll(/\s+/g, ' ') }))
    expect(tables(sqlite)).toEqual(tables(fresh))
  })
})
