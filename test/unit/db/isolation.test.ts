/** No function of `src/db/` lets one tenant see or touch another's rows; none is left out. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type D1Host, startD1 } from '../../support/d1.ts'
import {
  checkedFunctions,
  checkFunction,
  functionsWithoutCase,
  loadRepositories,
  type Worlds,
} from './isolation/check.ts'

const REPOSITORIES = new URL('../../../src/db/', import.meta.url)

let host: D1Host
let worlds: Worlds
let modules: ReadonlyMap<string, object>

beforeAll(async () => {
  host = await startD1(2)
  worlds = { alone: await host.freshDatabase(), crowded: await host.freshDatabase() }
  modules = await loadRepositories(REPOSITORIES)
})

afterAll(() => host.dispose())

it('calls every function that the repositories export', () => {
  expect(functionsWithoutCase(modules)).toEqual([])
})

describe('answers and writes the same with and without neighbours', () => {
  it.for(checkedFunctions())('%s.%s', async ([file, name]) => {
    expect(await checkFunction(modules, worlds, file, name)).toEqual([])
  })
})
