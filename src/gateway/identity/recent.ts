/** What an isolate remembers for some minutes at most, and only so much of it: the oldest leaves. */

export class Recent<Value> {
  readonly #entries = new Map<string, { readonly value: Value; readonly at: number }>()
  readonly #max: number
  readonly #maxAgeMs: number

  constructor(max: number, maxAgeMs: number) {
    this.#max = max
    this.#maxAgeMs = maxAgeMs
  }

  get(key: string, now: number): Value | null {
    const entry = this.#entries.get(key)
    if (entry === undefined) return null
    if (now - entry.at < this.#maxAgeMs) return entry.value
    this.#entries.delete(key)
    return null
  }

  set(key: string, value: Value, now: number): void {
    this.#entries.delete(key)
    this.#entries.set(key, { value, at: now })
    const oldest = this.#entries.keys().next().value
    if (this.#entries.size > this.#max && oldest !== undefined) this.#entries.delete(oldest)
  }

  delete(key: string): void {
    this.#entries.delete(key)
  }
}
