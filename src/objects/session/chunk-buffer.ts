/**
 * Gathers token deltas into few events: the first goes out at once, the following at most ten times
 * a second. Text and thinking are separate streams, and neither overtakes the other.
 */
import { cutPlace } from '../../domain/text-cut.ts'

export type DeltaType = 'chunk' | 'thinking'

/** At most ten stored chunk rows a second and run. */
const FLUSH_INTERVAL_MS = 100

/**
 * Of one event. A character takes up to six bytes of JSON, so that none is too large to be stored
 * whole, and a vendor that sends its answer in one piece makes no frame that wedges a listener.
 */
const MAX_PIECE_CHARS = 8 * 1024

/** Pieces that no event is too small for; a surrogate pair stays together. */
function* pieces(content: string): Generator<string> {
  for (let from = 0; from < content.length; ) {
    const to = cutPlace(content, from + MAX_PIECE_CHARS)
    yield content.slice(from, to)
    from = to
  }
}

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
    if (waitMs <= 0 || this.#content.length >= MAX_PIECE_CHARS) this.flush()
    else this.#timer ??= setTimeout(() => this.flush(), waitMs)
  }

  flush(): void {
    if (this.#timer !== null) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#content === '') return
    const content = this.#content
    this.#content = ''
    this.#flushedAt = this.#now()
    for (const piece of pieces(content)) this.#emit(this.#type, piece)
  }

  /** Forgets what was not sent; nothing may be written for a run that has been superseded. */
  discard(): void {
    this.#content = ''
    this.flush()
  }
}
