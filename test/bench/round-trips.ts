/** How many messages a second get their whole answer: over one session's socket, and over many. */
import { openSessionSocket } from './socket-client.ts'
import { type Summary, summarize } from './statistics.ts'
import { type BenchTenant, TALKER } from './tenant.ts'

export interface RoundTrips {
  readonly sessions: number
  readonly perSecond: number
  readonly roundTripMs: Summary
}

/** Below what one socket may ask at once, so that no rate limit is measured. */
const MAX_SENDS_PER_SOCKET = 90
const WARM_UP = 5

export async function measureRoundTrips(
  tenant: BenchTenant,
  { sessions, sends }: { readonly sessions: number; readonly sends: number },
): Promise<RoundTrips> {
  const perSession = Math.min(sends, MAX_SENDS_PER_SOCKET - WARM_UP)
  const sockets = await Promise.all(
    Array.from({ length: sessions }, (_, i) =>
      openSessionSocket(tenant, `agent:${TALKER}:ws:direct:trips-${sessions}-${i}`),
    ),
  )
  for (let i = 0; i < WARM_UP; i++) {
    await Promise.all(sockets.map((socket) => socket.send('Say hello.')))
  }
  const samples: number[] = []
  const began = performance.now()
  await Promise.all(
    sockets.map(async (socket) => {
      for (let i = 0; i < perSession; i++) {
        const sent = performance.now()
        await socket.send('Say hello.')
        samples.push(performance.now() - sent)
      }
    }),
  )
  const seconds = (performance.now() - began) / 1_000
  for (const socket of sockets) socket.close()
  return { sessions, perSecond: samples.length / seconds, roundTripMs: summarize(samples) }
}
