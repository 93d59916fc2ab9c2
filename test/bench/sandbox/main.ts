/**
 * `npm run bench:sandbox`: what a command in the sandbox costs beside what the container engine
 * itself takes in the same run, and beside other sandboxes. It fails when something breaks; a missed
 * goal fails only under `--check`.
 */
import { cpus, loadavg, totalmem } from 'node:os'
import { resolve } from 'node:path'
import { CliFailure, runMain } from '../../../src/cli/failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from '../../../src/cli/flags.ts'
import { findEngine } from '../../../src/cli/start/engine.ts'
import { engine } from '../../runner/runner-process.ts'
import { measureBursts } from './burst.ts'
import { measureCold } from './cold.ts'
import { IMAGE } from './engine-floor.ts'
import { sandboxJson, sandboxTable } from './report.ts'
import { PARTS, type Part, ROWS } from './rows.ts'
import { createRun, type OwnedRun, type Run, SIZES } from './run.ts'
import { exitCodeOf, judge, type Measured } from './verdict.ts'
import { measureWarm } from './warm.ts'

const FLAGS: readonly FlagSpec[] = [
  { name: 'quick', help: 'a few samples a row, to see that all of them run' },
  { name: 'only', value: 'PART', help: `${PARTS.join(', ')}` },
  { name: 'check', help: 'end with 1 when a goal is missed' },
  { name: 'json', help: 'print JSON instead of the table' },
  { name: 'dist', value: 'DIR', help: 'measure this build as it is, instead of building' },
]

const MEASURE: Readonly<Record<Part, (run: Run) => Promise<ReadonlyMap<string, Measured>>>> = {
  warm: measureWarm,
  cold: measureCold,
  burst: measureBursts,
}

/** One line that is written over; nothing where nobody looks. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`)
}

async function requireSandbox(): Promise<void> {
  const search = await findEngine(process.env)
  if (search.kind === 'missing') throw new CliFailure(search.reason)
  if (await search.engine.hasImage(IMAGE)) return
  throw new CliFailure(`the engine has no image ${IMAGE}: run sandbox-runner/image/build`)
}

let current: OwnedRun | null = null

/** Runners and containers must not outlive a run that is broken off. */
function endOnSignals(): void {
  const onSignal = (): void => {
    Promise.resolve(current?.end()).finally(() => process.exit(130))
  }
  process.once('SIGINT', onSignal)
  process.once('SIGTERM', onSignal)
}

async function main(): Promise<number> {
  const { values, positionals } = parseFlags(process.argv.slice(2), FLAGS)
  if (values.has('help')) {
    process.stdout.write(`npm run bench:sandbox -- [part] [flags]\n\n${describeFlags(FLAGS)}\n`)
    return 0
  }
  const only = values.get('only') ?? positionals[0]
  const parts = PARTS.filter((part) => only === undefined || part === only)
  if (parts.length === 0) {
    throw new CliFailure(`${only} is no part of these benchmarks: ${PARTS.join(', ')}`)
  }
  await requireSandbox()
  endOnSignals()
  const loadBefore = loadavg()[0] ?? 0
  const dist = values.get('dist')
  const size = SIZES[values.has('quick') ? 'quick' : 'full']
  const measured = new Map<string, Measured>()
  for (const part of parts) {
    // A part's processes end with it: the next one has the machine to itself.
    const run = createRun(size, dist === undefined ? null : resolve(dist), progress)
    current = run
    try {
      for (const [id, taken] of await MEASURE[part](run)) measured.set(id, taken)
    } finally {
      progress('')
      await run.end()
    }
  }
  const rows = judge(
    parts.flatMap((part) => ROWS[part]),
    measured,
  )
  const about = {
    model: cpus()[0]?.model ?? 'unknown processor',
    cores: cpus().length,
    memoryBytes: totalmem(),
    node: process.version,
    engine: String((await engine.info())['ServerVersion'] ?? 'unknown'),
    image: IMAGE,
    loadBefore,
  }
  process.stdout.write(values.has('json') ? sandboxJson(about, rows) : sandboxTable(about, rows))
  return values.has('check') ? exitCodeOf(rows) : 0
}

await runMain(main)
