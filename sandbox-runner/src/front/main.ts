/**
 * The process that speaks HTTP. It has no engine socket: sandboxes come from the launcher, over a
 * Unix socket that takes typed jobs. Started by `main.ts`; ends with its parent.
 */
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { errorKind, log } from '../log.ts'
import { createAuthenticator } from './authenticate.ts'
import { createBlobStore } from './blobs.ts'
import { createHeldWorkspaces } from './held-workspaces.ts'
import { createLauncherClient } from './launcher-client.ts'
import { createManifestCache } from './manifests.ts'
import { createMetrics } from './metrics.ts'
import { createRecords } from './records.ts'
import { createResolve } from './resolve.ts'
import { createFront } from './server.ts'
import { parseFrontSettings, readTls } from './settings.ts'

/** TERM, 3 s and KILL for what is running. */
const STOP_TIMEOUT_MS = 5_000

async function start(): Promise<void> {
  const settings = parseFrontSettings(process.env)
  const state = settings.EDGECLAW_RUNNER_STATE
  const nowMs = Date.now
  const records = createRecords(join(state, 'started.log'), nowMs)
  const server = createFront({
    authenticate: await createAuthenticator({
      publicKeys: settings.EDGECLAW_RUNNER_PUBLIC_KEYS,
      audience: settings.EDGECLAW_RUNNER_AUDIENCE,
      nowMs,
    }),
    blobs: await createBlobStore(
      join(state, 'blobs'),
      settings.EDGECLAW_RUNNER_CACHE_MB * 1024 * 1024,
    ),
    manifests: createManifestCache(),
    held: createHeldWorkspaces(),
    records,
    launcher: createLauncherClient(settings.EDGECLAW_LAUNCHER_SOCKET),
    metrics: createMetrics(),
    maxExecs: settings.EDGECLAW_RUNNER_MAX_EXECS,
    instance: randomUUID(),
    imageName: settings.EDGECLAW_SANDBOX_IMAGE,
    addresses: {
      resolve: createResolve(
        (settings.EDGECLAW_RUNNER_DNS ?? '').split(',').filter((text) => text !== ''),
      ),
    },
    tls: readTls(settings),
  })
  server.on('error', (error) => {
    process.stderr.write(`the sandbox-runner cannot listen: ${errorKind(error)}\n`)
    process.exit(2)
  })
  server.listen(settings.EDGECLAW_RUNNER_PORT, settings.EDGECLAW_RUNNER_HOST, () => {
    const address = server.address()
    const port = typeof address === 'object' && address !== null ? address.port : 0
    process.send?.({ event: 'ready', port })
  })
  let isClosing = false
  const close = (): void => {
    if (isClosing) return
    isClosing = true
    log('stopping', { running: records.running() })
    server.close()
    records.cancelAll()
    const until = nowMs() + STOP_TIMEOUT_MS
    // Whoever waits for a command is told that it was cancelled, before the connection goes.
    const timer = setInterval(() => {
      if (records.running() > 0 && nowMs() < until) return
      clearInterval(timer)
      setImmediate(() => process.exit(0))
    }, 10)
  }
  process.on('SIGTERM', close)
  process.on('SIGINT', close)
  // The parent is gone, however it went.
  process.on('disconnect', close)
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(2)
})
