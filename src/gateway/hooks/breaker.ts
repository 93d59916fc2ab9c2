/**
 * Spares a run the wait for a hook that has just failed several times in a row. An isolate counts for
 * itself; what an open breaker means for the run is said by the hook's failure mode, not here.
 */
const FAILURES_TO_OPEN = 5
const OPEN_MS = 30_000
/** An isolate serves many tenants; the oldest entry leaves. */
const MAX_ENTRIES = 2_000

interface Entry {
  readonly failures: number
  /** Until then nobody asks; then one may. */
  readonly openUntil: number
}

export class HookBreaker {
  readonly #entries = new Map<string, Entry>()

  /** Whether the hook may be asked now. Of those that wait for an open one, the first tries it. */
  admits(key: string, now: number): boolean {
    const entry = this.#entries.get(key)
    if (entry === undefined || entry.failures < FAILURES_TO_OPEN) return true
    if (entry.openUntil > now) return false
    this.#entries.set(key, { ...entry, openUntil: now + OPEN_MS })
    return true
  }

  succeeded(key: string): void {
    this.#entries.delete(key)
  }

  failed(key: string, now: number): void {
    const failures = (this.#entries.get(key)?.failures ?? 0) + 1
    this.#entries.delete(key)
    const [oldest] = this.#entries.keys()
    if (this.#entries.size >= MAX_ENTRIES && oldest !== undefined) this.#entries.delete(oldest)
    this.#entries.set(key, { failures, openUntil: now + OPEN_MS })
  }
}
