/**
 * What the engine itself takes, over its own HTTP API, for `true` in a container described as the
 * launcher describes a job's: nothing of ours is in between.
 */
import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { json } from 'node:stream/consumers'
import { containerSpec, randomUids } from '../../../sandbox-runner/src/launcher/container.ts'
import { parseEngineAddress } from '../../../sandbox-runner/src/launcher/engine.ts'
import { DEFAULT_SANDBOX_IMAGE } from '../../../src/cli/start/options.ts'
import { engine } from '../../runner/runner-process.ts'
import { LIMITS } from './limits.ts'
import type { Run } from './run.ts'
import type { Subject } from './turns.ts'

/** Longer than any run; should the benchmark be killed, its container still ends. */
const LIFE_SECONDS = 3_600

const UIDS = randomUids()
export const IMAGE = process.env['EDGECLAW_SANDBOX_IMAGE'] || DEFAULT_SANDBOX_IMAGE
export const SECCOMP_FILE = new URL('../../../sandbox-runner/seccomp.json', import.meta.url)

const address = parseEngineAddress(process.env['DOCKER_HOST'])

export function hardenedSpec(runtime: string | null = null) {
  const seccomp = JSON.stringify(JSON.parse(readFileSync(SECCOMP_FILE, 'utf8')))
  const labels = { 'edgeclaw.bench': 'sandbox' }
  return containerSpec({ image: IMAGE, uids: UIDS, limits: LIMITS, seccomp, runtime, labels })
}

export const benchName = (): string => `edgeclaw-bench-${randomBytes(9).toString('hex')}`

/** The exit code; the launcher never waits for a container, so its client has no such call. */
const waitFor = (id: string): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const path = `/containers/${id}/wait`
    const sent = request({ ...address, method: 'POST', path, headers: { host: 'docker' } })
    sent.on('response', (answer) => json(answer).then(resolve, reject))
    sent.on('error', reject)
    sent.end()
  })

/** Create, start, wait; the removal is outside the clock. */
export function engineRun(run: Run, id: string, runtime: string | null = null) {
  const hardened = hardenedSpec(runtime)
  // Removed by hand: an engine that removes by itself does so while the next one is measured.
  const HostConfig = { ...hardened.HostConfig, AutoRemove: false }
  const spec = { ...hardened, HostConfig, Entrypoint: ['/bin/true'], Cmd: [] }
  let left: string[] = []
  const settle = async (): Promise<void> => {
    const removed = left
    left = []
    await Promise.all(removed.map((container) => engine.removeContainer(container)))
  }
  run.onEnd(settle)
  return {
    id,
    sample: async () => {
      const began = performance.now()
      const container = await engine.createContainer(benchName(), spec)
      left.push(container)
      await engine.startContainer(container)
      const ended = await waitFor(container)
      const ms = performance.now() - began
      if ((ended as { readonly StatusCode?: unknown }).StatusCode !== 0) {
        throw new Error(`a bare container ends with ${JSON.stringify(ended)}`)
      }
      return ms
    },
    settle,
  } satisfies Subject
}

const TRUE_SPEC = {
  AttachStdin: false,
  AttachStdout: true,
  AttachStderr: true,
  Tty: false,
  User: `${UIDS.job}:${UIDS.job}`,
  WorkingDir: '/workspace',
  Cmd: ['/bin/true'],
}

/** Create, start attached, read to the end, ask for the exit code. */
export async function engineExec(run: Run, id: string): Promise<Subject> {
  const container = await engine.createContainer(benchName(), {
    ...hardenedSpec(),
    Cmd: [String(LIFE_SECONDS)],
  })
  run.onEnd(() => engine.removeContainer(container))
  await engine.startContainer(container)
  return {
    id,
    sample: async () => {
      const began = performance.now()
      const exec = await engine.createExec(container, TRUE_SPEC)
      const { socket } = await engine.attachExec(exec)
      await socket.toArray()
      const code = await engine.execExitCode(exec)
      const ms = performance.now() - began
      if (code !== 0) throw new Error(`a bare exec ends with ${code}`)
      return ms
    },
  }
}
