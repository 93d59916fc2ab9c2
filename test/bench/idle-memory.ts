/**
 * What idle conversations keep in memory: sessions that have spoken once and hibernate behind open
 * sockets, beside as many objects that do nothing but hold one. Both hosts run at the same time.
 */
import { setTimeout as delay } from 'node:timers/promises'
import type { WebSocket } from 'ws'
import { type Host, workerdMemoryMb } from './host-process.ts'
import { openSessionSocket, openSocket } from './socket-client.ts'
import { type BenchTenant, TALKER } from './tenant.ts'

export interface IdleMemory {
  readonly sessions: number
  readonly gatewayMb: number
  readonly bareMb: number
}

/** An object hibernates after ten seconds without work. */
const HIBERNATION_MS = 12_000
const AT_ONCE = 20

async function inBatches(count: number, open: (i: number) => Promise<unknown>): Promise<void> {
  for (let i = 0; i < count; i += AT_ONCE) {
    const batch = Array.from({ length: Math.min(AT_ONCE, count - i) }, (_, k) => i + k)
    await Promise.all(batch.map(open))
  }
}

export async function measureIdleMemory(
  sessions: number,
  gateway: Host<unknown>,
  tenant: BenchTenant,
  bare: Host<{ readonly url: string }>,
): Promise<IdleMemory> {
  const closers: (() => void)[] = []
  const openBare = async (i: number): Promise<void> => {
    const socket: WebSocket = await openSocket(`${bare.ready.url.replace('http', 'ws')}/idle-${i}`)
    closers.push(() => socket.close())
    const echoed = new Promise((resolve) => socket.once('message', resolve))
    socket.send('Say hello.')
    await echoed
  }
  const openSession = async (i: number): Promise<void> => {
    const socket = await openSessionSocket(tenant, `agent:${TALKER}:ws:direct:idle-${i}`)
    closers.push(() => socket.close())
    await socket.send('Say hello.')
  }
  // The first ones pay for what all share.
  await inBatches(AT_ONCE, (i) => Promise.all([openBare(-1 - i), openSession(-1 - i)]))
  const before = { gateway: workerdMemoryMb(gateway.pid), bare: workerdMemoryMb(bare.pid) }
  await inBatches(sessions, openBare)
  await inBatches(sessions, openSession)
  await delay(HIBERNATION_MS)
  const after = { gateway: workerdMemoryMb(gateway.pid), bare: workerdMemoryMb(bare.pid) }
  for (const close of closers) close()
  return {
    sessions,
    gatewayMb: after.gateway - before.gateway,
    bareMb: after.bare - before.bare,
  }
}
