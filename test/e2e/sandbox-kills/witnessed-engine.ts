/**
 * The Docker engine behind a process of ours that can be killed, and the witness: one file outside of
 * every workspace, to which each exec appends its number and from which nothing is ever taken.
 */
import { type ChildProcess, fork } from 'node:child_process'
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { WITNESS_FILE } from './work.ts'

const PROXY = new URL('./engine-proxy.ts', import.meta.url)
const START_TIMEOUT_MS = 10_000

export interface WitnessedEngine {
  /** For whoever shall use this engine. */
  readonly dockerHost: string
  readonly pid: () => number
  /** Starts it again after a kill; resolves when it listens. */
  readonly restart: () => Promise<void>
  /** How often the exec of that number has begun. */
  readonly runsOf: (execNumber: number) => number
  /** All that has begun. */
  readonly count: () => number
  readonly close: () => void
}

export async function startWitnessedEngine(folder: string): Promise<WitnessedEngine> {
  const socket = join(folder, 'engine.sock')
  const witness = join(folder, 'witness')
  const file = join(witness, WITNESS_FILE)
  mkdirSync(witness)
  writeFileSync(file, '')
  // For a command's uid, which is nobody's on this machine; the umask would take that away.
  chmodSync(file, 0o666)
  chmodSync(witness, 0o755)
  let child: ChildProcess

  async function start(): Promise<void> {
    const started = fork(PROXY, [socket, process.env['DOCKER_HOST'] ?? '', witness], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    })
    child = started
    await new Promise<void>((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error('the proxy is not ready')), START_TIMEOUT_MS)
      started.once('message', () => {
        clearTimeout(timer)
        resolve()
      })
      started.once('error', reject)
    })
  }

  await start()
  const numbers = (): readonly number[] =>
    readFileSync(file, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map(Number)
  return {
    dockerHost: `unix://${socket}`,
    pid: () => child.pid ?? 0,
    restart: start,
    runsOf: (execNumber) => numbers().filter((number) => number === execNumber).length,
    count: () => numbers().length,
    close: () => {
      if (child.connected) child.disconnect()
    },
  }
}
