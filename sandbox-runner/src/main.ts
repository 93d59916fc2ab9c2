/**
 * Starts the sandbox-runner: the launcher, which owns the engine's socket, and front, which speaks
 * HTTP. It prepares, then drops: started as root with EDGECLAW_FRONT_UID set (the container image),
 * front runs under that uid without the engine's socket. One of the two ending ends both.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseFrontSettings } from './front/settings.ts'
import { parseEngineAddress } from './launcher/engine.ts'
import { runnerOwner } from './owner.ts'
import { lockState } from './state-lock.ts'

/** Between SIGTERM and giving up on a child. */
const STOP_TIMEOUT_MS = 8_000

/** `.mjs` in the bundle. */
const EXTENSION = import.meta.url.endsWith('.mjs') ? 'mjs' : 'ts'

const FRONT_ONLY =
  /^EDGECLAW_RUNNER_(?:HOST|PORT|AUDIENCE|PUBLIC_KEYS|STATE|CACHE_MB|DNS|TLS_)|^EDGECLAW_BUILD_/
const LAUNCHER_ONLY = /^(?:DOCKER_|EDGECLAW_SANDBOX_IMAGES$|EDGECLAW_SANDBOX_RUNTIME$)/

/** Neither process is told what only the other needs. */
const environment = (
  without: RegExp,
  more: Readonly<Record<string, string>>,
): NodeJS.ProcessEnv => ({
  ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !without.test(name))),
  ...more,
})

/**
 * A new folder each time: a launcher that is still ending must not take its successor's socket away.
 * What a killed one has left is removed.
 */
function makeSocketFolder(owner: string): string {
  const prefix = `edgeclaw-runner-${owner.slice(0, 12)}-`
  for (const name of readdirSync(tmpdir())) {
    if (name.startsWith(prefix)) rmSync(join(tmpdir(), name), { recursive: true, force: true })
  }
  return mkdtempSync(join(tmpdir(), prefix))
}

const idFrom = (name: string): number | undefined => {
  const text = process.env[name]
  if (text === undefined || text === '') return undefined
  if (!/^\d{1,9}$/.test(text)) throw new Error(`${name} must be a number`)
  return Number(text)
}

const eventOf = (message: unknown): string | null =>
  typeof message === 'object' && message !== null && 'event' in message
    ? String(message.event)
    : null

async function start(): Promise<void> {
  // Checked here too, so that a wrong setting is one clear sentence and nothing is started.
  const settings = parseFrontSettings({ ...process.env, EDGECLAW_LAUNCHER_SOCKET: 'not yet' })
  parseEngineAddress(process.env['DOCKER_HOST'])
  const state = settings.EDGECLAW_RUNNER_STATE
  mkdirSync(state, { recursive: true, mode: 0o700 })
  const owner = runnerOwner(settings.EDGECLAW_RUNNER_AUDIENCE, state)
  await lockState(owner, state)
  const socketFolder = makeSocketFolder(owner)
  const socket = join(socketFolder, 'launcher.sock')
  const uid = idFrom('EDGECLAW_FRONT_UID')
  const gid = idFrom('EDGECLAW_FRONT_GID') ?? uid
  if (uid !== undefined && gid !== undefined) {
    chownSync(state, uid, gid)
    chownSync(socketFolder, process.getuid?.() ?? 0, gid)
    chmodSync(socketFolder, 0o750)
  }

  const children: ChildProcess[] = []
  let isStopping = false
  let exitCode = 0
  // Front first: it ends the jobs in order. The launcher follows when front is gone. By closing its
  // channel, not by a signal: root without CAP_KILL may not signal a process of another uid.
  const stop = (): void => {
    if (isStopping) return
    isStopping = true
    const last = children.at(-1)
    if (last?.connected) last.disconnect()
    setTimeout(() => {
      for (const child of children) child.kill('SIGKILL')
    }, STOP_TIMEOUT_MS).unref()
  }
  const run = (path: string, env: NodeJS.ProcessEnv, ids: { uid?: number; gid?: number }) => {
    const child = fork(new URL(path, import.meta.url), {
      env,
      ...ids,
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    children.push(child)
    child.on('exit', (code) => {
      children.splice(children.indexOf(child), 1)
      if (!isStopping) exitCode = code || 1
      isStopping = true
      for (const other of children) if (other.connected) other.disconnect()
      if (children.length > 0) return
      rmSync(socketFolder, { recursive: true, force: true })
      process.exit(exitCode)
    })
    return child
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)

  const launcher = run(
    `./launcher/main.${EXTENSION}`,
    environment(FRONT_ONLY, {
      EDGECLAW_LAUNCHER_SOCKET: socket,
      EDGECLAW_LAUNCHER_OWNER: owner,
      ...(gid === undefined ? {} : { EDGECLAW_LAUNCHER_GID: String(gid) }),
    }),
    {},
  )
  launcher.on('message', (message) => {
    if (eventOf(message) !== 'listening' || isStopping) return
    const front = run(
      `./front/main.${EXTENSION}`,
      environment(LAUNCHER_ONLY, { EDGECLAW_LAUNCHER_SOCKET: socket }),
      uid === undefined || gid === undefined ? {} : { uid, gid },
    )
    front.on('message', (ready) => {
      if (eventOf(ready) !== 'ready') return
      const { port } = ready as { readonly port: number }
      process.stdout.write(`${JSON.stringify({ ready: true, port })}\n`)
    })
  })
}

start().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(2)
})
