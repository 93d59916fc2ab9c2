/** Every statement that the repositories send runs on an index, as SQLite itself tells. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openDatabase } from '../../../src/db/database.ts'
import * as directory from '../../../src/db/directory.ts'
import { type D1Host, startD1, type TestDatabase } from '../../support/d1.ts'
import { callsOf, checkedFunctions, loadRepositories } from './isolation/check.ts'
import { restore } from './isolation/stores.ts'
import { NEIGHBOURS, US } from './isolation/world.ts'

const REPOSITORIES = new URL('../../../src/db/', import.meta.url)

let host: D1Host
let d1: TestDatabase
let modules: ReadonlyMap<string, object>

beforeAll(async () => {
  host = await startD1(1)
  d1 = await host.freshDatabase()
  modules = await loadRepositories(REPOSITORIES)
  await restore(d1, [US, ...NEIGHBOURS])
})

afterAll(() => host.dispose())

/** The database, and the text of what it is asked. */
function recorded(): { readonly database: TestDatabase; readonly statements: Set<string> } {
  const statements = new Set<string>()
  const prepare: TestDatabase['prepare'] = (text) => {
    statements.add(text)
    return d1.prepare(text)
  }
  return { database: { prepare, batch: (list) => d1.batch(list) }, statements }
}

async function planOf(statement: string): Promise<readonly string[]> {
  const parameters = Array.from(statement.matchAll(/\?/g), () => null)
  const { results } = await d1
    .prepare(`explain query plan ${statement}`)
    .bind(...parameters)
    .all<{ detail: string }>()
  return results.map(({ detail }) => detail)
}

/**
 * Reading a whole table or index, or sorting what an index could have delivered in order. A list that
 * is handed in as one parameter is no table, neither are the rows that a recursion has just found, and a
 * MATCH is answered by the words themselves.
 */
const isSlow = (detail: string): boolean =>
  /^SCAN (?!CONSTANT ROW|\(subquery|json_each |key_tree$|keys_above$|memory_index VIRTUAL TABLE INDEX \d+:M)/.test(
    detail,
  ) || /USE TEMP B-TREE/.test(detail)

async function slowSteps(statements: Iterable<string>): Promise<readonly string[]> {
  const slow: string[] = []
  for (const statement of statements) {
    for (const detail of await planOf(statement)) {
      if (isSlow(detail)) slow.push(`${detail} in: ${statement}`)
    }
  }
  return slow
}

describe('searches by an index', () => {
  it.for(checkedFunctions())('%s.%s', async ([file, name]) => {
    const { database, statements } = recorded()
    for (const call of callsOf(file, name)) {
      await Promise.resolve(call(modules.get(file), openDatabase(database), US))
    }
    expect(statements.size).toBeGreaterThan(0)
    expect(await slowSteps(statements)).toEqual([])
  })

  it('directory.listTenants', async () => {
    const { database, statements } = recorded()
    await directory.listTenants(openDatabase(database), { limit: 10 })
    await directory.listTenants(openDatabase(database), { limit: 10, afterSlug: 'a' })
    expect(await slowSteps(statements)).toEqual([])
  })

  it('tells a query that reads a whole table', async () => {
    expect(await slowSteps(['select * from agents where model = ?'])).toHaveLength(1)
    expect(await slowSteps(['select * from agents where tenant_id = ?'])).toEqual([])
  })
})
