/** What a warm request asks of D1, counted at the binding while nothing else goes on. */
import { setTimeout as delay } from 'node:timers/promises'
import { COUNTS_PATH, type D1Counts } from './counted-bundle.ts'
import { openHttpClient } from './http-client.ts'
import { openSessionSocket } from './socket-client.ts'
import { type BenchTenant, TALKER } from './tenant.ts'

export interface DatabaseUse {
  readonly what: string
  readonly requests: number
  readonly reads: number
  readonly writes: number
}

const WARM_UP = 10
const REQUESTS = 50
/** What goes to D1 after the answer must be counted, too. */
const SETTLE_MS = 1_000
/** The index of sessions lags this far behind a busy one. */
const INDEX_LAG_MS = 6_000

export async function measureDatabaseUse(tenant: BenchTenant): Promise<readonly DatabaseUse[]> {
  const counts = async (settleMs = SETTLE_MS): Promise<D1Counts> => {
    await delay(settleMs)
    return (await (await fetch(`${tenant.url}${COUNTS_PATH}`)).json()) as D1Counts
  }
  if ((await counts()).reads === 0) throw new Error('the counter does not see the binding')
  const measure = async (what: string, ask: () => Promise<unknown>): Promise<DatabaseUse> => {
    for (let i = 0; i < WARM_UP; i++) await ask()
    const before = await counts()
    for (let i = 0; i < REQUESTS; i++) await ask()
    const after = await counts(INDEX_LAG_MS)
    return {
      what,
      requests: REQUESTS,
      reads: after.reads - before.reads,
      writes: after.writes - before.writes,
    }
  }
  const completion = openHttpClient({
    url: `${tenant.url}/v1/chat/completions`,
    headers: { authorization: `Bearer ${tenant.apiKey}` },
    body: { model: TALKER, messages: [{ role: 'user', content: 'Say hello.' }] },
  })
  const session = await openSessionSocket(tenant, `agent:${TALKER}:ws:direct:reads`)
  try {
    return [
      await measure('stateless completion', () => completion.ask()),
      await measure('chat.send', () => session.send('Say hello.')),
    ]
  } finally {
    completion.close()
    session.close()
  }
}
