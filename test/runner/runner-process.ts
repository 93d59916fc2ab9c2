/** Starts the real sandbox-runner as `npm start` does, and speaks its wire by hand. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { createEngine, parseEngineAddress } from '../../sandbox-runner/src/launcher/engine.ts'
import { runnerOwner } from '../../sandbox-runner/src/owner.ts'
import {
  generateRunnerKey,
  importRunnerKey,
  type RunnerSignKey,
  signJob,
} from '../../src/crypto/job-token.ts'
import {
  type ExecEvent,
  type ExecRequest,
  type Profile,
  profileText,
} from '../../src/isolation/contract.ts'
import type { RunnerEndpoint } from '../../src/isolation/runners.ts'

export const NODE = fileURLToPath(new URL('../../node_modules/.bin/node', import.meta.url))
const MAIN = fileURLToPath(new URL('../../sandbox-runner/src/main.ts', import.meta.url))
const BUILD = fileURLToPath(new URL('../../sandbox-runner/image/build', import.meta.url))
const READY_TIMEOUT_MS = 15_000

export const engine = createEngine(parseEngineAddress(process.env['DOCKER_HOST']))

/** What is left or running of one runner. */
export const containersOf = (runner: Pick<RunnerProcess, 'owner'>) =>
  engine.listContainers(`edgeclaw.runner=${runner.owner}`)

/** Null when an engine answers; else why these tests cannot run. Required ones fail instead. */
export async function missingEngine(): Promise<string | null> {
  const reason = await engine.info().then(
    () => null,
    (error: unknown) => `no Docker engine answers (${String(error)})`,
  )
  if (reason === null) return null
  if (process.env['CI'] || process.env['REQUIRE_ALL'] === '1') throw new Error(reason)
  console.warn(`skipped: ${reason}`)
  return reason
}

/** Builds the image unless it is up to date: about 80 s the first time. */
export function ensureImage(): void {
  execFileSync(BUILD, { stdio: ['ignore', 'inherit', 'inherit'] })
}

export const sha256 = (data: string | Uint8Array): string =>
  createHash('sha256').update(data).digest('hex')

export interface RunnerProcess {
  /** Label of its containers; other runners may be at work on the same engine. */
  readonly owner: string
  readonly endpoint: RunnerEndpoint
  readonly signKey: RunnerSignKey
  readonly state: string
  /** Log lines so far. */
  readonly logs: () => readonly Readonly<Record<string, unknown>>[]
  readonly child: ChildProcess
  readonly stop: (signal?: NodeJS.Signals) => Promise<void>
}

/** Where to send, and as whom. */
export type RunnerAddress = Pick<RunnerProcess, 'endpoint' | 'signKey'>

export interface RunnerOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly state?: string
  readonly keyId?: string
  /** Another entry than the source's. */
  readonly main?: string
  readonly key?: Awaited<ReturnType<typeof generateRunnerKey>>
}

export async function startRunner(options: RunnerOptions = {}): Promise<RunnerProcess> {
  const key = options.key ?? (await generateRunnerKey())
  const keyId = options.keyId ?? `runner-${randomUUID()}`
  const state = options.state ?? mkdtempSync(join(tmpdir(), 'edgeclaw-test-runner-'))
  const child = spawn(NODE, [options.main ?? MAIN], {
    env: {
      PATH: process.env['PATH'],
      ...(process.env['DOCKER_HOST'] ? { DOCKER_HOST: process.env['DOCKER_HOST'] } : {}),
      ...(process.env['EDGECLAW_SANDBOX_IMAGE']
        ? { EDGECLAW_SANDBOX_IMAGE: process.env['EDGECLAW_SANDBOX_IMAGE'] }
        : {}),
      EDGECLAW_RUNNER_PORT: '0',
      EDGECLAW_RUNNER_AUDIENCE: keyId,
      EDGECLAW_RUNNER_PUBLIC_KEYS: JSON.stringify([key.publicJwk]),
      EDGECLAW_RUNNER_STATE: state,
      // Made ahead they would be counted as left behind; who tests them asks for some.
      EDGECLAW_RUNNER_POOL: '0',
      ...options.env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const logs: Readonly<Record<string, unknown>>[] = []
  const text: string[] = []
  createInterface({ input: child.stderr }).on('line', (line) => {
    text.push(line)
    try {
      logs.push(JSON.parse(line))
    } catch {
      logs.push({ text: line })
    }
  })
  const port = await new Promise<number>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error('runner is not ready')), READY_TIMEOUT_MS)
    createInterface({ input: child.stdout }).on('line', (line) => {
      clearTimeout(timer)
      resolve(JSON.parse(line).port)
    })
    child.on('exit', () => {
      clearTimeout(timer)
      if (options.state === undefined) rmSync(state, { recursive: true, force: true })
      reject(new Error(text.join('\n')))
    })
  })
  const owner = runnerOwner(keyId, state)
  const exited = new Promise<void>((resolve) => child.on('exit', () => resolve()))
  return {
    endpoint: { url: `http://127.0.0.1:${port}`, keyId },
    signKey: await importRunnerKey(JSON.stringify(key.privateJwk)),
    state,
    owner,
    child,
    logs: () => logs,
    stop: async (signal = 'SIGTERM') => {
      // Killed means all of its processes at once: none is left to end anything in order.
      const childrenOf = `/proc/${child.pid}/task/${child.pid}/children`
      const children = signal === 'SIGKILL' ? readFileSync(childrenOf, 'utf8').split(' ') : []
      child.kill(signal)
      for (const pid of children.map(Number).filter((pid) => pid > 0)) process.kill(pid, signal)
      await exited
      // A killed process leaves its socket's folder to its successor; here none may come.
      if (signal === 'SIGKILL' && options.state === undefined) {
        for (const name of readdirSync(tmpdir())) {
          if (!name.startsWith(`edgeclaw-runner-${owner.slice(0, 12)}-`)) continue
          rmSync(join(tmpdir(), name), { recursive: true, force: true })
        }
      }
      if (options.state === undefined) rmSync(state, { recursive: true, force: true })
    },
  }
}

