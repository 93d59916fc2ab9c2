/** Remembers, over evictions and restarts, that text from outside came into the conversation. */
import type { ProvenancePort } from '../../domain/untrusted.ts'

const KEY = 'hasSeenUntrusted'

export class StoredProvenance implements ProvenancePort {
  readonly #kv: SyncKvStorage

  constructor(kv: SyncKvStorage) {
    this.#kv = kv
  }

  hasSeenUntrusted(): boolean {
    return this.#kv.get<boolean>(KEY) === true
  }

  sawUntrusted(): void {
    if (!this.hasSeenUntrusted()) this.#kv.put(KEY, true)
  }

  /** The transcript was emptied: nothing of what came from outside is left in it. */
  forget(): void {
    this.#kv.delete(KEY)
  }
}
