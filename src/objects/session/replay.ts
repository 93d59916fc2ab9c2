/** What a client that was away is sent: the stored events after its last `seq`, as frames. */
import { toAgentEvent } from '../../protocol/agent-event.ts'
import { eventFrame } from '../../protocol/frames.ts'
import { type EventStore, MAX_REPLAY_EVENTS } from './event-store.ts'
import type { SessionMeta } from './meta-store.ts'
import type { RunStore } from './run-store.ts'

export type Replay =
  | {
      readonly isGap: false
      readonly frames: readonly string[]
      readonly lastSeq: number
      /** False when more was stored than one answer holds: the client asks again from `lastSeq`. */
      readonly isComplete: boolean
    }
  | { readonly isGap: true; readonly fromSeq: number }

export function replayFrames(
  events: EventStore,
  runs: RunStore,
  meta: SessionMeta,
  afterSeq: number,
): Replay {
  if (afterSeq < events.prunedThrough()) return { isGap: true, fromSeq: events.prunedThrough() + 1 }
  const users = new Map<string, string>()
  const stored = events.after(afterSeq)
  const frames = stored.map(({ seq, runId, event }) => {
    const userId = users.get(runId) ?? runs.find(runId)?.principal.userId ?? meta.owner
    users.set(runId, userId)
    const { sessionKey, agentKey, channel } = meta
    const run = { runId, sessionKey, agentKey, channel, userId: userId as SessionMeta['owner'] }
    return eventFrame('agent', toAgentEvent(event, run), seq)
  })
  return {
    isGap: false,
    frames,
    lastSeq: stored.at(-1)?.seq ?? Math.max(afterSeq, events.lastSeq()),
    isComplete: stored.length < MAX_REPLAY_EVENTS,
  }
}
