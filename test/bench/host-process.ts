/**
 * What is measured runs in a process of its own, so that no subject's work lands on another's clock.
 * A host prints one line of JSON when it is ready and ends at SIGTERM.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { listProcesses, stopChild } from '../../src/cli/processes.ts'

const STOP_GRACE_MS = 3_000
const START_TIMEOUT_MS = 60_000
const POLL_MS = 50

export interface Host<Ready> {
  readonly ready: Ready
  readonly pid: number
  stop(): Promise<void>
}

const running = new Set<ChildProcess>()

export async function stopAllHosts(): Promise<void> {
  await Promise.all([...running].map((child) => stopChild(child, STOP_GRACE_MS)))
}

function spawnHost(name: string, settings: unknown): ChildProcess {
  const script = fileURLToPath(new URL(`hosts/${name}.ts`, import.meta.url))
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  running.add(child)
  child.once('exit', () => running.delete(child))
  return child
}

const hostOf = <Ready>(child: ChildProcess, ready: Ready): Host<Ready> => ({
  ready,
  pid: child.pid ?? 0,
  stop: () => stopChild(child, STOP_GRACE_MS),
})

/** A program of `hosts/`, given its settings as one JSON argument. */
export async function startHost<Ready>(name: string, settings: unknown = {}): Promise<Host<Ready>> {
  const child = spawnHost(name, settings)
  const { stdout } = child
  if (stdout === null) throw new Error('a host without a standard output')
  const ready = await new Promise<Ready>((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`${name} did not start`)), START_TIMEOUT_MS)
    child.once('exit', (code) => reject(new Error(`${name} ended at its start (${code})`)))
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('{')) return
      clearTimeout(timer)
      resolve(JSON.parse(line) as Ready)
    })
  })
  return hostOf(child, ready)
}

/** One that prints no line of ours: it is ready once it answers at its port. */
export async function startForeignHost(
  name: string,
  port: number,
): Promise<Host<{ readonly url: string }>> {
  const url = `http://127.0.0.1:${port}`
  const child = spawnHost(name, { port })
  child.stdout?.resume()
  const deadline = performance.now() + START_TIMEOUT_MS
  while (performance.now() < deadline && child.exitCode === null) {
    const isUp = await fetch(url).then(
      () => true,
      () => false,
    )
    if (isUp) return hostOf(child, { url })
    await new Promise((resolve) => setTimeout(resolve, POLL_MS))
  }
  throw new Error(`${name} did not start`)
}

/** Resident memory of a host's workerd, in megabytes. */
export function workerdMemoryMb(hostPid: number): number {
  const worker = listProcesses().find(
    ({ parentPid, name }) => parentPid === hostPid && name === 'workerd',
  )
  if (!worker) throw new Error('the host runs no workerd')
  const status = readFileSync(`/proc/${worker.pid}/status`, 'utf8')
  return Number(/VmRSS:\s+(\d+) kB/.exec(status)?.[1]) / 1024
}
