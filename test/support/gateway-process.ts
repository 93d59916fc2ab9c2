/**
 * The product as its user starts it: `src/cli/start/main.ts` in a process of its own, with a state
 * folder that outlives it. Kills and stops only what that process started, by the ids it wrote down.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { type ConnectOptions, GatewayClient } from '../../src/cli/client.ts'
import { isAlive, listProcesses } from '../../src/cli/processes.ts'
import { ROOT } from '../../src/cli/root.ts'

const NODE = resolve(ROOT, 'node_modules/.bin/node')
const MAIN = resolve(ROOT, 'src/cli/start/main.ts')
/** A first start may have to build; on a busy machine that takes a quarter of a minute. */
const READY_TIMEOUT_MS = 90_000
/** Miniflare starts workerd again in 0.2 to 0.3 s; two busy cores make more of it. */
const RESTART_TIMEOUT_MS = 20_000
const POLL_MS = 5

export interface GatewayProcessOptions {
  /** A folder to keep; one is made and removed with the gateway otherwise. */
  readonly state?: string
  /** Any free one otherwise. */
  readonly port?: number
  readonly args?: readonly string[]
  readonly env?: Readonly<Record<string, string>>
}

export interface GatewayProcess {
  readonly url: string
  readonly token: string
  readonly state: string
  readonly pid: number
  /** From the start of the process to its ready line. */
  readonly readyMs: number
  /** What it wrote, so far. */
  readonly output: () => string
  readonly workerdPid: () => number
  readonly runnerPid: () => number | null
  /** The process, and all that it started, directly or not. */
  readonly tree: () => readonly number[]
  /** SIGKILL to workerd; answers its id. */
  readonly killWorkerd: () => number
  /** Until another workerd than `pid` answers. */
  readonly restarted: (pid: number) => Promise<void>
  readonly connect: (options?: Partial<ConnectOptions>) => Promise<GatewayClient>
  /** Ends it with a signal and waits; answers the exit code. */
  readonly stop: (signal?: NodeJS.Signals) => Promise<number | null>
}

/** Settings of the machine that runs the tests must not decide them. */
const cleanEnvironment = (): NodeJS.ProcessEnv =>
  Object.fromEntries(
    Object.entries(process.env).filter(
      ([name]) => !name.startsWith('EDGECLAW_') || name === 'EDGECLAW_SANDBOX_IMAGE',
    ),
  )

export function descendantsOf(pid: number): readonly number[] {
  const processes = listProcesses()
  const found = [pid]
  for (const parent of found) {
    for (const entry of processes) if (entry.parentPid === parent) found.push(entry.pid)
  }
  return found
}

/** Polls, for what no event tells; throws `what` when it does not come. */
export async function until(
  what: string,
  check: () => boolean | Promise<boolean>,
  timeoutMs: number,
): Promise<void> {
  const end = performance.now() + timeoutMs
  while (!(await check())) {
    if (performance.now() > end) throw new Error(`not within ${timeoutMs} ms: ${what}`)
    await delay(POLL_MS)
  }
}

export async function allGone(pids: readonly number[], timeoutMs: number): Promise<void> {
  await until('every process has ended', () => !pids.some(isAlive), timeoutMs)
}

const isHealthy = async (url: string): Promise<boolean> => {
  try {
    return (await fetch(`${url}/health`, { signal: AbortSignal.timeout(2_000) })).ok
  } catch {
    return false
  }
}

export async function startGatewayProcess(
  options: GatewayProcessOptions = {},
): Promise<GatewayProcess> {
  const state = options.state ?? mkdtempSync(join(tmpdir(), 'edgeclaw-e2e-'))
  const removeState = () => {
    if (options.state === undefined) rmSync(state, { recursive: true, force: true })
  }
  const began = performance.now()
  const port = String(options.port ?? 0)
  const child = spawn(NODE, [MAIN, '--port', port, '--state', state, ...(options.args ?? [])], {
    cwd: ROOT,
    env: { ...cleanEnvironment(), NO_COLOR: '1', ...options.env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  // A test run that dies must not leave a gateway behind.
  const killWithUs = () => child.kill('SIGTERM')
  process.on('exit', killWithUs)
  const lines: string[] = []
  const exited = new Promise<number | null>((done) => {
    child.once('close', (code) => {
      process.off('exit', killWithUs)
      done(code)
    })
  })
  let url: string
  try {
    url = await readyUrl(child, lines, exited)
  } catch (error) {
    child.kill('SIGTERM')
    await exited
    removeState()
    throw error
  }
  const readyMs = performance.now() - began
  const pid = child.pid ?? 0
  const readPid = (name: string): number | null => {
    try {
      return Number(readFileSync(join(state, `${name}.pid`), 'utf8')) || null
    } catch {
      return null
    }
  }
  const workerdPid = (): number => {
    const found = readPid('workerd')
    if (found === null) throw new Error('no workerd is running')
    return found
  }
  const token = readFileSync(join(state, 'token'), 'utf8').trim()
  return {
    url,
    token,
    state,
    pid,
    readyMs,
    output: () => lines.join('\n'),
    workerdPid,
    runnerPid: () => readPid('runner'),
    tree: () => descendantsOf(pid),
    killWorkerd() {
      const found = workerdPid()
      process.kill(found, 'SIGKILL')
      return found
    },
    async restarted(old) {
      const isNew = async () => {
        const now = readPid('workerd')
        return now !== null && now !== old && (await isHealthy(url))
      }
      await until('workerd is started again', isNew, RESTART_TIMEOUT_MS)
    },
    connect: async (connectOptions) =>
      (await GatewayClient.connect({ url, token, ...connectOptions })).client,
    async stop(signal = 'SIGTERM') {
      child.kill(signal)
      const code = await exited
      removeState()
      return code
    },
  }
}

async function readyUrl(
  child: ChildProcess,
  lines: string[],
  exited: Promise<number | null>,
): Promise<string> {
  const ready = Promise.withResolvers<string>()
  for (const stream of [child.stdout, child.stderr]) {
    if (stream === null) continue
    createInterface({ input: stream }).on('line', (line) => {
      lines.push(line)
      const found = /^ready (\S+)$/.exec(line)
      if (found?.[1] !== undefined) ready.resolve(found[1])
    })
  }
  const timer = setTimeout(
    () => ready.reject(new Error(`the gateway is not ready:\n${lines.join('\n')}`)),
    READY_TIMEOUT_MS,
  )
  exited.then((code) =>
    ready.reject(new Error(`the gateway ended with ${code}:\n${lines.join('\n')}`)),
  )
  try {
    return await ready.promise
  } finally {
    clearTimeout(timer)
  }
}
