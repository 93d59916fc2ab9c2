/**
 * Puts small pieces of output together before they become events. A command that writes single bytes
 * would otherwise make a million events of one megabyte, each recorded and sent: many times what it
 * wrote. It knows nothing of limits; those are checked before.
 */

/** Of the 5 min that a job may run, at most 6,000 windows; and output still feels immediate. */
const WINDOW_MS = 50
/** What one event carries at most: the supervisor reads its pipes in pieces of this size. */
const MAX_PIECE_BYTES = 64 * 1024

export type StreamName = 'stdout' | 'stderr'

export function gatherOutput(emit: (stream: StreamName, bytes: Buffer) => void) {
  const waiting = { stdout: [] as Buffer[], stderr: [] as Buffer[] }
  const lengths = { stdout: 0, stderr: 0 }
  let timer: NodeJS.Timeout | null = null

  function flushOne(stream: StreamName): void {
    const pieces = waiting[stream].splice(0)
    const length = lengths[stream]
    lengths[stream] = 0
    if (length > 0) emit(stream, Buffer.concat(pieces, length))
  }

  function flush(): void {
    if (timer !== null) clearTimeout(timer)
    timer = null
    flushOne('stdout')
    flushOne('stderr')
  }

  return {
    add(stream: StreamName, bytes: Buffer): void {
      if (lengths[stream] + bytes.length > MAX_PIECE_BYTES) flushOne(stream)
      // The first piece after a pause goes at once; only what follows it closely waits.
      if (timer === null) {
        emit(stream, bytes)
        timer = setTimeout(flush, WINDOW_MS)
        return
      }
      // A copy: the piece may be a small part of a large chunk, which would be kept with it.
      waiting[stream].push(Buffer.from(bytes))
      lengths[stream] += bytes.length
    },
    /** Whatever waits goes now: something else follows that has to stand after it. */
    flush,
  }
}
