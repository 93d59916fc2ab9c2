/**
 * Works lanes off: one step after the other within each, beside each other otherwise, as far as there is
 * room. What a step is, and what is due, the inbox says.
 */
import { Lanes } from './lanes.ts'

const CLOSE_MS = 5_000

export interface LaneWorkParts<Head> {
  /** The first of a lane, where it is due; null for nothing to do. */
  dueHead(lane: string): Head | null
  /** Leaves the lane in another state than it found it in, whatever goes wrong. */
  step(head: Head): Promise<void>
  trouble(error: unknown): void
}

export class LaneWork<Head extends { readonly sender: string }> {
  readonly #parts: LaneWorkParts<Head>
  readonly #lanes = new Lanes()
  readonly #busy = new Map<string, Promise<void>>()
  #isClosed = false

  constructor(parts: LaneWorkParts<Head>) {
    this.#parts = parts
  }

  kick(lane: string): void {
    if (this.#lanes.isBusy(lane)) return
    const head = this.#dueHead(lane)
    if (head === null || !this.#lanes.take(lane, head.sender)) return
    const work = this.#work(lane)
      .catch((error: unknown) => this.#parts.trouble(error))
      .finally(() => {
        this.#busy.delete(lane)
        this.#lanes.leave(lane)
        // One that came while the lane was being left, and those that waited for room.
        this.kick(lane)
        for (let next = this.#lanes.next(); next !== null; next = this.#lanes.next()) {
          this.kick(next)
        }
      })
    this.#busy.set(lane, work)
  }

  /** Nothing is begun any more; answers once what was under way has come to a halt. */
  async close(): Promise<void> {
    this.#isClosed = true
    // A run may go on for half an hour: whoever erases does not wait for that.
    const { promise: patience, resolve } = Promise.withResolvers<void>()
    const timer = setTimeout(resolve, CLOSE_MS)
    await Promise.race([Promise.allSettled(this.#busy.values()), patience])
    clearTimeout(timer)
  }

  #dueHead(lane: string): Head | null {
    return this.#isClosed ? null : this.#parts.dueHead(lane)
  }

  async #work(lane: string): Promise<void> {
    for (let head = this.#dueHead(lane); head !== null; head = this.#dueHead(lane)) {
      // The lane is one of many people: each step is of the share of whoever's it is.
      if (!this.#lanes.take(lane, head.sender)) return
      await this.#parts.step(head)
    }
  }
}
