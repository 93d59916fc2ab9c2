/**
 * `npm test`: everything that must hold before a change goes in — format, lint, types, and the tests
 * in Node, in workerd, in a browser, against the sandbox-runner and end to end. What needs a Docker
 * engine or a browser is skipped with a reason where there is none, and fails instead under CI or
 * REQUIRE_ALL=1. The last line counts test cases: `N passed, N failed`.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join, resolve } from 'node:path'
import { CliFailure, runMain } from '../src/cli/failure.ts'
import { describeFlags, type FlagSpec, parseFlags } from '../src/cli/flags.ts'
import { ROOT } from '../src/cli/root.ts'
import { findEngine } from '../src/cli/start/engine.ts'
import { formatDuration, isColourful, paletteFor } from '../src/cli/terminal.ts'
import { nearestKey } from '../src/domain/config/nearest-key.ts'
import { findChromium } from './support/browser.ts'

/** The slowest step, on a machine half as fast as ours, with room; beyond it something hangs. */
const STEP_TIMEOUT_MS = 15 * 60_000

export interface Totals {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
}

const NOTHING: Totals = { passed: 0, failed: 0, skipped: 0 }
const FAILED_STEP: Totals = { ...NOTHING, failed: 1 }

export const addTotals = (a: Totals, b: Totals): Totals => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
})

/** The part of vitest's JSON report that is counted. */
interface VitestReport {
  readonly numPassedTests: number
  readonly numFailedTests: number
  readonly numPendingTests: number
  readonly numTodoTests: number
  readonly testResults: readonly {
    readonly status: string
    readonly assertionResults: readonly { readonly status: string }[]
  }[]
}

/**
 * Cases of one project. A file that cannot be loaded has no cases and would vanish from the sum: it
 * counts as one failure, as does an exit code that no case explains.
 */
export function countCases(report: VitestReport, exitCode: number): Totals {
  const brokenFiles = report.testResults.filter(
    ({ status, assertionResults }) =>
      status === 'failed' && !assertionResults.some((result) => result.status === 'failed'),
  ).length
  const failed = report.numFailedTests + brokenFiles
  return {
    passed: report.numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: report.numPendingTests + report.numTodoTests,
  }
}

export const summaryLine = ({ passed, failed, skipped }: Totals): string =>
  `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`

interface Step {
  readonly name: string
  /** Program and arguments, from the checkout's root. */
  readonly command: readonly string[]
  /** A vitest project, whose cases are counted. */
  readonly isSuite?: boolean
  readonly needs?: 'docker' | 'browser'
  /** Checks, and what runs beside the sandbox's tests, are quiet when all is well: shown when they have ended. */
  readonly lane: 'checks' | 'tests' | 'after' | 'beside'
}

const bin = (name: string) => resolve(ROOT, 'node_modules/.bin', name)

const isQuiet = ({ lane }: Pick<Step, 'lane'>): boolean => lane === 'checks' || lane === 'beside'

const suite = (name: string, lane: Step['lane'], needs?: Step['needs']): Step => ({
  name,
  lane,
  isSuite: true,
  ...(needs === undefined ? {} : { needs }),
  command: [bin('vitest'), 'run', '--project', name, '--passWithNoTests', '--reporter=default'],
})

