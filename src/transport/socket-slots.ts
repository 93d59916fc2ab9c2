/**
 * How many sockets of one address wait for their authentication. A slot ends by itself when its
 * socket must be closed anyway, so that a machine which died gives back what it held; nothing of it
 * is stored, since nobody may leave a trace before authentication.
 */
import { MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS } from './rate-limit.ts'

/** The 10 s that a socket has to authenticate, and as much as clocks and queues may differ. */
export const SLOT_MS = 15_000
/** All addresses of one shard together; a flood beyond it is turned away whoever it comes from. */
export const MAX_SLOTS = 20_000

export class SocketSlots {
  /** By address and socket, each with its end. All live equally long: the first ends first. */
  readonly #slots = new Map<string, number>()
  readonly #held = new Map<string, number>()
  readonly #maxSlots: number

  constructor(maxSlots = MAX_SLOTS) {
    this.#maxSlots = maxSlots
  }

  get size(): number {
    return this.#slots.size
  }

  hold(address: string, socketId: string, now: number): boolean {
    this.#expire(now)
    const held = this.#held.get(address) ?? 0
    if (held >= MAX_UNAUTHENTICATED_SOCKETS_PER_ADDRESS) return false
    if (this.#slots.size >= this.#maxSlots) return false
    this.#slots.set(slotName(address, socketId), now + SLOT_MS)
    this.#held.set(address, held + 1)
    return true
  }

  release(address: string, socketId: string): void {
    if (this.#slots.delete(slotName(address, socketId))) this.#forget(address)
  }

  #expire(now: number): void {
    for (const [name, endsAt] of this.#slots) {
      if (endsAt > now) return
      this.#slots.delete(name)
      this.#forget(addressIn(name))
    }
  }

  #forget(address: string): void {
    const left = (this.#held.get(address) ?? 0) - 1
    if (left > 0) this.#held.set(address, left)
    else this.#held.delete(address)
  }
}

/** Ids of sockets are hexadecimal: the last separator is ours. */
const slotName = (address: string, socketId: string): string => `${address} ${socketId}`
const addressIn = (name: string): string => name.slice(0, name.lastIndexOf(' '))
