/**
 * What may be taken once: tickets and ends of sign-ins, under the hash of the secret that takes them.
 * It never holds the secret. Looking for what is not there writes nothing.
 */

import type { OnceEntry, OnceKind } from '../../domain/ports/tenant.ts'

/** The part of an object's storage that it needs. */
export interface OnceStorage {
  get<Value>(key: string): Value | undefined
  put<Value>(key: string, value: Value): void
  delete(key: string): boolean
  list<Value>(options: { prefix: string }): Iterable<[string, Value]>
}

interface Kept {
  readonly body: string
  readonly expiresAt: number
  readonly kind: OnceKind
  readonly userId: string
}

const PREFIX = 'once/'
/**
 * Of one tenant, at one time, and of each kind: a script that asks without end must not fill the object,
 * and who asks for tickets must not keep others from signing in.
 */
export const MAX_KEPT = 1_000
/** Of one person: more sockets than their pages open within a minute. */
export const MAX_KEPT_OF_USER = 50

export class OnceStore {
  readonly #storage: OnceStorage
  readonly #now: () => number

  /** Touches no storage. */
  constructor(storage: OnceStorage, now: () => number) {
    this.#storage = storage
    this.#now = now
  }

  /** @returns when to sweep; null when it is full */
  keep(hash: string, { kind, userId, body }: OnceEntry, ttlMs: number): number | null {
    const alike = this.#swept().filter((kept) => kept.kind === kind)
    if (alike.length >= MAX_KEPT) return null
    if (alike.filter((kept) => kept.userId === userId).length >= MAX_KEPT_OF_USER) return null
    const expiresAt = this.#now() + ttlMs
    this.#storage.put<Kept>(PREFIX + hash, { kind, userId, body, expiresAt })
    return expiresAt
  }

  take(hash: string): string | null {
    const kept = this.#storage.get<Kept>(PREFIX + hash)
    if (kept === undefined) return null
    this.#storage.delete(PREFIX + hash)
    return kept.expiresAt > this.#now() ? kept.body : null
  }

  /** @returns how many are left */
  sweep(): number {
    return this.#swept().length
  }

  #swept(): readonly Kept[] {
    const now = this.#now()
    const all = [...this.#storage.list<Kept>({ prefix: PREFIX })]
    const over = all.filter(([, { expiresAt }]) => expiresAt <= now)
    for (const [key] of over) this.#storage.delete(key)
    return all.flatMap(([, kept]) => (kept.expiresAt > now ? [kept] : []))
  }
}
