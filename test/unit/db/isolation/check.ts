/**
 * Non-interference: what a tenant is answered, and what its rows become, is the same with and
 * without neighbours; and whatever it does, the neighbours' rows stay as they were. It knows
 * nothing of what a function is for, so it holds for every function alike.
 */
import { readdirSync } from 'node:fs'
import { type Database, openDatabase } from '../../../../src/db/database.ts'
import type { TestDatabase } from '../../../support/d1.ts'
import { CASES, type Repositories } from './cases.ts'
import { ACROSS_TENANTS, NO_QUERY } from './no-cases.ts'
import { dump, restore } from './stores.ts'
import { NEIGHBOURS, US } from './world.ts'

export type AnyCall = (module: unknown, db: Database, tenantId: typeof US) => PromiseLike<unknown>

/** Loads every module of a folder that has the layout of `src/db/`. */
export async function loadRepositories(folder: URL): Promise<ReadonlyMap<string, object>> {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ts'))
  const modules = await Promise.all(
    files.map(async (name) => {
      const module: object = await import(new URL(name, folder).href)
      return [name.slice(0, -'.ts'.length), module] as const
    }),
  )
  return new Map(modules)
}

/** `file.function` of every exported function that no case calls. */
export function functionsWithoutCase(modules: ReadonlyMap<string, object>): readonly string[] {
  const missing: string[] = []
  for (const [file, module] of modules) {
    for (const [name, value] of Object.entries(module)) {
      if (typeof value !== 'function') continue
      const path = `${file}.${name}`
      if (NO_QUERY.has(path) || ACROSS_TENANTS.has(path)) continue
      if (callsOf(file, name).length === 0) missing.push(path)
    }
  }
  return missing
}

export function callsOf(file: string, name: string): readonly AnyCall[] {
  const ofFile = CASES[file as keyof Repositories] as
    | Readonly<Record<string, readonly AnyCall[]>>
    | undefined
  return ofFile?.[name] ?? []
}

/** Two databases of one checker: us alone, and us between neighbours. */
export interface Worlds {
  readonly alone: TestDatabase
  readonly crowded: TestDatabase
}

interface Outcome {
  readonly answer: string
  readonly own: string
  readonly othersChanged: boolean
  readonly isTelling: boolean
}

async function runIn(
  d1: TestDatabase,
  neighbours: typeof NEIGHBOURS,
  call: AnyCall,
  module: object,
) {
  const [first, ...rest] = neighbours
  const tenants = first === undefined ? [US] : [first, US, ...rest]
  await restore(d1, tenants)
  const before = await dump(d1, US)
  let answer: unknown
  try {
    answer = await call(module, openDatabase(d1), US)
  } catch (error) {
    answer = { threw: error instanceof Error ? error.message : 'a non-error' }
  }
  const after = await dump(d1, US)
  const outcome: Outcome = {
    answer: withoutMeta(answer),
    own: after.own,
    othersChanged: before.others !== withoutNewTenant(after.others),
    isTelling: before.own !== after.own || !isEmpty(answer),
  }
  return outcome
}

/** D1's own figures (duration, rows read) differ between any two runs. */
const withoutMeta = (answer: unknown): string =>
  JSON.stringify(answer, (key, value: unknown) => (key === 'meta' ? undefined : value)) ?? 'nothing'

/** `createTenant` adds rows that are neither ours nor a neighbour's. */
const withoutNewTenant = (others: string): string =>
  JSON.stringify(
    (JSON.parse(others) as [string, Record<string, unknown>][]).filter(
      ([, row]) => row['id'] !== 'ten_new' && row['tenant_id'] !== 'ten_new',
    ),
  )

function isEmpty(answer: unknown): boolean {
  if (answer === null || answer === undefined || answer === false) return true
  if (Array.isArray(answer)) return answer.length === 0
  if (typeof answer !== 'object') return false
  return 'threw' in answer || ('ok' in answer && answer.ok === false)
}

/** What is wrong with one function, in words; an empty list when nothing is. */
export async function checkFunction(
  modules: ReadonlyMap<string, object>,
  worlds: Worlds,
  file: string,
  name: string,
): Promise<readonly string[]> {
  const module = modules.get(file)
  if (module === undefined) return [`no module ${file}`]
  const problems: string[] = []
  let isTelling = false
  for (const [index, call] of callsOf(file, name).entries()) {
    const [alone, crowded] = await Promise.all([
      runIn(worlds.alone, [], call, module),
      runIn(worlds.crowded, NEIGHBOURS, call, module),
    ])
    const problem = (text: string) => problems.push(`${file}.${name} call ${index + 1}: ${text}`)
    if (crowded.othersChanged) problem("changes a neighbour's rows")
    if (alone.answer !== crowded.answer) problem('answers otherwise when there are neighbours')
    if (alone.own !== crowded.own) problem('writes otherwise when there are neighbours')
    isTelling ||= crowded.isTelling
    if (problems.length > 0) return problems
  }
  // A function that answers nothing and writes nothing would pass for being isolated.
  if (!isTelling) problems.push(`${file}.${name}: no call finds or changes anything`)
  return problems
}

/** Every function that has a case, as file and name. */
export const checkedFunctions = (): readonly (readonly [file: string, name: string])[] =>
  Object.entries(CASES).flatMap(([file, functions]) =>
    Object.keys(functions).map((name) => [file, name] as const),
  )
