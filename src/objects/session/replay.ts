/** What a client that was away is sent: the stored events after its last `seq`, as frames. */
import { toAgentEvent } from '../../protocol/agent-event.ts'
import { eventFrame } from '../../protocol/frames.ts'
import { frameBytes } from '../socket-window.ts'
import { type EventStore, MAX_REPLAY_BYTES } from './event-store.ts'
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
  const frames: string[] = []
  let lastSeq = Math.max(afterSeq, events.lastSeq())
  let bytes = 0
  for (const { seq, runId, event } of events.after(afterSeq)) {
    const userId = users.get(runId) ?? runs.find(runId)?.principal.userId ?? meta.owner
    users.set(runId, userId)
    const { sessionKey, agentKey, channel } = meta
    const run = { runId, sessionKey, agentKey, channel, userId: userId as SessionMeta['owner'] }
    const frame = eventFrame('agent', toAgentEvent(event, run), seq)
    bytes += frameBytes(frame)
    // One alone is always sent, so that the client gets on.
    if (bytes > MAX_REPLAY_BYTES && frames.length > 0) break
    frames.push(frame)
    lastSeq = seq
  }
  return { isGap: false, frames, lastSeq, isComplete: lastSeq >= events.lastSeq() }
}