const STEPS: readonly Step[] = [
  {
    name: 'format',
    lane: 'checks',
    command: [
      bin('biome'),
      'ci',
      '--error-on-warnings',
      `--colors=${isColourful(process.stdout) ? 'force' : 'off'}`,
      '.',
    ],
  },
  {
    name: 'lint',
    lane: 'checks',
    // A gateway that refuses control characters has to name them.
    command: [bin('oxlint'), '--deny-warnings', '--allow', 'no-control-regex'],
  },
  { name: 'types', lane: 'checks', command: [bin('tsc'), '--noEmit'] },
  {
    name: 'types-node',
    lane: 'checks',
    command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.node.json'],
  },
  {
    name: 'types-dashboard',
    lane: 'checks',
    command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.dashboard.json'],
  },
  {
    name: 'types-worker',
    lane: 'checks',
    command: [bin('tsc'), '--noEmit', '-p', 'tsconfig.worker-tests.json'],
  },
  {
    name: 'secrets',
    lane: 'checks',
    command: [process.execPath, 'test/secrets.ts'],
  },
  {
    name: 'mutants',
    // While the sandbox's tests wait for containers: beside the quick suites it would cost both.
    lane: 'beside',
    command: [process.execPath, 'test/mutants/tenant-filters.ts'],
  },
  {
    name: 'image',
    lane: 'checks',
    needs: 'docker',
    command: [resolve(ROOT, 'sandbox-runner/image/build')],
  },
  { name: 'build', lane: 'tests', command: [process.execPath, 'src/cli/build.ts'] },
  suite('unit', 'tests'),
  suite('worker', 'tests'),
  suite('runner', 'after', 'docker'),
  suite('e2e', 'after'),
  // A browser waits as much as it works: beside the sandbox's tests as well.
  suite('dashboard', 'beside', 'browser'),
]

const FLAGS: readonly FlagSpec[] = [
  { name: 'require-all', help: 'fail what would be skipped, as CI does' },
]

const { bold, dim, green, red, yellow } = paletteFor(process.stdout)
const children = new Set<ChildProcess>()

interface Context {
  readonly env: NodeJS.ProcessEnv
  /** Why something that a step needs is not there; null: it is. */
  readonly missing: Readonly<Record<NonNullable<Step['needs']>, string | null>>
  readonly isAllRequired: boolean
  readonly reports: string
}

interface Outcome {
  readonly totals: Totals
  readonly isFailed: boolean
  readonly line: string
}

function run(step: Step, args: readonly string[], context: Context): Promise<number> {
  const [program = '', ...rest] = step.command
  const isBuffered = isQuiet(step)
  return new Promise((done) => {
    const child = spawn(program, [...rest, ...args], {
      cwd: ROOT,
      env: context.env,
      // A group of its own, so that a step that hangs ends with all that it started.
      detached: true,
      stdio: isBuffered ? ['ignore', 'pipe', 'pipe'] : ['ignore', 'inherit', 'inherit'],
    })
    children.add(child)
    let output = ''
    const collect = (bytes: Buffer) => {
      output += bytes.toString('utf8')
    }
    child.stdout?.on('data', collect)
    child.stderr?.on('data', collect)
    const timer = setTimeout(() => {
      output += `\nit took longer than ${formatDuration(STEP_TIMEOUT_MS)}\n`
      endGroup(child)
    }, STEP_TIMEOUT_MS)
    child.on('error', (error) => {
      output += error.message
    })
    child.on('close', (code) => {
      clearTimeout(timer)
      children.delete(child)
      if (code !== 0 && output !== '') process.stdout.write(`${output.trimEnd()}\n`)
      done(code ?? 1)
    })
  })
}

