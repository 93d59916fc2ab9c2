/**
 * Is every tenant filter tested? Each condition that ties a query to its tenant is removed, one at
 * a time, in a copy of `src/db/`, and the isolation check runs on the copy. A filter whose loss
 * nobody notices is printed, and the exit code is 1. The tree itself is never touched.
 * An argument bounds it to the files whose names contain it.
 */
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { type D1Host, startD1 } from '../support/d1.ts'
import {
  checkedFunctions,
  checkFunction,
  loadRepositories,
  type Worlds,
} from '../unit/db/isolation/check.ts'

const ROOT = fileURLToPath(new URL('../../', import.meta.url))
/** Checks at once; the machine's cores are shared with the databases. */
const LANES = 2
/** `eq(agents.tenantId, tenantId)`, `eq(tenants.id, tenantId)`, `eq(tenants.id, apiKeys.tenantId)` … */
const FILTER = /\beq\(\s*(\w+\.(?:tenantId|id)),\s*(?:tenantId|\w+\.tenantId),?\s*\)/g

interface Mutant {
  readonly file: string
  readonly line: number
  readonly condition: string
  readonly source: string
}

/** A comparison written out in SQL would not be found, and so not be tested. */
const RAW_FILTER = /\$\{\w+\.tenantId\}|tenant_id = \$\{/

/** `eq(x, y)` becomes `eq(x, x)`: valid wherever it stands, and true of every row. */
function mutantsOf(file: string): Mutant[] {
  const source = readFileSync(path.join(ROOT, 'src/db', file), 'utf8')
  if (RAW_FILTER.test(source)) throw new Error(`src/db/${file}: compare tenantId with eq() only`)
  return [...source.matchAll(FILTER)].map(({ 0: condition, 1: column, index }) => ({
    file,
    line: source.slice(0, index).split('\n').length,
    condition,
    source: `${source.slice(0, index)}eq(${column}, ${column})${source.slice(index + condition.length)}`,
  }))
}

/** A folder in which the altered file stands among the real ones. */
function writeCopy(folder: string, mutant: Mutant): URL {
  const source = path.join(folder, 'src')
  mkdirSync(source, { recursive: true })
  writeFileSync(path.join(folder, 'package.json'), '{"type":"module"}')
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
  for (const unchanged of ['domain', 'crypto']) {
    symlinkSync(path.join(ROOT, 'src', unchanged), path.join(source, unchanged))
  }
  cpSync(path.join(ROOT, 'src/db'), path.join(source, 'db'), { recursive: true })
  writeFileSync(path.join(source, 'db', mutant.file), mutant.source)
  return pathToFileURL(`${path.join(source, 'db')}/`)
}

/** Functions of the altered file first: they notice in most cases. */
async function isNoticed(folder: URL, mutant: Mutant, worlds: Worlds): Promise<boolean> {
  const modules = await loadRepositories(folder)
  const name = mutant.file.slice(0, -'.ts'.length)
  const functions = checkedFunctions()
  const ordered = [
    ...functions.filter(([file]) => file === name),
    ...functions.filter(([file]) => file !== name),
  ]
  for (const [file, fn] of ordered) {
    if ((await checkFunction(modules, worlds, file, fn)).length > 0) return true
  }
  return false
}

/** A copy that were broken in itself would seem to notice every loss. */
async function checkBaseline(host: D1Host, folder: string): Promise<void> {
  const file = 'versions.ts'
  const source = readFileSync(path.join(ROOT, 'src/db', file), 'utf8')
  const unchanged = { file, line: 0, condition: '', source }
  const worlds = { alone: await host.freshDatabase(), crowded: await host.freshDatabase() }
  if (await isNoticed(writeCopy(folder, unchanged), unchanged, worlds)) {
    throw new Error('the isolation check fails without any change')
  }
}

async function main(): Promise<number> {
  const [only = ''] = process.argv.slice(2)
  const files = readdirSync(path.join(ROOT, 'src/db')).filter(
    (name) => name.endsWith('.ts') && name.includes(only),
  )
  const mutants = files.flatMap(mutantsOf)
  const waiting = [...mutants.entries()]
  const survivors: Mutant[] = []
  const host = await startD1(2 * LANES + 2)
  const temporary = mkdtempSync(path.join(tmpdir(), 'edgeclaw-mutants-'))
  try {
    await checkBaseline(host, path.join(temporary, 'baseline'))
    const lane = async () => {
      const worlds = { alone: await host.freshDatabase(), crowded: await host.freshDatabase() }
      for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
        const [index, mutant] = next
        const folder = writeCopy(path.join(temporary, String(index)), mutant)
        if (!(await isNoticed(folder, mutant, worlds))) survivors.push(mutant)
      }
    }
    await Promise.all(Array.from({ length: LANES }, lane))
  } finally {
    rmSync(temporary, { recursive: true, force: true })
    await host.dispose()
  }
  for (const { file, line, condition } of survivors) {
    console.error(`survived: src/db/${file}:${line} ${condition.replace(/\s+/g, ' ')}`)
  }
  const killed = mutants.length - survivors.length
  console.log(`mutants: ${killed} killed, ${survivors.length} survived`)
  return survivors.length === 0 && killed > 0 ? 0 : 1
}

process.exitCode = await main()
