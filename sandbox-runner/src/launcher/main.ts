/**
 * The process that owns the engine's socket: typed jobs in, hardened containers out. It serves no
 * HTTP, verifies no token and parses no archive. Started by `main.ts`; ends with its parent.
 */
import { chmodSync, chownSync, readFileSync, rmdirSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { errorKind, log } from '../log.ts'
import { USUAL_LIMITS } from './container.ts'
import { createEngine, parseEngineAddress } from './engine.ts'
import { createLauncher } from './launch.ts'
import { LEFT_OVER_MS } from './sandboxes.ts'
import { createLauncherServer } from './server.ts'
import { parseLauncherSettings } from './settings.ts'
import { readSupervisorText } from './supervisor-text.ts'

const REAP_EVERY_MS = 60_000

const asset = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8')

function start(): void {
  const settings = parseLauncherSettings(process.env)
  const launcher = createLauncher({
    engine: createEngine(parseEngineAddress(settings.DOCKER_HOST)),
    owner: settings.EDGECLAW_LAUNCHER_OWNER,
    image: settings.EDGECLAW_SANDBOX_IMAGE,
    allowedImages: settings.EDGECLAW_SANDBOX_IMAGES.split(',').filter((name) => name !== ''),
    runtime: settings.EDGECLAW_SANDBOX_RUNTIME ?? null,
    maxContainers: settings.EDGECLAW_RUNNER_MAX_EXECS,
    poolSize: settings.EDGECLAW_RUNNER_POOL,
    maxKept: settings.EDGECLAW_RUNNER_KEEP,
    usualLimits: USUAL_LIMITS,
    seccomp: JSON.stringify(JSON.parse(asset('../../seccomp.json'))),
    supervisor: readSupervisorText(),
  })
  const path = settings.EDGECLAW_LAUNCHER_SOCKET
  rmSync(path, { force: true })
  const server = createLauncherServer(launcher)
  // The socket is born with no rights for others; they are widened to the group only.
  process.umask(0o177)
  server.listen(path, () => {
    chmodSync(path, 0o660)
    if (settings.EDGECLAW_LAUNCHER_GID !== undefined) {
      chownSync(path, process.getuid?.() ?? 0, settings.EDGECLAW_LAUNCHER_GID)
    }
    process.send?.({ event: 'listening' })
  })
  launcher
    .reap()
    .then(
      (count) => log('reaped', { count }),
      (error: unknown) => log('reap_failed', { error: errorKind(error) }),
    )
    .finally(launcher.fill)
  setInterval(() => {
    launcher.reap(LEFT_OVER_MS).then(
      (count) => count > 0 && log('reaped', { count }),
      // An engine that is away has nothing to remove; it is asked again.
      () => {},
    )
  }, REAP_EVERY_MS).unref()
  let isClosing = false
  const close = (): void => {
    if (isClosing) return
    isClosing = true
    server.close()
    launcher.close().finally(() => {
      rmSync(path, { force: true })
      try {
        // The parent's, which removes it; but a parent that was killed meanwhile cannot.
        rmdirSync(dirname(path))
      } catch {
        // It is gone, or somebody else's: not empty.
      }
      process.exit(0)
    })
  }
  process.on('SIGTERM', close)
  process.on('SIGINT', close)
  // The parent is gone, however it went.
  process.on('disconnect', close)
}

try {
  start()
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(2)
}