function endGroup({ pid }: ChildProcess): void {
  if (pid === undefined) return
  try {
    process.kill(-pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

function readTotals(path: string, code: number): Totals {
  try {
    return countCases(JSON.parse(readFileSync(path, 'utf8')) as VitestReport, code)
  } catch {
    // No report: vitest did not get as far as running anything.
    return FAILED_STEP
  }
}

async function take(step: Step, context: Context): Promise<Outcome> {
  const { name } = step
  const missing = step.needs === undefined ? null : context.missing[step.needs]
  if (missing !== null) {
    if (context.isAllRequired) {
      const line = `${red('✗')} ${name.padEnd(10)} ${missing}, but everything is required`
      process.stdout.write(`${line}\n`)
      return { totals: FAILED_STEP, isFailed: true, line }
    }
    const line = `${yellow('–')} ${name.padEnd(10)} ${dim(`skipped: ${missing}`)}`
    process.stdout.write(`${line}\n`)
    return { totals: NOTHING, isFailed: false, line }
  }
  if (!isQuiet(step)) process.stdout.write(`${bold(`▸ ${name}`)}\n`)
  const began = performance.now()
  const report = join(context.reports, `${name}.json`)
  const args = step.isSuite ? ['--reporter=json', `--outputFile.json=${report}`] : []
  const code = await run(step, args, context)
  const took = formatDuration(performance.now() - began)
  const totals = step.isSuite ? readTotals(report, code) : code === 0 ? NOTHING : FAILED_STEP
  const isFailed = code !== 0 || totals.failed > 0
  const count = step.isSuite ? `  ${summaryLine(totals)}` : ''
  const line = `${isFailed ? red('✗') : green('✓')} ${name.padEnd(10)} ${dim(took.padStart(10))}${count}`
  process.stdout.write(`${line}\n`)
  return { totals, isFailed, line }
}

async function takeAll(steps: readonly Step[], context: Context): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = []
  for (const step of steps) outcomes.push(await take(step, context))
  return outcomes
}

function chooseSteps(names: readonly string[]): readonly Step[] {
  const known = STEPS.map(({ name }) => name)
  for (const name of names) {
    if (known.includes(name)) continue
    const near = nearestKey(name, known)
    throw new CliFailure(
      `there is no step ${name}. ${near ? `Did you mean ${near}?` : `There are: ${known.join(', ')}`}`,
    )
  }
  return names.length === 0 ? STEPS : STEPS.filter(({ name }) => names.includes(name))
}

async function main(): Promise<number> {
  const { values, positionals } = parseFlags(process.argv.slice(2), FLAGS)
  if (values.has('help')) {
    const names = STEPS.map(({ name }) => name).join(' ')
    process.stdout.write(
      `npm test -- [step …] [flags]\n\nSteps: ${names}\n\n${describeFlags(FLAGS)}\n`,
    )
    return 0
  }
  const steps = chooseSteps(positionals)
  const began = performance.now()
  const search = await findEngine(process.env)
  const { CI, REQUIRE_ALL } = process.env
  const context: Context = {
    missing: {
      docker: search.kind === 'found' ? null : search.reason,
      browser: findChromium() === null ? 'no Chromium: apt-get install chromium' : null,
    },
    isAllRequired: values.has('require-all') || Boolean(CI) || REQUIRE_ALL === '1',
    reports: mkdtempSync(join(tmpdir(), 'edgeclaw-test-')),
    env: {
      ...process.env,
      // The pinned Node for every tool, however this was started.
      PATH: `${resolve(ROOT, 'node_modules/.bin')}${delimiter}${process.env['PATH'] ?? ''}`,
      ...(isColourful(process.stdout) ? { FORCE_COLOR: '1' } : { NO_COLOR: '1' }),
      // End-to-end tests that need the sandbox look here, so that they skip by the same judgement.
      EDGECLAW_TEST_DOCKER: search.kind === 'found' ? '1' : '0',
      ...(search.kind === 'found' ? { DOCKER_HOST: search.engine.dockerHost } : {}),
    },
  }
  const inLane = (lane: Step['lane']) => steps.filter((step) => step.lane === lane)
  // Two cores: the checks keep one busy while the quick suites keep the other.
  const both = await Promise.all([
    takeAll(inLane('checks'), context),
    takeAll(inLane('tests'), context),
  ])
  const slow = await Promise.all([
    takeAll(inLane('after'), context),
    takeAll(inLane('beside'), context),
  ])
  const outcomes = [...both.flat(), ...slow.flat()]
  rmSync(context.reports, { recursive: true, force: true })
  const totals = outcomes.reduce((sum, outcome) => addTotals(sum, outcome.totals), NOTHING)
  const isFailed = outcomes.some((outcome) => outcome.isFailed)
  const took = formatDuration(performance.now() - began)
  process.stdout.write(
    `\n${bold('Summary')} ${dim(took)}\n${outcomes.map(({ line }) => `${line}\n`).join('')}\n${summaryLine(totals)}\n`,
  )
  return isFailed ? 1 : 0
}

if (import.meta.main) {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      for (const child of children) endGroup(child)
      process.exit(1)
    })
  }
  await runMain(main)
}
