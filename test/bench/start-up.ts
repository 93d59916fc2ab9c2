/**
 * From nothing to the first answer: a process that hosts the gateway, and one that hosts an empty
 * Worker. The difference is the bundle's own, its larger set of bindings included.
 */
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { startHost } from './host-process.ts'
import { summarize } from './statistics.ts'

export interface StartUp {
  readonly gatewayMs: number
  readonly emptyMs: number
}

interface Started {
  readonly url: string
  /** How long workerd took to be ready, as the host saw it. */
  readonly readyMs: number
}

async function once(name: string, settings: unknown, path: string): Promise<number> {
  const host = await startHost<Started>(name, settings)
  const began = performance.now()
  const answer = await fetch(`${host.ready.url}${path}`)
  const firstAnswerMs = performance.now() - began
  await host.stop()
  if (!answer.ok) throw new Error(`${name} answered ${answer.status}`)
  return host.ready.readyMs + firstAnswerMs
}

export async function measureStartUp(dist: string, times: number): Promise<StartUp> {
  const gateway: number[] = []
  const empty: number[] = []
  const dataDir = mkdtempSync(join(tmpdir(), 'edgeclaw-bench-'))
  // The first start makes the databases; it is not counted.
  await once('gateway', { dist, dataDir }, '/health')
  for (let i = 0; i < times; i++) {
    empty.push(await once('workers', { floor: 'empty' }, '/'))
    gateway.push(await once('gateway', { dist, dataDir }, '/health'))
  }
  return { gatewayMs: summarize(gateway).p50, emptyMs: summarize(empty).p50 }
}
