/**
 * Gathers token deltas into few events: the first goes out at once, the following at most ten times
 * a second. Text and thinking are separate streams, and neither overtakes the other.
 */
export type DeltaType = 'chunk' | 'thinking'

/** At most ten stored chunk rows a second and run. */
const FLUSH_INTERVAL_MS = 100

export class ChunkBuffer {
  readonly #emit: (type: DeltaType, content: string) => void
  readonly #now: () => number
  #type: DeltaType = 'chunk'
  #content = ''
  #flushedAt = 0
  #timer: ReturnType<typeof setTimeout> | null = null

  constructor(emit: (type: DeltaType, content: string) => void, now: () => number) {
    this.#emit = emit
    this.#now = now
  }

  get pending(): { type: DeltaType; content: string } | null {
    return this.#content === '' ? null : { type: this.#type, content: this.#content }
  }

  push(type: DeltaType, content: string): void {
    if (type !== this.#type) this.flush()
    this.#type = type
    this.#content += content
    const waitMs = this.#flushedAt + FLUSH_INTERVAL_MS - this.#now()
    if (waitMs <= 0) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), waitMs)
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#content === '') return
    const content = this.#content
    this.#content = ''
    this.#flushedAt = this.#now()
    this.#emit(this.#type, content)
  }

  /** Forgets what was not sent; nothing may be written for a run that has been superseded. */
  discard(): void {
    this.#content = ''
    this.flush()
  }
}
