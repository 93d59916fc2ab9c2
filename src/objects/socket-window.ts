/**
 * The byte window of one socket. Hibernating sockets show no buffer, so a client that does not read
 * would fill the isolate's memory: what it has not read yet is counted instead.
 *
 * A client says how far it has read by a mark of ours that it found in a frame (`ack {mark}`). What it
 * could know without reading — the `seq` of an event, the id of its own request — proves nothing: for
 * whoever names no mark, the window drains at a fixed rate.
 */
import { newId } from '../crypto/random.ts'
import { refusal } from '../domain/refusal.ts'
import { type FrameId, refusalFrame, resultFrame } from '../protocol/frames.ts'

export const SOCKET_WINDOW_BYTES = 1024 * 1024
/** What a slow but honest connection reads in a second. */
const DRAIN_BYTES_PER_SECOND = 64 * 1024
/** As soon as so much went out unmarked, the next frame holds a mark. */
const MARK_EVERY_BYTES = 32 * 1024

/** A window has room for it beside its mark, as soon as all before it is read. */
export const LARGEST_ANSWER_BYTES = SOCKET_WINDOW_BYTES - 1024

const TOO_LARGE = refusal(
  'RESOURCE_EXHAUSTED',
  'this was carried out, but its answer is larger than a socket takes: ask for less of it, or over HTTP',
)

/**
 * What no window takes is refused. A socket that was closed for it would have its client come back and
 * ask again, and whoever filled the answer would keep them from everything else.
 */
export function answerFrame(id: FrameId, payload: unknown): string {
  const frame = resultFrame(id, payload)
  // No UTF-16 unit takes more than three bytes.
  const isSmall = frame.length <= LARGEST_ANSWER_BYTES / 3
  return isSmall || frameBytes(frame) <= LARGEST_ANSWER_BYTES ? frame : refusalFrame(id, TOO_LARGE)
}

/** Bytes of a frame on the wire (UTF-8), without encoding it. */
export function frameBytes(frame: string): number {
  let bytes = frame.length
  for (let i = 0; i < frame.length; i++) {
    const unit = frame.charCodeAt(i)
    // Two bytes up to U+07FF, three beyond; each half of a surrogate pair counts two of four.
    if (unit > 0x7ff) bytes += unit >= 0xd800 && unit <= 0xdfff ? 1 : 2
    else if (unit > 0x7f) bytes += 1
  }
  return bytes
}

/** Frames are JSON objects: one member more stands before the last brace. */
const marked = (frame: string, mark: string): string =>
  `${frame.slice(0, -1)},"mark":${JSON.stringify(mark)}}`

export class SocketWindow {
  #unread = 0
  #drainedAt: number
  #hasAcked = false
  #unmarked = 0
  /** Marks that went out and were not named yet, each with the bytes since the one before. */
  #marks: { readonly mark: string; readonly bytes: number }[] = []
  readonly #newMark: () => string

  constructor(now: number, newMark = () => newId('mrk')) {
    this.#drainedAt = now
    this.#newMark = newMark
  }

  /** The frame as it goes out; null when it may not: then the socket is closed with 1013. */
  admit(frame: string, now: number): string | null {
    this.#drain(now)
    const isDue = this.#unmarked + frame.length >= MARK_EVERY_BYTES
    const mark = isDue ? this.#newMark() : null
    const sent = mark === null ? frame : marked(frame, mark)
    const bytes = frameBytes(sent)
    if (this.#unread + bytes > SOCKET_WINDOW_BYTES) return null
    this.#unread += bytes
    this.#unmarked += bytes
    if (mark !== null) {
      this.#marks.push({ mark, bytes: this.#unmarked })
      this.#unmarked = 0
    }
    return sent
  }

  /** Whoever has read the frame of this mark has read all that were sent before it. */
  acknowledge(mark: unknown): void {
    const last = this.#marks.findIndex((each) => each.mark === mark)
    if (last === -1) return
    this.#hasAcked = true
    for (const { bytes } of this.#marks.splice(0, last + 1)) this.#unread -= bytes
    this.#unread = Math.max(0, this.#unread)
  }

  #drain(now: number): void {
    const elapsedMs = Math.max(0, now - this.#drainedAt)
    this.#drainedAt = now
    if (this.#hasAcked) return
    this.#unread = Math.max(0, this.#unread - (elapsedMs / 1_000) * DRAIN_BYTES_PER_SECOND)
    // A client that never names one will not begin with the oldest: the list would only grow.
    while (this.#marks.length > SOCKET_WINDOW_BYTES / MARK_EVERY_BYTES) this.#marks.shift()
  }
}
