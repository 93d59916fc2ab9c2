/** What a client that was away is sent: the stored events after its last `seq`, as frames. */
import type { RunId } from '../../domain/ids.ts'
import type { ReplyTo, ResumeFrom } from '../../domain/ports/session.ts'
import { type RunIdentity, toAgentEvent } from '../../protocol/agent-event.ts'
import { eventFrame, resultFrame } from '../../protocol/frames.ts'
import { frameBytes } from '../socket-window.ts'
import { type EventStore, MAX_REPLAY_BYTES } from './event-store.ts'
import type { FanOut } from './fan-out.ts'
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
  const known = new Map<string, Pick<RunIdentity, 'userId' | 'origin'>>()
  const startedBy = (runId: RunId): Pick<RunIdentity, 'userId' | 'origin'> => {
    const run = runs.find(runId)
    return { userId: run?.principal.userId ?? meta.owner, origin: run?.options.origin }
  }
  const frames: string[] = []
  let lastSeq = Math.max(afterSeq, events.lastSeq())
  let bytes = 0
  for (const { seq, runId, event } of events.after(afterSeq)) {
    const by = known.get(runId) ?? startedBy(runId)
    known.set(runId, by)
    const { sessionKey, agentKey, channel } = meta
    const run = { runId, sessionKey, agentKey, channel, ...by }
    const frame = eventFrame('agent', toAgentEvent(event, run), seq)
    bytes += frameBytes(frame)
    // One alone is always sent, so that the client gets on.
    if (bytes > MAX_REPLAY_BYTES && frames.length > 0) break
    frames.push(frame)
    lastSeq = seq
  }
  return { isGap: false, frames, lastSeq, isComplete: lastSeq >= events.lastSeq() }
}

/** The end of the log where nothing runs: `chat.history` holds all that came before. */
function beforeRunning(events: EventStore, runs: RunStore): number {
  const running = runs.running()
  const first = running && events.ofRun(running.id)[0]
  return first ? first.seq - 1 : events.lastSeq()
}

/** The answer of `sessions.resume`: what was missed, then whether that was all. */
export function sendMissed(
  {
    events,
    runs,
    listeners,
  }: {
    readonly events: EventStore
    readonly runs: RunStore
    readonly listeners: {
      readonly fanOut: Pick<FanOut, 'flush' | 'follow'>
      reply(replyTo: ReplyTo, frame: (requestId: string | number) => string): void
    }
  },
  meta: SessionMeta,
  from: ResumeFrom,
  replyTo: ReplyTo,
): null {
  listeners.fanOut.flush()
  const afterSeq = from === 'running' ? beforeRunning(events, runs) : from
  const replay = replayFrames(events, runs, meta, afterSeq)
  if (replay.isGap) {
    listeners.reply(replyTo, (id) => resultFrame(id, { gap: true, fromSeq: replay.fromSeq }))
    return null
  }
  const { frames, lastSeq, isComplete } = replay
  for (const frame of frames) listeners.reply(replyTo, () => frame)
  listeners.reply(replyTo, (id) =>
    resultFrame(id, { replayed: frames.length, lastSeq, ...(isComplete ? {} : { more: true }) }),
  )
  // Live events behind a page that is not the last would leave a hole between.
  if (isComplete && replyTo.kind === 'connection') listeners.fanOut.follow(replyTo.connectionId)
  return null
}
