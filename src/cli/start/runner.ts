/**
 * Keeps one sandbox-runner alive as a process of its own: separate privileges, and a crash of it
 * costs no conversation. It is given public keys only; what signs jobs stays with the gateway.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { createInterface } from 'node:readline'
import { stopChild } from '../processes.ts'

/** First wait before a crashed runner is started again; it doubles up to the maximum. */
const RESTART_MS = 250
const MAX_RESTART_MS = 10_000
/**
 * A runner that ran this long was well: its next crash starts with the short wait again. One that
 * cannot start fails within a second, and starting again every five seconds costs next to nothing.
 */
const HEALTHY_MS = 5_000
/** The runner removes its containers on TERM; the whole stop must fit into five seconds. */
const STOP_GRACE_MS = 3_000

/**
 * The runner's own word for a setting that is missing or wrong: it is as wrong at the next start. One
 * that was ready under these settings says it of its port, which its predecessor still holds.
 */
const WRONG_SETTING = 2

export interface RunnerOptions {
  readonly entry: string
  readonly port: number
  /** The runner's own id: a job token is worth nothing at another one. */
  readonly audience: string
  /** Public JWKs. */
  readonly publicKeys: readonly unknown[]
  readonly stateDir: string
  readonly dockerHost: string
  readonly image: string
  /** A line that the runner wrote. */
  onLine(line: string): void
  /** The runner ended by itself, or could not be started. */
  onTrouble(line: string): void
  onPid(pid: number | null): void
}

export interface Runner {
  /** Resolves when the first ready line was read; never rejects. */
  readonly ready: Promise<void>
  stop(): Promise<void>
}

function isReadyLine(line: string): boolean {
  try {
    return (JSON.parse(line) as { ready?: unknown }).ready === true
  } catch {
    return false
  }
}

export function startRunner(options: RunnerOptions): Runner {
  let child: ChildProcess | null = null
  let timer: NodeJS.Timeout | null = null
  let isStopped = false
  let wasReady = false
  let waitMs = RESTART_MS
  let markReady: () => void = () => undefined
  const ready = new Promise<void>((resolve) => {
    markReady = resolve
  })

  const launch = () => {
    const startedAt = performance.now()
    const started = spawn(process.execPath, [options.entry], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: {
        ...withoutSecrets(process.env),
        EDGECLAW_RUNNER_HOST: '127.0.0.1',
        EDGECLAW_RUNNER_PORT: String(options.port),
        EDGECLAW_RUNNER_AUDIENCE: options.audience,
        EDGECLAW_RUNNER_PUBLIC_KEYS: JSON.stringify(options.publicKeys),
        EDGECLAW_RUNNER_STATE: options.stateDir,
        EDGECLAW_SANDBOX_IMAGE: options.image,
        DOCKER_HOST: options.dockerHost,
      },
    })
    child = started
    options.onPid(started.pid ?? null)
    createInterface({ input: started.stdout }).on('line', (line) => {
      if (!isReadyLine(line)) return options.onLine(line)
      wasReady = true
      markReady()
    })
    createInterface({ input: started.stderr }).on('line', options.onLine)
    started.on('error', (error) => options.onTrouble(`cannot be started: ${error.message}`))
    started.on('close', (code, signal) => {
      options.onPid(null)
      if (isStopped) return
      if (code === WRONG_SETTING && !wasReady) {
        const advice =
          'is not started again: correct the setting that it names, and start anew; until then no command runs'
        options.onTrouble(`ended (exit ${code}) and ${advice}`)
        return
      }
      if (performance.now() - startedAt > HEALTHY_MS) waitMs = RESTART_MS
      options.onTrouble(`ended (${signal ?? `exit ${code}`}); starting it again in ${waitMs} ms`)
      timer = setTimeout(launch, waitMs)
      waitMs = Math.min(waitMs * 2, MAX_RESTART_MS)
    })
  }
  launch()
  return {
    ready,
    async stop() {
      isStopped = true
      if (timer !== null) clearTimeout(timer)
      if (child !== null) await stopChild(child, STOP_GRACE_MS)
    },
  }
}

/** A runner that falls must find no credential of the gateway in its environment. */
export function withoutSecrets(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const SECRETS = ['EDGECLAW_TOKEN', 'EDGECLAW_ENCRYPTION_KEY', 'EDGECLAW_RUNNER_KEY']
  return Object.fromEntries(
    Object.entries(env).filter(([name]) => !SECRETS.some((secret) => name.startsWith(secret))),
  )
}
