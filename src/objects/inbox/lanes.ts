/**
 * Which lanes are worked on, each by one at a time and all within their shares; and which are due and
 * wait for room. A memory of this life of the object alone: what it forgets, the timer finds again.
 */
import { isUrgentLane } from '../../gateway/channels/lane.ts'
import { busyShare, NOBODY } from './shares.ts'

export class Lanes {
  /** By the lane, the sender whose delivery is being worked on. */
  readonly #busy = new Map<string, string>()
  readonly #waiting = new Map<string, string>()
  readonly #counts = new Map<string, number>()

  isBusy(lane: string): boolean {
    return this.#busy.has(lane)
  }

  /** @returns false where there is no room: it waits for some, see `next` */
  take(lane: string, sender: string): boolean {
    const before = this.#busy.get(lane)
    if (before !== undefined) this.#drop(lane, before)
    if (!this.#hasRoom(lane, sender)) {
      this.#waiting.set(lane, sender)
      return false
    }
    this.#waiting.delete(lane)
    this.#busy.set(lane, sender)
    for (const key of keysOf(lane, sender)) this.#counts.set(key, this.#count(key) + 1)
    return true
  }

  leave(lane: string): void {
    const sender = this.#busy.get(lane)
    if (sender !== undefined) this.#drop(lane, sender)
  }

  /** The lane that has waited longest among those that there is room for now; it waits no more. */
  next(): string | null {
    for (const [lane, sender] of this.#waiting) {
      if (!this.#hasRoom(lane, sender)) continue
      this.#waiting.delete(lane)
      return lane
    }
    return null
  }

  #drop(lane: string, sender: string): void {
    this.#busy.delete(lane)
    for (const key of keysOf(lane, sender)) {
      const left = this.#count(key) - 1
      if (left > 0) this.#counts.set(key, left)
      else this.#counts.delete(key)
    }
  }

  #hasRoom(lane: string, sender: string): boolean {
    const share = busyShare(lane)
    const [all, own] = keysOf(lane, sender)
    if (this.#count(all) >= share.all) return false
    return sender === NOBODY || this.#count(own) < share.sender
  }

  #count(key: string): number {
    return this.#counts.get(key) ?? 0
  }
}

/** What is counted of it: all of its urgency, and of these its sender's. */
const keysOf = (lane: string, sender: string): readonly [string, string] => {
  const urgency = isUrgentLane(lane) ? 'urgent' : 'ordinary'
  return [urgency, `${urgency} ${sender}`]
}
