import { beforeEach, describe, expect, it } from 'vitest'
import { migrate } from '../../../../src/objects/schema/migrate.ts'
import { WORKSPACE_MIGRATIONS } from '../../../../src/objects/schema/workspace.ts'
import { FILES_PAGE, filesOf, summaryOf } from '../../../../src/objects/workspace/listing.ts'
import { WorkspaceStore } from '../../../../src/objects/workspace/store.ts'
import { SqliteStorage } from '../sqlite-storage.ts'

const START = 1_800_000_000_000
let sqlite: SqliteStorage
let store: WorkspaceStore

beforeEach(() => {
  sqlite = new SqliteStorage()
  migrate(sqlite, WORKSPACE_MIGRATIONS)
  store = new WorkspaceStore(sqlite)
  store.addInline('h1', new Uint8Array(3), START)
})

let commits = 0
function write(paths: readonly string[], at: number, isUntrusted = false): void {
  const put = paths.map((path) => ({ path, sha256: 'h1', size: 3, mode: 0o644, isUntrusted }))
  const plan = { entries: new Map(), put, remove: [], conflicts: [], replaced: [] }
  const { seq } = store.head()
  const record = { commitKey: `c${commits++}`, bodyHash: 'b' }
  expect(store.apply(plan, { on: seq, root: `r${seq + 1}`, now: at }, record)).toBe(true)
}

const list = (query: { prefix?: string; after?: string; limit?: number } = {}) =>
  filesOf(sqlite.sql, { prefix: '', after: '', limit: 100, ...query })
const pathsOf = (query = {}) => list(query).map(({ path }) => path)

describe('a look through a workspace', () => {
  it('sums up what is there', () => {
    expect(summaryOf(sqlite.sql)).toEqual({ files: 0, bytes: 0, changedAt: null })
    write(['a', 'b/c'], START)
    write(['b/d'], START + 5)
    expect(summaryOf(sqlite.sql)).toEqual({ files: 3, bytes: 9, changedAt: START + 5 })
  })

  it('tells of each file when it was changed and whether text from outside may be in it', () => {
    write(['a'], START)
    write(['b'], START + 5, true)
    expect(list()).toEqual([
      { path: 'a', size: 3, mode: 0o644, isUntrusted: false, changedAt: START },
      { path: 'b', size: 3, mode: 0o644, isUntrusted: true, changedAt: START + 5 },
    ])
  })

  it('does not make a time up for what is forgotten', () => {
    write(['a'], START)
    write(['b'], START + 5)
    sqlite.sql.exec('DELETE FROM root WHERE seq = 1')
    expect(list().map(({ changedAt }) => changedAt)).toEqual([null, START + 5])
  })

  it('goes page by page, each path once', () => {
    const paths = Array.from({ length: 25 }, (_, i) => `d/${String(i).padStart(2, '0')}`)
    write(paths, START)
    const seen: string[] = []
    for (let after = ''; ; ) {
      const page = pathsOf({ after, limit: 10 })
      seen.push(...page)
      if (page.length < 10) break
      after = page.at(-1) ?? ''
    }
    expect(seen).toEqual(paths)
  })

  it('keeps to a prefix, whatever stands in it', () => {
    write(['a', 'docs/a', 'docs/b', 'docs2', 'd%', 'd_x', 'docs/é'], START)
    expect(pathsOf({ prefix: 'docs/' })).toEqual(['docs/a', 'docs/b', 'docs/é'])
    expect(pathsOf({ prefix: 'docs/', after: 'docs/a' })).toEqual(['docs/b', 'docs/é'])
    expect(pathsOf({ prefix: 'd%' })).toEqual(['d%'])
    expect(pathsOf({ prefix: 'd_' })).toEqual(['d_x'])
    expect(pathsOf({ prefix: 'docs/', after: 'a' })).toHaveLength(3)
  })

  it('reads an object of the version before, which knows no labels', () => {
    const old = new SqliteStorage()
    migrate(old, WORKSPACE_MIGRATIONS.slice(0, 1))
    old.sql.exec("INSERT INTO entry VALUES ('a', 'h', 3, 420, 1)")
    expect(filesOf(old.sql, { prefix: '', after: '', limit: 5 })).toEqual([
      { path: 'a', size: 3, mode: 0o644, isUntrusted: false, changedAt: null },
    ])
  })

  it('reads a page on an index', () => {
    const plan = sqlite.database
      .prepare(`EXPLAIN QUERY PLAN ${FILES_PAGE}`)
      .all('', 'x', '', 10)
      .map((row) => String(row['detail']))
    expect(plan).not.toEqual([])
    expect(plan.filter((step) => !step.startsWith('SEARCH'))).toEqual([])
  })
})
