/**
 * Tells everybody who listens to a session: its own sockets, the control sockets of its user, and
 * the byte streams of HTTP callers. What has a `seq` was stored before it is sent.
 */
import type { RunId } from '../../domain/ids.ts'
import { isTerminal, type RunEvent, type TerminalRunEvent } from '../../domain/run-event.ts'
import { type RunIdentity, toAgentEvent } from '../../protocol/agent-event.ts'
import { eventFrame } from '../../protocol/frames.ts'
import { ChunkBuffer } from './chunk-buffer.ts'
import type { EventStore } from './event-store.ts'
import type { Relay } from './relay.ts'

export interface Sockets {
  broadcast(frame: string): void
}

interface Tap {
  readonly runId: RunId
  readonly write: (event: RunEvent) => void
}

const isProgress = (event: RunEvent): boolean =>
  event.type === 'chunk' || event.type === 'thinking' || event.type === 'activity'

export class FanOut {
  readonly #events: EventStore
  readonly #sockets: Sockets
  readonly #relay: Relay
  readonly #now: () => number
  readonly #listeners = new Set<string>()
  readonly #taps = new Set<Tap>()
  #run: RunIdentity | null = null
  readonly #chunks: ChunkBuffer

  constructor(events: EventStore, sockets: Sockets, relay: Relay, now: () => number) {
    this.#events = events
    this.#sockets = sockets
    this.#relay = relay
    this.#now = now
    this.#chunks = new ChunkBuffer((type, content) => this.#store({ type, content }), now)
  }

  /** Begins telling of a run; what an older one still had in the buffer is dropped. */
  open(run: RunIdentity): void {
    this.#chunks.discard()
    this.#run = run
  }

  /** A connection that comes while the run is going is told what it missed of it, in order. */
  listen(connectionId: string): void {
    if (this.#listeners.has(connectionId)) return
    this.#listeners.add(connectionId)
    const run = this.#run
    if (!run) return
    for (const { seq, event } of this.#events.ofRun(run.runId)) {
      this.#relay.push(connectionId, eventFrame('agent', toAgentEvent(event, run), seq), false)
    }
  }

  /** For a connection that was just sent the stored events: from here on it hears the live ones. */
  follow(connectionId: string): void {
    this.#listeners.add(connectionId)
  }

  forgetAll(): void {
    this.#listeners.clear()
  }

  forget(connectionId: string): void {
    this.#listeners.delete(connectionId)
  }

  emit(event: RunEvent): void {
    for (const tap of this.#taps) if (tap.runId === this.#run?.runId) tap.write(event)
    if (event.type === 'chunk' || event.type === 'thinking')
      this.#chunks.push(event.type, event.content)
    else {
      this.#chunks.flush()
      this.#store(event)
    }
  }

  flush(): void {
    this.#chunks.flush()
  }

  #store(event: RunEvent): void {
    const run = this.#run
    if (!run) return
    const seq = this.#events.append(run.runId, event, this.#now())
    this.#send(eventFrame('agent', toAgentEvent(event, run), seq), !isProgress(event))
  }

  #send(frame: string, isUrgent: boolean): void {
    this.#sockets.broadcast(frame)
    for (const id of this.#listeners) this.#relay.push(id, frame, isUrgent)
  }

  /** The run's events as NDJSON: those stored already, then each as it happens, to its end. */
  stream(runId: RunId, ended: TerminalRunEvent | null): ReadableStream<Uint8Array> {
    const encoder = new TextEncoder()
    let tap: Tap | null = null
    const release = (): void => {
      if (tap) this.#taps.delete(tap)
    }
    return new ReadableStream<Uint8Array>({
      start: (controller) => {
        const write = (event: RunEvent): void => {
          controller.enqueue(encoder.encode(`${JSON.stringify(event)}\n`))
          if (!isTerminal(event)) return
          release()
          controller.close()
        }
        tap = { runId, write }
        const stored = this.#events.ofRun(runId)
        const pending = this.#run?.runId === runId ? this.#chunks.pending : null
        for (const { event } of stored) write(event)
        if (pending) write(pending)
        if (stored.some(({ event }) => isTerminal(event))) return
        // Of a run that ended so long ago that its events are gone, the end is all there is to tell.
        if (ended) write(ended)
        else this.#taps.add(tap)
      },
      cancel: release,
    })
  }
}
