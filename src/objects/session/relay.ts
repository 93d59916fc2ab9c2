/**
 * Pushes a session's frames to the control sockets that listen: in order, one call in flight per
 * connection, small frames gathered so that a token is not a hop. A connection that is gone is
 * forgotten.
 */
import type { ConnectionPort } from '../../domain/ports/connection.ts'

/** Progress waits this long for company; everything else goes out at once. */
const GATHER_MS = 50

/** As much as a socket's own window: a delivery that hangs must not fill the session's memory. */
const MAX_QUEUED_CHARS = 1024 * 1024

export interface Lost {
  /** The connection's object says that it has no socket any more. */
  onGone(id: string): void
  /** It could not be reached; whether its socket lives is not known. */
  onFailed(id: string): void
}

interface Queue {
  frames: string[]
  chars: number
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
    queue.chars += frame.length
    if (queue.chars > MAX_QUEUED_CHARS) {
      this.#drop(connectionId)
      return
    }
    queue.isUrgent ||= isUrgent
    this.#schedule(connectionId, queue)
  }

  #queueOf(connectionId: string): Queue {
    const existing = this.#queues.get(connectionId)
    if (existing) return existing
    const queue: Queue = { frames: [], chars: 0, isUrgent: false, isBusy: false, timer: null }
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
    queue.chars = 0
    queue.isUrgent = false
    queue.isBusy = true
    let isThere: boolean | null = null
    try {
      isThere = await this.#connection(connectionId).deliver(frames)
    } catch {
      // Whether the frames arrived is not known: told below, where the client is made to come back.
    }
    queue.isBusy = false
    if (this.#queues.get(connectionId) !== queue) return
    if (isThere) return this.#schedule(connectionId, queue)
    if (isThere === null) return this.#drop(connectionId)
    this.#queues.delete(connectionId)
    this.#lost.onGone(connectionId)
  }

  /** Nothing is dropped silently: a socket that is still there is closed, and its client resumes. */
  #drop(connectionId: string): void {
    this.#queues.delete(connectionId)
    this.#lost.onFailed(connectionId)
    this.#connection(connectionId)
      .drop()
      .catch(() => undefined)
  }
}
