/**
 * Pushes a session's frames to the control sockets that listen: in order, one call in flight per
 * connection, small frames gathered so that a token is not a hop. A connection that is gone is
 * forgotten.
 */
import type { ConnectionPort } from '../../domain/ports/connection.ts'

/** Progress waits this long for company; everything else goes out at once. */
const GATHER_MS = 50

interface Queue {
  frames: string[]
  isUrgent: boolean
  isBusy: boolean
  timer: ReturnType<typeof setTimeout> | null
}

export class Relay {
  readonly #connection: (id: string) => ConnectionPort
  readonly #onGone: (id: string) => void
  readonly #queues = new Map<string, Queue>()

  constructor(connection: (id: string) => ConnectionPort, onGone: (id: string) => void) {
    this.#connection = connection
    this.#onGone = onGone
  }

  push(connectionId: string, frame: string, isUrgent: boolean): void {
    const queue = this.#queueOf(connectionId)
    queue.frames.push(frame)
    queue.isUrgent ||= isUrgent
    this.#schedule(connectionId, queue)
  }

  #queueOf(connectionId: string): Queue {
    const existing = this.#queues.get(connectionId)
    if (existing) return existing
    const queue: Queue = { frames: [], isUrgent: false, isBusy: false, timer: null }
    this.#queues.set(connectionId, queue)
    return queue
  }

  #schedule(connectionId: string, queue: Queue): void {
    if (queue.isBusy || queue.frames.length === 0) return
    if (queue.isUrgent) {
      if (queue.timer !== null) clearTimeout(queue.timer)
      queue.timer = null
      void this.#flush(connectionId, queue)
    } else {
      queue.timer ??= setTimeout(() => {
        queue.timer = null
        void this.#flush(connectionId, queue)
      }, GATHER_MS)
    }
  }

  async #flush(connectionId: string, queue: Queue): Promise<void> {
    if (queue.isBusy) return
    const frames = queue.frames
    queue.frames = []
    queue.isUrgent = false
    queue.isBusy = true
    let isThere = false
    try {
      isThere = await this.#connection(connectionId).deliver(frames)
    } catch {
      // The connection's object died with its socket: the client reconnects and resumes by seq.
    }
    queue.isBusy = false
    if (isThere) this.#schedule(connectionId, queue)
    else {
      this.#queues.delete(connectionId)
      this.#onGone(connectionId)
    }
  }
}
