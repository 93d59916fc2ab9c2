/**
 * The product as it is started, with every process that a kill may choose, and what must be back
 * before the next one: the gateway answers, the runner is well, the engine can be reached.
 */
import { createHash } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { join } from 'node:path'
import { commandLineOf, isAlive, listProcesses } from '../../../src/cli/processes.ts'
import { claimPort } from '../../../src/cli/start/port.ts'
import { type GatewayProcess, startGatewayProcess, until } from '../../support/gateway-process.ts'
import type { WitnessedEngine } from './witnessed-engine.ts'

export const PARTS = ['front', 'launcher', 'runner', 'engine client', 'workerd', 'start'] as const
export type Part = (typeof PARTS)[number]

/** A runner that died often waits 10 s before it is started again; two busy cores make more of it. */
const WHOLE_TIMEOUT_MS = 40_000
const HEALTH_TIMEOUT_MS = 2_000

export interface Target {
  readonly gateway: () => GatewayProcess
  /** The label of its containers. */
  readonly owner: string
  /** SIGKILL to each; what nobody else starts again is started again. */
  readonly kill: (parts: readonly Part[]) => Promise<void>
  /** Until everything that was killed is there again. */
  readonly whole: () => Promise<void>
  readonly stop: () => Promise<void>
}

const isWell = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/health`, {
      signal: AbortSignal.timeout(HEALTH_TIMEOUT_MS),
    })
    return response.ok && ((await response.json()) as { status?: string }).status === 'ok'
  } catch {
    return false
  }
}

export async function startTarget(folder: string, engine: WitnessedEngine): Promise<Target> {
  const state = join(folder, 'state')
  const options = {
    state,
    // The same over every restart: clients come back to where they were.
    port: await claimPort('127.0.0.1', 0),
    // All temporary files of all its processes, so that whatever is left there is theirs.
    env: { DOCKER_HOST: engine.dockerHost, TMPDIR: join(folder, 'tmp') },
  }
  let gateway = await startGatewayProcess(options)
  const runnerUrl = (): string =>
    `http://127.0.0.1:${readFileSync(join(state, 'runner.port'), 'utf8').trim()}`

  const childOfRunner = (mark: string): number | null => {
    const runner = gateway.runnerPid()
    const found = listProcesses().find(
      ({ pid, parentPid }) => parentPid === runner && commandLineOf(pid).includes(mark),
    )
    return found?.pid ?? null
  }
  const pidOf = (part: Part): number | null => {
    switch (part) {
      case 'front':
        return childOfRunner('front/main')
      case 'launcher':
        return childOfRunner('launcher/main')
      case 'runner':
        return gateway.runnerPid()
      case 'engine client':
        return engine.pid()
      case 'workerd':
        return gateway.workerdPid()
      case 'start':
        return gateway.pid
    }
  }

  return {
    gateway: () => gateway,
    owner: createHash('sha256')
      .update(JSON.stringify(['local', realpathSync(join(state, 'runner'))]))
      .digest('hex')
      .slice(0, 32),
    async kill(parts) {
      const pids = parts.map(pidOf)
      const ended: Promise<unknown>[] = []
      for (const pid of pids) if (pid !== null) process.kill(pid, 'SIGKILL')
      if (parts.includes('engine client')) ended.push(engine.restart())
      if (parts.includes('start')) {
        ended.push(
          gateway.stop('SIGKILL').then(async () => {
            gateway = await startGatewayProcess(options)
          }),
        )
      }
      await Promise.all(ended)
      const isGone = () => pids.every((pid) => pid === null || !isAlive(pid))
      await until(`${parts.join(' and ')} have ended`, isGone, WHOLE_TIMEOUT_MS)
    },
    whole: () =>
      until(
        'everything is there again',
        async () =>
          PARTS.every((part) => pidOf(part) !== null) &&
          (await isWell(gateway.url)) &&
          (await isWell(runnerUrl())),
        WHOLE_TIMEOUT_MS,
      ),
    stop: async () => {
      await gateway.stop()
    },
  }
}
