/**
 * The byte window of one socket. A hibernating socket shows no buffer, so a client that does not
 * read would fill the isolate's memory: what is sent and not yet read may be 1 MB. Clients may
 * acknowledge by the `seq` of an event or the `id` of an answer; for one that never does, the window
 * drains at a fixed rate.
 */
export const SOCKET_WINDOW_BYTES = 1024 * 1024
/** What a slow but honest connection reads in a second. */
const DRAIN_BYTES_PER_SECOND = 64 * 1024
const MAX_TRACKED_FRAMES = 1_000

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

/** What a client names when it says how far it has read: an event's `seq`, or the `id` of an answer. */
export type Mark = number | string

/** A seq and an id may look alike; ids are told apart by a sign that no number has. */
const markOfId = (id: unknown): Mark => `#${String(id)}`

const ANSWER_HEAD = '{"type":"res","id":'
/** No id can hold it: a quotation mark inside of a JSON string is escaped. */
const ANSWER_ID_END = ',"ok":'

/** Our own frames: answers begin with their id, events end with their seq. Nothing is parsed whole. */
export function markOf(frame: string): Mark | undefined {
  if (frame.startsWith(ANSWER_HEAD)) {
    const id = frame.slice(ANSWER_HEAD.length, frame.indexOf(ANSWER_ID_END))
    return markOfId(JSON.parse(id))
  }
  const event = /,"seq":(\d+)\}$/.exec(frame)
  return event ? Number(event[1]) : undefined
}

/** The params of `ack`. */
export const acknowledgedMark = ({ seq, id }: Readonly<Record<string, unknown>>): Mark =>
  id === undefined ? Number(seq) || 0 : markOfId(id)

export class SocketWindow {
  #unread = 0
  #drainedAt: number
  #hasAcked = false
  /** Sent frames in order, those that carry no mark too; kept only until they are acknowledged. */
  #sent: { mark: Mark | undefined; bytes: number }[] = []

  constructor(now: number) {
    this.#drainedAt = now
  }

  /** Whether `bytes` more may go out; then they count. Beyond it the socket is closed with 1013. */
  admits(bytes: number, mark: Mark | undefined, now: number): boolean {
    this.#drain(now)
    if (this.#unread + bytes > SOCKET_WINDOW_BYTES) return false
    this.#unread += bytes
    this.#sent.push({ mark, bytes })
    return true
  }

  /** Whoever has read the frame of this mark has read all that were sent before it. */
  acknowledge(mark: Mark): void {
    const last = this.#sent.findLastIndex((frame) => frame.mark === mark)
    if (last === -1) return
    this.#hasAcked = true
    for (const { bytes } of this.#sent.splice(0, last + 1)) this.#unread -= bytes
    this.#unread = Math.max(0, this.#unread)
  }

  #drain(now: number): void {
    const elapsedMs = Math.max(0, now - this.#drainedAt)
    this.#drainedAt = now
    if (this.#hasAcked) return
    this.#unread = Math.max(0, this.#unread - (elapsedMs / 1_000) * DRAIN_BYTES_PER_SECOND)
    // For a client that never acknowledges, the list would only grow.
    if (this.#sent.length > MAX_TRACKED_FRAMES) this.#sent = this.#sent.slice(-MAX_TRACKED_FRAMES)
  }
}
