/**
 * `npm run mutants`: is every check of tenant, owner, role and scope tested? Each one is switched off,
 * one at a time, in a copy of the tree, and the tests that are about access run on the copy: those in
 * plain Node first, those in workerd for what they do not notice. A check whose loss nobody notices is
 * printed, and the exit code is 1. The tree itself is never touched. Arguments are parts of `file:line`.
 */
import { spawn } from 'node:child_process'
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT } from '../../src/cli/root.ts'
import { type GuardMutant, guardMutants } from './guard-list.ts'

/** Copies that run side by side: workerd takes a core of its own. */
const LANES = 2
const COPIED = ['src', 'test', 'migrations', 'sandbox-runner', 'docs', '.ci', 'bin'] as const
const COPIED_FILES = [
  'package.json',
  'tsconfig.json',
  'tsconfig.node.json',
  'tsconfig.worker-tests.json',
  'vitest.config.ts',
  'wrangler.toml',
  'README.md',
  '.gitignore',
] as const
/** The quickest first: most checks are noticed by the table of access rows. */
const STAGES: readonly (readonly [name: string, project: string, files: readonly string[]])[] = [
  ['table', 'unit', ['test/unit/api/registry.test.ts', 'test/unit/transport', 'test/unit/domain']],
  ['unit', 'unit', ['test/unit/api', 'test/unit/gateway', 'test/unit/objects']],
  ['matrix', 'worker', ['test/worker/security-matrix.test.ts', 'test/worker/revocation.test.ts']],
  ['worker', 'worker', ['test/worker/']],
]
/** A mutant that makes a test wait for ever is noticed too. */
const TIMEOUT_MS = 10 * 60_000

function makeCopy(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'edgeclaw-guards-'))
  for (const name of COPIED)
    cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true })
  for (const name of COPIED_FILES) cpSync(path.join(ROOT, name), path.join(folder, name))
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'))
  return folder
}

/** True when a test fails. */
const fails = (folder: string, project: string, files: readonly string[]): Promise<boolean> =>
  new Promise((resolve) => {
    const vitest = path.join(ROOT, 'node_modules/.bin/vitest')
    const args = ['run', '--project', project, '--bail', '1', '--reporter', 'dot', ...files]
    const child = spawn(vitest, args, { cwd: folder, stdio: 'ignore' })
    const timer = setTimeout(() => child.kill('SIGKILL'), TIMEOUT_MS)
    child.on('exit', (code) => {
      clearTimeout(timer)
      resolve(code !== 0)
    })
  })

/** The stage that fails without any change; null when none does. */
async function brokenStage(folder: string): Promise<string | null> {
  for (const [name, project, files] of STAGES) {
    if (await fails(folder, project, files)) return name
  }
  return null
}

const nameOf = ({ file, line, was, becomes }: GuardMutant): string =>
  `${file}:${line}  ${was} → ${becomes}`

/** Stage after stage over all that are left: what costs little tells of most of them at once. */
async function survivorsOf(
  mutants: readonly GuardMutant[],
  [name, project, files]: (typeof STAGES)[number],
): Promise<readonly GuardMutant[]> {
  const waiting = [...mutants]
  const survivors: GuardMutant[] = []
  const lane = async (): Promise<void> => {
    const folder = makeCopy()
    try {
      for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
        const file = path.join(folder, mutant.file)
        writeFileSync(file, mutant.source)
        if (await fails(folder, project, files)) console.log(`${name.padEnd(9)} ${nameOf(mutant)}`)
        else survivors.push(mutant)
        writeFileSync(file, readFileSync(path.join(ROOT, mutant.file)))
      }
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  await Promise.all(Array.from({ length: Math.min(LANES, mutants.length) }, lane))
  return survivors
}

async function main(): Promise<number> {
  // Parts of `file:line`, after a change: what it touched, or what a run that broke off had left.
  const only = process.argv.slice(2)
  const mutants = guardMutants(ROOT).filter(
    ({ file, line }) => only.length === 0 || only.some((part) => `${file}:${line}`.includes(part)),
  )
  console.log(`${mutants.length} checks, each switched off once`)
  // What fails by itself would seem to notice every loss.
  const baseline = makeCopy()
  const isBroken = await brokenStage(baseline)
  rmSync(baseline, { recursive: true, force: true })
  if (isBroken !== null) throw new Error(`tests fail without any change: ${isBroken}`)
  let survivors: readonly GuardMutant[] = mutants
  for (const stage of STAGES) {
    survivors = await survivorsOf(survivors, stage)
    console.log(`${survivors.length} of ${mutants.length} checks left after: ${stage[0]}`)
  }
  console.log(`mutants: ${mutants.length - survivors.length} killed, ${survivors.length} survived`)
  for (const mutant of survivors) console.error(`survived: ${nameOf(mutant)}`)
  return survivors.length === 0 && mutants.length > 0 ? 0 : 1
}

process.exitCode = await main()
