/**
 * `npm start`: the whole product on one machine. Builds if something changed, opens the state
 * folder, starts workerd and the sandbox-runner side by side, prints one block, and stops all that
 * it started when it is told to.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { relative, resolve } from 'node:path'
import { CliFailure, runMain } from '../failure.ts'
import { describeFlags } from '../flags.ts'
import { defaultBuild, isBuilt } from '../inputs.ts'
import { stopChild } from '../processes.ts'
import { DIST, ROOT } from '../root.ts'
import { paletteFor } from '../terminal.ts'
import { formatBanner, readyLine } from './banner.ts'
import { bindingsOf, gatewayToken, runnerKeyOf } from './bindings.ts'
import type { Gateway } from './gateway.ts'
import { type Log, levelOf, openLog } from './log.ts'
import { DEFAULT_STATE, parseStartOptions, START_FLAGS, type StartOptions } from './options.ts'
import { endOrphans, markOf } from './orphans.ts'
import { firstPairingCode } from './pairing-code.ts'
import { claimPort } from './port.ts'
import { openSandbox, type SandboxHost } from './sandbox.ts'
import { openState, type State } from './state.ts'
import { openStops, type Stops } from './stops.ts'

const BUILD_ENTRY = resolve(ROOT, 'src/cli/build.ts')
const BUILD_STOP_GRACE_MS = 500
/** A runner that is slow to start is no reason to keep the gateway from its callers. */
const RUNNER_WAIT_MS = 1_000
/** Whoever stops the gateway waits no longer than five seconds. */
const STOP_DEADLINE_MS = 4_500

const HELP = `npm start -- [flags]

Starts the gateway, its databases and the sandbox-runner on this machine.

${describeFlags(START_FLAGS)}

Each flag has a variable: EDGECLAW_PORT, _HOST, _STATE, _TOKEN, _NO_RUNNER, _QUIET. Further:
EDGECLAW_ENCRYPTION_KEY, _ENCRYPTION_KEY_PREVIOUS, _RUNNERS, _RUNNER_KEY, _PUBLIC_URL, _SANDBOX_IMAGE, and DOCKER_HOST.
`

const browsable = (host: string): string => {
  if (host === '0.0.0.0') return '127.0.0.1'
  if (host === '::') return '[::1]'
  return host.includes(':') ? `[${host}]` : host
}

interface Running {
  readonly options: StartOptions
  readonly state: State
  readonly url: string
  readonly sandbox: SandboxHost
  readonly gateway: Gateway
}

async function start(options: StartOptions, stops: Stops, log: Log): Promise<Running> {
  const state = openState(options.stateDir)
  stops.atLast(() => state.release())
  await endOrphans(state)
  // A taken port is told at once; "any free one" is chosen late, so that it is still free when used.
  if (options.port !== 0) await claimPort(options.host, options.port)
  if (options.dist === null) await buildInChild(options.isQuiet, stops)
  const port = await claimPort(options.host, options.port)
  const url = `http://${browsable(options.host)}:${port}`
  const runnerLog = { source: 'sandbox-runner' }
  const sandbox = await openSandbox(options, state, await runnerKeyOf(state, process.env), {
    onRunnerLine: (message) => log.write({ ...runnerLog, level: levelOf(message), message }),
    onRunnerTrouble: (message) => log.write({ ...runnerLog, level: 'warn', message }),
    onImageLine: (message) => log.write({ source: 'sandbox image', level: 'info', message }),
  })
  stops.add(() => sandbox.stop())
  // Half a second of loading, during which the runner is already starting.
  const { startGateway } = await import('./gateway.ts')
  const gateway = await startGateway({
    dist: options.dist ?? DIST,
    dataDir: state.dataDir,
    tempDir: state.tempDir,
    workerdEnv: markOf(state),
    host: options.host,
    port,
    bindings: { ...bindingsOf(options, state, url, process.env), ...sandbox.bindings },
    onLog: log.write,
    onWorkerPid: (pid) => state.writePid('workerd', pid),
  })
  stops.add(() => gateway.stop())
  await Promise.race([sandbox.ready, delay(RUNNER_WAIT_MS)])
  state.writeGateway({ url, pid: process.pid, isDevelopmentMode: options.token.kind === 'none' })
  return { options, state, url, sandbox, gateway }
}

/** In a process of its own: the build's libraries would stay in memory for the gateway's life. */
async function buildInChild(isQuiet: boolean, stops: Stops): Promise<void> {
  if (isBuilt(defaultBuild)) return
  const child = spawn(process.execPath, [BUILD_ENTRY, ...(isQuiet ? ['--quiet'] : [])], {
    stdio: 'inherit',
  })
  stops.add(() => stopChild(child, BUILD_STOP_GRACE_MS))
  const [code] = (await once(child, 'exit')) as [number | null]
  if (code !== 0) throw new CliFailure('the gateway was not started, because its build failed')
}

const delay = (ms: number) =>
  new Promise<void>((resolve) => {
    setTimeout(resolve, ms).unref()
  })

async function announce({ options, state, url, sandbox, gateway }: Running): Promise<void> {
  const fromHere = relative(process.cwd(), state.dir) || '.'
  const shownState = fromHere.startsWith('..') ? state.dir : fromHere
  const isDefaultState = shownState === DEFAULT_STATE
  const flags = [
    ...(isDefaultState ? [] : [`--state ${shownState}`]),
    ...(options.token.kind === 'given' ? ['--token …'] : []),
  ]
  if (!options.isQuiet) {
    const token = gatewayToken(options, state)
    const isTerminal = process.stdout.isTTY === true
    const banner = formatBanner(
      {
        version: gateway.version,
        url,
        stateDir: shownState,
        token,
        pairingCode: await firstPairingCode({ url, token, isFirst: state.isNew, isTerminal }),
        sandbox: sandbox.summary,
        isSandboxOff: sandbox.isOff,
        chatFlags: flags.map((flag) => `${flag} `).join(''),
      },
      paletteFor(process.stdout),
    )
    process.stdout.write(banner)
  }
  process.stdout.write(readyLine(url))
}

async function main(): Promise<number> {
  const options = parseStartOptions(process.argv.slice(2), process.env)
  if (options === null) {
    process.stdout.write(HELP)
    return 0
  }
  const stops = openStops()
  const told = Promise.withResolvers<'stop'>()
  // Ctrl-C reaches this process from the terminal and once more from npm: the second adds nothing.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => told.resolve('stop'))
  }
  const log = openLog(options.isQuiet)
  const starting = start(options, stops, log)
  const stop = async (): Promise<never> => {
    log.setVerbose(false)
    setTimeout(() => process.exit(0), STOP_DEADLINE_MS)
    await stops.runAll(starting)
    process.exit(0)
  }
  const outcome = await Promise.race([
    starting.catch((error: unknown) => error as Error),
    told.promise,
  ])
  if (outcome === 'stop') return stop()
  if (outcome instanceof Error) {
    await stops.runAll(starting)
    throw outcome
  }
  await announce(outcome)
  log.setVerbose(true)
  outcome.sandbox.afterReady()
  await told.promise
  return stop()
}

await runMain(main)
