/** What the security log says of a hook: why it failed, and whether it is left alone for a while. Pure. */
import { type JsonObject, textOf } from '../../client/json.ts'

export interface HookEventRow {
  readonly id: string
  readonly at: string
  readonly isBlock: boolean
  /** At which point of a run. */
  readonly point: string
  readonly reason: string
  /** The run did not go on because of it. */
  readonly isStopped: boolean
}

/** As the breaker of the gateway keeps away from a hook that failed five times in a row. */
const ALONE_MS = 30_000

const REASONS: Readonly<Record<string, string>> = {
  unreachable: 'It could not be reached',
  refused: 'Its address is one that the gateway does not reach',
  timeout: 'It did not answer in time',
  too_large: 'Its answer was too large',
  status: 'It answered with an error or sent the call on',
  answer: 'Its answer was of another form',
  secret: 'It has no signing secret that can be used',
  stopped: 'An emergency stop of the network',
  breaker: 'It failed five times in a row and was left alone for 30 seconds',
  out_of_time: 'The hooks before it took all the time',
}

export const rowOf = (event: JsonObject): HookEventRow => {
  const isBlock = textOf(event['name']).endsWith('hook_blocked')
  const reason = textOf(event['reason'])
  return {
    id: textOf(event['id']),
    at: textOf(event['created_at']),
    isBlock,
    point: textOf(event['event']),
    reason: isBlock ? 'It said no' : (REASONS[reason] ?? reason.replaceAll('_', ' ')),
    isStopped: isBlock || event['blocked'] === true,
  }
}

export const isOf = (event: JsonObject, hook: string): boolean => event['hook'] === hook

/** Some isolate of the gateway does not ask it for now; others may. */
export const isLeftAlone = (events: readonly JsonObject[], now: number): boolean =>
  events.some(
    (event) =>
      event['reason'] === 'breaker' && now - Date.parse(textOf(event['created_at'])) < ALONE_MS,
  )
