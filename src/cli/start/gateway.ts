/**
 * Hosts the production bundle on workerd through Miniflare's API: the same worker.js that a deploy
 * uploads, with databases in the state folder. No dev proxy stands in front and nothing is mocked.
 */
import { mkdirSync, rmSync } from 'node:fs'
import {
  convertV4MiniflareOptions,
  Log,
  LogLevel,
  Miniflare,
  type V4WorkerOptions,
} from 'miniflare'
import { type BundledAssets, loadBundle } from '../bundle.ts'
import { CliFailure } from '../failure.ts'
import { listProcesses } from '../processes.ts'
import { scheduleCrons } from './cron.ts'
import type { LogLine } from './log-line.ts'
import { applyMigrations, type MigrationDatabase } from './migrate.ts'

export interface GatewayOptions {
  readonly dist: string
  readonly dataDir: string
  /** Emptied at the start: whoever is killed cannot tidy up. */
  readonly tempDir: string
  /** Told to workerd's process, so that it can be known by it. */
  readonly workerdEnv: Readonly<Record<string, string>>
  readonly host: string
  readonly port: number
  /** Settings and secrets, as the Worker reads them from its environment. */
  readonly bindings: Readonly<Record<string, string>>
  onLog(line: LogLine): void
  /** Called at the start and after every restart of workerd. */
  onWorkerPid(pid: number | null): void
}

export interface Gateway {
  readonly version: string
  stop(): Promise<void>
}

const CRASHED = 'gateway: workerd ended unexpectedly and is started again'

/** Miniflare's own notes, sent where the Worker's lines go. */
class GatewayLog extends Log {
  readonly #onLog: (line: LogLine) => void

  constructor(onLog: (line: LogLine) => void) {
    super(LogLevel.WARN)
    this.#onLog = onLog
  }

  override error(error: Error): void {
    this.#onLog({ level: 'error', message: error.message })
  }

  override warn(message: string): void {
    const isCrash = message.startsWith('The Workers runtime crashed')
    this.#onLog({ level: 'warn', message: isCrash ? CRASHED : message })
  }
}

/**
 * Miniflare ends the process by itself at a signal, before the runner could be stopped: its
 * listeners are taken off again, and the host's own stop disposes of it.
 */
function withoutSignalHandlers<T>(make: () => T): T {
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const
  const before = signals.map((signal) => process.listeners(signal))
  const made = make()
  signals.forEach((signal, i) => {
    for (const listener of process.listeners(signal)) {
      if (!before[i]?.includes(listener)) process.off(signal, listener)
    }
  })
  return made
}

/** Miniflare chooses its folder for temporary files as it is made, and by this variable alone. */
function withTempDir<T>(folder: string, make: () => T): T {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const before = process.env['TMPDIR']
  process.env['TMPDIR'] = folder
  try {
    return make()
  } finally {
    if (before === undefined) delete process.env['TMPDIR']
    else process.env['TMPDIR'] = before
  }
}

const FILES_WORKER = 'files'

/**
 * Serves the dashboard's files to the gateway's binding. Given to the gateway itself, they would put
 * a router in front of it that every request passes: half a millisecond each.
 */
const filesWorker = (assets: BundledAssets): V4WorkerOptions =>
  ({
    name: FILES_WORKER,
    modules: [{ type: 'ESModule', path: 'files.js', contents: 'export default {}' }],
    assets: { ...assets, run_worker_first: false, routerConfig: { has_user_worker: false } },
  }) as V4WorkerOptions

const findWorkerPid = (): number | null =>
  listProcesses().find(({ parentPid, name }) => parentPid === process.pid && name === 'workerd')
    ?.pid ?? null

export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const { manifest, options: workerOptions, modules } = loadBundle(options.dist)
  const { assets, ...withoutAssets } = workerOptions
  // The build took these from wrangler's own types; Miniflare checks them again when it starts.
  const worker = {
    ...withoutAssets,
    bindings: { ...workerOptions.bindings, ...options.bindings },
    ...(assets === undefined ? {} : { serviceBindings: { [assets.binding]: FILES_WORKER } }),
    modules,
  } as V4WorkerOptions
  const make = () =>
    new Miniflare(
      convertV4MiniflareOptions({
        host: options.host,
        port: options.port,
        cf: false,
        telemetry: { enabled: false },
        log: new GatewayLog(options.onLog),
        logRequests: false,
        handleStructuredLogs: options.onLog,
        resourcePersistencePath: options.dataDir,
        unsafeRuntimeEnv: options.workerdEnv,
        // These would serve databases and fire handlers to whoever reaches the port.
        unsafeLocalExplorer: false,
        unsafeTriggerHandlers: false,
        unsafeHandleRuntimeRestart: () => options.onWorkerPid(findWorkerPid()),
        workers: assets === undefined ? [worker] : [worker, filesWorker(assets)],
      }),
    )
  const miniflare = withTempDir(options.tempDir, () => withoutSignalHandlers(make))
  try {
    await miniflare.ready
    options.onWorkerPid(findWorkerPid())
    const database = await miniflare.getD1Database('DB')
    await applyMigrations(database as unknown as MigrationDatabase, manifest.migrations)
  } catch (error) {
    await miniflare.dispose().catch(() => undefined)
    if (error instanceof CliFailure) throw error
    throw new CliFailure(`the gateway did not start: ${(error as Error).message}`)
  }
  const crons = scheduleCrons(manifest.crons, (cron, scheduledTime) => {
    const fire = async () => {
      const worker = await miniflare.getWorker()
      await worker.scheduled({ cron, scheduledTime })
    }
    fire().catch((error: Error) =>
      options.onLog({ level: 'error', message: `cron ${cron}: ${error.message}` }),
    )
  })
  return {
    version: manifest.version,
    async stop() {
      crons.stop()
      await miniflare.dispose()
    },
  }
}
