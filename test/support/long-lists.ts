/** A gateway whose lists are long, and where they are shown. */
import { type GatewayProcess, startGatewayProcess } from './gateway-process.ts'
import { plantManyRows } from './many-rows.ts'

const SESSIONS = 10_000
const EVENTS = 100_000

export interface LongList {
  /** Its name for readers of the page. */
  readonly label: string
  readonly path: string
  readonly rows: number
}

export const LONG_LISTS: readonly LongList[] = [
  { label: 'Sessions', path: 'sessions', rows: SESSIONS },
  { label: 'Security events', path: 'security?tab=events', rows: EVENTS },
]

/** @param state an empty folder */
export async function startWithLongLists(state: string): Promise<GatewayProcess> {
  const start = () => startGatewayProcess({ state, args: ['--no-runner'] })
  const first = await start()
  const client = await first.connect()
  await client.request('chat.send', { message: 'hello' })
  client.close()
  await first.stop()
  plantManyRows(state, { sessions: SESSIONS, events: EVENTS })
  return start()
}
