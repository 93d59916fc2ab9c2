/**
 * Pushes a session's frames to the control sockets that listen: in order, one call in flight per
 * connection, small frames gathered so that a token is not a hop. A connection that is gone is
 * forgotten.
 */
import type { ConnectionPort } from '../../domain/ports/connection.ts'

/** Progress waits this long for company; everything else goes out at once. */
const GATHER_MS = 50

export interface Lost {
  /** The connection's object says that it has no socket any more. */
  onGone(id: string): void
  /** It could not be reached; whether its socket lives is not known. */
  onFailed(id: string): void
}

interface Queue {
  frames: string[]
  isUrgent: boolean
  isBusy: boolean
  timer: ReturnType<typeof setTimeout> | null
}

export class Relay {
  readonly #connection: (id: string) => ConnectionPort
  readonly #lost: Lost
  readonly #queues = new Map<string, Queue>()

  constructor(connection: (id: string) => ConnectionPort, lost: Lost) {
    this.#connection = connection
    this.#lost = lost
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
    let isThere: boolean | null = null
    try {
      isThere = await this.#connection(connectionId).deliver(frames)
    } catch {
      // The connection's object died with its socket: the client reconnects and resumes by seq.
    }
    queue.isBusy = false
    if (isThere) return this.#schedule(connectionId, queue)
    this.#queues.delete(connectionId)
    if (isThere === null) this.#lost.onFailed(connectionId)
    else this.#lost.onGone(connectionId)
  }
}