export const PROFILE: Profile = {
  access: 'none',
  scope: 'session',
  network: { kind: 'none' },
  isOneShot: false,
  limits: { memoryMb: 512, cpus: 1, pids: 128, timeoutMs: 30_000, outputBytes: 1_048_576 },
}

type Changes = Partial<Omit<ExecRequest, 'profile'>> & { readonly profile?: Partial<Profile> }

export function job(script: string, changes: Changes = {}): ExecRequest {
  const profile = { ...PROFILE, ...changes.profile }
  return {
    execId: `exec-${randomUUID()}`,
    workspace: null,
    profileHash: sha256(profileText(profile)),
    holder: 'main/user',
    command: { kind: 'script', script },
    cwd: '',
    env: {},
    ...changes,
    profile,
  }
}

export interface Caller {
  readonly tenant?: string
  readonly session?: string
  readonly keyId?: string
  readonly signKey?: RunnerSignKey
  readonly nowMs?: number
  /** Signed for, when not what is sent. */
  readonly signed?: { readonly method?: string; readonly path?: string; readonly body?: string }
  readonly token?: string
}

export async function tokenFor(
  runner: RunnerAddress,
  method: string,
  path: string,
  exec: string,
  body: string | Uint8Array,
  caller: Caller = {},
): Promise<string> {
  return signJob(
    caller.signKey ?? runner.signKey,
    {
      audience: caller.keyId ?? runner.endpoint.keyId,
      method: caller.signed?.method ?? method,
      path: caller.signed?.path ?? path,
      tenant: caller.tenant ?? 'ten_a',
      session: caller.session ?? 'agent:main:ws:direct:s1',
      exec,
      bodySha256: sha256(caller.signed?.body ?? body),
    },
    caller.nowMs ?? Date.now(),
  )
}

export async function send(
  runner: RunnerAddress,
  method: string,
  path: string,
  exec: string,
  body?: string | Uint8Array<ArrayBuffer>,
  caller: Caller = {},
): Promise<Response> {
  const token = caller.token ?? (await tokenFor(runner, method, path, exec, body ?? '', caller))
  return fetch(`${runner.endpoint.url}${path}`, {
    method,
    headers: { authorization: `Bearer ${token}` },
    ...(body === undefined ? {} : { body }),
  })
}

export const postExec = (
  runner: RunnerAddress,
  request: ExecRequest,
  caller: Caller = {},
  query = '',
): Promise<Response> =>
  send(runner, 'POST', `/v1/exec${query}`, request.execId, JSON.stringify(request), caller)

export const parseEvents = (text: string): readonly ExecEvent[] =>
  text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line))

export interface Ran {
  readonly events: readonly ExecEvent[]
  readonly stdout: string
  readonly stderr: string
  readonly exit: Extract<ExecEvent, { event: 'exit' }> | null
  readonly error: Extract<ExecEvent, { event: 'error' }> | null
  readonly changes: Extract<ExecEvent, { event: 'changes' }> | null
}

export function summarise(events: readonly ExecEvent[]): Ran {
  const find = <Name extends ExecEvent['event']>(name: Name) =>
    (events.find(({ event }) => event === name) ?? null) as Extract<
      ExecEvent,
      { event: Name }
    > | null
  const text = (name: 'stdout' | 'stderr'): string =>
    Buffer.concat(
      events.flatMap((event) =>
        event.event === name && 'b64' in event ? [Buffer.from(event.b64, 'base64')] : [],
      ),
    ).toString('utf8')
  return {
    events,
    stdout: text('stdout'),
    stderr: text('stderr'),
    exit: find('exit'),
    error: find('error'),
    changes: find('changes'),
  }
}

/** Posts a job and takes its whole stream. */
export async function run(
  runner: RunnerAddress,
  request: ExecRequest,
  caller: Caller = {},
): Promise<Ran> {
  const response = await postExec(runner, request, caller)
  const text = await response.text()
  if (!response.ok) throw new Error(`${response.status} ${text}`)
  return summarise(parseEvents(text))
}
